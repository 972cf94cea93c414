import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Grant } from '../contract/access.ts'
import type { Server } from '../contract/servers.ts'
import type { Tool } from '../contract/tools.ts'
import { createHost } from './create-host.ts'
import type { Host } from './host.ts'

/** What the rooms only do together: the whole host with a server that has a tool, a prompt and a resource. */
const source = `
const answers = {
  initialize: { protocolVersion: '2025-11-25', capabilities: { tools: {}, prompts: {}, resources: { subscribe: true } }, serverInfo: { name: 'notes', version: '1' } },
  ping: {},
  'tools/list': { tools: [
    { name: 'read_notes', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true, openWorldHint: false } },
    { name: 'count_notes', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true, openWorldHint: false } },
  ] },
  'tools/call': { content: [{ type: 'text', text: 'a note' }] },
  'prompts/list': { prompts: [{ name: 'summary' }] },
  'resources/list': { resources: [{ uri: 'note://1', name: 'First' }] },
  'resources/templates/list': { resourceTemplates: [] },
  'resources/read': { contents: [{ uri: 'note://1', text: 'a note' }] },
}
require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method } = JSON.parse(line)
  if (id === undefined) return
  const result = answers[method]
  process.stdout.write(JSON.stringify(result ? { jsonrpc: '2.0', id, result } : { jsonrpc: '2.0', id, error: { code: -32601, message: 'no' } }) + '\\n')
})`

const dataDir = mkdtempSync(join(tmpdir(), 'drawbridge-wiring-'))
let host: Host
const open = async () => {
  host = await createHost({
    ...{ dataDir, shell: 'headless', version: '0.0.0-test', tunnelHost: 'http://127.0.0.1:9' },
    env: { ...process.env, DRAWBRIDGE_VAULT: 'file' },
  })
}
beforeAll(open)
afterAll(() => host.stop())

async function say<T>(name: string, input?: unknown): Promise<T> {
  const reply = await host.dispatch(name, input)
  if (!reply.ok) throw Object.assign(new Error(`${name}: ${JSON.stringify(reply.error)}`), reply.error)
  return reply.value as T
}
let token = ''
async function mcp(method: string, params: object = {}, session?: string) {
  const answer = await fetch(host.mcpUrl, {
    method: 'POST',
    headers: {
      ...{ authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      accept: 'application/json, text/event-stream',
      ...(session && { 'mcp-session-id': session, 'mcp-protocol-version': '2025-11-25' }),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  })
  const text = await answer.text()
  return { status: answer.status, headers: answer.headers, ...JSON.parse(text || '{}') }
}
const names = async () =>
  ((await mcp('tools/list')).result.tools as { name: string }[])
    .map((one) => one.name)
    .filter((name) => !/^(?:get_|today$|(?:search|read)_mail$)/.test(name))
const served = async (): Promise<Grant['served']> => (await say<Grant[]>('grants.list'))[0]!.served

it('serves a server by the ids, names and prefixes that the user wants', async () => {
  const added = await say<Server>('servers.add', {
    ...{ kind: 'stdio', name: 'Notes', command: process.execPath, args: ['-e', source] },
  })
  expect(added).toMatchObject({ state: 'running', tools: 2, prompts: 1, resources: 1 })
  token = (await say<{ token: string }>('keys.create', { name: 'laptop', access: 'everything' })).token
  expect(await names()).toEqual(['notes__count_notes', 'notes__read_notes'])

  await say('tools.set', { id: 'notes__read_notes', alias: 'look' })
  await say('tools.set', { id: 'notes__count_notes', enabled: false })
  expect(await names()).toEqual(['look'])
  expect((await mcp('tools/call', { name: 'look', arguments: {} })).result.content[0].text).toBe('a note')
  await expect(say('tools.set', { id: 'notes__count_notes', alias: 'look' })).rejects.toMatchObject({
    code: 'name-taken',
  })
  // a grant means the tool, whatever it is called
  const [grant] = await say<Grant[]>('grants.list')
  await say('grants.update', { id: grant!.id, tools: ['notes__read_notes'] })
  expect(await names()).toEqual(['look'])
  await say('tools.set', { id: 'notes__read_notes', alias: null })
  expect(await names()).toEqual(['notes__read_notes'])
  await say('grants.update', { id: grant!.id, tools: null })
  await say('tools.set', { id: 'notes__count_notes', enabled: true })

  await say('servers.update', { id: added.id, prefixed: false })
  expect(await names()).toEqual(['count_notes', 'read_notes'])
  expect((await say<Tool[]>('tools.list')).map((tool) => tool.id)).toContain('notes__read_notes')
  const prompts = (await mcp('prompts/list')).result.prompts as { name: string }[]
  expect(prompts.map(({ name }) => name)).toEqual([
    ...['morning_brief', 'summary', 'weekly_review', 'what_changed_since_deploy'],
  ])
  expect((await mcp('resources/read', { uri: 'note://1' })).result.contents[0].text).toBe('a note')
})

it('knows which list each client has, and whether it is still the one it would get', async () => {
  await names()
  expect(await served()).toMatchObject({ current: true, tools: expect.any(Number) })
  const { hash } = (await served())!
  await say('tools.set', { id: 'notes__read_notes', alias: 'peek' })
  expect(await served()).toMatchObject({ hash, current: false })
  await host.stop()
  await open()
  expect(await served()).toMatchObject({ hash, current: false })
  await expect.poll(names).toContain('peek')
  expect((await served())!.hash).not.toBe(hash)
  expect(await served()).toMatchObject({ current: true })
})

it('keeps sessions over a restart, and ends them when the keys are renewed', async () => {
  const hello = await mcp('initialize', {
    ...{ protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'c', version: '1' } },
  })
  const session = hello.headers.get('mcp-session-id')!
  expect(session).toBeTruthy()
  expect((await mcp('ping', {}, session)).status).toBe(200)
  await host.stop()
  await open()
  expect((await mcp('ping', {}, session)).status).toBe(200)
  expect((await mcp('ping', {}, `${session.slice(0, -1)}${session.endsWith('A') ? 'B' : 'A'}`)).status).toBe(
    404,
  )
  await say('security.rotate', { keys: false })
  expect((await mcp('ping', {}, session)).status).toBe(404)
})

it('lets a client ask as often as the user said', async () => {
  await say('preferences.set', { requestsPerMinute: 3 })
  const statuses: number[] = []
  let last: Awaited<ReturnType<typeof mcp>> | undefined
  for (let i = 0; i < 8; i += 1) {
    last = await mcp('ping')
    statuses.push(last.status)
  }
  expect(statuses.at(-1)).toBe(429)
  expect(Number(last!.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(last!.error.message).toEqual(expect.any(String))
  await say('preferences.set', { requestsPerMinute: null })
  expect((await mcp('ping')).status).toBe(200)
})

it('runs as many servers as the user said', async () => {
  await say('preferences.set', { maxServers: 1 })
  const more = await say<Server>('servers.add', {
    ...{ kind: 'stdio', name: 'More', command: process.execPath, args: ['-e', source] },
  })
  expect(more).toMatchObject({ state: 'failed', error: { code: 'too-many-servers' } })
  const [first] = await say<Server[]>('servers.list')
  await say('servers.stop', { id: first!.id })
  expect(await say('servers.start', { id: more.id })).toMatchObject({ state: 'running' })
  expect(await say('servers.check', { id: more.id })).toMatchObject({ health: { ok: true } })
  await say('preferences.set', { maxServers: 100 })
  await host.stop()
  await open()
  await expect
    .poll(async () => (await say<Server[]>('servers.list')).map((one) => one.state), { timeout: 8_000 })
    .toEqual(['stopped', 'running'])
})

it('who is refused three times in a row is told of, in the list of who may get in and to the pages', async () => {
  const told: string[] = []
  const stop = host.on((event) => told.push(event))
  const ask = await say<{ grant: Grant; token: string }>('keys.create', { name: 'asks', access: 'ask' })
  const before = token
  token = ask.token
  const until = async () =>
    (await say<Grant[]>('grants.list')).find(({ id }) => id === ask.grant.id)?.heldBackUntil
  // What says nothing of itself may change things.
  await say('servers.add', {
    ...{ kind: 'stdio', name: 'Writer', command: process.execPath },
    args: ['-e', source.replaceAll('readOnlyHint: true', 'readOnlyHint: false')],
  })
  for (let n = 0; n < 3; n += 1) {
    expect(await until()).toBeNull()
    told.length = 0
    const call = mcp('tools/call', { name: 'writer__read_notes', arguments: { n } })
    const waits = () => say<{ id: string }[]>('approvals.list')
    await expect.poll(async () => (await waits()).length, { timeout: 10_000 }).toBe(1)
    await say('approvals.decide', { id: (await waits())[0]!.id, decision: 'deny' })
    await call
  }
  expect(await until()).toBeGreaterThan(Date.now())
  expect(told).toContain('grants.changed')
  const unasked = await mcp('tools/call', { name: 'writer__read_notes', arguments: { n: 3 } })
  expect(unasked.result.content[0].text).toContain('questions are not shown for now')
  token = before
  stop()
})

it('reads a pasted text without storing or starting anything', async () => {
  const count = async () => (await say<Server[]>('servers.list')).length
  const before = await count()
  const text = JSON.stringify({ mcpServers: { one: { command: 'npx', args: ['-y', '~/x'] } } })
  expect(await say('servers.read', { text })).toMatchObject({
    servers: [{ name: 'one', args: [['-y'], [expect.stringMatching(/^\/.*\/x$/)]] }],
  })
  expect(await say('servers.read', { text: dataDir })).toMatchObject({ what: 'a folder' })
  await expect(say('servers.read', { text: '{' })).rejects.toMatchObject({ code: 'paste-not-understood' })
  expect(await count()).toBe(before)
})

it('remembers over a restart what is mine at a service, and then needs no argument', async () => {
  const required = async () => {
    const { result } = await mcp('tools/list')
    return result.tools.find(({ name }: { name: string }) => name === 'get_github_stars').inputSchema.required
  }
  expect(await required()).toEqual(['repository'])
  await say('connectors.save', { slug: 'github', values: { repositories: 'nodejs/node' } })
  expect(await required()).toBeUndefined()
  await host.stop()
  await open()
  expect(await required()).toBeUndefined()
  const [github] = await say<{ accounts: { id: string; values: object }[] }[]>('connectors.list')
  expect(github!.accounts[0]!.values).toEqual({ repositories: 'nodejs/node' })
  await say('connectors.remove', { id: github!.accounts[0]!.id })
})
