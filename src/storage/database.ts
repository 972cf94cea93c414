import { chmodSync, existsSync, renameSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { HostError } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'
import { migrations } from './migrations.ts'

/** SQLite as Node brings it. Statements are prepared by the rooms that need them. */
export type Database = DatabaseSync

export interface OpenedDatabase {
  db: Database
  /** Where a damaged database was set aside, when that happened. */
  setAside: string | null
}

/**
 * Opens the database at `file` (WAL, 5 s busy timeout), brings it up to date and keeps a copy before it does. A damaged
 * file is never overwritten: it is set aside under a name with the date, and a new one is begun.
 */
export function openDatabase(file: string, log: Log, now: () => number = Date.now): OpenedDatabase {
  try {
    return { db: openAndMigrate(file, log, now), setAside: null }
  } catch (error) {
    if (!isDamage(error)) throw asHostError(error, file)
    const setAside = `${file}.damaged-${new Date(now()).toISOString().replace(/[:.]/g, '-')}`
    log.error('database.damaged', { file, setAside, error })
    renameSync(file, setAside)
    for (const suffix of ['-wal', '-shm'])
      if (existsSync(file + suffix)) renameSync(file + suffix, setAside + suffix)
    return { db: openAndMigrate(file, log, now), setAside }
  }
}

function openAndMigrate(file: string, log: Log, now: () => number): Database {
  const db = new DatabaseSync(file)
  try {
    db.exec(
      'PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;',
    )
    chmodSync(file, 0o600)
    const { quick_check: health } = db.prepare('PRAGMA quick_check(1)').get() as { quick_check: string }
    if (health !== 'ok') throw Object.assign(new Error(`quick_check: ${health}`), { errcode: 11 })
    migrate(db, file, log, now)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

function migrate(db: Database, file: string, log: Log, now: () => number): void {
  const { user_version: version } = db.prepare('PRAGMA user_version').get() as { user_version: number }
  if (version > migrations.length) {
    throw new HostError({
      code: 'database-newer',
      message: 'Your data was last used by a newer version of Drawbridge.',
      hint: 'Install the newest Drawbridge and start it again. Nothing was changed.',
      detail: `user_version ${version}, known ${migrations.length}`,
    })
  }
  if (version === migrations.length) return
  if (version > 0) {
    const copy = `${file}.before-${migrations.length}-${new Date(now()).toISOString().slice(0, 10)}`
    if (!existsSync(copy)) db.prepare('VACUUM INTO ?').run(copy)
    log.info('database.copied', { copy })
  }
  for (let step = version; step < migrations.length; step += 1) {
    db.exec('BEGIN IMMEDIATE')
    try {
      db.exec(migrations[step]!)
      db.exec(`PRAGMA user_version = ${step + 1}`)
      db.exec('COMMIT')
    } catch (error) {
      db.exec('ROLLBACK')
      throw error
    }
  }
  log.info('database.migrated', { from: version, to: migrations.length })
}

/** SQLITE_CORRUPT (11) and SQLITE_NOTADB (26), sqlite.org/rescode.html. */
const isDamage = (error: unknown): boolean => {
  const code = (error as { errcode?: number }).errcode
  return code !== undefined && [11, 26].includes(code & 0xff)
}

function asHostError(error: unknown, file: string): unknown {
  if (error instanceof HostError) return error
  const code = (error as { errcode?: number }).errcode
  // SQLITE_READONLY 8, SQLITE_CANTOPEN 14, SQLITE_FULL 13
  if (code !== undefined && [8, 13, 14].includes(code & 0xff)) {
    return new HostError({
      code: 'data-folder-unwritable',
      message: 'Drawbridge cannot write to its data folder.',
      hint: 'Check that the folder belongs to you, is not read-only and that the disk is not full, then start again.',
      detail: file,
      cause: error,
    })
  }
  return error
}
