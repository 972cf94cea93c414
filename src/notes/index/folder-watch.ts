import { type FSWatcher, watch } from 'node:fs'
import { dirname, join, sep } from 'node:path'

const settleMs = 250
const pollMs = 60_000
const isRecursive = process.platform === 'darwin' || process.platform === 'win32'

/** Tells which folders changed. On Linux each is watched by itself: what Node offers there watches every file. */
export class FolderWatch {
  readonly #root: string
  readonly #onChanged: (dirs: readonly string[]) => void
  readonly #watchers = new Map<string, FSWatcher>()
  readonly #changed = new Set<string>()
  #settling: NodeJS.Timeout | undefined
  #polling: NodeJS.Timeout | undefined

  /** `onChanged`: folders within the root in which something is other than before, a moment after it was. */
  constructor(root: string, onChanged: (dirs: readonly string[]) => void) {
    this.#root = root
    this.#onChanged = onChanged
  }

  /** There are more than the system lets us watch. */
  get isPolled(): boolean {
    return this.#polling !== undefined
  }

  add(dir: string): void {
    if (this.#watchers.has(dir) || (isRecursive && dir !== '')) return
    try {
      const options = { persistent: false, recursive: isRecursive }
      const watcher = watch(join(this.#root, dir), options, (_event, name) => {
        this.#mark(isRecursive && name ? within(name) : dir)
      })
      watcher.on('error', () => this.remove(dir))
      this.#watchers.set(dir, watcher)
    } catch (error) {
      // ENOSPC, EMFILE: so many are not to be had.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#poll()
    }
  }

  remove(dir: string): void {
    this.#watchers.get(dir)?.close()
    this.#watchers.delete(dir)
  }

  stop(): void {
    clearTimeout(this.#settling)
    clearInterval(this.#polling)
    for (const watcher of this.#watchers.values()) watcher.close()
    this.#watchers.clear()
  }

  #mark(dir: string): void {
    this.#changed.add(dir)
    // From the first change on: a file that is written to all the time is looked at all the same.
    this.#settling ??= setTimeout(() => {
      this.#settling = undefined
      const dirs = [...this.#changed]
      this.#changed.clear()
      this.#onChanged(dirs)
    }, settleMs)
  }

  #poll(): void {
    this.#polling ??= setInterval(() => this.#onChanged(['']), pollMs)
  }
}

function within(name: string): string {
  const dir = dirname(name)
  return dir === '.' ? '' : dir.replaceAll(sep, '/')
}
