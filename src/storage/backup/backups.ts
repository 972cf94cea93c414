import { existsSync } from 'node:fs'
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { BackupFacts, backupApi } from '../../contract/backup.ts'
import { backupPart } from '../../contract/backup.ts'
import type { HandlersOf } from '../../contract/definition.ts'
import { HostError } from '../../kernel/errors.ts'
import { newId } from '../../kernel/ids.ts'
import type { Log } from '../../kernel/log/log.ts'
import { Turns } from '../../kernel/turns.ts'
import { asStorageError } from '../database/storage-errors.ts'
import { checkBegins, writeBackup } from './backup-file.ts'
import { contentsOf, isDatabase, type Sources } from './contents.ts'
import { lookAt, type Plan, stage } from './staged-restore.ts'

/** In the data folder. */
const folderName = 'backups'
/** Files that nobody fetched or restored. */
const keepFor = 3_600_000
/** Bytes that are taken from somebody who hands over a backup. */
const largest = 20_000_000_000

export interface BackupDeps extends Sources {
  log: Log
  /** For tests. */
  cost?: number
}

/** Backups on their way: made here and not fetched yet, or handed over and not restored yet. They lie, encrypted, in a folder of the data folder. */
export class Backups {
  readonly #deps: BackupDeps
  readonly #folder: string
  /** One at a time: each reads and writes all there is. */
  readonly #turns = new Turns()

  constructor(deps: BackupDeps) {
    this.#deps = deps
    this.#folder = join(deps.dataDir, folderName)
  }

  async create(passphrase: string, log: boolean): Promise<{ id: string; bytes: number }> {
    const id = newId('backup')
    return this.#turns.take(async () => {
      await this.#tidy()
      return { id, bytes: await this.#write(join(this.#folder, id), passphrase, log) }
    })
  }

  async read(id: string, from: number): Promise<{ data: string; next: number | null }> {
    const file = await open(this.#known(id), 'r')
    try {
      const { size } = await file.stat()
      const { bytesRead, buffer } = await file.read(Buffer.alloc(backupPart), 0, backupPart, from)
      const next = from + bytesRead
      return {
        data: buffer.toString('base64', 0, bytesRead),
        next: bytesRead > 0 && next < size ? next : null,
      }
    } finally {
      await file.close()
    }
  }

  async put(known: string | null, data: string): Promise<{ id: string }> {
    const part = Buffer.from(data, 'base64')
    if (known === null) {
      // Before any of it is kept: a wrong file may be larger than the disk.
      checkBegins(part)
      await this.#turns.take(() => this.#tidy())
    }
    const id = known ?? newId('backup')
    const path = known === null ? join(this.#folder, id) : this.#known(id)
    try {
      await append(path, part, known === null)
    } catch (error) {
      // Half of it is of no use, and may be what fills the disk.
      await this.discard(id).catch(() => {})
      throw asStorageError(error, path)
    }
    return { id }
  }

  async look(id: string, passphrase: string): Promise<BackupFacts> {
    const path = this.#known(id)
    return this.#turns.take(() => lookAt(path, passphrase, this.#folder).catch(saidOf(path)))
  }

  /** Lays it ready for the next start. */
  async restore(id: string, passphrase: string): Promise<Plan> {
    const path = this.#known(id)
    return this.#turns.take(async () => {
      const { dataDir, vault, log } = this.#deps
      const plan = await stage({
        ...{ dataDir, path, passphrase, vault },
        keepAside: () => this.#keepAside(passphrase),
      }).catch(saidOf(path))
      await rm(path, { force: true })
      log.warn('backup.to-be-restored', { madeAt: plan.facts.madeAt, aside: plan.aside })
      return plan
    })
  }

  async discard(id: string): Promise<void> {
    await rm(join(this.#folder, id), { force: true })
  }

  /** With all there is: nobody knows yet what will be missed. */
  async #keepAside(passphrase: string): Promise<string> {
    const { dataDir, now } = this.#deps
    const base = join(dataDir, `before-restore-${new Date(now()).toISOString().slice(0, 10)}`)
    let path = `${base}.drawbridge-backup`
    for (let n = 2; existsSync(path); n += 1) path = `${base}-${n}.drawbridge-backup`
    await this.#write(path, passphrase, true)
    return path
  }

  #write(path: string, passphrase: string, withLog: boolean): Promise<number> {
    const entries = contentsOf(this.#deps, withLog, this.#folder)
    return writeBackup({ path, passphrase, entries, cost: this.#deps.cost })
  }

  #known(id: string): string {
    const path = join(this.#folder, id)
    if (existsSync(path)) return path
    throw new HostError({ code: 'backup-gone' })
  }

  async #tidy(): Promise<void> {
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 })
      for (const name of await readdir(this.#folder)) {
        if (!isOurs(name)) continue
        const path = join(this.#folder, name)
        const { mtimeMs } = await stat(path)
        // A copy of a database is there only while it is read, in a turn of its own.
        if (!name.startsWith('backup_') || mtimeMs + keepFor < Date.now()) await rm(path, { force: true })
      }
    } catch (error) {
      throw asStorageError(error, this.#folder)
    }
  }
}

const saidOf = (path: string) => (error: unknown) => {
  throw asStorageError(error, path)
}

async function append(path: string, part: Buffer, isFirst: boolean): Promise<void> {
  const file = await open(path, isFirst ? 'ax' : 'a', 0o600)
  try {
    if ((await file.stat()).size > largest) throw new HostError({ code: 'backup-not-one' })
    await file.appendFile(part)
  } finally {
    await file.close()
  }
}

/**
 * At the start, when the data folder is this host's alone: a Drawbridge that was killed left backups on their way and copies of databases, and with a full disk
 * nothing else could be opened. What somebody else put there stays. Throws nothing: whoever makes the next backup is told what is wrong with the folder.
 */
export async function tidyBackups(dataDir: string): Promise<void> {
  const folder = join(dataDir, folderName)
  const inside = (await readdir(folder).catch(() => [])).filter(isOurs).map((name) => join(folder, name))
  const aside = (await readdir(dataDir)).filter((name) => asideUnfinished.test(name))
  for (const path of [...inside, ...aside.map((name) => join(dataDir, name))])
    await rm(path, { force: true }).catch(() => {})
}

/** A backup that is kept aside, while it is written. */
const asideUnfinished = /^before-restore-.+\.drawbridge-backup\.[0-9a-f]{12}\.tmp$/

/** Of what lies in the folder; somebody may have put a backup of theirs there. */
const isOurs = (name: string): boolean =>
  /^(?:backup_|look-)/.test(name) || isDatabase(name.replace(/-(journal|wal|shm)$/, ''))

/** `restart`: undefined where somebody has to start Drawbridge again by hand. */
export const backupHandlers = (
  backups: Backups,
  restart: (() => void) | undefined,
): HandlersOf<typeof backupApi> => ({
  'backup.create': ({ passphrase, log }) => backups.create(passphrase, log),
  'backup.read': ({ id, from }) => backups.read(id, from),
  'backup.put': ({ id, data }) => backups.put(id, data),
  'backup.look': ({ id, passphrase }) => backups.look(id, passphrase),
  'backup.restore': async ({ id, passphrase }) => {
    const { facts, aside } = await backups.restore(id, passphrase)
    restart?.()
    return { facts, aside, restarts: restart !== undefined }
  },
  'backup.discard': ({ id }) => backups.discard(id),
})
