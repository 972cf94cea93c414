import { say } from '../../../locales/say.ts'
import { assignmentIn } from './value-names.ts'

/** A pasted command line taken apart: what will be started, with which arguments and which settings. */
export interface CommandLine {
  command: string
  args: string[]
  /** Leading `NAME=value` words, as shells understand them. */
  env: Record<string, string>
  /** Set when the line cannot be taken as it is. */
  problem: string | null
  /** Set when the line would mean something else in a shell. */
  warning: string | null
}

export const shellOperators: ReadonlySet<string> = new Set([
  ...['|', '||', '&', '&&', ';', '>', '>>', '<', '<<', '2>', '2>&1', '&>'],
])

/**
 * Simple quoting rules: spaces separate; single quotes keep everything; double quotes keep everything but `\"` and `\\`;
 * outside quotes a backslash keeps a following space, quote or backslash, and is itself otherwise (Windows paths).
 * No shell is involved: `$HOME`, `~`, `*` and `|` stay plain text, which the warning says.
 */
export function parseCommandLine(line: string): CommandLine {
  const { words, open } = splitWords(line.replace(/\\\r?\n/g, ' '))
  const env: Record<string, string> = {}
  while (words.length > 0) {
    const set = words[0]?.plainStart ? assignmentIn(words[0].text) : null
    if (!set) break
    env[set.name] = set.value
    words.shift()
  }
  const [command = '', ...args] = words.map((word) => word.text)
  const problem = open
    ? say('commandLine.openQuote', { double: open === '"', quote: open })
    : command === '' && Object.keys(env).length > 0
      ? say('commandLine.lineOnlySetsValues')
      : null
  return { command, args, env, problem, warning: problem ? null : shellWarning(words) }
}

export interface Word {
  text: string
  /** The word does not begin inside quotes, so NAME=value at its start is an assignment. */
  plainStart: boolean
  /** Its last letter stands outside of quotes. */
  plainEnd: boolean
  quoted: boolean
}

/** Words and quotes alone, by the rules of `parseCommandLine`. `open`: the quote that is not closed. */
export function splitWords(line: string): { words: Word[]; open: string | null } {
  const words: Word[] = []
  let word: Word | null = null
  let quote: string | null = null
  for (let i = 0; i < line.length; i++) {
    const char = line[i] as string
    const next = line[i + 1]
    if (quote) {
      if (char === quote) {
        quote = null
        if (word) word.plainEnd = false
      } else if (quote === '"' && char === '\\' && (next === '"' || next === '\\')) {
        word!.text += next
        i++
      } else word!.text += char
      continue
    }
    if (/\s/.test(char)) {
      if (word) words.push(word)
      word = null
      continue
    }
    word ??= { text: '', plainStart: char !== '"' && char !== "'", plainEnd: true, quoted: false }
    word.plainEnd = char !== '"' && char !== "'"
    if (char === '"' || char === "'") {
      quote = char
      word.quoted = true
    } else if (char === '\\' && next !== undefined && /[\s"'\\]/.test(next)) {
      word.text += next
      i++
    } else word.text += char
  }
  if (word) words.push(word)
  return { words, open: quote }
}

function shellWarning(words: Word[]): string | null {
  const plain = words.filter((word) => !word.quoted).map((word) => word.text)
  const operator = plain.find((text) => shellOperators.has(text) || /;$/.test(text))
  if (operator) return say('commandLine.drawbridgeStartsOneProgram', { operator })
  const expansion = plain.find((text) => /\$[A-Za-z_{(]|^~(\/|$)|`/.test(text))
  if (expansion) return say('commandLine.drawbridgeStartsNoShell', { expansion })
  return null
}

/** One word as it could be pasted back: quoted only where needed. */
export function quoteWord(word: string): string {
  if (word !== '' && /^[^\s"'\\]+$/.test(word)) return word
  if (!word.includes("'")) return `'${word}'`
  return `"${word.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}
