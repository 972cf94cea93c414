import { randomBytes } from 'node:crypto'
import { createWriteStream, existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { pipeline } from 'node:stream/promises'
import * as z from 'zod'
import { BackupFacts } from '../../contract/backup.ts'
import { HostError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log/log.ts'
import { writeFileAtomically } from '../atomic-file.ts'
import type { Database } from '../database/database.ts'
import { createSettings } from '../settings.ts'
import type { ListedVault } from '../vault/vault.ts'
import { seal, unseal, VaultFile } from '../vault/vault-cipher.ts'
import { readBackup } from './backup-file.ts'
import { About, checkKnown, databases, isDatabase, ofRestore, Secrets } from './contents.ts'

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

/** Reads a backup to its end; with a folder, writes the databases into it. Throws what `readBackup` throws, and `backup-newer`. */
export async function readWhole(path: string, passphrase: string, folder: string | null): Promise<Given> {
  let about: About | null = null
  let secrets: Map<string, string> | null = null
  const files: string[] = []
  for await (const { name, size, data } of readBackup(path, passphrase)) {
    if (name === 'about.json') {
      about = About.parse(await jsonOf(size, data))
      checkKnown(about)
    } else if (name === secretsFile) secrets = new Map(Secrets.parse(await jsonOf(size, data)))
    else if (!isDatabase(name) || about === null || files.includes(name))
      throw new HostError({ code: 'backup-damaged', detail: name.slice(0, 40) })
    else {
      files.push(name)
      if (folder !== null)
        await pipeline(data, createWriteStream(join(folder, name), { flags: 'wx', mode: 0o600, flush: true }))
    }
  }
  if (about === null || secrets === null || !files.includes('drawbridge.db'))
    throw new HostError({ code: 'backup-damaged', detail: 'not everything is there' })
  return { about, secrets, files }
}

async function jsonOf(size: number, data: AsyncIterable<Uint8Array>): Promise<unknown> {
  if (size > largestHeld) throw new HostError({ code: 'backup-damaged', detail: `${size} bytes` })
  const parts: Uint8Array[] = []
  for await (const part of data) parts.push(part)
  return JSON.parse(Buffer.concat(parts).toString('utf8'))
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
    const { about, secrets, files } = await readWhole(path, passphrase, folder)
    await prepare(join(folder, 'drawbridge.db'), about)
    const key = randomBytes(32)
    await vault.set(keyName, key.toString('base64'))
    await writeFileAtomically(join(folder, secretsFile), seal(secrets, { name: 'key-file' }, key))
    const plan: Plan = { facts: about.facts, aside: await options.keepAside(), files, key: keyName }
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

/** What does not hold on this computer. */
async function prepare(file: string, { facts }: About): Promise<void> {
  const db: Database = new DatabaseSync(file)
  try {
    // One file, that is moved as one.
    db.exec('PRAGMA journal_mode = DELETE')
    const settings = createSettings(db)
    settings.set(elsewhereSetting, facts.computer)
    // The log begins anew where it was left behind.
    if (!facts.log) settings.delete('activity.head')
  } finally {
    db.close()
  }
}

/**
 * At the start, before any database is opened: puts what was laid ready in its place. Every step can be done again, so that a crash half-way is
 * made good by the next start. Null: nothing was laid ready. Throws HostError `restore-locked`, and what vault and disk throw.
 */
export async function finishRestore(dataDir: string, vault: ListedVault, log: Log): Promise<Plan | null> {
  const folder = join(dataDir, staged)
  for (const name of await readdir(dataDir))
    if (unfinished.test(name)) await rm(join(dataDir, name), { recursive: true, force: true })
  if (!existsSync(join(folder, planFile))) return null
  const plan = Plan.parse(JSON.parse(await readFile(join(folder, planFile), 'utf8')))
  log.info('restore.begins', { madeAt: plan.facts.madeAt })
  if (existsSync(join(folder, secretsFile))) await restoreSecrets(join(folder, secretsFile), vault, plan.key)
  for (const name of Object.keys(databases)) {
    const from = join(folder, name)
    if (plan.files.includes(name) && !existsSync(from)) continue
    // What belongs to the old one must not be read with the new one.
    for (const beside of ['-wal', '-shm', '-tail']) await rm(join(dataDir, name + beside), { force: true })
    if (plan.files.includes(name)) await rename(from, join(dataDir, name))
    else await rm(join(dataDir, name), { force: true })
  }
  // Made anew from the folders that are named now.
  for (const beside of ['-wal', '-shm', '']) await rm(join(dataDir, `folders.db${beside}`), { force: true })
  await vault.delete(plan.key)
  const done = join(dataDir, `${staged}.${randomBytes(6).toString('hex')}`)
  await rename(folder, done)
  await rm(done, { recursive: true, force: true })
  log.info('restore.done')
  return plan
}

async function restoreSecrets(file: string, vault: ListedVault, keyName: string): Promise<void> {
  const key = await vault.get(keyName)
  if (key === null) throw new HostError({ code: 'restore-locked' })
  const secrets = unseal(
    VaultFile.parse(JSON.parse(await readFile(file, 'utf8'))),
    Buffer.from(key, 'base64'),
  )
  for (const [name, value] of secrets) await vault.set(name, value)
  for (const name of (await vault.all()).keys())
    if (!secrets.has(name) && name !== keyName) await vault.delete(name)
  await rm(file)
}
