import { readdir, realpath } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { HostError } from '../kernel/errors.ts'
import { parentOf } from './check-folder.ts'

const most = 1_000

/** The folders in a folder, to choose one of them where there is no dialog of the system's. Throws HostError `folder-not-found`. */
export async function browse(wanted: string | undefined) {
  try {
    const path = await realpath(wanted ?? homedir())
    const entries = await readdir(path, { withFileTypes: true })
    // One for all: `localeCompare` with options makes one for each comparison.
    const { compare } = new Intl.Collator(undefined, { numeric: true })
    const folders = entries
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map(({ name }) => ({ name, path: join(path, name) }))
      .sort((a, b) => compare(a.name, b.name))
    return { path, parent: parentOf(path), folders: folders.slice(0, most) }
  } catch (cause) {
    throw new HostError({ code: 'folder-not-found', params: { path: wanted ?? '~' }, cause })
  }
}
