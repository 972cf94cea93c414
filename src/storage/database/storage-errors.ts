import { rmSync, writeFileSync } from 'node:fs'
import { HostError } from '../../kernel/errors.ts'

/** SQLite's primary result code, sqlite.org/rescode.html; undefined for other errors. */
export const sqliteCode = (error: unknown): number | undefined => {
  const code = (error as { errcode?: unknown } | null)?.errcode
  return typeof code === 'number' ? code & 0xff : undefined
}

/** SQLITE_PERM 3, SQLITE_READONLY 8, SQLITE_IOERR 10, SQLITE_FULL 13, SQLITE_CANTOPEN 14 */
const unwritableCodes = [3, 8, 10, 13, 14]
const unwritableErrnos =
  /^(EACCES|EPERM|EROFS|ENOSPC|EDQUOT|ENOTDIR|EEXIST|EISDIR|ENOENT|EIO|ELOOP|ENAMETOOLONG|EINVAL)$/

/** The file system takes nothing: it is full, or cannot be written. */
export function isUnwritable(error: unknown): boolean {
  const code = sqliteCode(error)
  const errno = (error as { code?: unknown } | null)?.code
  return (
    (code !== undefined && unwritableCodes.includes(code)) ||
    (typeof errno === 'string' && unwritableErrnos.test(errno))
  )
}

/** Bytes: with less, SQLite cannot make the files beside a database. */
const leastRoom = 65_536

const isFullErrno = (error: unknown): boolean =>
  ['ENOSPC', 'EDQUOT'].includes(String((error as { code?: unknown } | null)?.code))

/** It is room that is missing, which may come back; of that SQLite often says only that writing or opening failed. */
function isFull(error: unknown, path: string): boolean {
  const code = sqliteCode(error)
  return isFullErrno(error) || code === 13 || ((code === 10 || code === 14) && hasNoRoom(path))
}

/** Tried, because what a file system says of itself knows neither quotas nor that it is read-only. */
function hasNoRoom(path: string): boolean {
  const tried = `${path}.${process.pid}.room`
  try {
    writeFileSync(tried, new Uint8Array(leastRoom), { flag: 'wx', mode: 0o600 })
    return false
  } catch (error) {
    return isFullErrno(error)
  } finally {
    rmSync(tried, { force: true })
  }
}

/** The error that people read when a file of the data folder cannot be written; other errors stay as they are. */
export function asStorageError(error: unknown, path: string): unknown {
  if (error instanceof HostError) return error
  const code = sqliteCode(error)
  // SQLITE_BUSY 5, SQLITE_LOCKED 6
  if (code === 5 || code === 6) {
    return new HostError({
      code: 'database-busy',
      detail: path,
      cause: error,
    })
  }
  if (isUnwritable(error)) {
    return new HostError({
      code: isFull(error, path) ? 'disk-full' : 'data-folder-unwritable',
      detail: path,
      cause: error,
    })
  }
  return error
}

/** A name beside `file` for a copy that was set aside, with the date; never one that is taken. */
export function asideName(file: string, now: number, isTaken: (name: string) => boolean): string {
  const base = `${file}.damaged-${new Date(now).toISOString().replace(/[:.]/g, '-')}`
  let name = base
  for (let n = 2; isTaken(name); n += 1) name = `${base}-${n}`
  return name
}
