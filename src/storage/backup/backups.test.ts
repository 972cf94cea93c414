import {
  appendFileSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import * as z from 'zod'
import { isHostError } from '../../kernel/errors.ts'
import { silentLog } from '../../kernel/log/log.ts'
import { createRedactor } from '../../kernel/log/redact.ts'
import { openCallLog, openDatabase, openTimeline } from '../database/database.ts'
import { createSettings } from '../settings.ts'
import { openVault } from '../vault/open-vault.ts'
import type { ListedVault } from '../vault/vault.ts'
import { Backups, tidyBackups } from './backups.ts'
import { elsewhereSetting, finishRestore } from './staged-restore.ts'

/** A data folder as a host has it, without the host. */
interface Computer {
  dataDir: string
  vault: ListedVault
  backups: Backups
  get(name: string): string | undefined
  set(name: string, value: string): void
  close(): void
}
const passphrase = 'three words and more'
let root: string
let open: Computer[]
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'drawbridge-backups-'))
  open = []
})
afterEach(() => {
  for (const one of open) one.close()
  rmSync(root, { recursive: true, force: true })
})

const vaultOf = (dataDir: string) =>
  openVault({
    ...{ dataDir, service: 'test', env: { DRAWBRIDGE_VAULT: 'file' } },
    ...{ log: silentLog, redactor: createRedactor(), clock: { now: Date.now } },
  })

async function start(name: string, vault?: ListedVault): Promise<Computer> {
  const dataDir = join(root, name)
  mkdirSync(dataDir, { recursive: true })
  const ours = vault ?? (await vaultOf(dataDir))
  await tidyBackups(dataDir)
  await finishRestore(dataDir, ours, silentLog)
  const { db } = openDatabase(join(dataDir, 'drawbridge.db'), silentLog)
  const { db: callLog } = openCallLog(join(dataDir, 'activity.db'), silentLog)
  const file = join(dataDir, 'timeline.db')
  const timeline = existsSync(file) ? openTimeline(file, silentLog).db : null
  const settings = createSettings(db)
  const computer: Computer = {
    dataDir,
    vault: ours,
    backups: new Backups({
      ...{ dataDir, version: '1.2.3', now: () => Date.UTC(2026, 10, 28), vault: ours, db, callLog },
      ...{ timeline: () => timeline, log: silentLog, cost: 1024 },
    }),
    get: (key) => settings.get(key, z.string()),
    set: (key, value) => settings.set(key, value),
    close() {
      for (const one of [db, callLog, timeline]) if (one?.isOpen) one.close()
    },
  }
  open.push(computer)
  return computer
}

/** Through the contract's parts, as both the pages and the command line do. */
async function fetched({ backups }: Computer, log = false): Promise<string> {
  const { id } = await backups.create(passphrase, log)
  const path = join(root, id)
  for (let from: number | null = 0; from !== null; ) {
    const part: { data: string; next: number | null } = await backups.read(id, from)
    appendFileSync(path, Buffer.from(part.data, 'base64'))
    from = part.next
  }
  return path
}
async function handedOver({ backups }: Computer, path: string): Promise<string> {
  const bytes = readFileSync(path)
  let id: string | null = null
  for (let at = 0; at < bytes.length; at += 50_000)
    ({ id } = await backups.put(id, bytes.subarray(at, at + 50_000).toString('base64')))
  return id!
}
const refusal = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error) => (isHostError(error) ? error.code : String(error)),
  )

/** An old computer with data, and a new one with other data. */
async function twoComputers() {
  const old = await start('old')
  old.set('who', 'the old one')
  old.set('activity.head', 'of the log there')
  await old.vault.set('server/a/env/KEY', 'canary-old-0123456789')
  await old.vault.set('oauth/keys', 'signing')
  openTimeline(join(old.dataDir, 'timeline.db'), silentLog).db.close()
  const fresh = await start('fresh')
  fresh.set('who', 'the fresh one')
  await fresh.vault.set('server/b/env/KEY', 'canary-fresh-0123456789')
  return { old, fresh }
}
const secretsOf = async ({ vault }: Computer) => Object.fromEntries(await vault.all())
const oldSecrets = { 'server/a/env/KEY': 'canary-old-0123456789', 'oauth/keys': 'signing' }

it('everything moves to another computer, whose own is kept aside', async () => {
  const { old, fresh } = await twoComputers()
  const id = await handedOver(fresh, await fetched(old))
  expect(await fresh.backups.look(id, passphrase)).toMatchObject({ version: '1.2.3', log: false, servers: 0 })
  const { aside } = await fresh.backups.restore(id, passphrase)
  // until it starts again, nothing is different
  expect(fresh.get('who')).toBe('the fresh one')
  expect(await fresh.vault.get('server/b/env/KEY')).toBe('canary-fresh-0123456789')
  const there = readdirSync(fresh.dataDir, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(json|db)$/.test(name))
    .map((name) => readFileSync(join(fresh.dataDir, name), 'latin1'))
  expect(there.join()).not.toContain('canary-old')
  fresh.close()

  const moved = await start('fresh')
  expect(moved.get('who')).toBe('the old one')
  expect(await secretsOf(moved)).toEqual(oldSecrets)
  // the log stayed behind, so it begins anew; the address may still be in use there
  expect(moved.get('activity.head')).toBeUndefined()
  expect(moved.get(elsewhereSetting)).toBeTypeOf('string')
  expect(readdirSync(moved.dataDir).filter((name) => name.startsWith('restore'))).toEqual([])

  // and back again, from what was kept aside
  await moved.backups.restore(await handedOver(moved, aside), passphrase)
  moved.close()
  const back = await start('fresh')
  expect(back.get('who')).toBe('the fresh one')
  expect(await secretsOf(back)).toEqual({ 'server/b/env/KEY': 'canary-fresh-0123456789' })
})

it('a backup that cannot be restored changes nothing', async () => {
  const { old, fresh } = await twoComputers()
  const path = await fetched(old)
  const before = readdirSync(fresh.dataDir)
  const tried = async (file: string, typed = passphrase) =>
    refusal(handedOver(fresh, file).then((id) => fresh.backups.restore(id, typed)))
  expect(await tried(path, 'another passphrase')).toBe('backup-wrong-passphrase')
  writeFileSync(`${path}.cut`, readFileSync(path).subarray(0, -20))
  expect(await tried(`${path}.cut`)).toBe('backup-damaged')
  writeFileSync(`${path}.other`, 'a letter')
  expect(await tried(`${path}.other`)).toBe('backup-not-one')
  expect(await refusal(fresh.backups.restore('backup_000000000000', passphrase))).toBe('backup-gone')
  expect(readdirSync(fresh.dataDir).filter((name) => name !== 'backups')).toEqual(before)
  fresh.close()
  expect((await start('fresh')).get('who')).toBe('the fresh one')
})

it('one whose database is of a later version is refused before anything is written', async () => {
  const { old, fresh } = await twoComputers()
  const { db } = openDatabase(join(old.dataDir, 'drawbridge.db'), silentLog)
  db.exec('PRAGMA user_version = 900')
  db.close()
  const id = await handedOver(fresh, await fetched(old))
  expect(await refusal(fresh.backups.look(id, passphrase))).toBe('backup-newer')
  expect(await refusal(fresh.backups.restore(id, passphrase))).toBe('backup-newer')
})

it('whatever the start of a restored Drawbridge stops at, the next start goes on', async () => {
  const { old, fresh } = await twoComputers()
  await fresh.backups.restore(await handedOver(fresh, await fetched(old)), passphrase)
  fresh.close()
  // The vault fails at each of its uses in turn, as if the process had ended there.
  for (let fails = 1; ; fails += 1) {
    const vault = await vaultOf(fresh.dataDir)
    let uses = 0
    const now = <T>(work: () => Promise<T>): Promise<T> => {
      uses += 1
      return uses === fails ? Promise.reject(new Error('ended here')) : work()
    }
    const failing: ListedVault = {
      status: vault.status,
      get: (name) => now(() => vault.get(name)),
      set: (name, value) => now(() => vault.set(name, value)),
      delete: (name) => now(() => vault.delete(name)),
      all: () => now(() => vault.all()),
    }
    if ((await refusal(finishRestore(fresh.dataDir, failing, silentLog))) === 'none') break
    expect(fails).toBeLessThan(20)
  }
  const moved = await start('fresh')
  expect(moved.get('who')).toBe('the old one')
  expect(await secretsOf(moved)).toEqual(oldSecrets)
})

it('a start that ended between two files goes on, and never mixes old with new', async () => {
  const { old, fresh } = await twoComputers()
  await fresh.backups.restore(await handedOver(fresh, await fetched(old, true)), passphrase)
  fresh.close()
  const staged = (name: string) => join(fresh.dataDir, 'restore', name)
  // as far as a first start came
  const secrets = readFileSync(staged('secrets.json'))
  await finishRestore(copyOf(fresh.dataDir, 'other'), await vaultOf(join(root, 'other')), silentLog)
  writeFileSync(staged('secrets.json'), secrets)
  renameSync(staged('drawbridge.db'), join(fresh.dataDir, 'drawbridge.db'))
  writeFileSync(join(fresh.dataDir, 'activity.db-wal'), 'what the old one had not put in its place yet')
  const moved = await start('fresh')
  expect(moved.get('who')).toBe('the old one')
  expect(moved.get('activity.head')).toBe('of the log there')
  expect(await secretsOf(moved)).toEqual(oldSecrets)
  expect(readdirSync(moved.dataDir).some((name) => name.includes('damaged'))).toBe(false)
})

it('what a crash left of a restore that was not laid ready is removed', async () => {
  const { fresh } = await twoComputers()
  fresh.close()
  mkdirSync(join(fresh.dataDir, 'restore.0123456789ab'))
  copyFileSync(
    join(fresh.dataDir, 'drawbridge.db'),
    join(fresh.dataDir, 'restore.0123456789ab', 'drawbridge.db'),
  )
  const again = await start('fresh')
  expect(again.get('who')).toBe('the fresh one')
  expect(existsSync(join(fresh.dataDir, 'restore.0123456789ab'))).toBe(false)
})

it('a vault that lost what opens the secrets ends the start in words, with everything still there', async () => {
  const { old, fresh } = await twoComputers()
  await fresh.backups.restore(await handedOver(fresh, await fetched(old)), passphrase)
  for (const name of (await fresh.vault.all()).keys())
    if (name.startsWith('restore/')) await fresh.vault.delete(name)
  fresh.close()
  expect(await refusal(start('fresh'))).toBe('restore-locked')
  rmSync(join(fresh.dataDir, 'restore'), { recursive: true })
  const again = await start('fresh')
  expect(again.get('who')).toBe('the fresh one')
  expect(await secretsOf(again)).toEqual({ 'server/b/env/KEY': 'canary-fresh-0123456789' })
})

const handOvers = ({ dataDir }: Computer) => readdirSync(join(dataDir, 'backups'))

it('nothing is kept of a file that does not begin as a backup does', async () => {
  const { old, fresh } = await twoComputers()
  const first = readFileSync(await fetched(old))
  const line = first.subarray(0, first.indexOf(10) + 1)
  const put = (text: string | Buffer) =>
    refusal(fresh.backups.put(null, Buffer.from(text as string).toString('base64')))
  expect(await put('')).toBe('backup-not-one')
  expect(await put(Buffer.alloc(480_000, 'x'))).toBe('backup-not-one')
  expect(await put('{"version":1}\n')).toBe('backup-not-one')
  expect(await put(`${' '.repeat(2_000)}${line}`)).toBe('backup-not-one')
  expect(await put('{"drawbridgeBackup":2}\n')).toBe('backup-newer')
  expect(await put('{"drawbridgeBackup":1}\n')).toBe('backup-damaged')
  expect(existsSync(join(fresh.dataDir, 'backups'))).toBe(false)
  expect(await put(line)).toBe('none')
  expect(handOvers(fresh)).toHaveLength(1)
})

it.skipIf(!existsSync('/dev/full'))('half a backup does not stay on a disk that it fills', async () => {
  const { old, fresh } = await twoComputers()
  const id = await handedOver(fresh, await fetched(old))
  const path = join(fresh.dataDir, 'backups', id)
  rmSync(path)
  symlinkSync('/dev/full', path)
  expect(await refusal(fresh.backups.put(id, 'AAAA'))).toBe('disk-full')
  expect(handOvers(fresh)).toEqual([])
  expect(await refusal(fresh.backups.put(id, 'AAAA'))).toBe('backup-gone')
})

it('a start forgets what was handed over, and touches nothing that is not its own', async () => {
  const { old, fresh } = await twoComputers()
  await handedOver(fresh, await fetched(old))
  fresh.close()
  const folder = join(fresh.dataDir, 'backups')
  const left = ['backup_0123456789ab.0123456789ab.tmp', 'drawbridge.db', 'activity.db-journal']
  for (const name of [...left, 'home.drawbridge-backup']) writeFileSync(join(folder, name), '')
  const half = join(fresh.dataDir, 'before-restore-2026-11-30.drawbridge-backup.0123456789ab.tmp')
  writeFileSync(half, '')
  const again = await start('fresh')
  expect(handOvers(again)).toEqual(['home.drawbridge-backup'])
  expect(existsSync(half)).toBe(false)
  const { id } = await again.backups.create(passphrase, false)
  expect(handOvers(again).sort()).toEqual([id, 'home.drawbridge-backup'].sort())
})

it('a disk that fills up while a backup is laid ready is said for what it is', async () => {
  const { old, fresh } = await twoComputers()
  const id = await handedOver(fresh, await fetched(old))
  const before = readdirSync(fresh.dataDir)
  fresh.vault.set = () => Promise.reject(Object.assign(new Error('write'), { code: 'ENOSPC' }))
  expect(await refusal(fresh.backups.restore(id, passphrase))).toBe('disk-full')
  expect(readdirSync(fresh.dataDir)).toEqual(before)
})

it.skipIf(!existsSync('/proc/self/fd'))(
  'so is one that cannot be looked into for want of a place',
  async () => {
    const { old, fresh } = await twoComputers()
    const file = openSync(await fetched(old), 'r')
    // What is open can be read there by its number, and nothing can be made.
    symlinkSync('/proc/self/fd', join(fresh.dataDir, 'backups'))
    expect(await refusal(fresh.backups.look(String(file), passphrase))).toBe('data-folder-unwritable')
    closeSync(file)
  },
)

function copyOf(from: string, name: string): string {
  const to = join(root, name)
  mkdirSync(to)
  for (const file of readdirSync(from, { recursive: true, encoding: 'utf8' }))
    if (/\.(json|db|key)$/.test(file)) {
      mkdirSync(join(to, file, '..'), { recursive: true })
      copyFileSync(join(from, file), join(to, file))
    }
  return to
}
