import type { z } from 'zod'
import { HostError } from '../../kernel/errors.ts'
import { privateKey } from '../text/read-document.ts'
import { type Asker, asHostError, type Changes, inFolder, largest, type Plan } from './changes.ts'
import { checkCopy, checkMove, checkNote, checkPath } from './write-path.ts'
import type { WriteTool, writeTools } from './write-tools.ts'

interface WritableFolder {
  name: string
  path: string
  excludes: readonly string[]
}

/** What the writing tools need of the folders. */
interface Where {
  dataDir: string
  /** Throws HostError `folder-not-listed` or `folder-read-only`. */
  writable(name: string): WritableFolder
}

type Given<K extends WriteTool> = z.output<(typeof writeTools)[K]['input']>

/** What the writing tools do, of which every change is kept. */
export class NoteWriter {
  readonly #where: Where
  readonly #changes: Changes

  constructor(where: Where, changes: Changes) {
    this.#where = where
    this.#changes = changes
  }

  async write({ path, text }: Given<'write_note'>, by: Asker) {
    await this.#create(path, checkNote, async () => bytesOf(text, path), by)
    return { path, done: 'It was written.' }
  }

  /** A document from elsewhere: `from` is what it is called there, `read` gives its bytes when its turn has come. */
  async copy(path: string, from: string, read: () => Promise<Uint8Array>, by: Asker): Promise<void> {
    await this.#create(path, (within) => checkCopy(from, within), read, by)
  }

  async edit({ path, oldText, newText, all }: Given<'edit_note'>, by: Asker) {
    let count = 0
    await this.#change(by, path, (text) => {
      // A program may show the lines of Windows as everybody else's.
      const isOther = !text.includes(oldText) && text.includes('\r\n')
      const [old, next] = isOther ? [withCrLf(oldText), withCrLf(newText)] : [oldText, newText]
      const parts = text.split(old)
      count = parts.length - 1
      if (count === 0) throw new HostError({ code: 'edit-not-found', params: { path } })
      if (count > 1 && !all) throw new HostError({ code: 'edit-several', params: { path, count } })
      // Asked before it is made: a thousand times a long text would not fit into memory.
      if (text.length + count * (next!.length - old!.length) > largest)
        throw new HostError({ code: 'write-too-large', params: { path } })
      return parts.join(next)
    })
    return { path, done: count === 1 ? 'The passage was replaced.' : `${count} passages were replaced.` }
  }

  async append({ path, text }: Given<'append_note'>, by: Asker) {
    await this.#change(by, path, (before) => {
      const isCrLf = before.includes('\r\n')
      const gap = before === '' || before.endsWith('\n') ? '' : isCrLf ? '\r\n' : '\n'
      return before + gap + (isCrLf ? withCrLf(text) : text)
    })
    return { path, done: 'The text was added at its end.' }
  }

  async move({ path, to }: Given<'move_document'>, by: Asker) {
    await this.#make(by, path, async () => {
      const { folder, within } = this.#place(path, false)
      const target = this.#place(to, true)
      if (target.folder.path !== folder.path)
        throw new HostError({ code: 'write-path', says: 'move-elsewhere', params: { path: to } })
      checkMove(within, target.within)
      const from = await look(folder, within, (held, name) => held.facts(name), path)
      if (from === null) throw new HostError({ code: 'write-not-there', params: { path } })
      if (!from.isFile()) throw new HostError({ code: 'write-not-plain', params: { path } })
      const there = await look(folder, target.within, (held, name) => held.facts(name), to)
      if (there !== null) throw new HostError({ code: 'write-there', params: { path: to } })
      return { folder, path: within, movedTo: target.within, before: null, after: null }
    })
    return { path: to, done: `It was moved from ${path}.` }
  }

  #create(
    path: string,
    check: (within: string) => void,
    read: () => Promise<Uint8Array>,
    by: Asker,
  ): Promise<Plan> {
    return this.#make(by, path, async () => {
      const { folder, within } = this.#place(path, true)
      check(within)
      const before = await look(folder, within, (held, name) => held.facts(name), path)
      if (before !== null) throw new HostError({ code: 'write-there', params: { path } })
      return { folder, path: within, before: null, after: await read() }
    })
  }

  #change(by: Asker, path: string, change: (text: string) => string) {
    return this.#make(by, path, async () => {
      const { folder, within } = this.#place(path, false)
      checkNote(within)
      const before = await look(folder, within, (held, name) => held.read(name, largest), path)
      if (before === null) throw new HostError({ code: 'write-not-there', params: { path } })
      const after = bytesOf(change(textOf(before, path)), path)
      if (before.equals(after)) throw new HostError({ code: 'edit-nothing', params: { path } })
      return { folder, path: within, before, after }
    })
  }

  #make(by: Asker, path: string, plan: () => Promise<Plan>): Promise<Plan> {
    return this.#changes.make(by, plan).catch((error) => {
      throw asHostError(error, path)
    })
  }

  #place(path: string, isNew: boolean): { folder: WritableFolder; within: string } {
    const at = path.indexOf('/')
    if (at < 1) throw new HostError({ code: 'write-path', params: { path } })
    const folder = this.#where.writable(path.slice(0, at))
    const within = path.slice(at + 1)
    checkPath(within, folder, this.#where.dataDir, isNew)
    return { folder, within }
  }
}

const look = <T>(
  folder: WritableFolder,
  within: string,
  work: Parameters<typeof inFolder<T>>[2],
  path: string,
) =>
  inFolder(folder.path, within, work).catch((error) => {
    throw asHostError(error, path)
  })

/** A mark at its beginning stays where it is. */
function textOf(bytes: Uint8Array, path: string): string {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new HostError({ code: 'write-not-text', params: { path }, cause })
  }
  if (privateKey.test(text)) throw new HostError({ code: 'write-left-out', params: { path } })
  return text
}

function bytesOf(text: string, path: string): Buffer {
  const bytes = Buffer.from(text)
  if (bytes.length > largest) throw new HostError({ code: 'write-too-large', params: { path } })
  // It would be left out of what assistants see.
  if (privateKey.test(text)) throw new HostError({ code: 'write-left-out', params: { path } })
  return bytes
}

const withCrLf = (text: string): string => text.replace(/\r?\n/g, '\r\n')
