import { z } from 'zod'
import { HostError } from '../kernel/errors.ts'
import { noSuchTool, readArguments } from '../mcp/own-tools.ts'
import type { Exchange, Raw, SourceMethod, ToolDefinition, ToolSource } from '../mcp/tool-source.ts'
import type { Folders } from './folders.ts'
import { LocalFiles } from './local/local-files.ts'
import { type LocalTool, localTools } from './local/local-tools.ts'
import { type FolderTool, folderTools } from './tools.ts'
import type { Asker, Changes } from './writing/changes.ts'
import { NoteWriter } from './writing/note-writer.ts'
import { type WriteTool, writeTools } from './writing/write-tools.ts'

/** Characters of one answer. */
const longest = { fetch: 100_000, read: 40_000 }

/** The user's folders as assistants see them; without any, it offers nothing. */
export class FolderSource {
  readonly #folders: Folders
  readonly #writer: NoteWriter
  readonly #local: LocalFiles
  #reading: readonly ToolDefinition[] | null = null
  #all: readonly ToolDefinition[] | null = null

  constructor(folders: Folders, changes: Changes) {
    this.#folders = folders
    this.#writer = new NoteWriter(folders, changes)
    this.#local = new LocalFiles(folders, this.#writer)
  }

  source(): ToolSource {
    return {
      ...{ slug: 'folders', name: 'Folders', prefixed: false, kind: 'connector' },
      alike: [
        ['fetch', 'read_document'],
        ['list_folder', 'list_files'],
        ['write_note', 'upload_file'],
      ],
      edition: () => this.#folders.edition,
      // A lasting answer was given for the folders that there were.
      identity: () => ({ ...nobody, fingerprint: this.#folders.reach }),
      tools: () => (this.#folders.isEmpty ? [] : this.#tools()),
      resourceTemplates: () => (this.#folders.isEmpty ? [] : templates),
      capabilities: () => (this.#folders.isEmpty ? {} : { resources: {} }),
      call: (tool, args, exchange) => this.#call(tool, args, exchange),
      request: (method, params, exchange) => this.#request(method, params, exchange),
    }
  }

  #tools(): readonly ToolDefinition[] {
    const { upload_file, ...looking } = localTools
    this.#reading ??= Object.entries({ ...folderTools, ...looking }).map(definitionOf)
    if (!this.#folders.isWritable) return this.#reading
    this.#all ??= [...this.#reading, ...Object.entries({ ...writeTools, upload_file }).map(definitionOf)]
    return this.#all
  }

  async #call(name: string, args: Raw, exchange: Exchange): Promise<Raw> {
    if (!Object.hasOwn(tools, name)) throw noSuchTool('Folders', name)
    const check = checkOf(exchange, this.#folders)
    check()
    const answer = Object.hasOwn(writeTools, name)
      ? await this.#write(name as WriteTool, args, askerOf(exchange, check))
      : Object.hasOwn(localTools, name)
        ? await this.#here(name as LocalTool, args, exchange, check)
        : await this.#answer(name as FolderTool, args, check)
    const structuredContent = answer as Raw
    return { content: [{ type: 'text', text: JSON.stringify(structuredContent) }], structuredContent }
  }

  #write(name: WriteTool, args: Raw, by: Asker): Promise<object> {
    switch (name) {
      case 'write_note':
        return this.#writer.write(parsed(name, args), by)
      case 'edit_note':
        return this.#writer.edit(parsed(name, args), by)
      case 'append_note':
        return this.#writer.append(parsed(name, args), by)
      case 'move_document':
        return this.#writer.move(parsed(name, args), by)
    }
  }

  #here(name: LocalTool, args: Raw, exchange: Exchange, check: () => void): Promise<object> {
    switch (name) {
      case 'refresh_documents':
        return this.#local.refresh(parsed(name, args), exchange.signal)
      case 'list_files':
        return this.#local.list(parsed(name, args))
      case 'file_address':
        return this.#local.address(parsed(name, args), check)
      case 'upload_file':
        return this.#local.upload(parsed(name, args), askerOf(exchange, check))
    }
  }

  async #answer(name: FolderTool, args: Raw, check: () => void): Promise<object> {
    const index = await this.#folders.index()
    check()
    switch (name) {
      case 'search': {
        const { query, limit, folder = null } = parsed('search', args)
        return { results: await index.ask('search', { query, limit, folder }) }
      }
      case 'fetch': {
        const { id } = parsed('fetch', args)
        const { isWhole, metadata, ...found } = there(
          await index.ask('fetch', { id, longest: longest.fetch }),
        )
        const rest = { isWhole, ...(!isWhole && { rest: 'read_document gives it by page or section' }) }
        return { ...found, metadata: { ...metadata, ...rest } }
      }
      case 'list_folder':
        return there(await index.ask('list', parsed('list_folder', args)), 'folder')
      case 'read_document':
        return there(await index.ask('read', { ...parsed('read_document', args), longest: longest.read }))
      case 'recent_documents': {
        const { limit, folder = null } = parsed('recent_documents', args)
        return { results: await index.ask('recent', { limit, folder }) }
      }
      case 'related_documents':
        return { results: there(await index.ask('related', parsed('related_documents', args))) }
    }
  }

  async #request(method: SourceMethod, { uri }: Raw, exchange: Exchange): Promise<Raw> {
    if (method !== 'resources/read' || typeof uri !== 'string') throw notThere('document')
    const index = await this.#folders.index()
    checkOf(exchange, this.#folders)()
    const id = there(await index.ask('idAt', { uri }))
    const { text } = there(await index.ask('fetch', { id, longest: longest.fetch }))
    return { contents: [{ uri, mimeType: 'text/plain', text }] }
  }
}

/** What is asked after every wait: throws where what let it through was taken back, or a name may be that of another folder by now. */
const checkOf =
  ({ signal, edition, stillAllowed }: Exchange, folders: Folders) =>
  (): void => {
    if (signal.aborted) throw new HostError({ code: 'call-cancelled' })
    stillAllowed?.()
    if (edition !== undefined && edition !== folders.edition)
      throw new HostError({ code: 'server-edited', params: { name: 'Folders' } })
  }

const askerOf = ({ by }: Exchange, check: () => void): Asker => ({
  ...{ row: by!.row, principal: by!.principal, check },
})

/** No program, no address: they are told apart by the folders alone. */
const nobody = { command: null, origin: null, version: null }

const templates = [
  {
    uriTemplate: 'document:///{folder}/{+path}',
    name: 'document',
    title: 'A document of the user',
    description: 'The text of a document in one of the folders that the user chose.',
    mimeType: 'text/plain',
  },
]

const tools = { ...folderTools, ...writeTools, ...localTools }
type Tools = typeof tools

const definitionOf = ([name, { input, output, ...rest }]: [string, Tools[keyof Tools]]): ToolDefinition => ({
  ...rest,
  name,
  inputSchema: z.toJSONSchema(input, { io: 'input' }),
  outputSchema: z.toJSONSchema(output),
})

const parsed = <K extends keyof Tools>(name: K, args: Raw): z.output<Tools[K]['input']> =>
  readArguments<z.ZodType>(name, tools[name].input, args) as z.output<Tools[K]['input']>

function there<T>(found: T | null, what: 'document' | 'folder' = 'document'): T {
  if (found !== null) return found
  throw notThere(what)
}

const notThere = (what: 'document' | 'folder') =>
  new HostError({
    code: 'document-not-found',
    says: what === 'folder' ? 'folder-not-listed' : 'document-not-found',
  })
