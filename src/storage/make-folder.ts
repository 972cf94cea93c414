import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { asStorageError } from './database/storage-errors.ts'

/**
 * Makes a folder and those above it, for the user alone. Throws HostError `data-folder-unwritable` or `disk-full`. Not Node's recursive
 * mkdir: under /proc, where making a folder fails with ENOENT although the one above exists, that never returns.
 */
export function makeFolder(folder: string): void {
  try {
    make(folder, true)
  } catch (error) {
    throw asStorageError(error, folder)
  }
}

function make(folder: string, parents: boolean): void {
  try {
    mkdirSync(folder, { mode: 0o700 })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return
    if (code !== 'ENOENT' || !parents || dirname(folder) === folder) throw error
    make(dirname(folder), true)
    make(folder, false)
  }
}
