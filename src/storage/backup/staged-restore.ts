import { randomBytes } from 'node:crypto'
import { createWriteStream, existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { pipeline } from 'node:stream/promises'
import * as z from 'zod'
import { BackupFacts } from '../../contract/backup.ts'
import { errorText, HostError, isHostError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log/log.ts'
import { writeFileAtomically } from '../atomic-file.ts'
import type { Database } from '../database/database.ts'
import { asStorageError } from '../database/storage-errors.ts'
import { createSettings, type Settings } from '../settings.ts'
import type { ListedVault } from '../vault/vault.ts'
import { seal, unseal, VaultFile } from '../vault/vault-cipher.ts'
import { readBackup } from './backup-file.ts'
import { type Carried, carryOver, logKey, serverKeys } from './carried-over.ts'
import { About, checkKnown, countsOf, databases, isDatabase, ofRestore, Secrets } from './contents.ts'

/** In the data folder: what takes the place of everything at the next start. There whole, or not at all. */
const staged = 'restore'
const unfinished = /^restore\.[0-9a-f]{12}$/
const planFile = 'plan.json'
const secretsFile = 'secrets.json'
/** Of the restored settings: the address may be in use where the backup was made. */
export const elsewhereSetting = 'tunnel.elsewhere'

const Plan = z.object({
  facts: BackupFacts,
  aside: z.string(),
  files: z.array(z.string()),
  /** The name in the vault of what opens the secrets that wait in the data folder. */
  key: z.string(),
})
export type Plan = z.infer<typeof Plan>

/** Secrets and facts are held in memory. */
const largestHeld = 32_000_000

interface Given {
  about: About
  secrets: Map<string, string>
  files: string[]
}

/** Reads a backup to its end. `placeOf`: where a database of it is written; null: nowhere. Throws what `readBackup` throws, and `backup-newer`. */
async function readWhole(
  path: string,
  passphrase: string,
  placeOf: (name: string) => string | null,
): Promise<Given> {
  let about: About | null = null
  let secrets: Map<string, string> | null = null
  const files: string[] = []
  for await (const { name, size, data } of readBackup(path, passphrase)) {
    if (name === 'about.json') {
      about = await partOf(About, size, data)
      checkKnown(about)
    } else if (name === secretsFile) secrets = new Map(await partOf(Secrets, size, data))
    else if (!isDatabase(name) || about === null || files.includes(name))
      throw new HostError({ code: 'backup-damaged', detail: name.slice(0, 40) })
    else {
      files.push(name)
      const place = placeOf(name)
      if (place !== null)
        await pipeline(data, createWriteStream(place, { flags: 'wx', mode: 0o600, flush: true }))
    }
  }
  if (about === null || secrets === null || !files.includes('drawbridge.db'))
    throw new HostError({ code: 'backup-damaged', detail: 'not everything is there' })
  return { about, secrets, files }
}

async function partOf<T>(schema: z.ZodType<T>, size: number, data: AsyncIterable<Uint8Array>): Promise<T> {
  if (size > largestHeld) throw new HostError({ code: 'backup-damaged', detail: `${size} bytes` })
  const parts: Uint8Array[] = []
  for await (const part of data) parts.push(part)
  try {
    return schema.parse(JSON.parse(Buffer.concat(parts).toString('utf8')))
  } catch (error) {
    throw new HostError({ code: 'backup-damaged', detail: errorText(error).slice(0, 200) })
  }
}

/** What is in a backup, once all of it was read. `folder`: where its database lies meanwhile. Throws as `stage` does. */
export async function lookAt(path: string, passphrase: string, folder: string): Promise<BackupFacts> {
  const file = join(folder, `look-${randomBytes(6).toString('hex')}.db`)
  try {
    const { about } = await readWhole(path, passphrase, (name) => (name === 'drawbridge.db' ? file : null))
    return { ...about.facts, ...opened(file, countsOf) }
  } finally {
    for (const beside of ['-wal', '-shm', '-journal', '']) await rm(file + beside, { force: true })
  }
}

/**
 * Lays everything of a backup ready for the next start. `keepAside` makes a backup of what is there now, once the other one is known to be whole, and says
 * where. Until the last step nothing is different; a crash leaves a folder that the next start removes.
 */
export async function stage(options: {
  dataDir: string
  path: string
  passphrase: string
  vault: ListedVault
  keepAside(): Promise<string>
}): Promise<Plan> {
  const { dataDir, path, passphrase, vault } = options
  const mark = randomBytes(6).toString('hex')
  const folder = join(dataDir, `${staged}.${mark}`)
  const keyName = `${ofRestore}${mark}`
  await mkdir(folder, { mode: 0o700 })
  try {
    const { about, secrets, files } = await readWhole(path, passphrase, (name) => join(folder, name))
    const facts = opened(join(folder, 'drawbridge.db'), (db) => prepare(db, about.facts))
    const key = randomBytes(32)
    await vault.set(keyName, key.toString('base64'))
    await writeFileAtomically(join(folder, secretsFile), seal(secrets, { name: 'key-file' }, key))
    const plan: Plan = { facts, aside: await options.keepAside(), files, key: keyName }
    await writeFileAtomically(join(folder, planFile), JSON.stringify(plan))
    await rm(join(dataDir, staged), { recursive: true, force: true })
    await rename(folder, join(dataDir, staged))
    return plan
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    await vault.delete(keyName).catch(() => {})
    throw error
  }
}

/** What does not hold on this computer. Gives what is in it. */
function prepare(db: Database, facts: BackupFacts): BackupFacts {
  const settings = createSettings(db)
  settings.set(elsewhereSetting, facts.computer)
  // The log begins anew where it was left behind.
  if (!facts.log) settings.delete('activity.head')
  return { ...facts, ...countsOf(db) }
}

/** The database of a backup, which is looked at itself: what a backup says of it, anybody with the passphrase can have it say. */
function opened<T>(file: string, use: (db: Database) => T): T {
  const db: Database = new DatabaseSync(file)
  try {
    checkKnown({ steps: { 'drawbridge.db': Number(db.prepare('PRAGMA user_version').get()?.user_version) } })
    const found = db.prepare('PRAGMA quick_check(1)').get()?.quick_check
    if (found !== 'ok') throw new Error(String(found))
    // One file, that is moved as one.
    db.exec('PRAGMA journal_mode = DELETE')
    return use(db)
  } catch (error) {
    // What is wrong with the disk says nothing against the file.
    const said = asStorageError(error, file)
    throw isHostError(said) ? said : new HostError({ code: 'backup-damaged', detail: errorText(error) })
  } finally {
    db.close()
  }
}

/**
 * At the start, before any database is opened: puts what was laid ready in its place. Every step can be done again, so that a crash half-way is
 * made good by the next start. Null: nothing was laid ready. `tell`: once, with the settings that will be there. Throws HostError
 * `restore-locked`, and what vault and disk throw.
 */
export async function finishRestore(
  dataDir: string,
  vault: ListedVault,
  log: Log,
  tell: (plan: Plan, carried: Carried, settings: Settings) => void = () => {},
): Promise<Plan | null> {
  const folder = join(dataDir, staged)
  for (const name of await readdir(dataDir))
    if (unfinished.test(name)) await rm(join(dataDir, name), { recursive: true, force: true })
  if (!existsSync(join(folder, planFile))) return null
  const plan = Plan.parse(JSON.parse(await readFile(join(folder, planFile), 'utf8')))
  log.info('restore.begins', { madeAt: plan.facts.madeAt })
  if (existsSync(join(folder, secretsFile))) {
    const secrets = await secretsIn(join(folder, secretsFile), vault, plan.key)
    const situation = await situationOf(vault, secrets)
    const files = { here: join(dataDir, 'drawbridge.db'), restored: join(folder, 'drawbridge.db') }
    const told = (carried: Carried, settings: Settings) => tell(plan, carried, settings)
    // With the secrets that are here: afterwards nobody can say any more whose backup it was.
    if (existsSync(files.restored)) carryOver(files, situation, plan.key, told, log)
    await restoreSecrets(secrets, vault, plan.key)
    await rm(join(folder, secretsFile))
  }
  await putInPlace(dataDir, folder, plan.files)
  await vault.delete(plan.key)
  const done = join(dataDir, `${staged}.${randomBytes(6).toString('hex')}`)
  await rename(folder, done)
  await rm(done, { recursive: true, force: true })
  log.info('restore.done')
  return plan
}

async function putInPlace(dataDir: string, folder: string, files: readonly string[]): Promise<void> {
  for (const name of Object.keys(databases)) {
    const from = join(folder, name)
    if (files.includes(name) && !existsSync(from)) continue
    // What belongs to the old one must not be read with the new one.
    for (const beside of ['-wal', '-shm', '-tail']) await rm(join(dataDir, name + beside), { force: true })
    if (files.includes(name)) await rename(from, join(dataDir, name))
    else await rm(join(dataDir, name), { force: true })
  }
  // Made anew from the folders that are named now.
  for (const beside of ['-wal', '-shm', '']) await rm(join(dataDir, `folders.db${beside}`), { force: true })
}

async function secretsIn(file: string, vault: ListedVault, keyName: string): Promise<Map<string, string>> {
  const key = await vault.get(keyName)
  if (key === null) throw new HostError({ code: 'restore-locked' })
  return unseal(VaultFile.parse(JSON.parse(await readFile(file, 'utf8'))), Buffer.from(key, 'base64'))
}

/** Keys of the authorization server that were made since stay: they were made so that nothing older opens anything. */
async function situationOf(vault: ListedVault, secrets: Map<string, string>) {
  const isSame = secrets.has(logKey) && (await vault.get(logKey)) === secrets.get(logKey)
  const keys = isSame ? await vault.get(serverKeys) : null
  const isRenewed = keys !== null && secrets.get(serverKeys) !== keys
  if (isRenewed) secrets.set(serverKeys, keys)
  return { isSame, isRenewed }
}

async function restoreSecrets(
  secrets: ReadonlyMap<string, string>,
  vault: ListedVault,
  keyName: string,
): Promise<void> {
  for (const [name, value] of secrets) if (name !== logKey) await vault.set(name, value)
  for (const name of (await vault.all()).keys())
    if (!secrets.has(name) && name !== keyName) await vault.delete(name)
  // Last: until then it can be seen whether the backup is of another Drawbridge.
  const ours = secrets.get(logKey)
  if (ours !== undefined) await vault.set(logKey, ours)
}
