import { dirname, isAbsolute } from 'node:path'
import type { Terminal } from './context.ts'

/**
 * The folder where the command line was typed. `npm run` goes to the folder of its package before it runs anything, and leaves the
 * other one in INIT_CWD, which whatever is started from there inherits as well; so it counts only while we are in that package's folder.
 */
export function typedIn({ env, cwd }: Pick<Terminal, 'env' | 'cwd'>): string {
  const { INIT_CWD: typed, npm_package_json: manifest } = env
  if (!typed || !isAbsolute(typed)) return cwd
  return manifest === undefined || dirname(manifest) === cwd ? typed : cwd
}
