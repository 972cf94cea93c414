import { type Sentence, saidLater } from '../../../locales/say.ts'
import { quotedLine } from '../../contract/agreed/visible-text.ts'
import { type ErrorParams, type ErrorText, HostError } from '../../kernel/errors.ts'

/** What the parser cannot know by itself: it looks at nothing. */
export interface PasteWorld {
  /** The user's home folder, a full path. */
  home: string
  /** Whether a path is a folder that is there. */
  isFolder(path: string): boolean
}

/** Something VS Code would ask for (`inputs`). */
export interface PasteInput {
  description: string | null
  secret: boolean
  preset: string
  choices: string[] | null
}

/** One server as a text has it, whatever the text was. Placeholders are still text; null: the value is to be asked for. */
export interface RawServer {
  name: string | null
  kind: 'stdio' | 'http' | 'sse'
  command: string
  args: string[]
  env: Record<string, string | null>
  cwd: string | null
  url: string
  headers: Record<string, string | null>
  oauth: { clientId: string; scopes: string[] } | null
  switchedOff: boolean
  inputs: ReadonlyMap<string, PasteInput>
  notes: string[]
}

export const rawServer = (fields: Partial<RawServer>): RawServer => ({
  name: null,
  kind: 'stdio',
  command: '',
  args: [],
  env: {},
  cwd: null,
  url: '',
  headers: {},
  oauth: null,
  switchedOff: false,
  inputs: new Map(),
  notes: [],
  ...fields,
})

/** Servers of one paste. */
export const maxServers = 100

/** Before anything is done with each of them. */
export function refuseTooMany(count: number): void {
  if (count > maxServers)
    throw notUnderstood({ says: 'pasted.textHasServersAt', params: { count, maxServers } })
}

/** Names and their values, of which the later count. `__proto__` is a name like others here: `finish` says why it cannot be one. */
export const valuesOf = <T>(...all: readonly Readonly<Record<string, T>>[]): Record<string, T> =>
  Object.assign(Object.create(null), ...all)

/** Characters that variables may bring into one server: one that is named a thousand times would make a text without end. */
const maxFilled = 100_000

/** What stands where a variable is named; null: it is not known. */
export function filler(env: Readonly<Record<string, string | null>>): (name: string) => string | null {
  let left = maxFilled
  return (name) => {
    const value = Object.hasOwn(env, name) ? (env[name] ?? null) : null
    left -= value?.length ?? 0
    if (left < 0) throw notUnderstood({ says: 'pasted.textLongerThan100' })
    return value
  }
}

/** Of a text that was cut at a length, without the half of a character that may have been left at its end. */
export const wholeCharacters = (cut: string): string => cut.replace(/[\ud800-\udbff]$/, '').trimEnd()

export interface ReadText {
  what: string
  servers: RawServer[]
  leftOut: { name: string; why: string }[]
}

export const notUnderstood = <T extends ErrorText>(text: { says: T } & ErrorParams<T>) =>
  new HostError<T>({ code: 'paste-not-understood', ...text } as never)

/** Both sentences of an error, in the user's language. */
export function wordsOf(error: HostError): string {
  const { message, hint } = error.reply()
  return `${message} ${hint}`
}

/** A stranger's text in our sentences. */
export const said = (text: string): string => quotedLine(text, 60)

/** `line 3, column 5` of a place in a text, both counted from 1. */
export function placeOf(text: string, offset: number): Sentence {
  const before = text.slice(0, offset).split('\n')
  return saidLater('pasted.place', { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 })
}
