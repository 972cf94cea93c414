import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Of the package this file belongs to, as sources or as a bundle: the nearest package.json above that is ours. */
function ownVersion(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    try {
      const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
      if (name === 'drawbridge') return version
    } catch {
      // not in this folder
    }
    if (folder === dirname(folder)) return '0.0.0'
  }
}

export const version: string = ownVersion(import.meta.dirname)
