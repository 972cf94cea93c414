import { createCipheriv, createDecipheriv, createHmac, randomBytes, scrypt } from 'node:crypto'
import { promisify } from 'node:util'
import * as z from 'zod'
import { sameText } from '../../kernel/ids.ts'

const bytes = (length?: number) =>
  z
    .base64()
    .transform((text) => Buffer.from(text, 'base64'))
    .refine((value) => length === undefined || value.length === length)

/** How the key comes about: stretched from a passphrase, or read from the key file. */
const KeySource = z.discriminatedUnion('name', [
  z.object({
    name: z.literal('scrypt'),
    salt: z.base64().length(24),
    // Bounds keep a damaged file from asking for all of the memory.
    cost: z
      .int()
      .min(2)
      .max(2 ** 20),
  }),
  z.object({ name: z.literal('key-file') }),
])
export type KeySource = z.infer<typeof KeySource>

/** `vault.json`. All secrets are encrypted together; `check` tells a wrong key from a damaged file. */
export const VaultFile = z.object({
  version: z.literal(1),
  key: KeySource,
  check: z.string(),
  nonce: bytes(12),
  tag: bytes(16),
  data: bytes(),
})
export type VaultFile = z.infer<typeof VaultFile>

/** OWASP's advice for scrypt (2023): N = 2^17, r = 8, p = 1; about 0.3 s and 128 MB. */
export const scryptCost = 2 ** 17

export const newScrypt = (cost = scryptCost): KeySource & { name: 'scrypt' } => ({
  name: 'scrypt',
  salt: randomBytes(16).toString('base64'),
  cost,
})

export const stretch = (passphrase: string, source: KeySource & { name: 'scrypt' }): Promise<Buffer> =>
  (
    promisify(scrypt) as (
      p: string,
      s: Buffer,
      n: number,
      o: { N: number; r: number; p: number; maxmem: number },
    ) => Promise<Buffer>
  )(passphrase.normalize('NFKC'), Buffer.from(source.salt, 'base64'), 32, {
    N: source.cost,
    r: 8,
    p: 1,
    maxmem: 256 * source.cost * 8,
  })

const checkOf = (key: Buffer): string =>
  createHmac('sha256', key).update('drawbridge vault check').digest('base64url')

export const isKeyOf = (file: VaultFile, key: Buffer): boolean => sameText(file.check, checkOf(key))

/** The header is authenticated with the content, so that one cannot be put before another. */
const header = (source: KeySource): Buffer => Buffer.from(JSON.stringify([1, source]))

/** AES-256-GCM with a fresh nonce at every writing. */
export function seal(secrets: ReadonlyMap<string, string>, source: KeySource, key: Buffer): string {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(header(source))
  const text = JSON.stringify([...secrets])
  const data = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return `${JSON.stringify(
    {
      version: 1,
      key: source,
      check: checkOf(key),
      nonce: nonce.toString('base64'),
      tag: cipher.getAuthTag().toString('base64'),
      data: data.toString('base64'),
    },
    null,
    2,
  )}\n`
}

/** Throws when the content is not exactly what was sealed. */
export function unseal(file: VaultFile, key: Buffer): Map<string, string> {
  const decipher = createDecipheriv('aes-256-gcm', key, file.nonce)
    .setAAD(header(file.key))
    .setAuthTag(file.tag)
  const text = Buffer.concat([decipher.update(file.data), decipher.final()]).toString('utf8')
  return new Map(z.array(z.tuple([z.string(), z.string()])).parse(JSON.parse(text)))
}
