import { createHash, hash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto'

/** A short sortable-by-nothing identifier such as `call_9f3c…`: 96 random bits. Not a secret. */
export const newId = (prefix: string): string => `${prefix}_${randomBytes(12).toString('hex')}`

/** Random bytes for many ids at once: each trip to the system for a few costs more than all the rest of making an id. */
let pool = Buffer.alloc(0)
let used = 0

/**
 * An identifier of the same form whose first 48 bits are the time (milliseconds), so that what is made together stands together
 * in an index; the other 48 are random. Not a secret.
 */
export function newTimedId(prefix: string, now: number): string {
  if (used >= pool.length) {
    pool = randomBytes(12 * 256)
    used = 0
  }
  pool.writeUIntBE(Math.max(0, Math.floor(now)), used, 6)
  used += 12
  return `${prefix}_${pool.toString('hex', used - 12, used)}`
}

/** A secret of 256 random bits, base64url. */
export const newToken = (): string => randomBytes(32).toString('base64url')

/** Three digits for a person to type, evenly distributed. */
export const newDigits = (): string => String(randomInt(1000)).padStart(3, '0')

/** SHA-256, base64url: how secrets are stored when they only have to be recognised. */
export const sha256 = (text: string): string => hash('sha256', text, 'base64url')

/** Compares two texts in a time that does not depend on where they differ. */
export function sameText(a: string, b: string): boolean {
  const left = createHash('sha256').update(a).digest()
  const right = createHash('sha256').update(b).digest()
  return timingSafeEqual(left, right)
}
