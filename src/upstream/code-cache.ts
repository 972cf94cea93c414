import { readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Where Node.js keeps what it compiled of a server, so that the next start takes a seventh less (Node.js, "Module compile cache"). Each
 * server has a folder of its own, since what lies there is run. That parts those that go by their variables; a server that means
 * harm runs as the user, and reaches the folders of the others as it does their programs.
 */
export interface CodeCache {
  /** Variables for the server's process. Other programs than Node.js take no notice of them. */
  env(id: string): Record<string, string>
  forget(id: string): void
}

/** Node never deletes there what no version of the server is any more. Milliseconds. */
const keptFor = 30 * 24 * 60 * 60_000

/**
 * `folder`: null when nothing is to be kept. What is there of servers that are not in `ids`, or older than thirty days at `now`, is deleted. Nothing here throws: what cannot
 * be deleted only takes up room, until the next start tries again.
 */
export function createCodeCache(folder: string | null, ids: readonly string[], now: number): CodeCache {
  const forget = (name: string) => {
    if (folder === null) return
    try {
      rmSync(join(folder, name), { recursive: true, force: true })
    } catch {}
  }
  for (const name of namesIn(folder))
    if (!ids.includes(name) || now - bornAt(join(folder!, name)) > keptFor) forget(name)
  return {
    env(id): Record<string, string> {
      return folder === null ? {} : { NODE_COMPILE_CACHE: join(folder, id) }
    },
    forget,
  }
}

function namesIn(folder: string | null): string[] {
  try {
    return folder === null ? [] : readdirSync(folder)
  } catch {
    return []
  }
}

function bornAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.birthtimeMs ?? 0
}
