import { say } from '../../../locales/say.ts'
import { splitWords } from '../../contract/agreed/command-line.ts'
import { hasPlaceholder, isSecret } from './placeholders.ts'
import { filler, notUnderstood, type RawServer, said, valuesOf } from './raw-server.ts'

/** A program without the folder it is in, and without the ending that Windows gives it. */
const plainName = (command: string): string => command.replace(/\.(?:exe|cmd|bat)$/i, '').toLowerCase()

/** Takes off what only stands around the program, and says so. Every step is one that a reader would take. */
export function unwrap(server: RawServer): RawServer {
  if (server.kind !== 'stdio') return server
  let now = server
  for (let steps = 0; steps < 8; steps += 1) {
    const next = outOfEnv(now) ?? outOfSudo(now) ?? outOfCmd(now)
    if (!next) break
    now = next
  }
  return remoteOf(now) ?? shellNote(dockered(windowsName(now)))
}

const instead = (server: RawServer, words: readonly string[], note?: string): RawServer => ({
  ...server,
  command: words[0] ?? '',
  args: words.slice(1),
  notes: note === undefined ? server.notes : [...server.notes, note],
})

/** `env A=b npx …`; with options of its own it stays what it is. */
function outOfEnv(server: RawServer): RawServer | null {
  if (!/^(?:\/usr\/bin\/|\/bin\/)?env$/.test(server.command) || server.args[0]?.startsWith('-')) return null
  const rest = [...server.args]
  const env = valuesOf(server.env)
  for (let at = rest[0]?.indexOf('=') ?? -1; at > 0; at = rest[0]?.indexOf('=') ?? -1) {
    const pair = rest.shift() as string
    env[pair.slice(0, at)] = pair.slice(at + 1)
  }
  return rest.length === 0 ? null : { ...instead(server, rest), env }
}

function outOfSudo(server: RawServer): RawServer | null {
  if (server.command !== 'sudo' || server.args.length === 0 || server.args[0]?.startsWith('-')) return null
  return instead(server, server.args, say('pasted.sudoWasLeftOut'))
}

/** `cmd /c npx …`: programs are found without it. */
function outOfCmd(server: RawServer): RawServer | null {
  if (plainName(server.command) !== 'cmd') return null
  const at = server.args.findIndex((arg) => /^\/c$/i.test(arg))
  if (at < 0 || !server.args.slice(0, at).every((arg) => /^\/[dsq]$/i.test(arg))) return null
  let rest = server.args.slice(at + 1)
  const [line = ''] = rest
  // What is one text there is a line for cmd.
  if (rest.length === 1 && /\s/.test(line)) {
    const { words, open } = splitWords(line)
    if (open || words.some((word) => !word.quoted && /[&|<>^]/.test(word.text)))
      throw notUnderstood({ says: 'pasted.moreThanOneCommand', params: { line: said(line) } })
    rest = words.map((word) => word.text)
  }
  if (rest.length === 0) return null
  if (rest.some((word) => /^[&|<>]/.test(word) || /&&/.test(word)))
    throw notUnderstood({ says: 'pasted.behindCmdCStands' })
  return instead(server, rest, say('pasted.cmdCWasLeft'))
}

function windowsName(server: RawServer): RawServer {
  if (!/^(?:npx|npm|pnpm|yarn|uvx|uv|bunx|node|python)\.(?:cmd|exe|bat)$/i.test(server.command)) return server
  return { ...server, command: plainName(server.command) }
}

/** `npx mcp-remote ADDRESS`, a bridge for apps that speak to programs only: Drawbridge goes there itself. */
function remoteOf(server: RawServer): RawServer | null {
  const rest = [...server.args]
  if (plainName(server.command) === 'npx')
    while (/^(?:-y|--yes|-q|--quiet)$/.test(rest[0] ?? '')) rest.shift()
  else if (plainName(server.command) !== 'bunx') return null
  if (!/^mcp-remote(?:@[\w.-]+)?$/.test(rest.shift() ?? '')) return null
  const url = rest.shift() ?? ''
  if (!/^https?:\/\//i.test(url)) return null
  const headers: RawServer['headers'] = valuesOf()
  const putIn = filler(server.env)
  let kind: 'http' | 'sse' = 'http'
  while (rest.length > 0) {
    const option = rest.shift() as string
    if (option === '--header') {
      const pair = /^([\w-]+)\s*:\s*(.*)$/s.exec(rest.shift() ?? '')
      if (!pair) return null
      headers[pair[1] as string] = fromEnv(pair[2] as string, putIn)
    } else if (option === '--transport') kind = rest.shift() === 'sse-only' ? 'sse' : kind
    else if (!/^(?:--allow-http|--debug|--enable-proxy|\d{2,5})$/.test(option)) return null
  }
  const note = say('pasted.mcpRemoteOnlyLeads')
  return {
    ...server,
    kind,
    url,
    headers,
    command: '',
    args: [],
    env: {},
    cwd: null,
    notes: [...server.notes, note],
  }
}

/** It takes `${NAME}` from its variables. */
const fromEnv = (value: string, putIn: (name: string) => string | null): string =>
  value.replace(/\$\{(\w+)\}/g, (all, name: string) => putIn(name) ?? all)

const dangerous: readonly [RegExp, () => string][] = [
  [/^--privileged$|^--cap-add\b|^--device\b|^--security-opt\b/, () => say('pasted.moreRightsThanPrograms')],
  [/docker\.sock/, () => say('pasted.controlOverDockerAnd')],
  [/^--(?:network|net|pid|ipc|uts|userns)=?host$/, () => say('pasted.partsComputerContainersKept')],
]

/** What a container cannot have here, and what of it should be known. */
function dockered(server: RawServer): RawServer {
  if (!/^(?:docker|podman)$/.test(plainName(server.command)) || server.args[0] !== 'run') return server
  const args: string[] = ['run']
  const env = valuesOf(server.env)
  const notes = [...server.notes]
  const rest = server.args.slice(1)
  while (rest[0]?.startsWith('-')) {
    const option = rest.shift() as string
    const cleaned = withoutTerminal(option, notes)
    if (cleaned !== null) args.push(cleaned)
    if (/^(?:-e|--env)$/.test(option) && rest.length > 0) args.push(variable(rest.shift() as string, env))
    else if (takesValue(option) && rest.length > 0) args.push(rest.shift() as string)
  }
  const all = [...args, ...rest]
  const rights = dangerous.filter(([shape]) =>
    args.some((arg, at) => shape.test(arg) || shape.test(`${args[at - 1]}=${arg}`)),
  )
  for (const [, what] of rights) notes.push(say('pasted.asksFor', { what: what() }))
  if (!args.some((arg) => /^-[a-z]*i|^--interactive/.test(arg))) {
    all.splice(1, 0, '-i')
    notes.push(say('pasted.iWasPutIn'))
  }
  const image = rest[0]?.split('/').at(-1)?.split(/[:@]/, 1)[0]
  return { ...server, name: server.name ?? (image || null), args: all, env, notes }
}

function withoutTerminal(option: string, notes: string[]): string | null {
  const short = /^-([itd]*[td][itd]*)$/.exec(option)
  if (!short && !/^--(?:tty|detach)(?:=true)?$/.test(option)) return option
  notes.push(say('pasted.tAndDWere'))
  return short?.[1]?.includes('i') ? '-i' : null
}

/** Values of variables go the way that other programs of this computer cannot read along. */
function variable(pair: string, env: RawServer['env']): string {
  const at = pair.indexOf('=')
  const name = at < 0 ? pair : pair.slice(0, at)
  if (at < 0) env[name] ??= null
  else if (isSecret(name) || hasPlaceholder(pair.slice(at + 1))) env[name] = pair.slice(at + 1)
  else return pair
  return name
}

const takesValue = (option: string): boolean =>
  /^(?:-[vpuwlmh]|--(?:volume|mount|publish|user|workdir|name|network|net|memory|cpus|platform|pull|label|entrypoint|env-file|add-host|hostname|device|cap-add|cap-drop|security-opt|pid|ipc|uts|userns|gpus|tmpfs|ulimit|log-driver|restart|volumes-from))$/.test(
    option,
  )

/** It is what it says, and what it runs stands in a text. */
function shellNote(server: RawServer): RawServer {
  if (!/^(?:\/(?:usr\/)?bin\/)?(?:ba|z|da|fi)?sh$|^(?:powershell|pwsh|cmd)(?:\.exe)?$/i.test(server.command))
    return server
  const note = say('pasted.startsShellWhichRuns')
  return { ...server, notes: [...server.notes, note] }
}
