import { isDeepStrictEqual } from 'node:util'
import type { Parsed } from '../../contract/api.ts'
import { HostError } from '../../kernel/errors.ts'
import { newId } from '../../kernel/ids.ts'
import type { Log } from '../../kernel/log/log.ts'
import { beingEdited } from '../lifecycle/not-running.ts'
import type { SignIns } from '../sign-in/sign-ins.ts'
import type { Checked } from './check-add.ts'
import type { Entry } from './entry.ts'
import { fingerprintOf } from './fingerprint.ts'
import { startsWith } from './new-row.ts'
import type { ServerSecrets, Values } from './server-secrets.ts'
import type { ServerRow, ServerStore } from './server-store.ts'

interface Deps {
  secrets: ServerSecrets
  signIns: SignIns
  store: ServerStore
  log: Log
  /** As for a new server. */
  check(input: Parsed<'servers.add'>): Promise<Checked>
  /** Another program or address stands in its place now, because its owner put it there. */
  edited(entry: Entry): void
  /** Starts it with what it is then; never rejects. */
  restart(entry: Entry): Promise<void>
}

/** A change that can be made: everything about it was looked at, and nothing is stored yet. */
interface Edit {
  next: ServerRow
  values: Values
  /** Kept again when the sign-in is begun anew; null when there is none. */
  clientSecret: string | null
  /** What was signed in to is another now. */
  endsSignIn: boolean
  /** Something of what is started or contacted is another. */
  isOther: boolean
  /** Some value is another. */
  hasOthers: boolean
  /** What runs now is not what was asked for. */
  needsRestart: boolean
}

/** Editing of servers, one change of each at a time. */
export function createEditor(deps: Deps) {
  const busy = new Set<Entry>()
  const idle = (entry: Entry): Entry => {
    if (busy.has(entry)) throw beingEdited(entry.row.name)
    return entry
  }
  return {
    /** The same; throws HostError `server-busy` while it is being edited. */
    idle,
    /** Nothing else starts or changes it meanwhile. */
    async alone(entry: Entry, work: () => Promise<void>): Promise<void> {
      idle(entry)
      busy.add(entry)
      try {
        await work()
      } finally {
        busy.delete(entry)
      }
    },
    /** As `Servers.edit` throws. */
    async edit(entry: Entry, input: Parsed<'servers.edit'>): Promise<void> {
      idle(entry)
      busy.add(entry)
      try {
        await applyEdit(entry, await checkEdit(entry.row, input, deps), deps)
        deps.log.info('servers.edited', { server: entry.row.name, kind: entry.row.kind })
      } finally {
        busy.delete(entry)
        // Also after a change that came to nothing, if it was stopped for it.
        if (entry.row.wanted === 'running' && entry.supervisor.state === 'stopped') await deps.restart(entry)
      }
    },
  }
}

/** Throws HostError `server-invalid`, `secret-missing` or `keys-for-another`. */
async function checkEdit(row: ServerRow, input: Parsed<'servers.edit'>, deps: Deps): Promise<Edit> {
  const isProgram = row.kind === 'stdio'
  if (isProgram !== (input.kind === 'stdio'))
    throw new HostError({
      code: 'server-invalid',
      says: 'server-invalid-kind',
      params: { name: row.name, isProgram },
    })
  const given = input.kind === 'stdio' ? inOrder(input.env, row.env) : inOrder(input.headers, row.headers)
  const pairs: Record<string, string> = {}
  const kept: string[] = []
  for (const [name, value] of Object.entries(given)) {
    if (value === null) kept.push(name)
    pairs[name] = value ?? (await deps.secrets.one(row, isProgram ? 'env' : 'header', name))
  }
  const timeout = input.timeout ?? row.timeout
  const startTimeout = input.startTimeout ?? row.startTimeout
  const checked = await deps.check(
    input.kind === 'stdio'
      ? { ...input, env: pairs, timeout, confined: input.confined ?? row.confined }
      : { ...input, headers: pairs, timeout, oauth: input.oauth },
  )
  const oauth = input.kind === 'stdio' ? undefined : input.oauth
  const typedSecret = oauth?.clientSecret
  const keptSecret = oauth && !typedSecret && row.oauth ? await clientSecretOf(row, deps) : null
  // Whoever is at the new address was not meant to have them.
  if (checked.url !== null && new URL(checked.url).origin !== new URL(row.url!).origin)
    if (kept.length > 0 || keptSecret !== null) throw keysForAnother(row)

  const { name, kind } = input
  const confined = input.kind === 'stdio' ? (input.confined ?? row.confined) : false
  const next: ServerRow = {
    ...row,
    name,
    kind,
    timeout,
    startTimeout,
    confined,
    ...startsWith(input, checked),
  }
  const endsSignIn =
    !isProgram &&
    (next.url !== row.url || !isDeepStrictEqual(signsInWith(next), signsInWith(row)) || Boolean(typedSecret))
  const isOther = fingerprintOf(next) !== fingerprintOf(row)
  // Whoever it is now was not the one that may know who is asking.
  if (isOther) next.passesClientContext = false
  const isTyped = kept.length < Object.keys(given).length
  const keptOf = (name: string) => deps.secrets.one(row, isProgram ? 'env' : 'header', name).catch(() => null)
  const before = isTyped ? await Promise.all(Object.keys(pairs).map(keptOf)) : []
  return {
    next,
    values: checked,
    clientSecret: typedSecret || keptSecret,
    endsSignIn,
    isOther,
    hasOthers: isTyped && Object.values(pairs).some((value, n) => value !== before[n]),
    needsRestart: isOther || isTyped || endsSignIn,
  }
}

/** As they stood: in which order they are named makes no other server of it. */
const inOrder = <T>(given: Readonly<Record<string, T>>, had: readonly string[]): Record<string, T> =>
  Object.fromEntries(
    [...new Set([...had, ...Object.keys(given)])].flatMap((name) =>
      Object.hasOwn(given, name) ? [[name, given[name] as T]] : [],
    ),
  )

const clientSecretOf = async (row: ServerRow, { secrets, signIns }: Deps) =>
  row.wanted === 'draft' ? (await secrets.held(row)).clientSecret : signIns.secret(row)

const signsInWith = ({ oauth }: ServerRow) => oauth && [oauth.clientId, oauth.scopes ?? []]

const keysForAnother = (row: ServerRow) =>
  new HostError({
    code: 'keys-for-another',
    params: { name: row.name, host: new URL(row.url!).host },
  })

/** Makes the change, or throws and leaves the server as it was, though perhaps stopped and signed out. */
async function applyEdit(entry: Entry, edit: Edit, deps: Deps): Promise<void> {
  const { row, source, supervisor } = entry
  const { secrets, signIns, store } = deps
  const { next } = edit
  const isDraft = row.wanted === 'draft'
  // A draft was never signed in.
  const endsSignIn = edit.endsSignIn && !isDraft
  // From here on nothing that was meant for what was here goes to what comes, not even to what is started with half of it.
  if (edit.needsRestart) supervisor.edition += 1
  // Before the values are, so that no end between the two leaves it behind.
  if (edit.hasOthers) {
    row.mark = newId('mark')
    store.update(row)
  }
  const undo = await secrets.keep(next, edit.values)
  try {
    if (edit.needsRestart) await supervisor.stop(isDraft ? 'draft' : 'stopped')
    // Tokens go before the new address is stored, whatever happens then: it must never get those of the old one.
    if (endsSignIn) await signIns.for(row).signOut()
    store.replace(next)
  } catch (error) {
    await undo()
    throw error
  }
  const gone = (names: string[], now: string[]) => names.filter((name) => !now.includes(name))
  const removed = { ...row, env: gone(row.env, next.env), headers: gone(row.headers, next.headers) }
  // Whether it is to run, and who is signed in, may have been decided meanwhile.
  Object.assign(row, next, { wanted: row.wanted, mark: row.mark })
  source.name = next.name
  source.passesClientContext = next.passesClientContext
  // Nor what was asked about while the old one was still named.
  if (edit.needsRestart) supervisor.edition += 1
  if (endsSignIn) await signIns.forget(row)
  if (edit.isOther) {
    entry.facts.forgetIntroduction()
    deps.edited(entry)
  }
  await secrets.delete({ ...removed, oauth: null })
  if (isDraft) {
    await secrets.keepClientSecret(row, edit.clientSecret)
    entry.held = { env: edit.values.env, headers: edit.values.headers, clientSecret: edit.clientSecret }
  } else if (endsSignIn && edit.clientSecret !== null) await signIns.keepSecret(row, edit.clientSecret)
}
