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
import { writeBackup } from './backup-file.ts'
import { contentsOf, type Sources } from './contents.ts'
import { type Plan, readWhole, stage } from './staged-restore.ts'

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
    this.#folder = join(deps.dataDir, 'backups')
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
    if (known === null) await this.#turns.take(() => this.#tidy())
    const id = known ?? newId('backup')
    const path = known === null ? join(this.#folder, id) : this.#known(id)
    try {
      const file = await open(path, known === null ? 'ax' : 'a', 0o600)
      try {
        if ((await file.stat()).size > largest) throw new HostError({ code: 'backup-not-one' })
        await file.appendFile(Buffer.from(data, 'base64'))
      } finally {
        await file.close()
      }
    } catch (error) {
      throw asStorageError(error, path)
    }
    return { id }
  }

  async look(id: string, passphrase: string): Promise<BackupFacts> {
    const path = this.#known(id)
    return this.#turns.take(async () => (await readWhole(path, passphrase, null)).about.facts)
  }

  /** Lays it ready for the next start. */
  async restore(id: string, passphrase: string): Promise<Plan> {
    const path = this.#known(id)
    return this.#turns.take(async () => {
      const { dataDir, vault, log } = this.#deps
      const plan = await stage({
        ...{ dataDir, path, passphrase, vault },
        keepAside: () => this.#keepAside(passphrase),
      })
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
