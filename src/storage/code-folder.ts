import { statSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolder } from './make-folder.ts'

/**
 * A folder in the data folder for code that will be run from there. Null where others could put something into it: only a data folder that is
 * there already, and that nobody else may write to, has one. Never throws.
 */
export function codeFolder(dataDir: string, name: string): string | null {
  try {
    const { mode, uid } = statSync(dataDir)
    if ((mode & 0o022) !== 0 || uid !== process.getuid?.()) return null
    const folder = join(dataDir, name)
    // Not left to Node: see make-folder.ts.
    makeFolder(folder)
    return folder
  } catch {
    return null
  }
}
