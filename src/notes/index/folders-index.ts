import { rmSync } from 'node:fs'
import type { Log } from '../../kernel/log/log.ts'
import { Turns } from '../../kernel/turns.ts'
import { type Database, openDatabase } from '../../storage/database/database.ts'
import { DocumentSearch } from './document-search.ts'
import { DocumentStore } from './document-store.ts'
import { FolderIndex } from './folder-index.ts'
import { indexSteps } from './index-steps.ts'
import type { FromIndex, IndexedFolder, IndexOptions, Questions } from './protocol.ts'
import { TextReader } from './text-reader.ts'

const tellEvery = 500
const skippedAtOnce = 200

type Answers = { [K in keyof Questions]: (asked: Parameters<Questions[K]>[0]) => unknown }

/** All folders of the user's, in one database. Lives in a thread of its own. */
export class FoldersIndex {
  readonly #options: IndexOptions
  readonly #tell: (message: FromIndex) => void
  readonly #db: Database
  readonly #store: DocumentStore
  readonly #search: DocumentSearch
  readonly #reader = new TextReader()
  readonly #folders = new Map<string, IndexedFolder>()
  readonly #indexes = new Map<string, FolderIndex>()
  readonly #turns = new Turns()
  /** One change of the folders after another: what was removed must not come back with a change from before. */
  readonly #followings = new Turns()
  #telling: NodeJS.Timeout | undefined
  /** Something was forgotten that is still in a free page of the file. */
  #mustPurge = false

  constructor(options: IndexOptions, tell: (message: FromIndex) => void) {
    this.#options = options
    this.#tell = tell
    const { db, setAside } = openDatabase(options.file, logTo(tell), Date.now, indexSteps)
    // It is of no use to anybody, and full of what documents say.
    if (setAside !== null) for (const end of ['', '-wal', '-shm']) rmSync(setAside + end, { force: true })
    this.#db = db
    // Searches do not wait for the disk: what a power cut damages is found when it is opened, and made again from the folders.
    this.#db.exec('PRAGMA synchronous = OFF')
    this.#store = new DocumentStore(this.#db)
    this.#search = new DocumentSearch(this.#db, () => this.#folders)
  }

  answer(what: keyof Questions, asked: unknown): unknown {
    return (this.#answers[what] as (asked: unknown) => unknown)(asked)
  }

  readonly #answers: Answers = {
    folders: (folders) => this.#set(folders),
    look: async ({ folder }) => {
      await this.#followings.over()
      for (const [id, index] of this.#indexes) if (folder === null || id === folder) index.lookAgain()
    },
    status: () => [...this.#indexes.values()].map((one) => one.status()),
    skipped: ({ folder, reason, offset }) => this.#store.skipped(folder, reason, skippedAtOnce, offset),
    search: (asked) => this.#search.search(asked),
    fetch: (asked) => this.#search.fetch(asked),
    read: (asked) => this.#search.read(asked),
    list: (asked) => this.#search.list(asked),
    recent: (asked) => this.#search.recent(asked),
    related: (asked) => this.#search.related(asked),
    idAt: (asked) => this.#search.idAt(asked),
    stop: () => this.#stop(),
  }

  /** What is no more is not found from now on; the rest follows. */
  #set(folders: readonly IndexedFolder[]): Promise<void> {
    this.#folders.clear()
    for (const folder of folders) this.#folders.set(folder.id, folder)
    return this.#followings.take(() => this.#follow())
  }

  async #follow(): Promise<void> {
    for (const [id, index] of this.#indexes) {
      if (JSON.stringify(this.#folders.get(id)) === JSON.stringify(index.folder)) continue
      await index.stop()
      const now = this.#folders.get(id)
      if (now) this.#store.leaveOut(id, now.excludes)
      // Last: what could not be left out, as on a full disk, is left out when the same folders are set again.
      this.#indexes.delete(id)
    }
    if (this.#store.keepOnly(this.#folders)) this.#mustPurge = true
    if (this.#mustPurge) this.#store.purge()
    this.#mustPurge = false
    for (const [id, folder] of this.#folders)
      if (!this.#indexes.has(id)) this.#indexes.set(id, this.#open(folder))
    this.#changed()
  }

  #open(folder: IndexedFolder): FolderIndex {
    return new FolderIndex({
      ...{ folder, store: this.#store, reader: this.#reader, dataDir: this.#options.dataDir },
      turn: (work) => this.#turns.take(work),
      changed: () => this.#changed(),
      failed: (error) =>
        this.#tell({
          level: 'warn',
          event: 'folders.stuck',
          fields: { folder: folder.id, error: String(error) },
        }),
    })
  }

  #changed(): void {
    this.#telling ??= setTimeout(() => {
      this.#telling = undefined
      this.#tell({ changed: true })
    }, tellEvery)
  }

  async #stop(): Promise<void> {
    clearTimeout(this.#telling)
    await this.#followings.over()
    const stopping = [...this.#indexes.values()].map((one) => one.stop())
    await this.#reader.stop()
    await Promise.all(stopping)
    this.#db.close()
  }
}

function logTo(tell: (message: FromIndex) => void): Log {
  const at = (level: 'info' | 'warn' | 'error') => (event: string, fields?: object) =>
    tell({
      level,
      event,
      fields: JSON.parse(
        JSON.stringify(fields ?? {}, (_, value) => (value instanceof Error ? String(value) : value)),
      ),
    })
  return { debug() {}, info: at('info'), warn: at('warn'), error: at('error'), close() {} } as Log
}
