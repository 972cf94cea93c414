import * as z from 'zod'

/** A value of a variable or header as its owner is shown it before the first start. */
export const ShownValue = z.object({
  name: z.string(),
  /** The whole value, as it is: whoever shows it writes out what would not be seen. Of a masked one only what is not secret. */
  text: z.string(),
  /** True: dots stand where the secret is. */
  masked: z.boolean(),
})
export type ShownValue = z.infer<typeof ShownValue>

/** In place of a secret. */
export const dots = '••••••'

/** `API_KEY`, `x-auth-token`, `PASSWORD`: the whole last word counts, in either case. */
const secretName = /(?:^|[_-])(?:KEY|TOKEN|SECRET|PASSWORD)$/i
/** Whether a name is of a kind that holds secrets. */
export const namesSecret = (name: string): boolean => secretName.test(name)
/** RFC 9110 §11.6.2: a scheme, then what only the two sides should know. */
const schemed = /^([A-Za-z][A-Za-z0-9-]*) (.+)$/s
/** Visible ASCII without what shells, paths and addresses are made of: a value of these alone can only be a value. */
const plainSecret = /^[\x21-\x7e]+$/
const telling = /[$`/\\]/

const isPlain = (value: string) => plainSecret.test(value) && !telling.test(value)

/**
 * The one rule of what is shown of a variable's (or header's) value: all of it, unless its name is of a kind that holds secrets and the value
 * cannot be anything else. A name alone would let anybody hide a command or an address behind `…_KEY`.
 */
export function shownValue(name: string, value: string): ShownValue {
  if (/^authorization$/i.test(name)) {
    const [, scheme, credentials] = schemed.exec(value) ?? []
    if (scheme !== undefined && isPlain(credentials!))
      return { name, text: `${scheme} ${dots}`, masked: true }
    return isPlain(value) ? { name, text: dots, masked: true } : { name, text: value, masked: false }
  }
  const masked = secretName.test(name) && isPlain(value)
  return { name, text: masked ? dots : value, masked }
}
