import { IntlMessageFormat } from 'intl-messageformat'
import en from './en.json' with { type: 'json' }
import type { MessageParams } from './message-params.ts'
import { pseudo } from './pseudo.ts'

/** What names a sentence. The sentences are in `en.json`, written as ICU messages. */
export type Code = keyof typeof en

/** What a sentence needs: `Text` may be parts of a page, a `Tag` is what its words between `<tag>` and `</tag>` are put into. */
type Value<Kind, Part> = Kind extends 'Tag'
  ? (words: Part) => Part
  : Kind extends 'Count'
    ? number
    : Kind extends 'Choice'
      ? string | boolean
      : string | number | Part
type ParamsOf<C extends Code> = C extends keyof MessageParams ? MessageParams[C] : never
/** Nothing where a sentence needs nothing; otherwise one object with all that it needs. */
export type Values<C extends Code, Part = never> = [ParamsOf<C>] extends [never]
  ? []
  : [values: { [Name in keyof ParamsOf<C>]: Value<ParamsOf<C>[Name], Part> }]

export const LOCALES = ['en', 'en-XA'] as const
export type Locale = (typeof LOCALES)[number]

/** Lazily: a sentence is read when it is first said. */
const messages = new Map<Code, IntlMessageFormat>()
let locale: Locale = 'en'

/** Before the first sentence is said. `en-XA` is English made longer and foreign, so that what does not fit or was forgotten is seen. */
export function chooseLocale(wanted: string | null | undefined): Locale {
  locale = LOCALES.find((one) => one === wanted) ?? 'en'
  messages.clear()
  return locale
}

function messageOf(code: Code): IntlMessageFormat {
  const known = messages.get(code)
  if (known) return known
  const english = new IntlMessageFormat(en[code], 'en')
  const message = locale === 'en-XA' ? new IntlMessageFormat(pseudo(english.getAst()), 'en') : english
  messages.set(code, message)
  return message
}

/** A sentence in the user's language. */
export function say<C extends Code>(code: C, ...values: Values<C>): string {
  return messageOf(code).format(values[0] as Record<string, string> | undefined) as string
}

/** The same with parts of a page in it, in the order in which they are shown. */
export function saidParts<C extends Code, Part extends object>(
  code: C,
  ...values: Values<C, Part>
): (string | Part)[] {
  const said = messageOf(code).format<Part>(values[0] as Record<string, string> | undefined)
  return Array.isArray(said) ? said : [said]
}
