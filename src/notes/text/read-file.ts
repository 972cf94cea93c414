import { constants } from 'node:fs'
import { type FileHandle, open, readlink, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { limits, NotRead } from './extracted.ts'

/** Never through a link, and never waiting for what is at the other end of a pipe. Windows knows neither. */
const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

/**
 * A file below `root`, which is a real path. Throws NotRead where a link, also among the folders above it, leads anywhere else, where it is no
 * plain file, or larger than `most` bytes.
 */
export async function readWithin(
  root: string,
  path: string,
  most: number = limits.file,
): Promise<Uint8Array> {
  const file = join(root, path)
  const handle = await open(file, flags).catch((error: NodeJS.ErrnoException) => {
    throw new NotRead(error.code === 'ELOOP' ? 'link' : 'unreadable', error.code)
  })
  try {
    const facts = await handle.stat()
    if (!facts.isFile()) throw new NotRead('device')
    if (facts.size > most) throw new NotRead('too-large')
    // Asked once it is open: what is put in its place from now on is not what we read.
    if ((await whereIs(handle, file)) !== file) throw new NotRead('link')
    return await readAll(handle, facts.size)
  } catch (error) {
    throw error instanceof NotRead ? error : new NotRead('unreadable', String(error))
  } finally {
    await handle.close()
  }
}

/** Linux knows where an open file is (proc_pid_fd(5)), also when a link was there only while it was opened. */
const whereIs = ({ fd }: FileHandle, file: string): Promise<string> =>
  process.platform === 'linux' ? readlink(`/proc/self/fd/${fd}`).catch(() => realpath(file)) : realpath(file)

/** As much as it said it had: a file that grows while it is read has no end. */
async function readAll(handle: FileHandle, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size)
  let at = 0
  while (at < size) {
    const { bytesRead } = await handle.read(bytes, at, size - at, at)
    if (bytesRead === 0) break
    at += bytesRead
  }
  return bytes.subarray(0, at)
}

/** UTF-8 or UTF-16 by its mark, else UTF-8 where it is that, else what Windows wrote in Western Europe. */
export function textIn(bytes: Uint8Array): string {
  const [first, second] = bytes
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  if (bytes.subarray(0, 4_096).includes(0)) throw new NotRead('damaged', 'binary')
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder('windows-1252').decode(bytes)
  }
}
