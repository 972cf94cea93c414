import { createHash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto'

/** A short sortable-by-nothing identifier such as `call_9f3c…`: 96 random bits. Not a secret. */
export const newId = (prefix: string): string => `${prefix}_${randomBytes(12).toString('hex')}`

/** A secret of 256 random bits, base64url. */
export const newToken = (): string => randomBytes(32).toString('base64url')

/** Three digits for a person to type, evenly distributed. */
export const newDigits = (): string => String(randomInt(1000)).padStart(3, '0')

/** SHA-256, base64url: how secrets are stored when they only have to be recognised. */
export const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url')

/** Compares two texts in a time that does not depend on where they differ. */
export function sameText(a: string, b: string): boolean {
  const left = createHash('sha256').update(a).digest()
  const right = createHash('sha256').update(b).digest()
  return timingSafeEqual(left, right)
}
