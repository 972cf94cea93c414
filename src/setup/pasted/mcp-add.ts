import { say } from '../../../locales/say.ts'
import { readJson } from './documents.ts'
import { fromSettings } from './from-settings.ts'
import { notUnderstood, type RawServer, type ReadText, rawServer, said, valuesOf } from './raw-server.ts'

const editors = /^(?:code|code-insiders|cursor|codium|windsurf|positron)(?:\.cmd|\.exe)?$/i
const apps =
  /^(?:claude|codex|gemini|qwen|copilot|opencode2?|amp|droid|devin|auggie|grok|kimi|kiro-cli|q|drawbridge)(?:\.cmd|\.exe)?$/i

/** Whether it is a line by which an app is told of a server, and not one that starts a server. */
export const isMcpAdd = ([program = '', ...rest]: readonly string[]): boolean =>
  (apps.test(program) && (rest[0] === 'mcp' || rest[0] === 'server')) ||
  (editors.test(program) && rest.some((word) => word === '--add-mcp' || word.startsWith('--add-mcp=')))

/** With a value behind it; several apps share most of them. Those without a meaning here are read over. */
const withValue: Record<string, string> = {
  '-s': 'over',
  '--scope': 'over',
  '-t': 'transport',
  '--transport': 'transport',
  '--type': 'transport',
  '-e': 'env',
  '--env': 'env',
  '-H': 'header',
  '--header': 'header',
  '--url': 'url',
  '--name': 'name',
  '--bearer-token-env-var': 'bearer',
  '--client-id': 'client',
  '--callback-port': 'over',
  '--timeout': 'over',
  '--description': 'over',
  '--include-tools': 'over',
  '--exclude-tools': 'over',
  '--cwd': 'cwd',
  '--folder': 'cwd',
  '--command': 'command',
  '--tools': 'over',
}
const alone = new Set([
  '--trust',
  '--global',
  '-g',
  '--debug',
  '--verbose',
  '-d',
  '--client-secret',
  '--no-oauth',
  '--force',
  '--yes',
  '-y',
  '--sse',
])

interface Told {
  name: string | null
  url: string | null
  command: string[]
  transport: string | null
  env: Record<string, string | null>
  headers: Record<string, string | null>
  cwd: string | null
  clientId: string | null
}

export function fromMcpAdd(words: readonly string[]): ReadText {
  const [program = '', ...rest] = words
  const app = program.replace(/\.(cmd|exe)$/i, '')
  if (editors.test(program))
    return fromJson(editorJson(rest), null, say('pasted.line', { line: said(`${app} --add-mcp`) }))
  const [, verb = '', ...told] = rest
  const line = said(`${app} ${rest.slice(0, 2).join(' ')}`)
  if (verb === 'add-json') {
    const [name, json] = told.filter(
      (word, at) =>
        !/^(-s|--scope)$/.test(told[at - 1] ?? '') && !/^(-s|--scope)(=|$)|^--client-secret$/.test(word),
    )
    if (!name || !json) throw notUnderstood({ says: 'pasted.needsNameAndSettings', params: { line } })
    return fromJson(json, name, say('pasted.line', { line }))
  }
  if (verb !== 'add') throw notUnderstood({ says: 'pasted.doesNotAddServer', params: { line } })
  return { what: say('pasted.line', { line }), servers: [serverOf(read(told, line), line)], leftOut: [] }
}

function editorJson(rest: readonly string[]): string {
  const at = rest.findIndex((word) => word.startsWith('--add-mcp'))
  const word = rest[at] ?? ''
  return word.startsWith('--add-mcp=') ? word.slice('--add-mcp='.length) : (rest[at + 1] ?? '')
}

function fromJson(json: string, name: string | null, what: string): ReadText {
  // PowerShell wants the quotes inside of quotes escaped once more.
  const plain = /^\s*\{\s*\\"/.test(json) ? json.replaceAll('\\"', '"') : json
  const read = plain.trim() === '' ? null : fromSettings(readJson(plain)[0])
  if (!read) throw notUnderstood({ says: 'pasted.lineHasNoSettings' })
  if (name !== null) for (const server of read.servers) server.name = name
  return { ...read, what }
}

/** Options, then a name, then an address or a command; behind a command everything is its own. */
function read(words: readonly string[], line: string): Told {
  const told: Told = {
    name: null,
    url: null,
    command: [],
    transport: null,
    env: valuesOf(),
    headers: valuesOf(),
    cwd: null,
    clientId: null,
  }
  const left = [...words]
  while (left.length > 0) {
    const word = left.shift() as string
    if (word === '--') {
      told.command = left.splice(0)
    } else if (word.startsWith('-') && word.length > 1) option(word, left, told, line)
    else if (told.name === null) told.name = word
    else if (/^https?:\/\//i.test(word) && told.url === null) told.url = word
    else if (told.url !== null || (told.transport !== null && /http|sse/i.test(told.transport)))
      throw notUnderstood({ says: 'pasted.doesNotSayWhat', params: { line, word: said(word) } })
    else told.command = [word, ...left.splice(0).filter((one, at) => !(at === 0 && one === '--'))]
  }
  return told
}

function option(word: string, left: string[], told: Told, line: string): void {
  const at = word.startsWith('--') ? word.indexOf('=') : -1
  const name = at < 0 ? word : word.slice(0, at)
  const kind = Object.hasOwn(withValue, name) ? withValue[name] : undefined
  if (kind === undefined) {
    if (alone.has(name)) return
    throw notUnderstood({ says: 'pasted.hasInWhichDrawbridge', params: { line, name: said(name) } })
  }
  const value = at < 0 ? left.shift() : word.slice(at + 1)
  if (value === undefined)
    throw notUnderstood({ says: 'pasted.behindValueMissing', params: { name: said(name) } })
  // Some of these apps take several values behind one option.
  const more = kind === 'env' ? /^[A-Za-z_]\w*=/ : kind === 'header' ? /^[A-Za-z][\w-]*:(?!\/\/)/ : null
  const values = [value]
  while (more?.test(left[0] ?? '')) values.push(left.shift() as string)
  for (const one of values) take(kind, one, told)
}

function take(kind: string, value: string, told: Told): void {
  if (kind === 'transport') told.transport = value
  else if (kind === 'url') told.url = value
  else if (kind === 'name') told.name = value
  else if (kind === 'cwd') told.cwd = value
  else if (kind === 'command') told.command = [value]
  else if (kind === 'client') told.clientId = value
  else if (kind === 'bearer') told.headers.Authorization = `Bearer \${${value}}`
  else if (kind === 'env') {
    const at = value.indexOf('=')
    told.env[at < 0 ? value : value.slice(0, at)] = at < 0 ? null : value.slice(at + 1)
  } else if (kind === 'header') {
    const at = value.search(/[:=]/)
    if (at < 1) throw notUnderstood({ says: 'pasted.notHeader', params: { value: said(value) } })
    told.headers[value.slice(0, at).trim()] = value.slice(at + 1).trim()
  }
}

function serverOf(told: Told, line: string): RawServer {
  const [command = '', ...args] = told.command
  if (told.url !== null && command !== '')
    throw notUnderstood({ says: 'pasted.hasBothAddressAnd', params: { line } })
  if (told.url === null && command === '')
    throw notUnderstood({ says: 'pasted.saysNeitherAddressNor', params: { line } })
  const oauth = told.clientId === null ? null : { clientId: told.clientId, scopes: [] }
  if (told.url === null) return rawServer({ name: told.name, command, args, env: told.env, cwd: told.cwd })
  return rawServer({
    name: told.name,
    kind: /^sse$/i.test(told.transport ?? '') ? 'sse' : 'http',
    url: told.url,
    headers: told.headers,
    oauth,
  })
}
