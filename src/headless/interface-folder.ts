import { existsSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Where the built interface is, seen from this file: beside the bundle (`out/main` or `out/main/chunks`), or in `out`
 * when the sources run as they are. Null when it was never built.
 */
export function interfaceFolder(from: string = import.meta.dirname): string | null {
  const places = ['../renderer', '../../renderer', '../../out/renderer']
  return places.map((place) => join(from, place)).find((dir) => isBuilt(dir)) ?? null
}

/** The sources have an index page too: only a build has its assets beside it. */
const isBuilt = (dir: string) => existsSync(join(dir, 'index.html')) && existsSync(join(dir, 'assets'))
