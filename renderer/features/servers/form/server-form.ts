import { say } from '../../../../locales/say.ts'
import { parseCommandLine, quoteWord } from '../../../../src/contract/agreed/command-line.ts'
import { nameOfAddress, nameOfCommand } from '../../../../src/contract/agreed/server-name.ts'
import { isHeaderName, isVariableName } from '../../../../src/contract/agreed/value-names.ts'
import { api, type Input } from '../../../../src/contract/api.ts'

/** What the dialog holds while it is filled in. */
export interface ServerForm {
  kind: 'stdio' | 'http'
  name: string
  line: string
  cwd: string
  /** It reaches its own folder only. */
  confined: boolean
  url: string
  /** For the Authorization header: a bare key, or a whole value such as `Basic …`. */
  key: string
  /** There is one already, which stays unless another is typed. */
  keyKept: boolean
  env: Pair[]
  headers: Pair[]
  /** Only the older kind of web server (HTTP with SSE). */
  older: boolean
  /** Milliseconds. */
  timeout: number
  /** Milliseconds; null: the usual. */
  startTimeout: number | null
  clientId: string
  clientSecret: string
  scopes: string
}

export interface Pair {
  id: number
  name: string
  value: string
  /** There is a value already, which stays unless another is typed. */
  kept?: boolean
}

export const USUAL_TIMEOUT = 30_000

export const EMPTY_FORM: ServerForm = {
  kind: 'stdio',
  name: '',
  line: '',
  cwd: '',
  confined: false,
  url: '',
  key: '',
  keyKept: false,
  env: [],
  headers: [],
  older: false,
  timeout: USUAL_TIMEOUT,
  startTimeout: null,
  clientId: '',
  clientSecret: '',
  scopes: '',
}

export type Wrong = Partial<Record<'name' | 'line' | 'cwd' | 'url' | 'key' | 'pairs' | 'clientId', string>>

const FULL_PATH = /^(\/|[A-Za-z]:[\\/]|\\\\)/

/** The form as the host takes it, or what is wrong, by field. */
export function checkForm(
  form: ServerForm,
): { ok: true; input: Input<'servers.add'> } | { ok: false; wrong: Wrong } {
  const wrong: Wrong = {}
  const line = parseCommandLine(form.line)
  const pairs = (form.kind === 'stdio' ? form.env : form.headers).filter(
    (pair) => pair.name.trim() || pair.value,
  )
  wrongPairs(form, pairs, wrong)
  // An empty field is one that was not filled in; `NAME=` in the line says it.
  const values = Object.fromEntries(
    pairs.filter(({ value }) => value !== '').map((pair) => [pair.name.trim(), pair.value]),
  )
  const timeout = {
    ...(form.timeout === USUAL_TIMEOUT ? {} : { timeout: form.timeout }),
    ...(form.startTimeout === null ? {} : { startTimeout: form.startTimeout }),
  }
  const cwd = form.cwd.trim()
  const input: Input<'servers.add'> =
    form.kind === 'stdio'
      ? {
          kind: 'stdio',
          name: form.name,
          command: line.command,
          args: line.args,
          env: { ...line.env, ...values },
          ...(cwd === '' ? {} : { cwd }),
          ...(form.confined && { confined: true }),
          ...timeout,
        }
      : {
          kind: form.older ? 'sse' : 'http',
          name: form.name,
          url: form.url.trim(),
          headers: { ...authorization(form.key), ...values },
          ...oauth(form, wrong),
          ...timeout,
        }
  const parsed = api['servers.add'].input.safeParse(input)
  for (const issue of parsed.error?.issues ?? []) {
    const field = issue.path[0]
    if (field === 'name' || field === 'url' || field === 'cwd') wrong[field] ??= issue.message
    else if (field === 'command' || field === 'args') wrong.line ??= issue.message
    else if (field === 'oauth') wrong.clientId ??= issue.message
    else wrong.pairs ??= issue.message
  }
  if (form.kind === 'stdio' && line.problem) wrong.line = line.problem
  if (form.kind === 'stdio' && cwd !== '' && !FULL_PATH.test(cwd))
    wrong.cwd = say('servers.wrong.giveTheFullPath')
  return Object.keys(wrong).length > 0 || !parsed.success ? { ok: false, wrong } : { ok: true, input }
}

function wrongPairs(form: ServerForm, pairs: readonly Pair[], wrong: Wrong): void {
  const isName = form.kind === 'stdio' ? isVariableName : isHeaderName
  const bad = pairs.find((pair) => !isName(pair.name.trim()))
  const plain = (name: string) => (form.kind === 'stdio' ? name.trim() : name.trim().toLowerCase())
  const names = pairs.map((pair) => plain(pair.name))
  const twice = pairs.find((_, index) => names.indexOf(names[index] as string) < index)
  if (bad) {
    wrong.pairs =
      bad.name.trim() === ''
        ? say('servers.wrong.aValueHasNo')
        : say(form.kind === 'stdio' ? 'servers.form.badVariable' : 'servers.form.badHeader', {
            name: bad.name.trim(),
          })
  } else if (twice) wrong.pairs = say('servers.wrong.isThereTwice', { name: twice.name.trim() })
  if (form.kind === 'stdio') return
  if (/[\r\n]/.test(form.key.trim())) wrong.key = say('servers.wrong.theKeyMustBe')
  if ((form.key.trim() !== '' || form.keyKept) && names.includes('authorization'))
    wrong.pairs ??= say('servers.wrong.theKeyAboveIs')
}

/** A bare key is sent as a bearer token (RFC 6750 §2.1); a value with its scheme is sent as it is. */
function authorization(key: string): Record<string, string> {
  const value = key.trim()
  if (value === '') return {}
  return { Authorization: /\s/.test(value) ? value : `Bearer ${value}` }
}

function oauth(form: ServerForm, wrong: Wrong): Pick<Input<'servers.add'> & { kind: 'http' }, 'oauth'> {
  const clientId = form.clientId.trim()
  const scopes = form.scopes.split(/[\s,]+/).filter(Boolean)
  if (clientId === '') {
    if (form.clientSecret !== '' || scopes.length > 0) wrong.clientId = say('servers.wrong.theClientIdIs')
    return {}
  }
  return {
    oauth: {
      clientId,
      ...(form.clientSecret === '' ? {} : { clientSecret: form.clientSecret }),
      ...(scopes.length === 0 ? {} : { scopes }),
    },
  }
}

/** A name to start from, so that most people need not think of one. */
export function suggestName(form: ServerForm): string {
  if (form.kind === 'http') return nameOfAddress(form.url)
  const { command, args } = parseCommandLine(form.line)
  return nameOfCommand(command, args)
}

/** The form with what is known already in it. */
export function formOf(input: Input<'servers.add'>): ServerForm {
  const pairs = (values: Record<string, string> = {}): Pair[] =>
    Object.entries(values).map(([name, value], id) => ({ id, name, value }))
  if (input.kind === 'stdio')
    return {
      ...{ ...EMPTY_FORM, name: input.name, cwd: input.cwd ?? '', env: pairs(input.env) },
      line: [input.command, ...(input.args ?? [])].map(quoteWord).join(' '),
    }
  return {
    ...{ ...EMPTY_FORM, kind: 'http', name: input.name, url: input.url, older: input.kind === 'sse' },
    headers: pairs(input.headers),
    clientId: input.oauth?.clientId ?? '',
    scopes: input.oauth?.scopes?.join(' ') ?? '',
  }
}
