import { realpath, stat } from 'node:fs/promises'
import { homedir, userInfo } from 'node:os'
import { basename, dirname, join, parse, resolve, sep } from 'node:path'
import { HostError } from '../kernel/errors.ts'
import type { IndexedFolder } from './index/protocol.ts'

/**
 * The real path of a folder that may be added. Throws HostError `folder-not-found`, `folder-not-allowed` or `folder-overlaps`.
 */
export async function checkFolder(
  wanted: string,
  known: readonly Pick<IndexedFolder, 'path' | 'name'>[],
  dataDir: string,
): Promise<string> {
  const path = await realpath(fromHome(wanted)).catch(() => null)
  if (path === null || !(await stat(path).catch(() => null))?.isDirectory())
    throw new HostError({ code: 'folder-not-found', params: { path: wanted } })
  if (path === parse(path).root || isNobodys(path, dataDir))
    throw new HostError({ code: 'folder-not-allowed', params: { path } })
  // A folder that begins with a dot is one that programs keep keys and settings in.
  if (path.split(sep).some((part) => part.startsWith('.')))
    throw new HostError({ code: 'folder-not-allowed', says: 'folder-hidden', params: { path } })
  const other = known.find((one) => isWithin(path, one.path) || isWithin(one.path, path))
  if (other) throw new HostError({ code: 'folder-overlaps', params: { name: other.name } })
  return path
}

/** What assistants call it: its own name, with a number where there is one already. */
export function nameFor(path: string, taken: readonly string[]): string {
  const plain =
    basename(path)
      .replace(/[\p{C}\p{Zl}\p{Zp}/]/gu, ' ')
      .trim() || 'Folder'
  let name = plain
  for (let n = 2; taken.includes(name); n += 1) name = `${plain} ${n}`
  return name
}

/** It is in Drawbridge's own data, or the system's. */
export const isNobodys = (path: string, dataDir: string): boolean =>
  isWithin(path, dataDir) || (system.some((one) => isWithin(path, one)) && !isOnOwnDisk(path))

/** A disk that somebody plugs in is mounted at `/run/media/USER/DISK` for whoever sits there (udisks), where it is not below `/media`. */
function isOnOwnDisk(path: string): boolean {
  const [, user, disk] = /^\/run\/media\/([^/]+)\/([^/]+)/.exec(path) ?? []
  try {
    return disk !== undefined && user === userInfo().username
  } catch {
    // This computer does not know who we are.
    return false
  }
}

/** What the system itself shows as files, or keeps in them. */
const system =
  process.platform === 'win32' ? ['C:\\Windows'] : ['/dev', '/proc', '/sys', '/run', '/etc', '/boot']

export const isWithin = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder + sep)

export const fromHome = (path: string): string =>
  path === '~' || path.startsWith('~/') ? join(homedir(), path.slice(1)) : resolve(path)

export const parentOf = (path: string): string | null => (dirname(path) === path ? null : dirname(path))
