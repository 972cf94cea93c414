import { realpathSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import type { Folder } from '../contract/folders.ts'
import { Emitter } from '../kernel/emitter.ts'
import { HostError } from '../kernel/errors.ts'
import { newId } from '../kernel/ids.ts'
import type { Log } from '../kernel/log/log.ts'
import { Turns } from '../kernel/turns.ts'
import type { Settings } from '../storage/settings.ts'
import { checkFolder, nameFor } from './check-folder.ts'
import type { FolderStatus } from './index/protocol.ts'
import type { IndexClient } from './index-client.ts'

const Stored = z.array(
  z.object({
    id: z.string(),
    name: z.string(),
    path: z.string(),
    excludes: z.array(z.string()),
    isPaused: z.boolean(),
    isWritable: z.boolean().default(false),
  }),
)
type UserFolder = z.infer<typeof Stored>[number]
const setting = 'folders'
const file = 'folders.db'

/** The folders whose documents assistants may find. Without any, nothing of the index is loaded and no thread runs. */
export class Folders {
  readonly events = new Emitter<{ changed: Record<string, never>; offered: Record<string, never> }>()
  readonly #settings: Settings
  readonly #log: Log
  readonly dataDir: string
  #folders: readonly UserFolder[]
  #edition = 0
  #client: Promise<IndexClient> | null = null
  /** One change after another. */
  readonly #turns = new Turns()
  #isStopped = false

  constructor(deps: { settings: Settings; log: Log; dataDir: string }) {
    this.#settings = deps.settings
    this.#log = deps.log
    this.dataDir = realpathSync(deps.dataDir)
    this.#folders = deps.settings.get(setting, Stored) ?? []
    void this.#turns.take(() => (this.isEmpty ? this.#forget() : this.#apply()))
  }

  get isEmpty(): boolean {
    return this.#folders.length === 0
  }

  /** As assistants know them. */
  get names(): readonly string[] {
    return this.#folders.map(({ name }) => name)
  }

  /** Throws HostError `folders-unavailable`. */
  async index(): Promise<IndexClient> {
    if (this.#isStopped || this.isEmpty) throw new HostError({ code: 'folders-unavailable' })
    return this.#open()
  }

  async list(): Promise<Folder[]> {
    if (this.isEmpty) return []
    const index = await this.index()
    const statuses = await index.ask('status', undefined).catch(() => [])
    return this.#folders.map((one) => {
      const status = statuses.find(({ id }) => id === one.id)
      return shown(one, status, index.isResting ? 'stuck' : 'looking')
    })
  }

  /** Throws HostError `folder-not-found`, `folder-not-allowed`, `folder-overlaps` or `folders-too-many`. */
  add(wanted: string, excludes: readonly string[], isWritable = false, isPaused = false): Promise<Folder> {
    return this.#turns.take(async () => {
      if (this.#folders.length >= most) throw new HostError({ code: 'folders-too-many', params: { most } })
      const path = await checkFolder(wanted, this.#folders, this.dataDir)
      const name = nameFor(
        path,
        this.#folders.map((one) => one.name),
      )
      const folder = { id: newId('folder'), name, path, excludes: [...excludes], isPaused, isWritable }
      await this.#set([...this.#folders, folder])
      return this.#shown(folder.id)
    })
  }

  /** Throws HostError `folder-unknown`. */
  change(
    id: string,
    change: {
      paused?: boolean | undefined
      excludes?: readonly string[] | undefined
      writable?: boolean | undefined
    },
  ): Promise<Folder> {
    return this.#turns.take(async () => {
      const before = this.find(id)
      const after = {
        ...before,
        isPaused: change.paused ?? before.isPaused,
        excludes: [...(change.excludes ?? before.excludes)],
        isWritable: change.writable ?? before.isWritable,
      }
      await this.#set(this.#folders.map((one) => (one.id === id ? after : one)))
      return this.#shown(id)
    })
  }

  /** Throws HostError `folder-unknown`. */
  remove(id: string): Promise<void> {
    return this.#turns.take(() => {
      this.find(id)
      return this.#set(this.#folders.filter((one) => one.id !== id))
    })
  }

  /** Throws HostError `folder-unknown`. */
  find(id: string): UserFolder {
    const found = this.#folders.find((one) => one.id === id)
    if (found) return found
    throw new HostError({ code: 'folder-unknown', detail: id })
  }

  /** By the name that assistants know. Throws HostError `folder-not-listed`. */
  named(name: string): UserFolder {
    const found = this.#folders.find((one) => one.name === name)
    if (found) return found
    throw new HostError({ code: 'document-not-found', says: 'folder-not-listed' })
  }

  /** The same. Throws HostError `folder-not-listed` or `folder-read-only`. */
  writable(name: string): UserFolder {
    const found = this.named(name)
    if (!found.isWritable) throw new HostError({ code: 'folder-read-only', params: { name } })
    return found
  }

  /** All of them, as they are set up. */
  get all(): readonly UserFolder[] {
    return this.#folders
  }

  /** Another number whenever a name may be that of another folder, or what may be written to is another. */
  get edition(): number {
    return this.#edition
  }

  /** The same as a text, which outlives a restart. */
  get reach(): string {
    return reachOf(this.#folders)
  }

  /** Looks again for what is in a folder, or in all of them (null); one that is paused stays as it is. It goes on in the background. */
  async refresh(id: string | null): Promise<void> {
    const folder = id === null ? null : this.find(id).id
    await (await this.index()).ask('look', { folder })
  }

  get isWritable(): boolean {
    return this.#folders.some((one) => one.isWritable)
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#turns.over()
    await (await this.#client)?.stop()
  }

  async #set(folders: readonly UserFolder[]): Promise<void> {
    const [wasEmpty, wasWritable] = [this.isEmpty, this.isWritable]
    this.#settings.set(setting, folders)
    if (reachOf(folders) !== this.reach) this.#edition += 1
    this.#folders = folders
    await this.#apply()
    if (wasEmpty !== this.isEmpty || wasWritable !== this.isWritable) this.events.emit('offered', {})
    this.events.emit('changed', {})
  }

  /** What was read of the last folder is forgotten before the thread ends. */
  async #apply(): Promise<void> {
    const client = await this.#open()
    // Whether it may be written to is nothing to the index, which would look through it again.
    client.setFolders(this.#folders.map(({ isWritable: _isWritable, ...folder }) => folder))
    if (!this.isEmpty) return
    this.#client = null
    await client.stop()
    await this.#forget()
  }

  /** The index with all that belongs to it, such as one that was damaged. */
  async #forget(): Promise<void> {
    for (const name of await readdir(this.dataDir).catch(() => []))
      if (name.startsWith(file))
        await rm(join(this.dataDir, name), { force: true }).catch((error) =>
          this.#log.warn('folders.forget', { error: String(error) }),
        )
  }

  #open(): Promise<IndexClient> {
    this.#client ??= import('./index-client.ts').then(({ IndexClient }) => {
      const options = { file: join(this.dataDir, file), dataDir: this.dataDir }
      return new IndexClient(options, this.#log, () => this.events.emit('changed', {}))
    })
    return this.#client
  }

  async #shown(id: string): Promise<Folder> {
    return (await this.list()).find((one) => one.id === id)!
  }
}

const most = 50

/** An id is never given twice, unlike a name. */
const reachOf = (folders: readonly UserFolder[]): string =>
  JSON.stringify(folders.map(({ id, isWritable }) => [id, isWritable]))

const shown = (
  { isPaused, ...folder }: UserFolder,
  status: FolderStatus | undefined,
  otherwise: FolderStatus['state'],
): Folder => ({
  ...folder,
  excludes: [...folder.excludes],
  state: isPaused ? 'paused' : (status?.state ?? otherwise),
  documents: status?.documents ?? 0,
  waiting: status?.waiting ?? 0,
  skipped: status?.skipped ?? 0,
  isPolled: status?.isPolled ?? false,
})
