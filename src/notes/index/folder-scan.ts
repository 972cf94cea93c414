import { lstat, opendir, realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { LeftOut } from '../../contract/folders.ts'
import { lastTime, limits } from '../text/extracted.ts'
import { kindOf } from '../text/kinds.ts'
import type { DocumentStore, Found } from './document-store.ts'
import { leftOutByName } from './left-out.ts'
import type { IndexedFolder } from './protocol.ts'

const most = { depth: 64, dirs: 50_000, inDir: 50_000 }

/** Looks what is in a folder. Follows no link, and looks twice at no folder, so that it ends. */
export class FolderScan {
  readonly #folder: IndexedFolder
  readonly #store: DocumentStore
  readonly #dataDir: string
  readonly #onDir: (dir: string) => void
  readonly #onGone: (dir: string) => void
  /** Within the folder, `''` for itself; with `/`. */
  readonly #dirs = new Set<string>()
  #isStopped = false

  /** `onDir`: a folder that is new to us; `onGone`: one that is no more. */
  constructor(deps: {
    folder: IndexedFolder
    store: DocumentStore
    dataDir: string
    onDir(dir: string): void
    onGone(dir: string): void
  }) {
    this.#folder = deps.folder
    this.#store = deps.store
    this.#dataDir = deps.dataDir
    this.#onDir = deps.onDir
    this.#onGone = deps.onGone
  }

  get dirs(): ReadonlySet<string> {
    return this.#dirs
  }

  stop(): void {
    this.#isStopped = true
  }

  /** Everything. False: the folder is not there now; then nothing is forgotten. */
  async all(): Promise<boolean> {
    const { path, id } = this.#folder
    if ((await realpath(path).catch(() => null)) !== path) return false
    const seen = await this.look('', true)
    if (seen === null) return false
    if (this.#isStopped) return true
    for (const dir of this.#store.dirs(id)) if (!this.#dirs.has(dir)) this.#store.removeDir(id, dir)
    return true
  }

  /** One folder again, and all below it that was not known. Null: it is not there. */
  async look(from: string, everything = false): Promise<boolean | null> {
    const waiting = [from]
    let changed: boolean | null = null
    while (!this.#isStopped) {
      const dir = waiting.pop()
      if (dir === undefined) break
      const found = await this.#read(dir)
      if (found === null) {
        this.#lose(dir)
        continue
      }
      if (!this.#dirs.has(dir)) {
        this.#dirs.add(dir)
        this.#onDir(dir)
      }
      for (const gone of this.#children(dir)) if (!found.dirs.includes(gone)) this.#lose(gone)
      const isOther = this.#store.setDir(this.#folder.id, dir, found.files)
      changed = changed === true || isOther
      for (const below of found.dirs) if (everything || !this.#dirs.has(below)) waiting.push(below)
      await nextTurn()
    }
    return changed
  }

  #children(dir: string): string[] {
    if (this.#dirs.size > 20_000) return []
    const start = dir === '' ? '' : `${dir}/`
    return [...this.#dirs].filter(
      (one) => one !== '' && one.startsWith(start) && one !== dir && !one.slice(start.length).includes('/'),
    )
  }

  #lose(dir: string): void {
    for (const one of [...this.#dirs])
      if (one === dir || one.startsWith(`${dir}/`)) {
        this.#dirs.delete(one)
        this.#onGone(one)
      }
    // The folder itself may be on a disk that comes back.
    if (dir !== '') this.#store.removeDir(this.#folder.id, dir)
  }

  async #read(dir: string): Promise<{ files: Found[]; dirs: string[] } | null> {
    const files: Found[] = []
    const dirs: string[] = []
    try {
      const at = join(this.#folder.path, dir)
      // A link in the place of a folder is what we were led to, not what we found.
      if ((await realpath(at)) !== at) return null
      for await (const entry of await opendir(at)) {
        const path = dir === '' ? entry.name : `${dir}/${entry.name}`
        const reason = await this.#reason(entry, path, dirs.length + files.length)
        if (reason === null && entry.isDirectory()) dirs.push(path)
        else files.push(await this.#file(entry.name, path, reason))
        if (files.length + dirs.length > most.inDir) break
      }
      return { files, dirs }
    } catch {
      return null
    }
  }

  async #reason(
    entry: { name: string; isSymbolicLink(): boolean; isDirectory(): boolean; isFile(): boolean },
    path: string,
    count: number,
  ): Promise<LeftOut | null> {
    const byName = leftOutByName(entry.name, path, this.#folder.excludes)
    if (byName !== null) return byName
    if (entry.isSymbolicLink()) return 'link'
    if (count >= most.inDir) return 'too-many'
    if (entry.isDirectory()) {
      if (this.#isOurs(join(this.#folder.path, path))) return 'own-data'
      if (path.split('/').length > most.depth) return 'too-deep'
      return this.#dirs.size >= most.dirs ? 'too-many' : null
    }
    if (!entry.isFile()) return 'device'
    return kindOf(entry.name) === null ? 'not-a-document' : null
  }

  #isOurs(path: string): boolean {
    return path === this.#dataDir || path.startsWith(this.#dataDir + sep)
  }

  async #file(name: string, path: string, reason: LeftOut | null): Promise<Found> {
    if (reason !== null) return { name, size: 0, changedAt: 0, reason }
    try {
      const { size, mtimeMs } = await lstat(join(this.#folder.path, path))
      return {
        name,
        size,
        changedAt: Math.min(mtimeMs, lastTime),
        reason: size > limits.file ? 'too-large' : null,
      }
    } catch {
      return { name, size: 0, changedAt: 0, reason: 'unreadable' }
    }
  }
}
