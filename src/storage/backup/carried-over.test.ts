import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import * as z from 'zod'
import { isHostError } from '../../kernel/errors.ts'
import { silentLog } from '../../kernel/log/log.ts'
import { createRedactor } from '../../kernel/log/redact.ts'
import { type Database, openCallLog, openDatabase } from '../database/database.ts'
import { createSettings } from '../settings.ts'
import { openVault } from '../vault/open-vault.ts'
import type { ListedVault } from '../vault/vault.ts'
import { Backups } from './backups.ts'
import { type Carried, logKey, serverKeys } from './carried-over.ts'
import { finishRestore } from './staged-restore.ts'

const passphrase = 'three words and more'
let root: string
let open: Database[]
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'drawbridge-carried-'))
  open = []
})
afterEach(() => {
  closeAll()
  rmSync(root, { recursive: true, force: true })
})
const closeAll = () => {
  for (const db of open) if (db.isOpen) db.close()
}

/** A data folder with its vault, without a host; `told`: what its start said of a restore. */
async function begin(name: string) {
  const dataDir = join(root, name)
  mkdirSync(dataDir, { recursive: true })
  const vault: ListedVault = await openVault({
    ...{ dataDir, service: 'test', env: { DRAWBRIDGE_VAULT: 'file' } },
    ...{ log: silentLog, redactor: createRedactor(), clock: { now: Date.now } },
  })
  const told: Carried[] = []
  await finishRestore(dataDir, vault, silentLog, (_plan, carried) => told.push(carried))
  const { db } = openDatabase(join(dataDir, 'drawbridge.db'), silentLog)
  const { db: callLog } = openCallLog(join(dataDir, 'activity.db'), silentLog)
  open.push(db, callLog)
  const backups = new Backups({
    ...{ dataDir, version: '1.2.3', now: Date.now, vault, db, callLog },
    ...{ timeline: () => null, log: silentLog, cost: 1024 },
  })
  const settings = createSettings(db)
  return { db, vault, backups, settings, told, get: (setting: string) => settings.get(setting, z.unknown()) }
}
type Begun = Awaited<ReturnType<typeof begin>>

const letIn = ({ db }: Begun, ...ids: string[]) => {
  for (const id of ids)
    db.prepare(
      `INSERT INTO grants (id, kind, name, workspace, access, token_hash, created_at)
       VALUES (?, 'key', ?, 'default', 'ask', ?, 1)`,
    ).run(id, `key ${id}`, `hash of ${id}`)
}
const revoke = ({ db }: Begun, id: string) =>
  db.prepare('UPDATE grants SET revoked_at = 7, token_hash = NULL WHERE id = ?').run(id)
const token = ({ db }: Begun) =>
  db.prepare("INSERT INTO oauth_records (model, id_hash, payload) VALUES (?, 'x', '{}')").run('RefreshToken')
const tokens = ({ db }: Begun) =>
  db.prepare("SELECT count(*) AS n FROM oauth_records WHERE model = 'RefreshToken'").get()?.n
const openedBy = ({ db }: Begun) =>
  db
    .prepare('SELECT id FROM grants WHERE revoked_at IS NULL AND token_hash IS NOT NULL ORDER BY id')
    .all()
    .map(({ id }) => id)

/** A backup of the one, restored over the other, which starts again. */
async function restored(from: Begun, name: string, to: Begun, between = async () => {}): Promise<Begun> {
  const { id } = await from.backups.create(passphrase, false)
  const { data } = await from.backups.read(id, 0)
  await between()
  await to.backups.restore((await to.backups.put(null, data)).id, passphrase)
  closeAll()
  return begin(name)
}

it('a restore undoes nothing that the owner ended since, and tells what comes back', async () => {
  const here = await begin('here')
  await here.vault.set(logKey, 'of this one')
  letIn(here, 'a', 'b', 'c')
  here.settings.set('control.adminKey', { hash: 'old', createdAt: 1 })
  const again = await restored(here, 'here', here, async () => {
    revoke(here, 'a')
    here.db.exec("DELETE FROM grants WHERE id = 'c'")
    here.settings.delete('control.adminKey')
    here.settings.set('bridge.raised', { since: 5, tunnel: true })
    here.settings.set('host.notices', [{ id: 'notice_1', level: 'warning', message: 'm', hint: 'h' }])
  })
  expect(openedBy(again)).toEqual(['b', 'c'])
  expect(again.get('control.adminKey')).toBeUndefined()
  expect(again.get('bridge.raised')).toEqual({ since: 5, tunnel: true })
  expect(again.get('host.notices')).toMatchObject([{ id: 'notice_1' }])
  expect(again.told).toEqual([
    { ended: ['key a'], back: ['key c'], isAdminKeyEnded: true, isRenewed: false, isRaised: true },
  ])
})

it('what is revoked while a restore waits for the next start is revoked after it', async () => {
  const here = await begin('here')
  await here.vault.set(logKey, 'of this one')
  letIn(here, 'a', 'b')
  const { id } = await here.backups.create(passphrase, false)
  const { data } = await here.backups.read(id, 0)
  await here.backups.restore((await here.backups.put(null, data)).id, passphrase)
  revoke(here, 'b')
  closeAll()
  expect(openedBy(await begin('here'))).toEqual(['a'])
})

it('keys that were made anew since stay, and nothing that is older opens anything', async () => {
  const here = await begin('here')
  await here.vault.set(logKey, 'of this one')
  await here.vault.set(serverKeys, 'old keys')
  token(here)
  const again = await restored(here, 'here', here, () => here.vault.set(serverKeys, 'new keys'))
  expect(await again.vault.get(serverKeys)).toBe('new keys')
  expect(tokens(again)).toBe(0)
  expect(again.told).toMatchObject([{ isRenewed: true }])
})

it('on another computer everything comes in that did, but a bridge that is raised there stays so', async () => {
  const [old, fresh] = [await begin('old'), await begin('fresh')]
  await old.vault.set(logKey, 'of the old one')
  await old.vault.set(serverKeys, 'old keys')
  letIn(old, 'a')
  token(old)
  old.settings.set('control.adminKey', { hash: 'old', createdAt: 1 })
  await fresh.vault.set(logKey, 'of the fresh one')
  await fresh.vault.set(serverKeys, 'fresh keys')
  fresh.settings.set('bridge.raised', { since: 5, tunnel: false })
  const moved = await restored(old, 'fresh', fresh)
  expect(openedBy(moved)).toEqual(['a'])
  expect(tokens(moved)).toBe(1)
  expect(moved.get('control.adminKey')).toMatchObject({ hash: 'old' })
  expect(await moved.vault.get(serverKeys)).toBe('old keys')
  expect(moved.get('bridge.raised')).toEqual({ since: 5, tunnel: false })
})

/** A backup that says of itself what is not in its database any more. */
async function lying(old: Begun, change: string) {
  const all = old.vault.all.bind(old.vault)
  old.vault.all = async () => {
    const secrets = await all()
    // Between what is written first, about it, and the copy of the database.
    const { prepare } = old.db
    old.db.prepare = (sql) => {
      if (sql === 'PRAGMA user_version') {
        old.db.prepare = prepare
        const before = old.db.prepare(sql).get()
        old.db.exec(change)
        return { get: () => before } as never
      }
      return prepare.call(old.db, sql)
    }
    return secrets
  }
  const { id } = await old.backups.create(passphrase, false)
  return (await old.backups.read(id, 0)).data
}
const refusal = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error) => (isHostError(error) ? error.code : String(error)),
  )

it('what is in a backup is told of its database, whatever it says of itself', async () => {
  const [old, fresh] = [await begin('old'), await begin('fresh')]
  letIn(old, 'a')
  const data = await lying(
    old,
    "INSERT INTO grants (id, kind, name, workspace, access, created_at) VALUES ('b', 'key', 'b', 'default', 'ask', 1)",
  )
  const { id } = await fresh.backups.put(null, data)
  expect(await fresh.backups.look(id, passphrase)).toMatchObject({ grants: 2 })
  expect(await fresh.backups.restore(id, passphrase)).toMatchObject({ facts: { grants: 2 } })
})

it('a backup whose database is of a later version than it says is refused', async () => {
  const [old, fresh] = [await begin('old'), await begin('fresh')]
  const { id } = await fresh.backups.put(null, await lying(old, 'PRAGMA user_version = 900'))
  expect(await refusal(fresh.backups.look(id, passphrase))).toBe('backup-newer')
  expect(await refusal(fresh.backups.restore(id, passphrase))).toBe('backup-newer')
})

it('a backup whose database is damaged is refused', async () => {
  const [old, fresh] = [await begin('old'), await begin('fresh')]
  letIn(old, 'a')
  // A schema that says of a table what its pages do not hold.
  old.db.enableDefensive(false)
  old.db.exec(
    "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = 2 WHERE name = 'grants'; PRAGMA writable_schema = OFF",
  )
  const { id } = await old.backups.create(passphrase, false)
  const given = await fresh.backups.put(null, (await old.backups.read(id, 0)).data)
  expect(await refusal(fresh.backups.restore(given.id, passphrase))).toBe('backup-damaged')
})
