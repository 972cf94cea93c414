import { say } from '../../../locales/say.ts'
import { splitWords } from '../../contract/agreed/command-line.ts'
import { isObject } from '../../kernel/is-object.ts'
import { notUnderstood, type PasteInput, type RawServer, rawServer, said, valuesOf } from './raw-server.ts'

/** Keys of one server in the settings of the apps that there are (2026): what they hold, whatever they are called. */
const keys = {
  command: ['command', 'cmd'],
  args: ['args', 'arguments'],
  env: ['env', 'envs', 'environment'],
  /** Names of variables whose values the app knows. */
  askedEnv: ['env_vars', 'env_keys'],
  cwd: ['cwd', 'working_directory', 'workingDirectory'],
  url: ['url', 'serverUrl', 'httpUrl', 'uri', 'endpoint'],
  headers: ['headers', 'http_headers', 'httpHeaders'],
  /** Header to the name of a variable. */
  askedHeaders: ['env_http_headers'],
} as const

/** Read, or of no use here and without harm. */
const known = new Set<string>([
  ...Object.values(keys).flat(),
  ...[
    'name',
    'id',
    'type',
    'transport',
    'transportType',
    'requestInit',
    'requestOptions',
    'bearer_token_env_var',
    'bearer_token',
  ],
  ...[
    'bearerTokenEnvVar',
    'auth',
    'oauth',
    'source',
    'description',
    'title',
    'timeout',
    'gallery',
    'version',
    'displayName',
    'display_name',
  ],
  ...[
    'disabled',
    'enabled',
    'active',
    'isActive',
    'inputs',
    'bundled',
    'startup_timeout_sec',
    'tool_timeout_sec',
    'protocol',
    'settings',
  ],
])
const trusting = new Set([
  ...[
    'autoApprove',
    'alwaysAllow',
    'trust',
    'sandboxEnabled',
    'always_allow',
    'auto_approve',
    'approvalMode',
    'autoStart',
  ],
])

const remoteTypes = /^(?:streamable[-_ ]?http|http|https|remote|sse)$/i
const localTypes = /^(?:stdio|local|custom|command)$/i

/** Whether it describes one server. */
export function isEntry(value: unknown): value is Record<string, unknown> {
  if (!isObject(value)) return false
  if (isObject(value.transport) && isEntry(value.transport)) return true
  return [...keys.command, ...keys.url].some((key) => {
    const held = value[key]
    return typeof held === 'string' || (key === 'command' && (Array.isArray(held) || isObject(held)))
  })
}

/** One entry of any app's settings. Throws HostError that says which part cannot be used. */
export function fromEntry(
  given: Record<string, unknown>,
  name: string | null,
  inputs: ReadonlyMap<string, PasteInput>,
): RawServer {
  // Cline's own way of writing has the half of it one level deeper.
  const entry = isObject(given.transport) ? { ...given, ...given.transport } : given
  const notes = notesOf(entry)
  const own = typeof entry.name === 'string' && entry.name !== '' ? entry.name : null
  const type = [entry.type, entry.transportType, entry.transport].find((one) => typeof one === 'string') as
    | string
    | undefined
  const url = text(pick(entry, keys.url), 'address') ?? ''
  const command = commandOf(entry, notes)
  if (url !== '' && command.words.length > 0) throw notUnderstood({ says: 'pasted.hasBothCommandAnd' })
  if (type !== undefined && !remoteTypes.test(type) && !localTypes.test(type))
    throw notUnderstood({ says: 'pasted.kindWhichDrawbridgeDoes', params: { type: said(type) } })
  if (command.words.length > 0) {
    const [program = '', ...args] = command.words
    return rawServer({
      name: name ?? own,
      kind: 'stdio',
      command: program,
      args,
      notes,
      switchedOff: isSwitchedOff(entry),
      inputs,
      env: valuesOf<string | null>(
        command.env,
        values(entry, keys.env, 'variable'),
        asked(pick(entry, keys.askedEnv)),
      ),
      cwd: text(pick(entry, keys.cwd), 'folder'),
    })
  }
  if (url === '') throw notUnderstood({ says: 'pasted.hasNeitherCommandNorAddress' })
  return rawServer({
    name: name ?? own,
    kind: type !== undefined && /^sse$/i.test(type) ? 'sse' : 'http',
    url,
    notes,
    switchedOff: isSwitchedOff(entry),
    inputs,
    headers: headersOf(entry),
    oauth: oauthOf(entry, notes),
  })
}

const pick = (entry: Record<string, unknown>, names: readonly string[]): unknown =>
  names.map((name) => entry[name]).find((value) => value !== undefined && value !== null && value !== '')

function text(value: unknown, what: 'address' | 'folder' | 'command'): string | null {
  if (value === undefined || value === null) return null
  if (typeof value === 'string') return value
  throw notUnderstood({ says: 'pasted.notText', params: { what } })
}

const plain = (value: unknown): string | null =>
  typeof value === 'string'
    ? value
    : typeof value === 'symbol'
      ? (value.description ?? null)
      : typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint'
        ? String(value)
        : null

/** Program and arguments as they are; a whole line in the place of a program is taken apart only when nothing else says what it is. */
function commandOf(
  entry: Record<string, unknown>,
  notes: string[],
): { words: string[]; env: Record<string, string | null> } {
  const command = pick(entry, keys.command)
  const env = {}
  // Zed, before 2025: `"command": {"path", "args", "env"}`.
  if (isObject(command)) {
    return {
      words: list([command.path, ...listOf(command.args)]),
      env: values(command, keys.env, 'variable'),
    }
  }
  if (Array.isArray(command)) return { words: list([...command, ...listOf(pick(entry, keys.args))]), env }
  const program = text(command, 'command')
  if (program === null) return { words: [], env }
  const args = listOf(pick(entry, keys.args))
  if (args.length === 0 && /\s/.test(program.trim()) && !/^[/~.\\]|^[A-Za-z]:/.test(program)) {
    const { words, open } = splitWords(program)
    if (open) throw notUnderstood({ says: 'pasted.commandHasQuoteNot' })
    notes.push(say('pasted.commandWasWholeLine'))
    return { words: words.map((word) => word.text), env }
  }
  return { words: list([program, ...args]), env }
}

const listOf = (value: unknown): unknown[] => {
  if (value === undefined || value === null) return []
  if (Array.isArray(value)) return value
  if (typeof value === 'string') return splitWords(value).words.map((word) => word.text)
  throw notUnderstood({ says: 'pasted.argumentsNotList' })
}

const list = (items: unknown[]): string[] =>
  items.map((item, index) => {
    const word = plain(item)
    if (word !== null) return word
    throw notUnderstood({ says: 'pasted.argumentNotText', params: { index } })
  })

/** Null in it: to be asked for. Also `["A=b"]`, `["A: b"]` and `[{ name: "A", value: "b" }]`. */
function values(
  entry: Record<string, unknown>,
  names: readonly string[],
  kind: 'variable' | 'header',
): Record<string, string | null> {
  const given = pick(entry, names)
  if (given === undefined) return {}
  if (Array.isArray(given)) return Object.fromEntries(given.map((item) => pairOf(item, kind)))
  if (!isObject(given)) throw notUnderstood({ says: 'pasted.notNamesAndValues', params: { kind } })
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      const word = plain(value)
      if (word === null && value !== null)
        throw notUnderstood({ says: 'pasted.valueNotText', params: { kind, name: said(name) } })
      return [name, word]
    }),
  )
}

function pairOf(item: unknown, kind: 'variable' | 'header'): [string, string | null] {
  if (isObject(item)) {
    const name = item.name ?? item.key
    if (typeof name === 'string') return [name, plain(item.value)]
  }
  const pair = plain(item)
  if (pair === null) throw notUnderstood({ says: 'pasted.notNamesAndValues', params: { kind } })
  const at = pair.search(kind === 'header' ? /[:=]/ : /=/)
  if (at < 0) return [pair, null]
  const value = pair.slice(at + 1)
  return [pair.slice(0, at), kind === 'header' ? value.trim() : value]
}

/** Names alone, and Codex's `{ name = "A", source = "local" }`. */
const asked = (names: unknown): Record<string, null> =>
  Array.isArray(names) ? Object.fromEntries(names.map((name) => [pairOf(name, 'variable')[0], null])) : {}

function headersOf(entry: Record<string, unknown>): Record<string, string | null> {
  const nested = [entry.requestInit, entry.requestOptions].filter(isObject)
  const headers = valuesOf(
    ...nested.map((one) => values(one, keys.headers, 'header')),
    values(entry, keys.headers, 'header'),
  )
  const fromEnv = pick(entry, keys.askedHeaders)
  if (isObject(fromEnv))
    for (const [name, variable] of Object.entries(fromEnv)) headers[name] = `\${${plain(variable) ?? name}}`
  const variable = plain(entry.bearer_token_env_var ?? entry.bearerTokenEnvVar)
  if (variable) headers.Authorization = `Bearer \${${variable}}`
  const token = plain(entry.bearer_token)
  if (token) headers.Authorization = `Bearer ${token}`
  return headers
}

/** A client id that was given for its sign-in. Secrets of such ids are typed where they are kept. */
function oauthOf(entry: Record<string, unknown>, notes: string[]): RawServer['oauth'] {
  for (const held of [entry.oauth, entry.auth]) {
    if (!isObject(held)) continue
    const clientId = plain(held.clientId ?? held.client_id ?? held.CLIENT_ID)
    if (!clientId) continue
    if (held.clientSecret ?? held.client_secret ?? held.CLIENT_SECRET)
      notes.push(say('pasted.clientSecretWasLeft'))
    const scopes = held.scopes ?? held.scope
    return {
      clientId,
      scopes: typeof scopes === 'string' ? scopes.split(/[\s,]+/).filter(Boolean) : list(listOf(scopes)),
    }
  }
  return null
}

const isSwitchedOff = ({ disabled, enabled, active, isActive }: Record<string, unknown>): boolean =>
  disabled === true || enabled === false || active === false || isActive === false

function notesOf(entry: Record<string, unknown>): string[] {
  const notes: string[] = []
  const on = (value: unknown) => value === true || (Array.isArray(value) && value.length > 0)
  const trusted = Object.keys(entry).filter((key) => trusting.has(key) && on(entry[key]))
  if (trusted.length > 0) notes.push(say('pasted.whatSaysMayRun', { trusted: trusted.map(said).join(', ') }))
  if (isSwitchedOff(entry)) notes.push(say('pasted.wasSwitchedOff'))
  const file = plain(entry.envFile ?? entry.env_file)
  if (file) notes.push(say('pasted.fileVariablesNotRead', { file: said(file) }))
  const others = Object.keys(entry).filter(
    (key) => !known.has(key) && !trusting.has(key) && !/^env_?file$/i.test(key),
  )
  if (others.length > 0)
    notes.push(say('pasted.leftOutBecauseDrawbridge', { others: others.slice(0, 8).map(said).join(', ') }))
  return notes
}
