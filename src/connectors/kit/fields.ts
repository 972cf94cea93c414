import * as z from 'zod'
import { type Sentence, saidLater, say } from '../../../locales/say.ts'
import { HostError } from '../../kernel/errors.ts'

/** A sentence by its code; of a connector that has none there, the text itself. */
export type Words = Sentence | string

interface Described {
  label: Words
  hint: Words
  placeholder?: string
  required?: boolean
}

/** Something that the user can tell a connector. `V`: what its tools get of it. */
export interface Field<V = unknown> extends Described {
  kind: 'text' | 'list' | 'secret'
  /** Of a secret: what it has to be allowed, in the words of the service. */
  scopes?: readonly string[]
  schema: z.ZodType<V>
  /** Of a list: what is wrong with an entry that does not fit, to go on after it. Left out: what its schema says. */
  mismatch?: Words
  most?: number
}
export type Fields = Readonly<Record<string, Field>>
/** Of one account, as the connector's tools get them. */
export type ValuesOf<F extends Fields> = { readonly [K in keyof F]: F[K] extends Field<infer V> ? V : never }

type Given<D extends Described, V> = Field<D extends { required: true } ? V : V | undefined>

/** One line. */
export const textField = <D extends Described & { schema?: z.ZodType<string> }>(field: D): Given<D, string> =>
  ({ schema: z.string().max(2_000), ...field, kind: 'text' }) as unknown as Given<D, string>

/** A day in an argument, such as 2026-11-15. */
export const dateText = () =>
  z
    .string()
    .regex(/^\d{4}-\d\d-\d\d$/)
    .refine((text) => !Number.isNaN(Date.parse(text)))

/** Where a server of one's own is. Without encryption only where nobody else is on the way. */
export const addressField = <D extends Described>(field: D): Given<D, string> =>
  ({ ...field, kind: 'text', schema: Address() }) as unknown as Given<D, string>

/** Whether nobody on the way can read along. */
export const isSafe = ({ protocol, hostname }: URL): boolean =>
  protocol === 'https:' ||
  /^(?:localhost|127\.|10\.|192\.168\.|\[::1\])|\.(?:local|internal)$|^[^.]+$/.test(hostname)

const Address = () =>
  z
    .url({ protocol: /^https?$/, error: () => say('connector.address') })
    .max(2_000)
    .refine(
      (text) => {
        if (!URL.canParse(text)) return false
        const url = new URL(text)
        return isSafe(url) && `${url.username}${url.password}${url.search}${url.hash}` === ''
      },
      { error: () => say('connector.address') },
    )
    .transform((text) => text.replace(/\/+$/, ''))

/** A key or password: kept in the vault, known to the redactor. */
export const secretField = <D extends Described & { scopes?: readonly string[]; schema?: z.ZodType<string> }>(
  field: D,
): Given<D, string> =>
  ({ schema: z.string().max(20_000), ...field, kind: 'secret' }) as unknown as Given<D, string>

/** Entries between spaces, commas and line breaks; each is there once. */
export const listField = <D extends Described & { item: z.ZodType<string>; mismatch?: Words; most: number }>(
  field: D,
): Given<D, readonly string[]> =>
  ({
    ...field,
    kind: 'list',
    schema: z
      .string()
      .transform((text) => [...new Set(entriesOf(text))])
      .pipe(
        z
          .array(field.item as z.ZodType<string, string>)
          .min(1)
          .max(field.most),
      ),
  }) as unknown as Given<D, readonly string[]>

const entriesOf = (text: string) => text.split(/[\s,]+/).filter(Boolean)

/** As it is stored: without what stands around it, a list with one entry per line. Throws HostError `field-invalid`. */
export function storedText(field: Field, text: string): string {
  const parsed = field.schema.safeParse(text.trim())
  if (parsed.success) return Array.isArray(parsed.data) ? parsed.data.join('\n') : text.trim()
  const [issue] = parsed.error.issues
  const entry = typeof issue?.path[0] === 'number' ? entriesOf(text)[issue.path[0]] : undefined
  const { label, hint, mismatch, most } = field
  if (entry !== undefined)
    throw new HostError({
      code: 'field-invalid',
      says: 'field-invalid-entry',
      params: { label, hint, entry: entry.slice(0, 100), why: mismatch ?? issue!.message },
    })
  const tooMany = issue?.code === 'too_big' && most !== undefined
  const why = tooMany ? saidLater('connector.tooManyEntries', { most }) : issue?.message
  throw new HostError({
    code: 'field-invalid',
    params: { label, hint, why: why ?? saidLater('connector.doesNotFit') },
  })
}
