import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { silentLog } from '../../kernel/log/log.ts'
import { createRedactor, type Redactor } from '../../kernel/log/redact.ts'
import { type FileVault, openFileVault } from './file-vault.ts'
import { openVault } from './open-vault.ts'

let folder: string
let redactor: Redactor
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-vault-'))
  redactor = createRedactor()
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const clock = { now: () => Date.UTC(2026, 10, 21) }
const open = (passphrase?: string): Promise<FileVault> =>
  openFileVault({ dataDir: folder, passphrase, redactor, clock, log: silentLog, cost: 1024 })
const path = (name: string) => join(folder, name)
const everything = () =>
  readdirSync(folder)
    .map((name) => readFileSync(path(name), 'latin1'))
    .join('\n')
const locked = expect.objectContaining({ code: 'vault-locked' })

describe.each([undefined, 'pass phrase'])('with passphrase %j', (passphrase) => {
  it('keeps secrets, readable in no file', async () => {
    const vault = await open(passphrase)
    expect(await vault.get('a')).toBeNull()
    await vault.set('server/x/env/KEY', 'canary-0123456789')
    await vault.set('empty', '')
    await vault.set('__proto__', 'odd name 😀')
    await vault.set('gone', 'gone')
    await vault.delete('gone')
    await vault.delete('never there')
    const again = await open(passphrase)
    expect(await again.get('server/x/env/KEY')).toBe('canary-0123456789')
    expect(await again.get('empty')).toBe('')
    expect(await again.get('__proto__')).toBe('odd name 😀')
    expect(await again.get('gone')).toBeNull()
    expect(everything()).not.toContain('canary')
    expect(everything()).not.toContain(Buffer.from('canary-0123456789').toString('base64').slice(0, 16))
    for (const name of readdirSync(folder)) expect(statSync(path(name)).mode & 0o077, name).toBe(0)
    expect(existsSync(path('vault.key'))).toBe(passphrase === undefined)
    expect(again.status.kind).toBe('file')
    expect(again.status.message).toContain(
      passphrase ? 'protected by your passphrase' : 'Its key lies beside it',
    )
  })

  it.each([
    ['garbage', () => 'garbage'],
    ['nothing', () => ''],
    ['half of it', (text: string) => text.slice(0, text.length / 2)],
    ['another shape', () => '{"version":1}'],
    [
      'a changed byte',
      (text: string) =>
        text.replace(/("data": ".)./, (_all, head) => `${head}${head.endsWith('A') ? 'B' : 'A'}`),
    ],
    [
      'a changed nonce',
      (text: string) => text.replace(/"nonce": "[^"]+"/, `"nonce": "${Buffer.alloc(12).toString('base64')}"`),
    ],
  ] as [string, (text: string) => string][])(
    '%s is set aside, said, and never overwritten',
    async (_name, damage) => {
      const vault = await open(passphrase)
      await vault.set('a', 'secret-value')
      const damaged = damage(readFileSync(path('vault.json'), 'utf8'))
      writeFileSync(path('vault.json'), damaged)
      const again = await open(passphrase)
      expect(again.status.message).toContain('was damaged and set aside as vault.json.damaged-2026')
      expect(await again.get('a')).toBeNull()
      await again.set('b', 'new')
      const aside = readdirSync(folder).find((name) => name.includes('.damaged-'))!
      expect(readFileSync(path(aside), 'utf8')).toBe(damaged)
      const third = await open(passphrase)
      expect(await third.get('b')).toBe('new')
      expect(third.status.message).not.toContain('damaged')
    },
  )
})

it('an unchanged content with another header is not accepted', async () => {
  const vault = await open('pass phrase')
  await vault.set('a', 'secret-value')
  const text = readFileSync(path('vault.json'), 'utf8')
  writeFileSync(path('vault.json'), text.replace('"cost": 1024', '"cost": 2048'))
  const again = await open('pass phrase')
  await expect(again.get('a')).rejects.toThrow(locked)
})

it('a file that asks for all of the memory is set aside', async () => {
  await (await open('pass phrase')).set('a', 'secret-value')
  const text = readFileSync(path('vault.json'), 'utf8')
  writeFileSync(path('vault.json'), text.replace('"cost": 1024', '"cost": 1073741824'))
  expect((await open('pass phrase')).damage).toContain('set aside')
})

it.each(['wrong', undefined])('passphrase %j opens nothing and destroys nothing', async (passphrase) => {
  await (await open('right')).set('a', 'secret-value')
  const before = readFileSync(path('vault.json'))
  const vault = await open(passphrase)
  expect(vault.ready).toBe(false)
  expect(vault.status.message).toMatch(/passphrase/i)
  expect(vault.status.hint).toContain('DRAWBRIDGE_PASSPHRASE')
  await expect(vault.get('a')).rejects.toThrow(locked)
  await expect(vault.set('a', 'x')).rejects.toThrow(locked)
  await expect(vault.delete('a')).rejects.toThrow(locked)
  expect(readFileSync(path('vault.json')).equals(before)).toBe(true)
  expect(existsSync(path('vault.key'))).toBe(false)
})

it('a missing or foreign key file locks the vault until the right one is back, without a restart', async () => {
  await (await open()).set('a', 'secret-value')
  const key = readFileSync(path('vault.key'))
  rmSync(path('vault.key'))
  const vault = await open()
  expect(vault.status.message).toContain('vault.key')
  await expect(vault.set('b', 'x')).rejects.toThrow(locked)
  expect(existsSync(path('vault.key'))).toBe(false)
  writeFileSync(path('vault.key'), Buffer.alloc(32).toString('base64'))
  await expect(vault.get('a')).rejects.toThrow(locked)
  writeFileSync(path('vault.key'), 'rubbish')
  await expect(vault.get('a')).rejects.toThrow(locked)
  writeFileSync(path('vault.key'), key)
  expect(await vault.get('a')).toBe('secret-value')
  expect(vault.status.message).toContain('encrypted file')
})

it('a passphrase given later takes the place of the key file', async () => {
  await (await open()).set('a', 'secret-value')
  const vault = await open('new passphrase')
  expect(await vault.get('a')).toBe('secret-value')
  expect(existsSync(path('vault.key'))).toBe(false)
  await expect((await open()).get('a')).rejects.toThrow(locked)
  expect(await (await open('new passphrase')).get('a')).toBe('secret-value')
})

it('many writers at once lose nothing', async () => {
  const vault = await open()
  await Promise.all(Array.from({ length: 40 }, (_, n) => vault.set(`n${n}`, `value-${n}`)))
  const again = await open()
  for (let n = 0; n < 40; n += 1) expect(await again.get(`n${n}`)).toBe(`value-${n}`)
  expect(readdirSync(folder).sort()).toEqual(['vault.json', 'vault.key'])
})

it('a write that fails changes nothing', async () => {
  const vault = await open()
  await vault.set('a', 'old-value')
  rmSync(path('vault.json'))
  mkdirSync(path('vault.json'))
  await expect(vault.set('a', 'new-value')).rejects.toMatchObject({ code: 'data-folder-unwritable' })
  expect(await vault.get('a')).toBe('old-value')
  expect(readdirSync(folder).some((name) => name.endsWith('.tmp'))).toBe(false)
  expect((await open()).ready).toBe(false)
})

it('tells the redactor every secret, also the passphrase, and refuses broken characters', async () => {
  const vault = await open('my long passphrase')
  await vault.set('a', 'first-secret')
  expect(redactor.text('first-secret, my long passphrase')).toBe('[redacted], [redacted]')
  redactor = createRedactor()
  await open('my long passphrase')
  expect(redactor.text('first-secret')).toBe('[redacted]')
  await expect(vault.set('b', 'half \ud83d')).rejects.toMatchObject({ code: 'secret-invalid' })
})

it('with the real cost a passphrase takes a moment, not a minute', async () => {
  const deps = { dataDir: folder, redactor, clock, log: silentLog }
  const started = performance.now()
  await (await openFileVault({ ...deps, passphrase: 'slow' })).set('a', 'secret-value')
  expect(await (await openFileVault({ ...deps, passphrase: 'slow' })).get('a')).toBe('secret-value')
  expect(performance.now() - started).toBeLessThan(10_000)
})

describe('openVault', () => {
  const openAny = (env: NodeJS.ProcessEnv) =>
    openVault({ dataDir: folder, service: 'Drawbridge test', env, log: silentLog, redactor, clock })

  it('takes the file when told to', async () => {
    const vault = await openAny({ DRAWBRIDGE_VAULT: 'file' })
    await vault.set('a', 'secret-value')
    expect(vault.status.kind).toBe('file')
    expect(await (await openAny({ DRAWBRIDGE_VAULT: 'file' })).get('a')).toBe('secret-value')
  })

  it('does not guess what a setting means', async () => {
    await expect(openAny({ DRAWBRIDGE_VAULT: 'cloud' })).rejects.toMatchObject({ code: 'vault-setting' })
  })

  it('sets a damaged note about the place aside and says what that means', async () => {
    writeFileSync(path('vault-place.json'), '{"version":1,"id":"../..","kind":"keychain"}')
    const vault = await openAny({ DRAWBRIDGE_VAULT: 'file' })
    expect(vault.status.hint).toContain('must be entered again')
    await vault.set('a', 'secret-value')
    expect(await vault.get('a')).toBe('secret-value')
    expect(readdirSync(folder).some((name) => name.startsWith('vault-place.json.damaged-'))).toBe(true)
  })

  it('a data folder that cannot be written is an error that says so', async () => {
    writeFileSync(path('file'), '')
    await expect(
      openVault({
        dataDir: path('file'),
        service: 's',
        env: { DRAWBRIDGE_VAULT: 'file' },
        log: silentLog,
        redactor,
        clock,
      }),
    ).rejects.toMatchObject({ code: 'data-folder-unwritable' })
  })
})
