import { type Code, type Params, Sentence, sayInEnglish, sayTheSentence } from '../../locales/say.ts'
import type { ErrorReply } from '../contract/errors.ts'

type With<C, Part extends string> = C extends `error.${infer Text}.${Part}` ? Text : never
/** What has both its sentences in `en.json`: `error.<text>.message`, what happened, and `error.<text>.hint`, what to do next. */
export type ErrorText = With<Code, 'message'> & With<Code, 'hint'>

type Both<Union> = (Union extends unknown ? (one: Union) => void : never) extends (one: infer All) => void
  ? All
  : never
type Needs<T extends ErrorText> = Both<
  T extends unknown ? Params<`error.${T}.message`> & Params<`error.${T}.hint`> : never
>
/** What the two sentences of an error need. */
export type ErrorParams<T extends ErrorText> = keyof Needs<T> extends never
  ? { params?: undefined }
  : { params: Needs<T> }

interface Besides {
  /** Words of the other side stand in it, which may be a stranger's. */
  quotes?: boolean
  /** For the log. */
  detail?: string | undefined
  cause?: unknown
}
interface Words {
  message: string
  hint: string
}
/**
 * A failure that a person should read, in words that a non-programmer understands. `message` and `hint` are in English, for
 * logs and assistants; `toErrorReply` says it in the user's language. `detail` and `cause` go to the log only.
 */
export class HostError<T extends ErrorText = ErrorText> extends Error {
  readonly code: string
  readonly hint: string
  readonly detail: string | undefined
  readonly quotes: boolean
  /** Undefined: its words came from elsewhere. */
  readonly said: { message: Sentence; hint: Sentence } | undefined

  constructor(fields: { code: T; says?: undefined } & ErrorParams<T> & Besides)
  /** `says`: where a code has several texts. */
  constructor(fields: { code: string; says: T } & ErrorParams<T> & Besides)
  /** `told`: words that are not ours, such as a server's own. */
  constructor(fields: { code: string; told: Words } & Besides)
  constructor(fields: { code: string; says?: string; params?: object; told?: Words } & Besides) {
    const { told } = fields
    const said = told
      ? undefined
      : errorSentences((fields.says ?? fields.code) as T, fields.params as Needs<T>)
    super(told ? told.message : sayInEnglish(said!.message), { cause: fields.cause })
    this.name = 'HostError'
    this.code = fields.code
    this.hint = told ? told.hint : sayInEnglish(said!.hint)
    this.detail = fields.detail
    this.quotes = fields.quotes === true
    this.said = said
  }

  /** In the user's language. */
  reply(): ErrorReply {
    if (this.said === undefined) return { code: this.code, message: this.message, hint: this.hint }
    const { message, hint } = this.said
    return { code: this.code, message: sayTheSentence(message), hint: sayTheSentence(hint) }
  }
}

/** Both sentences, to stand in those of another error. */
export function errorSentences<T extends ErrorText>(text: T, params: Needs<T>) {
  const values = params as Readonly<Record<string, unknown>> | undefined
  const of = (part: 'message' | 'hint') => new Sentence(`error.${text}.${part}` as Code, values)
  return { message: of('message'), hint: of('hint') }
}

export const isHostError = (error: unknown): error is HostError => error instanceof HostError

/**
 * What may leave the host about an error, in the user's language: never a stack, a path or a message that was not written
 * for people.
 */
export const toErrorReply = (error: unknown): ErrorReply =>
  (isHostError(error) ? error : new HostError({ code: 'internal' })).reply()

/** The same for an assistant: in English. */
export function toEnglishReply(error: unknown): ErrorReply {
  const { code, message, hint } = isHostError(error) ? error : internal
  return { code, message, hint }
}
const internal = new HostError({ code: 'internal' })

/** The text of any thrown value, for the log. */
export function errorText(error: unknown): string {
  if (error instanceof Error) return error.stack ?? `${error.name}: ${error.message}`
  return String(error)
}

/** Does each of them, whatever becomes of the others, such as on a full disk; then throws the first error. For what must not stop halfway. */
export function doAll(...steps: readonly (() => void)[]): void {
  const errors: unknown[] = []
  for (const step of steps) {
    try {
      step()
    } catch (error) {
      errors.push(error)
    }
  }
  if (errors.length > 0) throw errors[0]
}
