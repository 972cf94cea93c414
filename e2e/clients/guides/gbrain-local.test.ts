import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Assistant } from '../../fixtures/assistant.ts'
import { type InProcess, startInProcess } from '../../fixtures/in-process.ts'
import { callTool, chatgpt, toolNames } from './guide.ts'

/** GBrain's four operations that are `localOnly`, by its names, and what they are called here. */
const four = {
  sync_brain: 'refresh_documents',
  file_upload: 'upload_file',
  file_list: 'list_files',
  file_url: 'file_address',
} as const

/** GBrain's guide, section *Scopes*: what only programs on this computer can do, and searching the brain. */
describe('GBrain', () => {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'drawbridge-gbrain-')))
  const brain = join(home, 'Brain')
  const scan = join(home, 'giraffe.pdf')
  const clients: Client[] = []
  let at: InProcess
  let assistant: Assistant
  beforeAll(async () => {
    mkdirSync(brain)
    writeFileSync(join(brain, 'people.md'), '# Ada\n\nLikes zebras.')
    writeFileSync(scan, '%PDF-1.4')
    at = await startInProcess({ tunnel: true })
    await at.ask('folders.add', { path: brain, writable: true })
    const browser = await at.letIn({ expects: 'chatgpt' })
    assistant = await chatgpt(at, `${at.public}/mcp`, browser, undefined, { scope: 'read write admin' })
  })
  afterAll(async () => {
    for (const client of clients) await client.close()
    await at?.stop()
    rmSync(home, { recursive: true, force: true })
  })

  /** A program on this computer, with a key. */
  async function program(access: 'ask' | 'everything', mcpUrl: string, fetch?: typeof globalThis.fetch) {
    const { token } = await at.ask('keys.create', { name: `program ${clients.length}`, access })
    const client = new Client({ name: 'program', version: '1' })
    const requestInit = { headers: { Authorization: `Bearer ${token}` } }
    await client.connect(
      new StreamableHTTPClientTransport(new URL(mcpUrl), { requestInit, ...(fetch && { fetch }) }),
    )
    clients.push(client)
    return client
  }
  const told = async (client: Client, name: string, args: Record<string, unknown> = {}) => {
    const { structuredContent, isError, content } = await client.callTool({ name, arguments: args })
    expect(isError, JSON.stringify(content)).toBeFalsy()
    return structuredContent as Record<string, unknown>
  }
  const names = async (client: Client) => (await client.listTools()).tools.map(({ name }) => name)

  it('local only: the four work for a program on this computer, by our names and by its own', async () => {
    const client = await program('everything', at.host.mcpUrl)
    const listed = await names(client)
    expect(listed).toEqual(expect.arrayContaining(Object.values(four)))
    for (const name of Object.keys(four))
      expect(listed, 'an alias is answered, and not listed').not.toContain(name)
    for (const upload of ['file_upload', 'upload_file']) {
      const path = `Brain/${upload}.pdf`
      expect(await told(client, upload, { path: scan, to: path })).toMatchObject({ path })
      expect(readFileSync(join(brain, `${upload}.pdf`), 'utf8')).toBe('%PDF-1.4')
    }
    for (const sync of ['sync_brain', 'refresh_documents'])
      expect(await told(client, sync)).toMatchObject({ isDone: true, folders: [{ folder: 'Brain' }] })
    for (const list of ['file_list', 'list_files'])
      expect(await told(client, list, { path: 'Brain' })).toMatchObject({
        files: [
          { path: 'Brain/file_upload.pdf' },
          { path: 'Brain/people.md' },
          { place: join(brain, 'upload_file.pdf') },
        ],
      })
    for (const url of ['file_url', 'file_address'])
      expect(await told(client, url, { path: 'Brain/people.md' })).toMatchObject({
        place: join(brain, 'people.md'),
        url: expect.stringMatching(/^file:\/\/\/.+\/Brain\/people\.md$/),
      })
    // By the name that it has here, whatever it was called by.
    const tools = (await at.ask('activity.list', { limit: 8 })).map(({ tool }) => tool)
    expect(new Set(tools)).toEqual(new Set(Object.values(four)))
  })

  it('local only: a program that may not write without its owner is asked about, and what it copied is undone', async () => {
    const client = await program('ask', at.host.mcpUrl)
    const asked = told(client, 'file_upload', { path: scan, to: 'Brain/asked.pdf' })
    await expect.poll(() => at.ask('approvals.list')).toHaveLength(1)
    const [waiting] = await at.ask('approvals.list')
    const { id } = waiting!
    const question = await at.ask('approvals.get', { id })
    expect(question).toMatchObject({ tool: 'upload_file', sentence: expect.stringContaining(scan) })
    expect(existsSync(join(brain, 'asked.pdf'))).toBe(false)
    await at.ask('approvals.decide', { id, seen: question.seen, decision: 'once' })
    expect(await asked).toMatchObject({ path: 'Brain/asked.pdf' })
    const [call] = await at.ask('activity.list', { filter: { tool: 'upload_file' }, limit: 1 })
    expect(await at.ask('changes.undo', { call: call!.id })).toMatchObject({ state: 'undone' })
    expect(existsSync(join(brain, 'asked.pdf'))).toBe(false)
  })

  it('local only: over the public address they are neither listed, nor run, nor asked about, whatever the scope', async () => {
    expect(assistant.tokens.scope).toBe('mcp:use mcp:read mcp:write')
    const listed = await toolNames(assistant)
    expect(listed).toContain('write_note')
    for (const name of Object.entries(four).flat()) expect(listed, name).not.toContain(name)
    const asker = await chatgpt(at, `${at.public}/mcp`, await at.letIn({ expects: 'chatgpt', access: 'ask' }))
    const args = { path: scan, to: 'Brain/public.pdf' }
    for (const who of [assistant, asker])
      for (const name of Object.entries(four).flat()) {
        const { body } = await callTool(who, name, name.includes('upload') ? args : { path: 'Brain' })
        expect(body.result?.isError, name).toBe(true)
        expect(body.result?.content?.[0]?.text).toContain('only works for programs on the computer')
        expect(JSON.stringify(body)).not.toContain(brain)
      }
    expect(await at.ask('approvals.list')).toEqual([])
    expect(existsSync(join(brain, 'public.pdf'))).toBe(false)
    const calls = await at.ask('activity.list', { filter: { outcome: 'denied' }, limit: 16 })
    expect(new Set(calls.map(({ tool }) => tool))).toEqual(new Set(Object.values(four)))
  })

  it('local only: a key of this computer opens them at no other address', async () => {
    const client = await program('everything', `${at.public}/mcp`, at.fetch)
    for (const name of Object.values(four)) expect(await names(client), name).not.toContain(name)
    const { isError } = await client.callTool({ name: 'sync_brain', arguments: {} })
    expect(isError).toBe(true)
  })

  it('asks it to search the brain', async () => {
    await expect
      .poll(async () => {
        const { body } = await callTool(assistant, 'search', { query: 'What does Ada like?' })
        return (body.result?.structuredContent as { results?: { title: string }[] })?.results?.[0]?.title
      })
      .toBe('Ada')
  })
})
