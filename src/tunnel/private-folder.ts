import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder that only this user can read, and empty, whatever a crash left in it. `path` left out: one of the system's. */
export async function privateFolder(path?: string): Promise<{ path: string; remove(): Promise<void> }> {
  if (path !== undefined) {
    await rm(path, { recursive: true, force: true })
    await mkdir(path, { mode: 0o700 })
  }
  const made = path ?? (await mkdtemp(join(tmpdir(), 'drawbridge-tunnel-')))
  return { path: made, remove: () => rm(made, { recursive: true, force: true }) }
}
