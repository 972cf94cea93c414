import { say } from '../../../locales/say.ts'
import { shellOperators, splitWords, type Word } from '../../contract/agreed/command-line.ts'
import { assignmentIn } from '../../contract/agreed/value-names.ts'
import { fromAddress } from './from-address.ts'
import { fromMcpAdd, isMcpAdd } from './mcp-add.ts'
import {
  filler,
  maxServers,
  notUnderstood,
  type RawServer,
  type ReadText,
  rawServer,
  refuseTooMany,
  said,
  valuesOf,
} from './raw-server.ts'

/** What a terminal writes before the place to type. */
const prompt = /^\s*(?:[$%❯➜>]|PS(?: [A-Za-z]:[^>\n]*)?>|[A-Za-z]:\\[^>\n]*>)\s+/
/** A line goes on in the next one: shells, cmd, PowerShell. */
const goesOn = /(?:^|\s)[\\^`][ \t]*\n\s*/g

/** Set before a command; every command of a paste is given all of them. */
const maxVariables = 200

/** What is known before a command: from its own line and from those before it. */
interface Before {
  env: Record<string, string>
  cwd: string | null
}

const nothing: Before = { env: {}, cwd: null }

/** One or more lines for a shell. No shell reads them: what only a shell could do is refused. */
export function fromLines(text: string): ReadText {
  const notes: string[] = []
  const before: Before = { env: valuesOf(), cwd: null }
  const found: (Pick<ReadText, 'servers' | 'what'> & { line: string; alone: boolean })[] = []
  const leftOut: ReadText['leftOut'] = []
  for (const line of linesOf(straight(text, notes))) {
    const commands = commandsOf(line, notes).filter((words) => !prepare(words, before))
    for (const command of commands) {
      const words = command.map((word) => word.text)
      // Too many are refused below, and what each would have been given no longer matters.
      const read = fromWords(words, found.length > maxServers ? nothing : before)
      leftOut.push(...read.leftOut)
      found.push({ ...read, line: words.join(' '), alone: commands.length === 1 })
    }
  }
  const [first, second] = found
  if (!first) throw notUnderstood({ says: 'pasted.onlyPrepares' })
  if (second && !found.every(isServerOfItsOwn))
    throw notUnderstood({
      says: 'pasted.theseCommands',
      params: {
        count: found.length,
        found: found
          .slice(0, 3)
          .map(({ line }) => said(line))
          .join(', '),
      },
    })
  const servers = found.flatMap((one) => one.servers)
  refuseTooMany(servers.length)
  const different = new Set(notes)
  for (const server of servers) server.notes.push(...different)
  return { what: second ? say('pasted.severalLines') : first.what, servers, leftOut }
}

const plainLine = () => say('pasted.command')

/** One of several: told to an app, or started by what also fetches it, on a line of its own. */
const isServerOfItsOwn = ({ what, line, alone }: { what: string; line: string; alone: boolean }): boolean =>
  what !== plainLine() || (alone && /^(?:npx|uvx|bunx|docker run|pipx run|pnpm dlx)\s/.test(line))

/** What programs for texts make of quotes and dashes. */
function straight(text: string, notes: string[]): string {
  const out = text
    .replace(/<([A-Za-z][\w .'’-]*)>/g, (_all, inside: string) => `<${inside.replace(/[ '’]+/g, '_')}>`)
    .replace(/[“”„‟]/g, '"')
    .replace(/[‘’‚‛]/g, "'")
    .replace(/(?<=^|\s)[–—](?=[A-Za-z]{2})/g, '--')
    .replace(/(?<=^|\s)[–—](?=[A-Za-z](?:\s|$))/g, '-')
  if (/[“”„‟‘’‚‛]|(?:^|\s)[–—][A-Za-z]/.test(text)) notes.push(say('pasted.curlyQuotesAndLong'))
  return out.replace(goesOn, ' ')
}

/** A quote may go over several lines. */
function linesOf(text: string): string[] {
  const lines: string[] = []
  let line: string[] = []
  let quote = ''
  for (const raw of text.split('\n')) {
    const part = line.length === 0 ? raw.replace(prompt, '') : raw
    if (line.length === 0 && /^\s*(?:#|::|REM\b|\/\/)/.test(part)) continue
    line.push(part)
    quote = splitWords(quote + part).open ?? ''
    if (quote !== '') continue
    const whole = line.join('\n').trim()
    if (whole !== '') lines.push(whole)
    line = []
  }
  if (quote !== '')
    throw notUnderstood({ says: 'pasted.openQuote', params: { double: quote === '"', quote } })
  return lines
}

/** The commands of one line, as words. Only `&&` and `;` may stand between them. */
function commandsOf(line: string, notes: string[]): Word[][] {
  const { words } = splitWords(line)
  const comment = words.findIndex(({ text, quoted }, at) => at > 0 && !quoted && text.startsWith('#'))
  if (comment > 0) notes.push(say('pasted.whatStandsBehindComment'))
  const commands: Word[][] = [[]]
  for (const word of comment > 0 ? words.slice(0, comment) : words) {
    if (!word.quoted && (word.text === '&&' || word.text === ';')) commands.push([])
    else if (word.plainEnd && word.text.length > 1 && /[^;];$/.test(word.text)) {
      commands.at(-1)?.push({ ...word, text: word.text.slice(0, -1) })
      commands.push([])
    } else {
      refuseShell(word)
      commands.at(-1)?.push(word)
    }
  }
  return commands.filter((one) => one.length > 0)
}

/** Throws for what only a shell would do. A placeholder such as `<KEY>` is none of that. */
function refuseShell({ text, quoted }: Word): void {
  const bare = text.replace(/<[A-Za-z][\w .-]*>/g, '').replace(/\$\(pwd\)/gi, '')
  if (/\$\(|`/.test(bare) && !quoted)
    throw notUnderstood({ says: 'pasted.asksShellRunSomething', params: { text: said(text) } })
  const operator = shellOperators.has(bare) || /[;|<>]|&&/.test(bare)
  if (!quoted && operator)
    throw notUnderstood({ says: 'pasted.wouldLeadAnotherProgram', params: { text: said(text) } })
}

/** `export A=b`, `set A=b`, `$env:A = "b"`, `A=b`, `cd folder`: what a later command finds. True: it was nothing else. */
function prepare(words: Word[], before: Before): boolean {
  const [first = '', ...rest] = words.map(({ text }) => text)
  const shell = /^\$env:(\w+)(?:=(.*))?$/is.exec(first)
  if (shell?.[1]) {
    before.env[shell[1]] = shell[2] ?? rest.filter((word) => word !== '=').join(' ')
    return true
  }
  if (/^(?:cd|pushd|chdir)$/i.test(first) && rest.length <= 2) {
    const folder = rest.filter((word) => !/^\/d$/i.test(word))[0] ?? ''
    if (!/^[~/\\$%<]|^[A-Za-z]:/.test(folder))
      throw notUnderstood({
        says: 'pasted.meansAnotherFolderDepending',
        params: { value: said(`cd ${folder}`) },
      })
    before.cwd = folder
    return true
  }
  const exported = /^(?:export|set|setx)$/i.test(first)
  const given = (exported ? rest : [first, ...rest]).map(assignmentIn)
  if (given.length === 0 || !given.every((one, at) => one && (exported || words[at]?.plainStart)))
    return false
  for (const one of given) if (one) before.env[one.name] = one.value
  return true
}

function fromWords(given: readonly string[], before: Before): ReadText {
  const env = valuesOf(before.env)
  let at = 0
  for (let set = assignmentIn(given[at] ?? ''); set; set = assignmentIn(given[at] ?? '')) {
    env[set.name] = set.value
    at += 1
  }
  if (Object.keys(env).length > maxVariables) throw notUnderstood({ says: 'pasted.textHasMoreParts' })
  const words = given.slice(at)
  if (isMcpAdd(words)) {
    const read = fromMcpAdd(words)
    for (const server of read.servers) fillFrom(server, env)
    return read
  }
  const [first = ''] = words
  const address = words.length === 1 ? fromAddress(first) : null
  if (address) return address
  if (/^https?:\/\//i.test(first))
    throw notUnderstood({ says: 'pasted.addressWithSomethingBehind', params: { first: said(first) } })
  refuseOtherWork(words)
  const [command = '', ...args] = words
  return { what: plainLine(), leftOut: [], servers: [rawServer({ command, args, env, cwd: before.cwd })] }
}

/** `export KEY=…` before `claude mcp add … --header "X: $KEY"`: the shell would have put it there. */
function fillFrom(server: RawServer, env: Readonly<Record<string, string>>): void {
  const putIn = filler(env)
  const fill = (value: string | null) =>
    value?.replace(/\$\{?([A-Za-z_]\w*)\}?/g, (all, name: string) => putIn(name) ?? all) ?? null
  for (const values of [server.env, server.headers])
    for (const [name, value] of Object.entries(values)) values[name] = fill(value)
}

const installs: readonly RegExp[] = [
  /^(?:npm|pnpm|yarn|bun)\s+(?:i|install|add|ci|create|init|link)\b/,
  /^(?:pip3?|pipx|brew|apt|apt-get|cargo|go|gem|dotnet|winget|choco|scoop)\s+install\b/,
  /^uv\s+(?:pip|add|sync|tool\s+install)\b/,
  /^(?:git|curl|wget)\s/,
  /^(?:npx|bunx|pnpm dlx)\s+(?:-\S+\s+)*(?:@smithery\/cli|add-mcp|install-mcp|mcp-get|mcp-add|@mcp-get\/\S+)(?:@\S+)?(?:\s|$)/,
  /^docker\s+(?:pull|build|compose|login)\b/,
]

/** What works on files, or only prints. */
const otherWork =
  /^(?:sudo\s+)?(?:mkdir|cp|mv|rm|rmdir|del|chmod|chown|ln|touch|open|cat|echo|ls|kill)(?:\s|$)/

function refuseOtherWork(words: readonly string[]): void {
  const line = words.join(' ')
  if (otherWork.test(line))
    throw notUnderstood({ says: 'pasted.doesSomethingElseOn', params: { line: said(line) } })
  if (installs.some((one) => one.test(line)))
    throw notUnderstood({ says: 'pasted.installsOrFetchesSomething', params: { line: said(line) } })
}
