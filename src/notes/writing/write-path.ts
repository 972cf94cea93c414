import { join, sep } from 'node:path'
import { HostError } from '../../kernel/errors.ts'
import { leftOutByPath } from '../index/left-out.ts'
import { kindOf } from '../text/kinds.ts'

/** What Windows forbids in names, and what would show them in another order than they are: a file may get to any system. */
const odd = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069\\:*?"<>|]|[. ]$|^ /u
const devices = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i
const most = { depth: 64, name: 200 }

/**
 * Checks a path within a folder, with `/`, for something to be changed or made there: no way out, and nothing that stays out of what
 * assistants see, however it is written. `isNew`: there is nothing of this name yet. Throws HostError.
 */
export function checkPath(
  path: string,
  folder: { path: string; excludes: readonly string[] },
  dataDir: string,
  isNew: boolean,
): void {
  const names = path.split('/')
  const isStrange = isNew || process.platform === 'win32'
  const isWrong = (name: string) =>
    name === '' || name === '.' || name === '..' || name.includes('\0') || (isStrange && isOdd(name))
  if (names.length > most.depth || names.some(isWrong))
    throw new HostError({ code: 'write-path', params: { path } })
  const lower = folder.excludes.map((one) => one.toLowerCase())
  const whole = join(folder.path, ...names)
  if (
    leftOutByPath(path, folder.excludes) !== null ||
    leftOutByPath(path.toLowerCase(), lower) !== null ||
    whole === dataDir ||
    whole.startsWith(dataDir + sep)
  )
    throw new HostError({ code: 'write-left-out', params: { path } })
}

const isOdd = (name: string): boolean =>
  odd.test(name) || devices.test(name) || Buffer.byteLength(name) > most.name

/** Only texts: nothing that a program would run or a page would show. */
export function checkNote(path: string): void {
  const kind = kindOf(path)
  if (kind !== 'markdown' && kind !== 'text') throw new HostError({ code: 'write-kind', params: { path } })
}

/** A document stays of the kind it is. */
export function checkMove(from: string, to: string): void {
  const end = (path: string) => /\.[^./]*$/.exec(path)?.[0].toLowerCase()
  if (kindOf(from) === null || end(from) !== end(to))
    throw new HostError({ code: 'write-kind', says: 'move-kind', params: { path: to } })
}

/** Only what assistants can read comes in. */
export function checkCopy(from: string, to: string): void {
  if (kindOf(from) === null)
    throw new HostError({ code: 'write-kind', says: 'upload-kind', params: { path: from } })
  checkMove(from, to)
}

export function splitPath(path: string): { dir: string; name: string } {
  const at = path.lastIndexOf('/')
  return { dir: path.slice(0, Math.max(0, at)), name: path.slice(at + 1) }
}
