import { lstatSync, readFileSync, readlinkSync, type Stats } from 'node:fs'
import { dirname, join, parse, relative, resolve, sep } from 'node:path'
import { HostError } from '../kernel/errors.ts'

/** More links than that lead in a circle. */
const maxLinks = 40

/**
 * Throws HostError `data-folder-shared` when somebody else could put another folder in the place of this one, or files into it: it, or
 * one above it, belongs to another user or can be written to by everybody. A folder such as `/tmp`, in which everybody may only
 * touch what is theirs (the sticky bit), is fine above it. What does not exist yet is not looked at. Windows has its own rights,
 * which a user's folders have from above.
 */
export function checkOwnFolder(folder: string, uid: number | undefined = process.getuid?.()): void {
  if (uid === undefined) return
  let path = resolve(folder)
  for (let links = 0; links <= maxLinks; links += 1) {
    const next = look(path, uid)
    if (next === null) return
    path = next
  }
  throw new HostError({ code: 'data-folder-shared', says: 'data-folder-circle', params: { folder } })
}

/** Looks at each folder on the way, from the top. Where one is a link, the path that it leads to comes next. */
function look(path: string, uid: number): string | null {
  const { root } = parse(path)
  const names = relative(root, path).split(sep).filter(Boolean)
  let at = root
  for (let index = 0; index <= names.length; index += 1) {
    if (index > 0) at = join(at, names[index - 1]!)
    const found = lstatSync(at, { throwIfNoEntry: false })
    if (found === undefined) return null
    checkOwner(at, found, uid)
    if (found.isSymbolicLink()) return join(resolve(dirname(at), readlinkSync(at)), ...names.slice(index))
    checkMode(at, found, index === names.length)
  }
  return null
}

function checkOwner(at: string, { uid: owner }: Stats, uid: number): void {
  if (owner === uid || owner === 0 || (owner === nobody && isPartOfUsers())) return
  throw new HostError({ code: 'data-folder-shared', says: 'data-folder-theirs', params: { folder: at } })
}

function checkMode(at: string, { mode }: Stats, isLast: boolean): void {
  const everybody = (mode & 0o002) !== 0
  const onlyTheirs = (mode & 0o1000) !== 0
  if (!everybody || (onlyTheirs && !isLast)) return
  throw new HostError({ code: 'data-folder-shared', says: 'data-folder-open', params: { folder: at } })
}

/** How users are shown that a container does not have (user_namespaces(7)); among them is who owns its folders. */
const nobody = 65_534
function isPartOfUsers(): boolean {
  try {
    return !/^\s*0\s+0\s+4294967295\s*$/.test(readFileSync('/proc/self/uid_map', 'utf8'))
  } catch {
    return false
  }
}

/** Throws HostError `data-folder-link` when what is written to at this path would be written somewhere else. */
export function checkOwnFile(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found === undefined || found.isFile()) return
  throw new HostError({
    code: 'data-folder-link',
    params: { path, isLink: found.isSymbolicLink() },
  })
}
