import { readdirSync, rmSync, statSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import { codeFolder } from '../storage/code-folder.ts'
import { version } from './version.ts'

/**
 * Lets Node keep the compiled program in the data folder, from where the next start takes it: a sixth of its time. In no shared
 * place, since what lies there is run; so only in a folder that is there already and that nobody else may write to.
 * That of an earlier build is removed. Never throws: without a cache everything works as well.
 */
export function keepCompiledCode(dataDir: string): void {
  try {
    const cache = codeFolder(dataDir, 'code-cache')
    if (cache === null) return
    const built = Math.trunc(statSync(import.meta.filename).mtimeMs).toString(36)
    const own = `${version}-${built}`
    for (const name of readdirSync(cache))
      if (name !== own) rmSync(join(cache, name), { recursive: true, force: true })
    enableCompileCache(join(cache, own))
  } catch {}
}
