import { IntlMessageFormat } from 'intl-messageformat'
import en from './en.json' with { type: 'json' }
import type { MessageParams } from './message-params.ts'
import { pseudo } from './pseudo.ts'

/** What names a sentence. The sentences are in `en.json`, written as ICU messages. */
export type Code = keyof typeof en

/** One that is said later: inside another, or in the language of whoever reads it. */
export class Sentence {
  readonly code: Code
  readonly values: Given

  constructor(code: Code, values: Given) {
    this.code = code
    this.values = values
  }
}
type Given = Readonly<Record<string, unknown>> | undefined

/** What a sentence needs: `Text` may be another, or parts of a page; a `Tag` is what its words between `<tag>` and `</tag>` are put into. */
type Value<Kind, Part> = Kind extends 'Tag'
  ? (words: Part) => Part
  : Kind extends 'Count'
    ? number
    : Kind extends 'Choice'
      ? string | boolean
      : string | number | Sentence | Part
type ParamsOf<C extends Code> = C extends keyof MessageParams ? MessageParams[C] : never
type Filled<Kinds, Part = never> = { [Name in keyof Kinds]: Value<Kinds[Name], Part> }
/** All that a sentence needs. */
export type Params<C extends Code> = C extends keyof MessageParams ? Filled<MessageParams[C]> : object
/** Nothing where a sentence needs nothing; otherwise one object with all that it needs. */
export type Values<C extends Code, Part = never> = [ParamsOf<C>] extends [never]
  ? []
  : [values: Filled<ParamsOf<C>, Part>]

export const LOCALES = ['en', 'en-XA'] as const
export type Locale = (typeof LOCALES)[number]

/** Lazily: a sentence is read when it is first said. */
interface Messages {
  locale: Locale
  read: Map<Code, IntlMessageFormat>
}
const english: Messages = { locale: 'en', read: new Map() }
let chosen = english

/** Before the first sentence is said. `en-XA` is English made longer and foreign, so that what does not fit or was forgotten is seen. */
export function chooseLocale(wanted: string | null | undefined): Locale {
  const locale = LOCALES.find((one) => one === wanted) ?? 'en'
  chosen = locale === 'en' ? english : { locale, read: new Map() }
  return locale
}

/** Which one is spoken, for a page of ours that chooses its own. */
export const spoken = (): Locale => chosen.locale

/** Neither choices nor tags nor quotes: nothing but names to fill in. */
export const isSimple = (message: string): boolean => !/''|'[{}<>]|<|\{(?!\w+\})/.test(message)

function messageOf({ locale, read }: Messages, code: Code): IntlMessageFormat {
  const known = read.get(code)
  if (known) return known
  const inEnglish = new IntlMessageFormat(en[code], 'en')
  const message = locale === 'en-XA' ? new IntlMessageFormat(pseudo(inEnglish.getAst()), 'en') : inEnglish
  read.set(code, message)
  return message
}

function sayIn(language: Messages, code: Code, given: Given): string {
  const text = en[code]
  const values = given && saidInside(language, text, given)
  // The first message that the library makes costs 6 MB (the system's tables of languages), which a quiet host does without.
  if (language === english && isSimple(text))
    return values ? text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name])) : text
  return messageOf(language, code).format(values) as string
}

function saidInside(language: Messages, text: string, given: NonNullable<Given>): Record<string, string> {
  const values: Record<string, unknown> = { ...given }
  for (const [name, value] of Object.entries(values)) {
    if (!(value instanceof Sentence)) continue
    const said = sayIn(language, value.code, value.values)
    values[name] = isBeginning(text, `{${name}}`) ? said.charAt(0).toUpperCase() + said.slice(1) : said
  }
  return values as Record<string, string>
}

/** Whether a sentence begins with it: “the page” is “The page” there. */
const isBeginning = (text: string, placeholder: string): boolean =>
  text.includes(`. ${placeholder}`) || (text.startsWith(`${placeholder} `) && /[.?!]$/.test(text))

/** A sentence in the user's language. */
export const say = <C extends Code>(code: C, ...values: Values<C>): string => sayIn(chosen, code, values[0])

/** For `sayTheSentence`, or to stand in another. */
export const saidLater = <C extends Code>(code: C, ...values: Values<C>): Sentence =>
  new Sentence(code, values[0])

export const sayTheSentence = ({ code, values }: Sentence): string => sayIn(chosen, code, values)

/** In English whatever was chosen: for logs and for assistants. */
export const sayInEnglish = ({ code, values }: Sentence): string => sayIn(english, code, values)

/** The same with parts of a page in it, in the order in which they are shown. */
export function saidParts<C extends Code, Part extends object>(
  code: C,
  ...values: Values<C, Part>
): (string | Part)[] {
  const said = messageOf(chosen, code).format<Part>(values[0] as Record<string, string> | undefined)
  return Array.isArray(said) ? said : [said]
}
