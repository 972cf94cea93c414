import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Exchange, Raw } from '../../mcp/tool-source.ts'
import { openDatabase, openUnread } from '../../storage/database/database.ts'
import { createSettings } from '../../storage/settings.ts'
import { Folders } from '../folders.ts'
import type { Hit } from '../index/protocol.ts'
import { FolderSource } from '../source.ts'
import { changeSteps } from '../writing/change-store.ts'
import { Changes } from '../writing/changes.ts'

const log = { debug() {}, info() {}, warn() {}, error() {} }

/** A folder of documents, and the room over it, with its threads and its database. `documents`: texts or bytes by path. */
export class FolderStage {
  readonly home = realpathSync(mkdtempSync(join(tmpdir(), 'drawbridge-folders-')))
  readonly docs = join(this.home, 'Docs')
  readonly dataDir = join(this.home, 'data')
  readonly #db
  folders: Folders
  changes: Changes
  #calls = 0

  constructor(documents: Record<string, string | Uint8Array> = {}) {
    mkdirSync(this.dataDir)
    mkdirSync(this.docs)
    for (const [path, content] of Object.entries(documents)) this.write(path, content)
    this.#db = openDatabase(join(this.dataDir, 'drawbridge.db'), log).db
    this.folders = this.#open()
    this.changes = this.#openChanges()
  }

  write(path: string, content: string | Uint8Array): void {
    const file = join(this.docs, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, content)
  }

  /** Adds the folder, and waits until all of it was read. */
  async add(excludes: readonly string[] = []) {
    const folder = await this.folders.add(this.docs, excludes)
    await this.ready()
    return folder
  }

  /** Looked through and read: all of it, unless it is paused or not there. */
  async ready() {
    return until(async () => {
      const all = await this.folders.list()
      return all.every(({ state, waiting }) => state === 'ready' && waiting === 0) ? all : undefined
    })
  }

  async call(tool: string, args: object = {}): Promise<Raw> {
    return (await this.made(tool, args)).told
  }

  get source() {
    return new FolderSource(this.folders, this.changes).source()
  }

  /** Another folder takes its name; `at` is where. */
  async swap(id: string, isWritable = true): Promise<{ at: string; id: string }> {
    const at = join(this.home, 'public', 'Docs')
    mkdirSync(at, { recursive: true })
    await this.folders.remove(id)
    return { at, id: (await this.folders.add(at, [], isWritable)).id }
  }

  /** A call, with the id of its row. */
  async made(
    tool: string,
    args: object,
    clientName = 'ChatGPT',
    more: Partial<Exchange> = {},
  ): Promise<{ call: string; told: Raw }> {
    const call = `call_${++this.#calls}`
    const by = { row: call, principal: { grantId: `grant_${clientName}`, clientName } }
    const { signal } = new AbortController()
    const exchange = { by, signal, client: 'test', capabilities: {}, ...more }
    const result = await this.source.call(tool, args as Raw, exchange)
    return { call, told: result.structuredContent as Raw }
  }

  async search(query: string, more: object = {}): Promise<Hit[]> {
    return (await this.call('search', { query, ...more })).results as Hit[]
  }

  async paths(query: string, more: object = {}): Promise<string[]> {
    return (await this.search(query, more)).map(({ metadata }) => metadata.path)
  }

  async leftOut(id: string): Promise<Record<string, string>> {
    const index = await this.folders.index()
    const { items } = await index.ask('skipped', { folder: id, reason: null, offset: 0 })
    return Object.fromEntries(items.map(({ path, reason }) => [path, reason]))
  }

  async restart(): Promise<void> {
    await this.folders.stop()
    await this.changes.stop()
    this.folders = this.#open()
    this.changes = this.#openChanges()
  }

  async stop(): Promise<void> {
    await this.folders.stop()
    await this.changes.stop()
    this.#db.close()
    rmSync(this.home, { recursive: true, force: true })
  }

  #openChanges(): Changes {
    const file = join(this.dataDir, 'changes.db')
    return new Changes({
      file,
      open: () => openUnread(file, log, Date.now, changeSteps).db,
      now: Date.now,
      log,
    })
  }

  #open(): Folders {
    return new Folders({ settings: createSettings(this.#db), log, dataDir: this.dataDir })
  }
}

/** What `look` finds, asked again and again for up to `patience` ms. */
export async function until<T>(look: () => Promise<T | undefined>, patience = 20_000): Promise<T> {
  const end = Date.now() + patience
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (Date.now() > end) throw new Error('It did not come')
    await new Promise((next) => setTimeout(next, 25))
  }
}
