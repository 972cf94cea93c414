import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import type { z } from 'zod'
import type { CancelSignal } from '../../kernel/cancellation.ts'
import { HostError } from '../../kernel/errors.ts'
import { unfitArguments } from '../../mcp/own-tools.ts'
import type { Folders } from '../folders.ts'
import { leftOutByName } from '../index/left-out.ts'
import { lastTime } from '../text/extracted.ts'
import { kindOf } from '../text/kinds.ts'
import { type Asker, inFolder } from '../writing/changes.ts'
import { codeOf, HeldFolder, NotPlain } from '../writing/held-folder.ts'
import type { NoteWriter } from '../writing/note-writer.ts'
import { checkPath } from '../writing/write-path.ts'
import type { LocalTool, localTools } from './local-tools.ts'
import { readUpload } from './upload-source.ts'

type Given<K extends LocalTool> = z.output<(typeof localTools)[K]['input']>
type UserFolder = ReturnType<Folders['named']>

/** Entries of one answer, and how many are looked at for it. */
const most = { listed: 500, seen: 10_000 }
/** How long a client is kept waiting for documents to be read, and how often that is asked. Milliseconds. */
const patience = { most: 15_000, every: 200 }

/** What the tools for programs on this computer do. */
export class LocalFiles {
  readonly #folders: Folders
  readonly #writer: NoteWriter

  constructor(folders: Folders, writer: NoteWriter) {
    this.#folders = folders
    this.#writer = writer
  }

  async refresh({ folder }: Given<'refresh_documents'>, signal?: CancelSignal) {
    const id = folder === undefined ? null : this.#folders.named(folder).id
    await this.#folders.refresh(id)
    for (const end = performance.now() + patience.most; ; await sleep(patience.every)) {
      const all = (await this.#folders.list()).filter((one) => id === null || one.id === id)
      const isDone = all.every(
        ({ state, waiting }) => state === 'paused' || !(isBusy.has(state) || waiting > 0),
      )
      if (!isDone && performance.now() < end && signal?.aborted !== true) continue
      const folders = all.map(({ name, state, documents, waiting, skipped }) => ({
        ...{ folder: name, state, documents, waiting, leftOut: skipped },
      }))
      return { folders, isDone }
    }
  }

  async list({ path }: Given<'list_files'>) {
    const clean = path.replace(/^\/+|\/+$/g, '')
    if (clean === '') {
      const folders = this.#folders.all.map((one) => ({
        ...{ path: one.name, place: one.path, isWritable: one.isWritable },
      }))
      return { path: '', folders, files: [], isPartial: false }
    }
    const { folder, within } = this.#place(clean)
    const held = await HeldFolder.open(folder.path, within).catch((error) => {
      if (error instanceof NotPlain || codeOf(error) === 'ENOENT') throw notThere('folder-not-listed')
      throw new HostError({ code: 'file-unreadable', params: { path: clean }, cause: error })
    })
    try {
      const { names, isPartial } = await this.#namesIn(held, folder, within)
      return { path: clean, ...(await described(held, names, { folder, within, clean })), isPartial }
    } finally {
      await held.close()
    }
  }

  /** `check`: throws where the folders are others by now than the ones it is asked about. */
  async address({ path, id }: Given<'file_address'>, check: () => void) {
    if ((path === undefined) === (id === undefined))
      throw unfitArguments('file_address', 'Give either path or id')
    const wanted = path ?? (await this.#pathOf(id!))
    check()
    const { folder, within } = this.#place(wanted)
    const facts = await inFolder(folder.path, within, (held, name) => held.facts(name)).catch((error) => {
      if (error instanceof NotPlain || codeOf(error) === 'ENOENT') return null
      throw new HostError({ code: 'file-unreadable', params: { path: wanted }, cause: error })
    })
    if (!facts?.isFile()) throw notThere()
    const place = join(folder.path, ...within.split('/'))
    return { path: wanted, place, url: pathToFileURL(place).href }
  }

  async upload({ path, text, to }: Given<'upload_file'>, by: Asker) {
    if ((path === undefined) === (text === undefined))
      throw unfitArguments('upload_file', 'Give either path or text')
    if (path === undefined) {
      if (to === undefined) throw unfitArguments('upload_file', 'to: say where the text goes')
      return this.#writer.write({ path: to, text: text! }, by)
    }
    const target = this.#target(to, basename(path))
    await this.#writer.copy(target, path, () => readUpload(path, this.#folders), by)
    return { path: target, done: 'It was copied.' }
  }

  #target(to: string | undefined, name: string): string {
    if (to !== undefined) return to.endsWith('/') ? `${to}${name}` : to.includes('/') ? to : `${to}/${name}`
    const open = this.#folders.all.filter(({ isWritable }) => isWritable)
    if (open.length === 1) return `${open[0]!.name}/${name}`
    throw unfitArguments(
      'upload_file',
      'to: say into which folder; list_files shows those that are open for writing',
    )
  }

  async #pathOf(id: string): Promise<string> {
    const found = await (await this.#folders.index()).ask('fetch', { id, longest: 0 })
    if (found === null) throw notThere()
    return `${found.metadata.folder}/${found.metadata.path}`
  }

  /** `within`: `''` for the folder itself. Of one that is paused nothing more is looked at. */
  #place(path: string): { folder: UserFolder; within: string } {
    const [name = '', ...rest] = path.split('/')
    const folder = this.#folders.named(name)
    if (folder.isPaused) throw new HostError({ code: 'folder-paused', params: { name } })
    const within = rest.join('/')
    if (within !== '') checkPath(within, folder, this.#folders.dataDir, false)
    return { folder, within }
  }

  async #namesIn(held: HeldFolder, { path, excludes }: UserFolder, within: string) {
    const names: { name: string; isFolder: boolean }[] = []
    let [seen, isPartial] = [0, false]
    for await (const entry of await held.entries()) {
      seen += 1
      if (seen > most.seen) {
        isPartial = true
        break
      }
      const below = within === '' ? entry.name : `${within}/${entry.name}`
      if (leftOutByName(entry.name, below, excludes) !== null) continue
      if (join(path, ...below.split('/')) === this.#folders.dataDir) continue
      if (entry.isDirectory() || entry.isFile())
        names.push({ name: entry.name, isFolder: entry.isDirectory() })
    }
    names.sort((a, b) => (a.name < b.name ? -1 : 1))
    return { names: names.slice(0, most.listed), isPartial: isPartial || names.length > most.listed }
  }
}

const isBusy: ReadonlySet<string> = new Set(['looking', 'reading'])

async function described(
  held: HeldFolder,
  names: readonly { name: string; isFolder: boolean }[],
  { folder, within, clean }: { folder: UserFolder; within: string; clean: string },
) {
  const at = (name: string) => ({
    path: `${clean}/${name}`,
    place: join(folder.path, ...within.split('/'), name),
  })
  const files = []
  for (const { name } of names.filter(({ isFolder }) => !isFolder)) {
    const facts = await held.facts(name)
    if (!facts?.isFile()) continue
    const modified = new Date(Math.min(facts.mtimeMs, lastTime)).toISOString()
    files.push({ ...at(name), size: facts.size, modified, isDocument: kindOf(name) !== null })
  }
  const folders = names
    .filter(({ isFolder }) => isFolder)
    .map(({ name }) => ({ ...at(name), isWritable: folder.isWritable }))
  return { folders, files }
}

const notThere = (says: 'document-not-found' | 'folder-not-listed' = 'document-not-found') =>
  new HostError({ code: 'document-not-found', says })
