import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import * as z from 'zod'
import { HostError } from '../../kernel/errors.ts'
import { sameText } from '../../kernel/ids.ts'
import { asStorageError } from '../database/storage-errors.ts'
import { newScrypt, scryptCost, stretch } from '../vault/vault-cipher.ts'

/** Of the form that is written. Who reads a higher one is too old for it. */
const version = 1
/** Bytes of plain text in every part but the last, which may have fewer. */
const partSize = 65_536
const tagSize = 16
const prefixSize = 7
const longestHeader = 1_000

const Header = z.object({
  drawbridgeBackup: z.literal(version),
  salt: z.base64().length(24),
  // None was ever written with more: a file of others must not ask for all of the memory. scrypt takes powers of two alone.
  cost: z
    .int()
    .min(2)
    .max(scryptCost)
    .refine((cost) => Number.isInteger(Math.log2(cost))),
  prefix: z.base64().refine((text) => Buffer.from(text, 'base64').length === prefixSize),
  check: z.string(),
})
type Header = z.infer<typeof Header>

/** A file in the backup. `size` in bytes: what `data` gives has to be as long. */
export interface Entry {
  name: string
  size: number
  data: AsyncIterable<Uint8Array>
}

const damaged = (detail: string, cause?: unknown) => new HostError({ code: 'backup-damaged', detail, cause })

const checkOf = (key: Buffer): string =>
  createHmac('sha256', key).update('drawbridge backup check').digest('base64url')

/**
 * What is beyond the last part, or missing, or in another order, does not open: each part's nonce is a random prefix, its number and whether it
 * is the last (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015, as in age and Tink); the header is authenticated with each.
 */
function nonceOf(prefix: Buffer, number: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12)
  prefix.copy(nonce)
  nonce.writeUInt32BE(number, prefixSize)
  nonce[11] = isLast ? 1 : 0
  return nonce
}

/**
 * Writes an encrypted backup: a line of JSON that says how the key is made of the passphrase (scrypt), then parts of AES-256-GCM. The plain text is, for each
 * entry, a line of JSON with name and size, then its bytes. Under its name only when complete. Returns its size in bytes.
 */
export async function writeBackup(options: {
  path: string
  passphrase: string
  entries: AsyncIterable<Entry>
  /** For tests: scrypt takes 0.3 s by default. */
  cost?: number | undefined
}): Promise<number> {
  const { path, passphrase, entries, cost } = options
  const source = newScrypt(cost)
  const key = await stretch(passphrase, source)
  const prefix = randomBytes(prefixSize)
  const header: Header = {
    drawbridgeBackup: version,
    salt: source.salt,
    cost: source.cost,
    prefix: prefix.toString('base64'),
    check: checkOf(key),
  }
  const line = Buffer.from(`${JSON.stringify(header)}\n`)
  const unfinished = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    const file = await open(unfinished, 'wx', 0o600)
    try {
      let size = (await file.write(line)).bytesWritten
      for await (const part of sealed(plainText(entries), { key, prefix, aad: line }))
        size += (await file.write(part)).bytesWritten
      await file.sync()
      await file.close()
      await rename(unfinished, path)
      return size
    } finally {
      await file.close().catch(() => {})
    }
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => {})
    throw asStorageError(error, path)
  }
}

async function* plainText(entries: AsyncIterable<Entry>): AsyncGenerator<Uint8Array> {
  for await (const { name, size, data } of entries) {
    yield Buffer.from(`${JSON.stringify({ name, size })}\n`)
    let sent = 0
    for await (const bytes of data) {
      sent += bytes.length
      yield bytes
    }
    if (sent !== size) throw new Error(`${name} has ${sent} bytes, not ${size}`)
  }
}

interface Sealing {
  key: Buffer
  prefix: Buffer
  aad: Buffer
}

async function* sealed(
  plain: AsyncIterable<Uint8Array>,
  { key, prefix, aad }: Sealing,
): AsyncGenerator<Buffer> {
  let number = 0
  const seal = (text: Buffer, isLast: boolean): Buffer => {
    const cipher = createCipheriv('aes-256-gcm', key, nonceOf(prefix, number++, isLast)).setAAD(aad)
    return Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()])
  }
  let waiting: Uint8Array[] = []
  let length = 0
  for await (const bytes of plain) {
    waiting.push(bytes)
    length += bytes.length
    // One more than a part: the last one must be known as such.
    if (length <= partSize) continue
    let rest = Buffer.concat(waiting)
    for (; rest.length > partSize; rest = rest.subarray(partSize))
      yield seal(rest.subarray(0, partSize), false)
    waiting = [rest]
    length = rest.length
  }
  yield seal(Buffer.concat(waiting), true)
}

/**
 * The entries of a backup, one after the other; each has to be read before the next is asked for. Throws HostError `backup-not-one`, `backup-newer`,
 * `backup-wrong-passphrase` or `backup-damaged`; that a file is whole is known when its last entry was read.
 */
export async function* readBackup(path: string, passphrase: string): AsyncGenerator<Entry> {
  const bytes = new Bytes(createReadStream(path, { highWaterMark: partSize })[Symbol.asyncIterator]())
  try {
    const line = await bytes.line(longestHeader)
    const header = readHeader(line)
    const key = await stretch(passphrase, { name: 'scrypt', salt: header.salt, cost: header.cost })
    if (!sameText(header.check, checkOf(key))) throw new HostError({ code: 'backup-wrong-passphrase' })
    const aad = Buffer.concat([line!, Buffer.from('\n')])
    const plain = new Bytes(opened(bytes, { key, prefix: Buffer.from(header.prefix, 'base64'), aad }))
    yield* entriesOf(plain)
  } finally {
    await bytes.end()
  }
}

/** Whether a file that begins so may be a backup. Throws HostError `backup-not-one`, `backup-newer` or `backup-damaged`. */
export function checkBegins(first: Buffer): void {
  const end = first.subarray(0, longestHeader + 1).indexOf(10)
  readHeader(end < 0 ? null : first.subarray(0, end))
}

function readHeader(line: Buffer | null): Header {
  let parsed: unknown
  try {
    parsed = JSON.parse((line ?? Buffer.alloc(0)).toString('utf8'))
  } catch {
    throw new HostError({ code: 'backup-not-one' })
  }
  const form = (parsed as { drawbridgeBackup?: unknown } | null)?.drawbridgeBackup
  if (typeof form !== 'number') throw new HostError({ code: 'backup-not-one' })
  if (form > version) throw new HostError({ code: 'backup-newer', detail: `form ${form}` })
  const header = Header.safeParse(parsed)
  if (!header.success) throw damaged('header')
  return header.data
}

async function* opened(bytes: Bytes, { key, prefix, aad }: Sealing): AsyncGenerator<Buffer> {
  for (let number = 0, isLast = false; !isLast; number += 1) {
    const part = await bytes.upTo(partSize + tagSize)
    isLast = await bytes.isAtEnd()
    if (part.length < tagSize) throw damaged(`part ${number} is missing`)
    try {
      const cipher = createDecipheriv('aes-256-gcm', key, nonceOf(prefix, number, isLast)).setAAD(aad)
      cipher.setAuthTag(part.subarray(-tagSize))
      yield Buffer.concat([cipher.update(part.subarray(0, -tagSize)), cipher.final()])
    } catch (cause) {
      throw damaged(`part ${number}`, cause)
    }
  }
}

const EntryLine = z.object({ name: z.string().max(100), size: z.int().nonnegative() })

async function* entriesOf(plain: Bytes): AsyncGenerator<Entry> {
  while (!(await plain.isAtEnd())) {
    const line = await plain.line(longestHeader)
    const entry = EntryLine.safeParse(jsonOf(line))
    if (!entry.success) throw damaged('entry')
    const { name, size } = entry.data
    const data = plain.exactly(size)
    yield { name, size, data }
    for await (const _rest of data);
  }
}

function jsonOf(line: Buffer | null): unknown {
  try {
    return JSON.parse(line?.toString('utf8') ?? '')
  } catch {
    return null
  }
}

/** Bytes that come in pieces of any size, taken in pieces of ours. */
class Bytes {
  readonly #from: AsyncIterator<Buffer>
  #held: Buffer = Buffer.alloc(0)
  #isOver = false

  constructor(from: AsyncIterator<Buffer>) {
    this.#from = from
  }

  async isAtEnd(): Promise<boolean> {
    return this.#held.length === 0 && !(await this.#more())
  }

  /** Without its end; null: there is none within so many bytes. */
  async line(longest: number): Promise<Buffer | null> {
    for (;;) {
      const end = this.#held.indexOf(10)
      if (end >= 0) {
        const line = this.#held.subarray(0, end)
        this.#held = this.#held.subarray(end + 1)
        return line
      }
      if (this.#held.length > longest || !(await this.#more())) return null
    }
  }

  /** Fewer only at the end. */
  async upTo(size: number): Promise<Buffer> {
    while (this.#held.length < size && (await this.#more()));
    const taken = this.#held.subarray(0, size)
    this.#held = this.#held.subarray(size)
    return taken
  }

  async *exactly(size: number): AsyncGenerator<Buffer> {
    for (let left = size; left > 0; ) {
      const taken = await this.upTo(Math.min(left, partSize))
      if (taken.length === 0) throw damaged('an entry is too short')
      left -= taken.length
      yield taken
    }
  }

  async end(): Promise<void> {
    this.#isOver = true
    await this.#from.return?.()
  }

  async #more(): Promise<boolean> {
    if (this.#isOver) return false
    const { value, done } = await this.#from.next()
    if (done === true) this.#isOver = true
    else this.#held = this.#held.length === 0 ? value : Buffer.concat([this.#held, value])
    return done !== true
  }
}
