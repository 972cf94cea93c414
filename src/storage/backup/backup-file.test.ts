import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type Entry, readBackup, writeBackup } from './backup-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'drawbridge-backup-file-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const passphrase = 'three words and more'

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
async function* entries(given: Record<string, Buffer>, size = 10_000): AsyncGenerator<Entry> {
  for (const [name, bytes] of Object.entries(given))
    yield { name, size: bytes.length, data: pieces(bytes, size) }
}
async function write(name: string, given: Record<string, Buffer>, size?: number): Promise<string> {
  const path = join(folder, name)
  await writeBackup({ path, passphrase, entries: entries(given, size), cost: 1024 })
  return path
}
async function read(path: string, typed = passphrase): Promise<Record<string, Buffer>> {
  const found: Record<string, Buffer> = {}
  for await (const { name, data } of readBackup(path, typed)) {
    const parts: Uint8Array[] = []
    for await (const part of data) parts.push(part)
    found[name] = Buffer.concat(parts)
  }
  return found
}
const wrong = (code: string) => expect.objectContaining({ code })
const noise = (size: number, seed = 7) =>
  Buffer.from(Uint8Array.from({ length: size }, (_, at) => (at * seed + (at >> 8)) & 0xff))

describe('a backup', () => {
  const sizes = [0, 1, 65_535, 65_536, 65_537, 131_072, 200_001]
  it.each(sizes)('gives back what was put in, %i bytes too', async (size) => {
    const given = { 'a.json': Buffer.from('{}'), b: noise(size), c: Buffer.alloc(0) }
    for (const piece of [999, 70_000])
      expect(await read(await write(`whole-${size}`, given, piece))).toEqual(given)
  })

  it('fills its parts exactly, and is whole all the same', async () => {
    // the line of the entry and its bytes make two parts to the byte
    const line = `${JSON.stringify({ name: 'x', size: 131_000 })}\n`.length
    for (const more of [-1, 0, 1]) {
      const size = 131_072 - line + more
      const given = { x: noise(size) }
      expect(`${JSON.stringify({ name: 'x', size })}\n`).toHaveLength(line)
      expect(await read(await write('exact', given))).toEqual(given)
    }
  })

  it('can be read by its owner alone, and shows nothing', async () => {
    const path = await write('private', { a: Buffer.from('canary-0123456789'.repeat(100)) })
    expect(statSync(path).mode & 0o077).toBe(0)
    expect(readFileSync(path, 'latin1')).not.toContain('canary')
  })

  it('does not open with another passphrase', async () => {
    const path = await write('locked', { a: noise(100) })
    await expect(read(path, 'three words and less')).rejects.toEqual(wrong('backup-wrong-passphrase'))
  })

  it('is not whole when it was cut anywhere', async () => {
    const bytes = readFileSync(await write('cut', { a: noise(150_000), b: noise(10) }))
    const header = bytes.indexOf(10) + 1
    const cuts = [header, header + 5, header + 16, header + 65_552, header + 131_104, bytes.length - 1]
    for (const cut of cuts) {
      writeFileSync(join(folder, 'cut-off'), bytes.subarray(0, cut))
      await expect(read(join(folder, 'cut-off')), `at ${cut}`).rejects.toEqual(wrong('backup-damaged'))
    }
  })

  it('is not whole when a byte was changed, parts were exchanged or something was added', async () => {
    const path = await write('changed', { a: noise(200_000) })
    const bytes = readFileSync(path)
    const header = bytes.indexOf(10) + 1
    const part = (n: number) => bytes.subarray(header + n * 65_552, header + (n + 1) * 65_552)
    const changed = Buffer.from(bytes)
    changed[header + 70_000]! ^= 1
    const others = [
      changed,
      Buffer.concat([bytes.subarray(0, header), part(1), part(0), part(2), part(3)]),
      Buffer.concat([bytes.subarray(0, header), part(0), part(0), part(2), part(3)]),
      Buffer.concat([bytes, part(0)]),
    ]
    for (const other of others) {
      writeFileSync(path, other)
      await expect(read(path)).rejects.toEqual(wrong('backup-damaged'))
    }
  })

  it.each([
    ['nothing', '', 'backup-not-one'],
    ['a picture', '\x89PNG\r\n\x1a\n', 'backup-not-one'],
    ['other JSON', '{"version":1}\n', 'backup-not-one'],
    ['one of a later form', '{"drawbridgeBackup":2}\n…', 'backup-newer'],
    [
      'a header that asks for all of the memory',
      '{"drawbridgeBackup":1,"cost":1073741824}\n',
      'backup-damaged',
    ],
  ])('%s is said for what it is', async (_name, text, code) => {
    writeFileSync(join(folder, 'other'), text)
    await expect(read(join(folder, 'other'))).rejects.toEqual(wrong(code))
  })

  const headerWith = (cost: number) =>
    `${JSON.stringify({
      ...{ drawbridgeBackup: 1, salt: Buffer.alloc(16).toString('base64'), cost },
      ...{ prefix: Buffer.alloc(7).toString('base64'), check: 'x' },
    })}\n`

  it.each([2 ** 20, 2 ** 18, 3, 1_000_003, 100_000, 1, 0, -2, 2.5])(
    'takes no header that asks scrypt for a cost of %d',
    async (cost) => {
      writeFileSync(join(folder, 'costly'), headerWith(cost))
      await expect(read(join(folder, 'costly'))).rejects.toEqual(wrong('backup-damaged'))
    },
  )

  it('can be read with the cost that ours are written with', async () => {
    const path = join(folder, 'ours')
    await writeBackup({ path, passphrase, entries: entries({ a: noise(10) }) })
    expect(readFileSync(path, 'utf8')).toContain('"cost":131072')
    expect(await read(path)).toEqual({ a: noise(10) })
  })

  it('is under its name only when complete', async () => {
    const path = join(folder, 'broken')
    const failing = (async function* (): AsyncGenerator<Entry> {
      yield { name: 'a', size: 3, data: pieces(Buffer.from('abc'), 3) }
      throw new Error('the disk is gone')
    })()
    await expect(writeBackup({ path, passphrase, entries: failing, cost: 1024 })).rejects.toThrow('gone')
    expect(() => statSync(path)).toThrow()
  })
})
