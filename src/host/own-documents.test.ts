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
import { afterAll, beforeAll, expect, it } from 'vitest'
import * as z from 'zod'
import type { Call } from '../contract/activity.ts'
import type { Approval, ApprovalDetails } from '../contract/approvals.ts'
import type { Folder } from '../contract/folders.ts'
import type { Rule } from '../contract/rules.ts'
import { createHost } from './create-host.ts'
import type { Host } from './host.ts'

/** A folder through the whole host, as an outside client finds it. */
const home = realpathSync(mkdtempSync(join(tmpdir(), 'drawbridge-documents-')))
const docs = join(home, 'Papers')
const clients: Client[] = []
let host: Host

beforeAll(async () => {
  mkdirSync(docs)
  writeFileSync(join(docs, 'lease.md'), '# Lease\n\nThe deposit is three months of rent.')
  host = await createHost({
    ...{
      dataDir: join(home, 'data'),
      shell: 'headless',
      version: '0.0.0-test',
      tunnelHost: 'http://127.0.0.1:9',
    },
    env: { ...process.env, DRAWBRIDGE_VAULT: 'file' },
  })
})
afterAll(async () => {
  for (const client of clients) await client.close()
  await host.stop()
  rmSync(home, { recursive: true, force: true })
})

async function say<T>(name: string, input?: unknown): Promise<T> {
  const reply = await host.dispatch(name, input)
  if (!reply.ok) throw Object.assign(new Error(`${name}: ${JSON.stringify(reply.error)}`), reply.error)
  return reply.value as T
}

async function connect(
  era: 'legacy' | 'modern',
  name: string = era,
  access: 'look' | 'ask' = 'look',
): Promise<Client> {
  const { token } = await say<{ token: string }>('keys.create', { name, access })
  const mode = era === 'modern' ? { pin: '2026-07-28' } : ('legacy' as const)
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } })
  const requestInit = { headers: { Authorization: `Bearer ${token}` } }
  await client.connect(new StreamableHTTPClientTransport(new URL(host.mcpUrl), { requestInit }))
  clients.push(client)
  return client
}

const text = z.string().min(1)
/** As documented for deep research and company knowledge. */
const Found = z.object({ results: z.array(z.looseObject({ id: text, title: text, url: z.url() })) })
const Fetched = z.looseObject({ id: text, title: text, text, url: z.url(), metadata: z.looseObject({}) })
const names = ['fetch', 'list_folder', 'read_document', 'recent_documents', 'related_documents', 'search']

it('offers nothing of folders before there is one', async () => {
  const { tools } = await (await connect('legacy', 'before')).listTools()
  expect(tools.map(({ name }) => name).filter((name) => names.includes(name))).toEqual([])
})

it.each(['legacy', 'modern'] as const)('is searched and read in the documented shapes: %s', async (era) => {
  if ((await say<Folder[]>('folders.list')).length === 0) await say('folders.add', { path: docs })
  const client = await connect(era)
  const { tools } = await client.listTools()
  const ours = tools.filter(({ name }) => names.includes(name))
  expect(ours.map(({ name }) => name).sort()).toEqual(names)
  for (const one of ours) {
    expect(one.annotations).toMatchObject({ readOnlyHint: true, destructiveHint: false })
    expect(JSON.stringify(one).length).toBeLessThan(5_000)
  }
  const call = async (name: string, args: object) => {
    const { content, structuredContent, isError } = await client.callTool({ name, arguments: { ...args } })
    expect(isError, JSON.stringify(content)).toBeFalsy()
    expect(content).toEqual([{ type: 'text', text: expect.any(String) }])
    expect(JSON.parse((content as { text: string }[])[0]!.text)).toEqual(structuredContent)
    return structuredContent
  }
  await expect
    .poll(async () => Found.parse(await call('search', { query: 'deposit' })).results.length, {
      timeout: 10_000,
    })
    .toBe(1)
  const { results } = Found.parse(await call('search', { query: 'How many months is the deposit?' }))
  const fetched = Fetched.parse(await call('fetch', { id: results[0]!.id }))
  expect(fetched).toMatchObject({ id: results[0]!.id, title: 'Lease' })
  expect(fetched.text).toContain('three months of rent')

  const { resourceTemplates } = await client.listResourceTemplates()
  expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toContain('document:///{folder}/{+path}')
  const { contents } = await client.readResource({ uri: 'document:///Papers/lease.md' })
  expect(contents[0]).toMatchObject({ text: expect.stringContaining('deposit') })
  for (const uri of [
    'document:///Papers/../data/drawbridge.db',
    'document:///Papers/%2e%2e/data/folders.db',
    'document:////etc/passwd',
  ])
    await expect(client.readResource({ uri }), uri).rejects.toThrow()
})

it('reads nothing by address that the owner switched off as a tool', async () => {
  const client = await connect('modern', 'switched')
  const read = () => client.readResource({ uri: 'document:///Papers/lease.md' })
  expect((await read()).contents).toHaveLength(1)
  await say('tools.set', { id: 'fetch', enabled: false })
  await expect(read()).rejects.toThrow()
  await say('tools.set', { id: 'fetch', enabled: true })
  expect((await read()).contents).toHaveLength(1)
})

it('what an assistant is never to read it reads in no other way, and no other assistant is held up by that', async () => {
  const fetches = async (client: Client, name = 'fetch') => {
    const { structuredContent } = await client.callTool({ name: 'search', arguments: { query: 'deposit' } })
    const [found] = Found.parse(structuredContent).results
    return client.callTool({ name, arguments: { id: found!.id } })
  }
  const read = (client: Client) => client.readResource({ uri: 'document:///Papers/lease.md' })
  const asks = await connect('modern', 'never', 'ask')
  const other = await connect('modern', 'other', 'ask')
  expect((await read(asks)).contents).toHaveLength(1)
  // Reading is asked about when its owner says so; by address nobody could be asked.
  await say('tools.set', { id: 'fetch', risk: 'write' })
  await expect(read(asks)).rejects.toThrow()
  const waits = fetches(asks)
  const waiting = () => say<Approval[]>('approvals.list')
  await expect.poll(async () => (await waiting()).length, { timeout: 10_000 }).toBe(1)
  const [{ id }] = (await waiting()) as [Approval]
  await say('approvals.decide', { id, decision: 'never' })
  expect((await waits).isError).toBe(true)
  await say('tools.set', { id: 'fetch', risk: null })

  for (const name of ['fetch', 'read_document']) {
    expect(await fetches(asks, name)).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining('does not want this assistant to use this tool') }],
    })
    expect((await fetches(other, name)).isError).toBeFalsy()
  }
  await expect(read(asks)).rejects.toThrow('does not want this assistant')
  await expect(
    asks.complete({
      ref: { type: 'ref/resource', uri: 'document:///{folder}/{+path}' },
      argument: { name: 'path', value: 'l' },
    }),
  ).rejects.toThrow()
  expect((await read(other)).contents).toHaveLength(1)
  // Listing and searching are other tools.
  expect((await asks.callTool({ name: 'list_folder', arguments: {} })).isError).toBeFalsy()
  const [rule] = await say<Rule[]>('rules.list')
  await say('rules.revoke', { id: rule!.id })
  expect((await read(asks)).contents).toHaveLength(1)
  expect((await fetches(asks, 'read_document')).isError).toBeFalsy()
})

it('shows the folders of this computer to its owner, to choose one', async () => {
  const found = await say<{ path: string; parent: string; folders: object[] }>('folders.browse', {
    path: home,
  })
  expect(found).toMatchObject({ path: home, folders: [{ name: 'data' }, { name: 'Papers', path: docs }] })
  await expect(say('folders.browse', { path: join(home, 'nowhere') })).rejects.toMatchObject({
    code: 'folder-not-found',
  })
  // No screen, no dialog.
  await expect(say('folders.choose')).rejects.toMatchObject({ code: 'folder-dialog-missing' })
})

it("lets a client write once its owner lets it, with the owner's word for each change, and undoes it", async () => {
  const [{ id: folder }] = (await say<Folder[]>('folders.list')) as [Folder]
  const { token } = await say<{ token: string }>('keys.create', { name: 'Writer', access: 'ask' })
  const client = new Client({ name: 'writer', version: '1' })
  const requestInit = { headers: { Authorization: `Bearer ${token}` } }
  await client.connect(new StreamableHTTPClientTransport(new URL(host.mcpUrl), { requestInit }))
  clients.push(client)
  const names = async () => (await client.listTools()).tools.map(({ name }) => name)
  expect(await names()).not.toContain('write_note')
  await say('folders.change', { id: folder, writable: true })
  await expect.poll(names).toEqual(expect.arrayContaining(['write_note', 'edit_note', 'append_note']))

  const path = 'Papers/todo.md'
  const asked = client.callTool({ name: 'write_note', arguments: { path, text: '# Call the landlord' } })
  await expect.poll(() => say<Approval[]>('approvals.list')).toHaveLength(1)
  const [{ id }] = (await say<Approval[]>('approvals.list')) as [Approval]
  const question = await say<ApprovalDetails>('approvals.get', { id })
  expect(question).toMatchObject({
    ...{ clientName: 'Writer', canEdit: true, sentence: expect.stringContaining(path) },
    arguments: expect.stringContaining('# Call the landlord'),
  })
  expect(existsSync(join(docs, 'todo.md'))).toBe(false)
  const edited = JSON.stringify({ path, text: '# Write to the landlord' })
  await say('approvals.decide', { id, seen: question.seen, decision: 'once', edited })
  expect((await asked).structuredContent).toMatchObject({ path })
  expect(readFileSync(join(docs, 'todo.md'), 'utf8')).toBe('# Write to the landlord')

  const [call] = (await say<Call[]>('activity.list', { filter: { tool: 'write_note' } })) as [Call]
  expect(call).toMatchObject({ outcome: 'answered', risk: 'write' })
  expect(await say('changes.of', { call: call.id })).toMatchObject({ clientName: 'Writer', isUndone: false })
  expect(await say('changes.undo', { call: call.id })).toMatchObject({ state: 'undone' })
  expect(existsSync(join(docs, 'todo.md'))).toBe(false)
})

it('says nothing of a change, and undoes none, over the public address', async () => {
  for (const path of ['changes.undo', 'api/changes.undo', 'api/v1/changes', 'call/changes.undo']) {
    const url = new URL(`/${path}`, host.mcpUrl)
    expect((await fetch(url, { method: 'POST', body: '{}' })).status, path).toBe(404)
  }
})

it('offers nothing any more once the last folder is gone', async () => {
  for (const { id } of await say<Folder[]>('folders.list')) await say('folders.remove', { id })
  const { tools } = await (await connect('modern', 'after')).listTools()
  expect(tools.map(({ name }) => name)).not.toContain('search')
})
