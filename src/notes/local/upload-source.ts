import { realpath } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path'
import { HostError } from '../../kernel/errors.ts'
import { myTurn } from '../../kernel/slices.ts'
import { fromHome, isNobodys, isWithin } from '../check-folder.ts'
import { leftOutByPath } from '../index/left-out.ts'
import { NotRead } from '../text/extracted.ts'
import { privateKey } from '../text/read-document.ts'
import { readWithin } from '../text/read-file.ts'
import { largestCopy } from '../writing/changes.ts'

interface Known {
  dataDir: string
  all: readonly { path: string; excludes: readonly string[] }[]
}

/**
 * A file of this computer that is to be copied to where assistants find it. What stays out of what they see is not brought in by this way
 * either, whatever leads to it: hidden, secret, left out by the owner, ours or the system's, behind a link, no plain file, or with a key
 * in it. Throws HostError.
 */
export async function readUpload(given: string, known: Known): Promise<Uint8Array> {
  const wanted = fromHome(given)
  if ((!isAbsolute(given) && !given.startsWith('~/')) || given.includes('\0'))
    throw new HostError({ code: 'upload-path', params: { path: given } })
  const dir = await realpath(dirname(wanted)).catch(() => null)
  if (dir === null) throw new HostError({ code: 'upload-not-there', params: { path: given } })
  const file = join(dir, basename(wanted))
  if ([wanted, file].some((one) => staysOut(one, known))) throw leftOut(given)
  let bytes: Uint8Array
  try {
    bytes = await readWithin(dir, basename(wanted), largestCopy)
  } catch (error) {
    throw error instanceof NotRead ? refused(error, given) : error
  }
  if (await hasKey(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))) throw leftOut(given)
  return bytes
}

/** Whatever the document is written in: of UTF-16 every other byte is nothing. In pieces, so that nobody waits for it. */
async function hasKey(bytes: Buffer): Promise<boolean> {
  for (let at = 0; at < bytes.length; at += 1_000_000) {
    const text = bytes.toString('latin1', Math.max(0, at - 200), at + 1_000_000)
    if (privateKey.test(text) || privateKey.test(text.replaceAll('\0', ''))) return true
    await myTurn()
  }
  return false
}

/** By its whole path, in whichever case it is written: some systems know no difference. */
function staysOut(path: string, { dataDir, all }: Known): boolean {
  if (isNobodys(path, dataDir)) return true
  const names = (from: string) => relative(from, path).split(sep).join('/')
  const isOut = (name: string, excludes: readonly string[]) =>
    leftOutByPath(name, excludes) !== null ||
    leftOutByPath(
      name.toLowerCase(),
      excludes.map((one) => one.toLowerCase()),
    ) !== null
  if (isOut(path.split(sep).slice(1).join('/'), [])) return true
  return all.some(
    (folder) =>
      path !== folder.path && isWithin(path, folder.path) && isOut(names(folder.path), folder.excludes),
  )
}

const leftOut = (path: string) => new HostError({ code: 'upload-left-out', params: { path } })

function refused({ reason }: NotRead, path: string): HostError {
  if (reason === 'too-large')
    return new HostError({ code: 'upload-too-large', params: { path, megabytes: largestCopy / 1_000_000 } })
  return reason === 'unreadable'
    ? new HostError({ code: 'upload-not-there', params: { path } })
    : leftOut(path)
}
