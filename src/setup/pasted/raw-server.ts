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
  inputs: new Map(),
  notes: [],
  ...fields,
})

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
