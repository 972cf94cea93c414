import { closeSync, openSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { HostError } from '../kernel/errors.ts'
import { asStorageError, sqliteCode } from './database/storage-errors.ts'
import { makeFolder } from './make-folder.ts'
import { checkOwnFolder } from './own-folder.ts'

export interface InstanceLock {
  release(): void
}

/** Keeps the connections of held locks alive: a collected one would give its lock back. */
const heldLocks = new Set<DatabaseSync>()

/**
 * One host per data folder, which is made if need be. The lock is an open exclusive transaction on a small SQLite file:
 * the operating system takes it away when the process ends, however it ends, so there is no stale lock to clean up.
 * Throws HostError `already-running`, `data-folder-unwritable`, `disk-full` or `data-folder-shared`.
 */
export function acquireInstanceLock(dataDir: string): InstanceLock {
  const file = join(dataDir, 'lock.db')
  try {
    checkOwnFolder(dataDir)
    makeFolder(dataDir)
    closeSync(openSync(file, 'a', 0o600))
    const db = lock(file)
    heldLocks.add(db)
    return {
      release() {
        if (heldLocks.delete(db)) db.close()
      },
    }
  } catch (error) {
    throw asStorageError(error, file)
  }
}

function lock(file: string, emptied = false): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: 0 })
  try {
    // No journal beside it: a disk that is full must not keep anybody from starting, and from making room.
    db.exec('PRAGMA journal_mode = MEMORY')
    db.exec('BEGIN EXCLUSIVE')
    return db
  } catch (error) {
    db.close()
    // SQLITE_BUSY 5
    if (sqliteCode(error) === 5) {
      throw new HostError({
        code: 'already-running',
        detail: file,
        cause: error,
      })
    }
    // SQLITE_CORRUPT 11, SQLITE_NOTADB 26: nobody can hold a lock on rubbish, and it holds nothing of value. Emptied in
    // place, because a file that is replaced could be locked twice.
    if (!emptied && [11, 26].includes(sqliteCode(error) ?? 0)) {
      truncateSync(file, 0)
      return lock(file, true)
    }
    throw error
  }
}
