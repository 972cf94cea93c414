import { chmodSync, closeSync, existsSync, openSync, renameSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { HostError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log/log.ts'
import { inTransaction } from './in-transaction.ts'
import { callLogSteps, migrations, timelineSteps } from './migrations.ts'
import { asideName, asStorageError, sqliteCode } from './storage-errors.ts'

/** SQLite as Node brings it. Statements are prepared by the rooms that need them. */
export type Database = DatabaseSync

export interface OpenedDatabase {
  db: Database
  /** Where a damaged database was set aside, when that happened. */
  setAside: string | null
}

/**
 * Opens the database at `file` (WAL, 5 s busy timeout), brings it up to date and keeps a copy before it does. A damaged
 * file is never overwritten: it is set aside under a name with the date, and a new one is begun. Throws HostError
 * `data-folder-unwritable`, `disk-full`, `database-busy` or `database-newer`.
 */
export function openDatabase(
  file: string,
  log: Log,
  now: () => number = Date.now,
  steps: readonly string[] = migrations,
): OpenedDatabase {
  return openOrSetAside(file, log, now, () => openAndMigrate(file, log, now, steps))
}

/**
 * The same for the log of calls, which has a file of its own that nobody else can open meanwhile: half of what a commit cost was to ask
 * whether somebody had. `main`: where earlier versions kept the log; its rows move.
 */
export function openCallLog(
  file: string,
  log: Log,
  now: () => number = Date.now,
  main: Database | null = null,
): OpenedDatabase {
  return openOrSetAside(file, log, now, () => {
    const db = openAndMigrate(file, log, now, callLogSteps, { isAlone: true })
    try {
      if (main !== null) takeOver(main, db)
      return db
    } catch (error) {
      db.close()
      throw error
    }
  })
}

/**
 * The same for the timeline, which is opened when it is first needed, while calls run: to read all of a million events first, only to
 * know that they are whole, would hold everybody.
 */
export function openTimeline(file: string, log: Log, now: () => number = Date.now): OpenedDatabase {
  return openUnread(file, log, now, timelineSteps, false)
}

/**
 * One of a room's own that may be large: opened while calls run, without reading all of it first. Nobody else opens it meanwhile.
 * `keepsCopy`: before it is changed; of a million events that alone takes seconds.
 */
export function openUnread(
  file: string,
  log: Log,
  now: () => number,
  steps: readonly string[],
  keepsCopy = true,
): OpenedDatabase {
  return openOrSetAside(file, log, now, () =>
    openAndMigrate(file, log, now, steps, { isAlone: true, isChecked: false, keepsCopy }),
  )
}

function openOrSetAside(file: string, log: Log, now: () => number, open: () => Database): OpenedDatabase {
  try {
    return { db: open(), setAside: null }
  } catch (error) {
    if (!isDamage(error)) throw asStorageError(error, file)
    log.error('database.damaged', { file, error })
    try {
      const setAside = asideName(file, now(), existsSync)
      // What is not in the file yet is in the other two: they belong together.
      for (const suffix of ['-wal', '-shm', '-tail', ''])
        if (existsSync(file + suffix)) renameSync(file + suffix, setAside + suffix)
      log.warn('database.set-aside', { setAside })
      return { db: open(), setAside }
    } catch (error) {
      throw asStorageError(error, file)
    }
  }
}

function openAndMigrate(
  file: string,
  log: Log,
  now: () => number,
  steps: readonly string[],
  { isAlone = false, isChecked = true, keepsCopy = true } = {},
): Database {
  // Made private before SQLite opens it: the files beside it take over its mode.
  closeSync(openSync(file, 'a', 0o600))
  makePrivate(file)
  const db = new DatabaseSync(file)
  try {
    // First, so that WAL needs no file for what several would share (sqlite.org/wal.html, 8).
    if (isAlone) db.exec('PRAGMA main.locking_mode = EXCLUSIVE')
    db.exec(
      'PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;',
    )
    if (isChecked) check(db)
    migrate(db, keepsCopy ? file : null, log, now, steps)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

function check(db: Database): void {
  const { quick_check: health } = db.prepare('PRAGMA quick_check(1)').get() as { quick_check: string }
  if (health !== 'ok') throw Object.assign(new Error(`quick_check: ${health}`), { errcode: 11 })
}

/** `file`: where a copy is kept beside it, if one is. */
function migrate(
  db: Database,
  file: string | null,
  log: Log,
  now: () => number,
  steps: readonly string[],
): void {
  const from = versionOf(db)
  if (from > steps.length) {
    throw new HostError({
      code: 'database-newer',
      detail: `user_version ${from}, known ${steps.length}`,
    })
  }
  if (from === steps.length) return
  if (from > 0 && file !== null)
    keepCopy(db, `${file}.before-${steps.length}-${new Date(now()).toISOString().slice(0, 10)}`, log)
  for (let step = from; step < steps.length; step += 1) {
    inTransaction(db, () => {
      // Asked again inside the transaction: another process may have been faster.
      if (versionOf(db) !== step) return
      db.exec(steps[step]!)
      db.exec(`PRAGMA user_version = ${step + 1}`)
    })
  }
  log.info('database.migrated', { from, to: steps.length })
}

const versionOf = (db: Database): number =>
  (db.prepare('PRAGMA user_version').get() as { user_version: number }).user_version

/** The first copy of a day stays: a second attempt must not replace it with something half migrated. */
function keepCopy(db: Database, copy: string, log: Log): void {
  if (existsSync(copy)) return
  // Under its own name only once complete; under one of this process until then, should another open it too.
  const unfinished = `${copy}.${process.pid}.tmp`
  rmSync(unfinished, { force: true })
  closeSync(openSync(unfinished, 'a', 0o600))
  db.prepare('VACUUM INTO ?').run(unfinished)
  renameSync(unfinished, copy)
  log.info('database.copied', { copy })
}

/** A file that belongs to somebody else keeps its mode; whether we can write it shows later. */
function makePrivate(file: string): void {
  try {
    chmodSync(file, 0o600)
  } catch {}
}

/** SQLITE_CORRUPT 11, SQLITE_NOTADB 26 */
const isDamage = (error: unknown): boolean => [11, 26].includes(sqliteCode(error) ?? 0)

/** Moves the log of calls out of the database that held it up to step 9. Done again, it does nothing twice. */
function takeOver(main: Database, callLog: Database): void {
  if (main.prepare("SELECT 1 FROM sqlite_master WHERE name = 'calls'").get() === undefined) return
  callLog.prepare('ATTACH ? AS old').run(main.location())
  const columns =
    'seq, at, grant_id, client_name, tool, source, risk, decision, outcome, duration, error, arguments, result'
  try {
    callLog.exec(`INSERT OR IGNORE INTO calls (${columns}) SELECT ${columns} FROM old.calls`)
  } finally {
    callLog.exec('DETACH old')
  }
  main.exec('DROP TABLE calls; DROP TABLE calls_unindexed; DROP TABLE IF EXISTS calls_index')
}
