import { randomBytes } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { asStorageError } from './database/storage-errors.ts'

/**
 * Replaces `file` so that after a crash or a power cut it holds the old or the new content, never a mixture. Readable by
 * its owner alone. Throws HostError `data-folder-unwritable` or `disk-full`; then the old content is still there.
 */
export async function writeFileAtomically(file: string, data: string | Uint8Array): Promise<void> {
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`
  try {
    const handle = await open(temporary, 'wx', 0o600)
    try {
      await handle.writeFile(data)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, file)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {})
    throw asStorageError(error, file)
  }
  await syncFolder(dirname(file))
}

/** The rename itself lives in the folder. Windows cannot open folders and needs no such thing. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r')
    await handle.sync().finally(() => handle.close())
  } catch {
    // Some file systems refuse to sync a folder; the content itself is safe.
  }
}
