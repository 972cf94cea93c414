import { sqliteCode } from '../../storage/database/storage-errors.ts'
import type { DocumentStore } from './document-store.ts'
import { FolderScan } from './folder-scan.ts'
import { FolderWatch } from './folder-watch.ts'
import type { FolderState, FolderStatus, IndexedFolder } from './protocol.ts'
import type { TextReader } from './text-reader.ts'

/** Before a folder that was not there, or whose texts could not be kept, is tried again: then for twice as long, up to the most. */
const again = { first: 15_000, most: 300_000 }

interface Deps {
  folder: IndexedFolder
  store: DocumentStore
  reader: TextReader
  dataDir: string
  /** One reads at a time. */
  turn<T>(work: () => Promise<T>): Promise<T>
  changed(): void
  /** What is read cannot be kept. */
  failed(error: unknown): void
  again?: typeof again
}

/** One folder of the user's: looked through, read, and watched. */
export class FolderIndex {
  readonly folder: IndexedFolder
  readonly #deps: Deps
  #scan: FolderScan | null = null
  #watch: FolderWatch | null = null
  #state: FolderState = 'looking'
  #retry: NodeJS.Timeout | undefined
  /** Milliseconds that the last wait took; 0: what was read since is kept. */
  #waited = 0
  #triedAgain = false
  #isReading = false
  /** Looks happen one after another. */
  #looking: Promise<unknown> = Promise.resolve()
  #isStopped = false

  constructor(deps: Deps) {
    this.folder = deps.folder
    this.#deps = deps
    if (deps.folder.isPaused) this.#state = 'paused'
    else this.#begin()
  }

  status(): FolderStatus {
    const counts = this.#deps.store.counts(this.folder.id)
    return { id: this.folder.id, state: this.#state, ...counts, isPolled: this.#watch?.isPolled === true }
  }

  /** For all that is in it, now; also where it was to be tried again later. One that is paused is left alone. */
  lookAgain(): void {
    if (this.#isStopped || this.#state === 'paused') return
    clearTimeout(this.#retry)
    if (this.#isAway) this.#begin()
    else {
      this.#set('looking')
      this.#look([''], true)
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    clearTimeout(this.#retry)
    this.#scan?.stop()
    this.#watch?.stop()
    await this.#looking
  }

  #begin(): void {
    const { folder, store, dataDir } = this.#deps
    const watch = new FolderWatch(folder.path, (dirs) => this.#look(dirs))
    const scan = new FolderScan({
      ...{ folder, store, dataDir },
      onDir: (dir) => watch.add(dir),
      onGone: (dir) => watch.remove(dir),
    })
    this.#watch = watch
    this.#scan = scan
    this.#set('looking')
    this.#look([''])
  }

  #look(dirs: readonly string[], everything = false): void {
    this.#looking = this.#looking
      .then(() => this.#lookNow(dirs, everything))
      .catch((error) => this.#failed(error))
  }

  async #lookNow(dirs: readonly string[], everything: boolean): Promise<void> {
    const scan = this.#scan
    if (this.#isStopped || this.#isAway || scan === null) return
    // A look from before may have ended meanwhile.
    if (everything) this.#set('looking')
    if (!this.#triedAgain) this.#deps.store.tryAgain(this.folder.id)
    this.#triedAgain = true
    // What is in the folder itself is looked at like everything else, unless it was never looked at.
    const isFirst = this.#state === 'looking' || this.#watch?.isPolled === true
    if (isFirst) {
      // What is found first is read while the rest is looked for.
      const reading = setTimeout(() => this.#read(), 200)
      const isThere = await scan.all()
      clearTimeout(reading)
      if (!isThere) return this.#lost()
    } else {
      for (const dir of dirs) {
        if (!scan.dirs.has(dir)) continue
        const look = await scan.look(dir)
        if (look === null && dir === '') return this.#lost()
      }
    }
    if (this.#isStopped || this.#isAway) return
    if (this.#state === 'looking') this.#set('ready')
    this.#deps.changed()
    this.#read()
  }

  /** It is tried again some time from now. */
  get #isAway(): boolean {
    return this.#state === 'missing' || this.#state === 'stuck'
  }

  /** The disk of the folder may come back; the one that the index is on may have room again. */
  #lost(state: 'missing' | 'stuck' = 'missing'): void {
    if (this.#isStopped || this.#isAway) return
    const { first, most } = this.#deps.again ?? again
    this.#waited = state === 'missing' ? first : Math.min(most, 2 * this.#waited || first)
    this.#scan?.stop()
    this.#watch?.stop()
    this.#set(state)
    this.#retry = setTimeout(() => this.#begin(), this.#waited)
  }

  /** Anything else than an error of the database is one of the folder's. */
  #failed(error: unknown): void {
    const isOurs = sqliteCode(error) !== undefined
    if (isOurs && !this.#isAway && !this.#isStopped) this.#deps.failed(error)
    this.#lost(isOurs ? 'stuck' : 'missing')
  }

  #read(): void {
    if (this.#isReading || this.#isStopped || this.#isAway) return
    this.#isReading = true
    void this.#readAll()
      .then(() => this.#deps.store.nextWaiting(this.folder.id) !== undefined)
      .finally(() => {
        this.#isReading = false
      })
      .then(
        // What was found between the last question and now.
        (isMore) => isMore && this.#read(),
        // Here, and not where nobody hears of it: that would be the end of the whole thread.
        (error) => this.#failed(error),
      )
  }

  async #readAll(): Promise<void> {
    const { store, reader, turn, folder, changed } = this.#deps
    while (!this.#isStopped && !this.#isAway) {
      const next = store.nextWaiting(folder.id)
      if (next === undefined) break
      if (this.#state === 'ready') this.#set('reading')
      const path = next.dir === '' ? next.name : `${next.dir}/${next.name}`
      const answer = await turn(() => reader.read({ root: folder.path, path, kind: next.kind }))
      if (this.#isStopped) return
      // It may be another by now, or gone: then its row waits again, or is no more.
      const now = store.nextWaiting(folder.id)
      if (now?.id !== next.id || now.size !== next.size || now.changed_at !== next.changed_at) continue
      if ('found' in answer) store.index(next, answer.found)
      else store.skip(next.id, answer.reason)
      this.#waited = 0
      changed()
    }
    if (this.#state === 'reading') this.#set('ready')
  }

  #set(state: FolderState): void {
    this.#state = state
    this.#deps.changed()
  }
}
