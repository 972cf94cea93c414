import { createHash, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { rmdir } from 'node:fs/promises'
import { say } from '../../../locales/say.ts'
import type { Change, Undone } from '../../contract/changes.ts'
import { Emitter } from '../../kernel/emitter.ts'
import { errorText, HostError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log/log.ts'
import { Turns } from '../../kernel/turns.ts'
import type { CalledBy } from '../../mcp/tool-source.ts'
import type { Database } from '../../storage/database/database.ts'
import { type ChangeFacts, type ChangeRow, ChangeStore, kept, type NewChange } from './change-store.ts'
import { codeOf, HeldFolder, NotPlain } from './held-folder.ts'
import { splitPath } from './write-path.ts'

/** Of one note, in bytes. */
export const largest = 1_000_000
/** Of one document that is copied, and so of all that is kept. */
export const largestCopy = 10_000_000

/** Whose change it is. `check`: throws where what let it through was taken back; what it throws stays as it is. */
export interface Asker extends CalledBy {
  check?(): void
}

/** What is to become of one file. */
export interface Plan {
  folder: { name: string; path: string }
  path: string
  movedTo?: string
  /** Null: no file. */
  before: Uint8Array | null
  after: Uint8Array | null
}

/** How a change is taken back, and null where that was done by somebody else; or what is there instead. */
type Back =
  | { plan: Omit<Plan, 'folder'> | null }
  | { now: string | null; before: string | null; seen: string | null }
const elsewhere: Back = { now: null, before: null, seen: null }

/**
 * What assistants change in the user's folders, one change after another. Each is written down before the file is touched and marked
 * when it is made; one that was broken off is settled by a look at the file, so that all of them can be taken back.
 */
export class Changes {
  readonly events = new Emitter<{ changed: Record<string, never> }>()
  readonly #file: string
  readonly #open: () => Database
  readonly #now: () => number
  readonly #log: Log
  #store: ChangeStore | null = null
  readonly #turns = new Turns()

  /** `file`: what `open` opens; until it is there, nothing was changed. */
  constructor(deps: { file: string; open(): Database; now(): number; log: Log }) {
    this.#file = deps.file
    this.#open = deps.open
    this.#now = deps.now
    this.#log = deps.log
    if (existsSync(this.#file))
      void this.#turns
        .take(async () => {
          await this.#settleAll()
          await this.#changes().forget(this.#now(), 0)
        })
        .catch((error) => this.#log.warn('changes.forget', { error: errorText(error) }))
  }

  /** `plan` looks at the file when its turn has come. Throws HostError, and what `check` of it throws. */
  make(by: Asker, plan: () => Promise<Plan>): Promise<Plan> {
    return this.#turns.take(async () => {
      const { row, principal } = by
      const check = () => by.check?.()
      await this.#settleAll()
      check()
      const planned = await plan()
      check()
      const caller = { call: row, grant_id: principal.grantId, client_name: principal.clientName }
      await this.#carryOut(planned, { ...caller, undoes: null }, check)
      return planned
    })
  }

  /** Null: the call changed nothing, or it is too long ago. */
  of(call: string): Promise<Change | null> {
    return this.#turns.take(async () => {
      const row = existsSync(this.#file) ? this.#changes().byCall(call) : undefined
      return row === undefined || row.state === 'intended' ? null : shown(row)
    })
  }

  /**
   * Takes back what a call changed. If the file is another by now, both versions are the answer and nothing is done, unless `over` is the
   * fingerprint of the version that is there. Throws HostError `change-not-found`, `change-folder-gone` or `write-failed`.
   */
  undo(call: string, over: string | null): Promise<Undone> {
    return this.#turns.take(() => this.#undo(call, over))
  }

  /** All that can be taken back of one client in a while, newest first; what cannot be is told. */
  undoAll(asked: { grantId: string; since: number; until: number }): Promise<Undone[]> {
    return this.#turns.take(async () => {
      const all: Undone[] = []
      if (!existsSync(this.#file)) return all
      for (const call of this.#changes().calls(asked.grantId, asked.since, asked.until))
        all.push(await this.#undo(call, null).catch((error) => failedUndo(call, error)))
      return all
    })
  }

  async stop(): Promise<void> {
    await this.#turns.over()
    this.#store?.close()
    this.#store = null
  }

  #changes(): ChangeStore {
    this.#store ??= new ChangeStore(this.#open())
    return this.#store
  }

  async #undo(call: string, over: string | null): Promise<Undone> {
    await this.#settleAll()
    const row = existsSync(this.#file) ? this.#changes().byCall(call) : undefined
    if (row === undefined || row.state === 'intended')
      throw new HostError({ code: 'change-not-found', params: { days: kept.days } })
    const told = { call, folder: row.folder, path: row.path }
    if (row.state === 'undone') return { ...told, state: 'undone' }
    const folder = { name: row.folder, path: row.root }
    const caller = { call: null, grant_id: row.grant_id, client_name: row.client_name, undoes: row.id }
    try {
      const back =
        row.moved_to === null
          ? await this.#backInFile(await this.#changes().whole(row), over)
          : await this.#backInPlace(row)
      if ('seen' in back) return { ...told, ...back, state: 'changed' }
      if (back.plan === null) this.#changes().undone(row.id)
      else await this.#carryOut({ ...back.plan, folder }, caller)
    } catch (error) {
      if (isGone(error)) throw new HostError({ code: 'change-folder-gone', params: { name: row.folder } })
      throw error
    }
    this.events.emit('changed', {})
    return { ...told, state: 'undone' }
  }

  async #backInFile({ id, root, path, before, after }: ChangeRow, over: string | null): Promise<Back> {
    const now = await readNow(root, path)
    // Where it was moved on, nothing is as it was before.
    if (now === undefined || (now === null && this.#changes().wasMoved(id, root, path))) return elsewhere
    if (isSame(now, before)) return { plan: null }
    const seen = fingerprint(now)
    if (!isSame(now, after) && seen !== over) return { now: textOf(now), before: textOf(before), seen }
    return { plan: { path, before: now, after: before } }
  }

  /** Whatever was written into it meanwhile stays in it. */
  async #backInPlace({ root, path, moved_to: movedTo }: ChangeFacts): Promise<Back> {
    const [from, to] = [await factsOf(root, movedTo!), await factsOf(root, path)]
    if (!from?.isFile() || to) return elsewhere
    return { plan: { path: movedTo!, movedTo: path, before: null, after: null } }
  }

  async #carryOut(
    plan: Plan,
    by: Pick<NewChange, 'call' | 'grant_id' | 'client_name' | 'undoes'>,
    check = () => {},
  ): Promise<void> {
    const { folder, path, movedTo = null, before, after } = plan
    const target = movedTo ?? path
    const made = after === null && movedTo === null ? [] : await missing(folder.path, splitPath(target).dir)
    const more = (before?.length ?? 0) + (after?.length ?? 0)
    await this.#changes().forget(this.#now(), more)
    const row = await this.#changes().intend({
      ...{ ...by, at: this.#now(), folder: folder.name, root: folder.path, path, moved_to: movedTo },
      ...{ made: JSON.stringify(made), temp: `.drawbridge-${randomUUID()}.tmp`, before, after },
    })
    let problem: unknown = null
    let isTouched = false
    const touch = () => {
      check()
      isTouched = true
    }
    try {
      await apply(row, touch)
    } catch (error) {
      problem = error
    }
    const isMade = await this.#settle(row, !isTouched || codeOf(problem) === 'EEXIST')
    if (problem === null) return
    this.#log.warn('changes.apply', { isMade, error: errorText(problem) })
    if (!isMade) throw asHostError(problem, target)
  }

  async #settleAll(): Promise<void> {
    if (!existsSync(this.#file)) return
    for (const row of await this.#changes().unfinished())
      await this.#settle(row).catch((error) => this.#log.warn('changes.settle', { error: errorText(error) }))
  }

  /**
   * Whether a change was made, which the file says; then it is marked, otherwise nothing is left of it. `isUntouched`: that was found out
   * before the file was touched, whatever is there now.
   */
  async #settle(row: ChangeRow, isUntouched = false): Promise<boolean> {
    const isMade = (await wasMade(row)) && !isUntouched
    const dirs: string[] = isMade ? [] : JSON.parse(row.made)
    // Where a file was taken away, folders that somebody made for one may be of no use any more.
    const left = splitPath(row.path).dir
    if (isMade && row.undoes !== null && row.after === null)
      for (let dir = left; dir !== '' && this.#changes().isMade(row.root, dir); dir = splitPath(dir).dir)
        dirs.push(dir)
    for (const dir of dirs.sort((a, b) => b.length - a.length)) await removeEmpty(row.root, dir)
    if (isMade) this.#changes().done(row)
    else await this.#changes().drop(row)
    this.events.emit('changed', {})
    return isMade
  }
}

/** `touch`: called before anything is done that others see, and carried to its end from there; throws where it must not be. */
async function apply(row: ChangeRow, touch: () => void): Promise<void> {
  const { dir, name } = splitPath(row.path)
  if (row.moved_to !== null) return move(row, touch)
  const held = await HeldFolder.open(row.root, dir, row.after !== null)
  try {
    if (row.after !== null) await held.prepare(row.temp, row.after, name)
    // Asked as late as can be: what somebody else wrote meanwhile is not written over.
    if (!isSame(await held.read(name, largestCopy), row.before) || !(await held.isInPlace()))
      throw new HostError({ code: 'write-changed', params: { path: row.path } })
    touch()
    if (row.after === null) await held.remove(name)
    else if (row.before === null) await held.put(row.temp, held, name)
    else await held.replace(row.temp, name)
    await held.sync()
  } finally {
    await held.close()
  }
}

async function move({ root, path, moved_to }: ChangeFacts, touch: () => void): Promise<void> {
  const [from, to] = [splitPath(path), splitPath(moved_to!)]
  const source = await HeldFolder.open(root, from.dir)
  try {
    const target = await HeldFolder.open(root, to.dir, true)
    try {
      if (!(await source.facts(from.name))?.isFile()) throw new NotPlain(path)
      touch()
      await source.put(from.name, target, to.name)
      await target.sync()
      await source.sync()
    } finally {
      await target.close()
    }
  } finally {
    await source.close()
  }
}

/** Throws when that cannot be told now, as when a disk is not there. */
async function wasMade(row: ChangeRow): Promise<boolean> {
  const root = await HeldFolder.open(row.root, '')
  await root.close()
  if (row.moved_to !== null) return wasMoved(row)
  await inFolder(row.root, row.path, (held) => held.remove(row.temp))
  const now = await readNow(row.root, row.path)
  // Neither: somebody else wrote it since. It may have been made, so that both versions are shown when it is taken back.
  return now === undefined || !isSame(now, row.before) || isSame(now, row.after)
}

async function wasMoved({ root, path, moved_to }: ChangeFacts): Promise<boolean> {
  const from = await factsOf(root, path)
  const to = await factsOf(root, moved_to!)
  // Both names are there for a moment.
  if (from && to && from.ino === to.ino && from.dev === to.dev)
    await inFolder(root, path, (held, name) => held.remove(name))
  else if (from) return false
  return Boolean(to)
}

const factsOf = (root: string, path: string) =>
  inFolder(root, path, (held, name) => held.facts(name)).catch((error) => {
    if (codeOf(error) === 'ENOENT' || error instanceof NotPlain) return null
    throw error
  })

/** Null: there is none. Undefined: something else is there, or it is larger than what is kept. */
const readNow = (root: string, path: string): Promise<Uint8Array | null | undefined> =>
  inFolder(root, path, (held, name) => held.read(name, largestCopy)).catch((error) => {
    if (error instanceof NotPlain) return undefined
    throw error
  })

/** Null: the folder that it would be in is not there. Throws NotPlain; ENOENT where the root itself is not there. */
export async function inFolder<T>(
  root: string,
  path: string,
  work: (held: HeldFolder, name: string) => Promise<T>,
): Promise<T | null> {
  const { dir, name } = splitPath(path)
  if ((await missing(root, dir)).length > 0) return null
  const held = await HeldFolder.open(root, dir)
  try {
    return await work(held, name)
  } finally {
    await held.close()
  }
}

/** The folders on the way to `dir` that are not there, outermost first. */
async function missing(root: string, dir: string): Promise<string[]> {
  let there = dir
  for (;;) {
    try {
      await (await HeldFolder.open(root, there)).close()
      break
    } catch (error) {
      if (codeOf(error) !== 'ENOENT' || there === '') throw error
      there = splitPath(there).dir
    }
  }
  const names = dir === there ? [] : dir.slice(there === '' ? 0 : there.length + 1).split('/')
  return names.map((_, n) => [there, ...names.slice(0, n + 1)].filter(Boolean).join('/'))
}

async function removeEmpty(root: string, dir: string): Promise<void> {
  await inFolder(root, dir, (held, name) => rmdir(held.at(name))).catch(() => {})
}

const isSame = (a: Uint8Array | null, b: Uint8Array | null): boolean =>
  a === null || b === null ? a === b : Buffer.compare(a, b) === 0

const fingerprint = (bytes: Uint8Array | null): string =>
  bytes === null ? 'none' : createHash('sha256').update(bytes).digest('base64url')

/** As its owner may look at it. */
function textOf(bytes: Uint8Array | null): string | null {
  if (bytes === null) return null
  if (bytes.length > largest || bytes.includes(0))
    return say('changes.notShown', { kilobytes: Math.ceil(bytes.length / 1_000) })
  return new TextDecoder('utf-8').decode(bytes)
}

const isGone = (error: unknown): boolean => codeOf(error) === 'ENOENT'

/** What the system says of a file, in words; what somebody else says stays as it is. */
export function asHostError(error: unknown, path: string): unknown {
  if (error instanceof NotPlain)
    return new HostError({ code: 'write-not-plain', params: { path }, cause: error })
  if (codeOf(error) === 'EEXIST') return new HostError({ code: 'write-there', params: { path } })
  if (error instanceof HostError || codeOf(error) === '') return error
  return new HostError({ code: 'write-failed', params: { path }, cause: error })
}

const failedUndo = (call: string, error: unknown): Undone => {
  const { message } = error instanceof HostError ? error.reply() : new HostError({ code: 'internal' }).reply()
  return { call, folder: '', path: '', state: 'failed', error: message }
}

const shown = ({
  call,
  at,
  client_name,
  grant_id,
  folder,
  path,
  moved_to,
  before_size,
  state,
}: ChangeFacts): Change => ({
  ...{ call: call!, at, grantId: grant_id, clientName: client_name, folder, path, movedTo: moved_to },
  kind: moved_to !== null ? 'moved' : before_size === null ? 'created' : 'changed',
  isUndone: state === 'undone',
})
