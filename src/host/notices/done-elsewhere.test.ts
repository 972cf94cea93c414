import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import type { Grant } from '../../contract/access.ts'
import type { Approval, ApprovalDetails } from '../../contract/approvals.ts'
import type { Folder } from '../../contract/folders.ts'
import type { Server } from '../../contract/servers.ts'
import type { Notice, Status } from '../../contract/status.ts'
import type { Tool } from '../../contract/tools.ts'
import { readControlFile } from '../../control/control-file.ts'
import { createPrivateListener, type PrivateListener } from '../../control/private-listener.ts'
import { systemClock } from '../../kernel/clock.ts'
import { createHost } from '../create-host.ts'
import type { Host } from '../host.ts'
import { witnessOf } from './done-elsewhere.ts'

/** The whole host, asked through each of its doors. */
const dataDir = mkdtempSync(join(tmpdir(), 'drawbridge-elsewhere-'))
const server = `
require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method } = JSON.parse(line)
  if (id === undefined) return
  const result = method === 'initialize'
    ? { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'r', version: '1' } }
    : method === 'tools/list' ? { tools: [{ name: 'change', inputSchema: { type: 'object' } }] }
    : { content: [{ type: 'text', text: 'changed' }] }
  process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, result }) + '\\n')
})`
const uiDir = mkdtempSync(join(tmpdir(), 'drawbridge-elsewhere-ui-'))
writeFileSync(join(uiDir, 'index.html'), '<html><head></head></html>')
let host: Host
let listener: PrivateListener
let url: string
let told: Notice[] = []
let stopTelling: () => void

async function open() {
  host = await createHost({
    ...{ dataDir, shell: 'headless', version: '0.0.0-test', tunnelHost: 'http://127.0.0.1:9' },
    env: { ...process.env, DRAWBRIDGE_VAULT: 'file' },
  })
  stopTelling = host.on((name, payload) => {
    if (name === 'notices.added') told.push(payload as Notice)
  })
  listener = createPrivateListener({
    ...{ port: 0, dispatch: host.dispatch, on: host.on, dataDir, clock: systemClock, log: host.log },
    ...{ isAdminKey: host.isAdminKey, onLetIn: host.letIn, ui: { dir: uiDir } },
  })
  url = (await listener.listen()).url
}
async function close() {
  stopTelling()
  await listener.close()
  await host.stop()
}
beforeAll(open)
afterAll(close)
beforeEach(async () => {
  for (const { id } of await notices()) await inWindow('notices.dismiss', { id })
  told = []
})

async function inWindow<T>(name: string, input?: unknown): Promise<T> {
  const reply = await host.dispatch(name, input)
  if (!reply.ok) throw new Error(JSON.stringify(reply.error))
  return reply.value as T
}
/** With the key file, as the command line and every program that can read it. */
async function byKeyFile<T>(name: string, input?: unknown): Promise<T> {
  const answer = await fetch(`${url}/api/call/${name}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${readControlFile(dataDir)!.key}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ input }),
  })
  const reply = (await answer.json()) as { ok: true; value: T } | { ok: false; error: object }
  if (!reply.ok) throw new Error(JSON.stringify(reply.error))
  return reply.value
}
const notices = async () => (await inWindow<Status>('status.get')).notices
const messages = async () => (await notices()).map(({ message }) => message.replace(/\d\d:\d\d/, 'NOW'))

it('tells in the app of a key that was made on the command line, and nothing of one made in the app', async () => {
  await inWindow('keys.create', { name: 'mine', access: 'everything' })
  await inWindow('adminKey.create')
  expect(await messages()).toEqual([])
  const { grant } = await byKeyFile<{ grant: Grant }>('keys.create', { name: 'x', access: 'everything' })
  await byKeyFile('adminKey.create')
  await byKeyFile('grants.update', { id: grant.id, name: 'renamed' })
  await byKeyFile('grants.update', { id: grant.id, access: 'ask' })
  await byKeyFile('clients.register', {
    name: 'Agent',
    grantTypes: ['client_credentials'],
    confidential: true,
  })
  await byKeyFile('status.get')
  expect(await messages()).toEqual([
    'A key “x” with “Everything” was made on the command line at NOW.',
    'A key for programs, which opens the admin interface, was made on the command line at NOW.',
    'What “renamed” may do was changed on the command line at NOW: it is “Ask before changes” now.',
    'A client “Agent” with “Look only” was registered on the command line at NOW.',
  ])
  // At once, for the shell to show, and with what to do.
  expect(told).toEqual(await notices())
  for (const { level, hint } of told) {
    expect(level).toBe('warning')
    expect(hint).toMatch(/^If that was not you, (revoke|remove) it /)
  }
})

it('tells of a call that was allowed there, not of one that was denied or failed', async () => {
  const { token } = await inWindow<{ token: string }>('keys.create', { name: 'caller', access: 'ask' })
  await inWindow('servers.add', {
    kind: 'stdio',
    name: 'Notes',
    command: process.execPath,
    args: ['-e', server],
  })
  const call = (id: number) =>
    fetch(host.mcpUrl, {
      method: 'POST',
      headers: {
        ...{ authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        accept: 'application/json, text/event-stream',
      },
      body: JSON.stringify({
        ...{
          jsonrpc: '2.0',
          id,
          method: 'tools/call',
          params: { name: 'notes__change', arguments: { n: id } },
        },
      }),
    }).then((answer) => answer.text())
  const waiting = async () => {
    for (let i = 0; i < 200; i += 1) {
      const [first] = await inWindow<Approval[]>('approvals.list')
      if (first?.state === 'waiting') return first
      await new Promise((done) => setTimeout(done, 20))
    }
    throw new Error('nothing waits')
  }
  const decide = async (decision: string) => {
    const { id } = await waiting()
    const { seen } = await inWindow<ApprovalDetails>('approvals.get', { id })
    return { id, decision, ...(decision === 'once' && { seen }) }
  }
  let answer = call(1)
  await inWindow('approvals.decide', await decide('once'))
  await answer
  answer = call(2)
  await byKeyFile('approvals.decide', await decide('deny'))
  await answer
  await expect(byKeyFile('approvals.decide', { id: 'none', decision: 'once', seen: 'x' })).rejects.toThrow()
  expect(await messages()).toEqual([])
  answer = call(3)
  await byKeyFile('approvals.decide', await decide('once'))
  expect(await answer).toContain('changed')
  expect(await messages()).toEqual([
    'A call of “caller” to notes__change was allowed on the command line at NOW.',
  ])
})

it('tells of servers that were added, changed or started there, and lets programs add drafts without it', async () => {
  const input = { kind: 'stdio', name: 'One', command: process.execPath, args: ['-e', server] }
  const { key } = await inWindow<{ key: string }>('adminKey.create')
  const made = await fetch(`${url}/api/v1/servers`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(input),
  })
  const { id, fingerprint } = (await made.json()) as Server
  expect(await messages()).toEqual([])
  await byKeyFile('servers.start', { id, seen: fingerprint })
  await byKeyFile('servers.edit', { ...input, id, env: {} })
  await byKeyFile('servers.restart', { id })
  await byKeyFile('servers.add', { ...input, name: 'Two' })
  expect(await messages()).toEqual([
    'A server “One”, which waited for its first start, was started on the command line at NOW.',
    'What the server “One” is started with was changed on the command line at NOW.',
    'A server “Two” was added on the command line at NOW.',
  ])
})

it('tells of folders in which assistants find or may do more, and not of what takes that back', async () => {
  const path = mkdtempSync(join(tmpdir(), 'drawbridge-elsewhere-docs-'))
  await inWindow('folders.add', { path: mkdtempSync(join(tmpdir(), 'drawbridge-elsewhere-mine-')) })
  const { id, name } = await byKeyFile<Folder>('folders.add', { path })
  await byKeyFile('folders.change', { id, paused: true })
  await byKeyFile('folders.refresh', { id })
  await byKeyFile('folders.change', { id, writable: false })
  await byKeyFile('folders.change', { id, writable: true })
  await byKeyFile('folders.change', { id, paused: false })
  await byKeyFile('folders.remove', { id })
  const { key } = await inWindow<{ key: string }>('adminKey.create')
  const made = await fetch(`${url}/api/v1/folders`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ path }),
  })
  expect(made.status).toBe(201)
  const what = `The folder “${name}”`
  expect(await messages()).toEqual([
    `${what} was added on the command line at NOW, so that assistants find what is in it.`,
    `Assistants were allowed to write in the folder “${name}” on the command line at NOW.`,
    `What assistants find in the folder “${name}” was changed on the command line at NOW.`,
    `${what} was added by a program with the admin key at NOW, paused: assistants find nothing in it until you let it go on.`,
  ])
})

it('tells of what lets those who are in do or learn more, and not of what narrows it', async () => {
  const file = join(dataDir, 'tools')
  const offer = (...names: string[]) =>
    writeFileSync(file, JSON.stringify(names.map((name) => ({ name, inputSchema: { type: 'object' } }))))
  offer('old')
  const changing = server.replace(
    "[{ name: 'change', inputSchema: { type: 'object' } }]",
    `JSON.parse(require('fs').readFileSync(${JSON.stringify(file)}, 'utf8'))`,
  )
  const run = { kind: 'stdio', name: 'Grows', command: process.execPath, args: ['-e', changing] }
  const { id } = await inWindow<Server>('servers.add', run)
  offer('old', 'a', 'b', 'c', 'd', 'e')
  await inWindow('servers.restart', { id })
  const looked = async () =>
    (await inWindow<Tool[]>('tools.list')).filter(({ review }) => review?.why === 'new')
  await expect.poll(async () => (await looked()).length).toBe(5)
  const waiting = await looked()
  const [first, ...others] = waiting.map(({ id, review }) => ({ id, seen: review!.seen }))
  await inWindow('tools.accept', { tools: [first] })
  await inWindow('workspaces.create', { name: 'team', title: 'Team', sources: [] })
  expect(await messages()).toEqual([])
  await byKeyFile('tools.accept', { tools: others })
  await byKeyFile('tools.set', { id: first!.id, enabled: false })
  await byKeyFile('tools.set', { id: first!.id, enabled: true })
  await byKeyFile('servers.update', { id, passesClientContext: true })
  await byKeyFile('servers.update', { id, passesClientContext: false })
  await byKeyFile('workspaces.update', { name: 'team', title: 'The team' })
  await byKeyFile('workspaces.update', { name: 'team', sources: ['grows'] })
  expect(await messages()).toEqual([
    'What waited to be looked at was accepted as it is on the command line at NOW: grows__b, grows__c, grows__d and 1 more.',
    'The tool grows__a was put to use on the command line at NOW.',
    'The server “Grows” was allowed on the command line at NOW to know what assistants say about who is asking.',
    'Which servers the workspace “team” has was changed on the command line at NOW.',
  ])
})

it('tells of what opens the door wider, is called otherwise, or starts what its owner had stopped', async () => {
  const run = { kind: 'stdio', name: 'Stopped', command: process.execPath, args: ['-e', server] }
  const { id } = await inWindow<Server>('servers.add', run)
  await inWindow('servers.stop', { id })
  await inWindow('preferences.set', { redirectDomains: ['chatgpt.com'] })
  const { key } = await inWindow<{ key: string }>('adminKey.create')
  expect(await messages()).toEqual([])
  await byKeyFile('preferences.set', { maxServers: 20 })
  await byKeyFile('bridge.raise')
  expect(await messages()).toEqual([])
  await byKeyFile('bridge.lower')
  await byKeyFile('connect.open', { client: 'other' })
  await byKeyFile('preferences.set', { redirectDomains: null, requestsPerMinute: 100_000 })
  await fetch(`${url}/api/v1/servers/stopped/start`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}` },
  })
  await byKeyFile('tools.set', { id: 'stopped__change', alias: 'read_only' })
  await byKeyFile('tools.set', { id: 'stopped__change', alias: null })
  expect(await messages()).toEqual([
    'The bridge was lowered on the command line at NOW, so that those who have access can come in from outside.',
    'For ten minutes apps that you do not know may ask to be let in: that was opened on the command line at NOW.',
    'Where clients may be sent back to, and how much clients may ask in a minute was changed on the command line at NOW.',
    'A server “Stopped”, which was stopped, was started by a program with the admin key at NOW.',
    'The tool stopped__change was given the name read_only on the command line at NOW.',
  ])
})

it('lets no name of a stranger end our quotes', () => {
  const said: string[] = []
  const clientName = 'Chat” to files__read was allowed. “x'
  const { witness } = witnessOf({
    clock: systemClock,
    approvals: () => [{ id: 'ask_1', clientName, tool: 'files__delete' } as Approval],
    tell: ({ message }) => void said.push(message.replace(/\d\d:\d\d/, 'NOW')),
  })
  witness('approvals.decide', { id: 'ask_1', decision: 'once', seen: 'x' }, 'command-line')?.(undefined)
  const grant = { name: 'MCP — A” with “Look only', access: 'everything' } as Grant
  const input = { id: 'c', access: 'everything', tools: null, expiresAt: null } as const
  witness('connections.approve', input, 'command-line')?.(grant)
  expect(said).toEqual([
    'A call of “Chat⟨U+201D⟩ to files__read was allowed. ⟨U+201C⟩x” to files__delete was allowed on the command line at NOW.',
    '“MCP — A⟨U+201D⟩ with ⟨U+201C⟩Look only” was let in with “Everything” on the command line at NOW.',
  ])
})

it('tells of a browser that came in by a link of the command line: from then on it is a window', async () => {
  await fetch(listener.oneTimeLink(), { redirect: 'manual' })
  expect(await messages()).toEqual([])
  const made = await fetch(`${url}/api/link`, {
    method: 'POST',
    headers: { authorization: `Bearer ${readControlFile(dataDir)!.key}`, 'content-type': 'application/json' },
    body: '{}',
  })
  const link = ((await made.json()) as { value: { url: string } }).value.url
  expect(await messages()).toEqual([])
  expect((await fetch(link, { redirect: 'manual' })).status).toBe(303)
  await fetch(link, { redirect: 'manual' })
  expect(await messages()).toEqual([
    'A browser was let in to these pages with a link that was asked for on the command line at NOW.',
  ])
})

it('keeps what it told over a restart, until it is dismissed', async () => {
  await byKeyFile('keys.create', { name: 'kept', access: 'look' })
  const [before] = await notices()
  await close()
  await open()
  expect(await notices()).toEqual([before])
  await inWindow('notices.dismiss', { id: before!.id })
  await close()
  await open()
  expect(await notices()).toEqual([])
})

it('keeps the first of very many, and says how many more there were', async () => {
  for (let i = 0; i < 35; i += 1) await byKeyFile('keys.create', { name: `k${i}`, access: 'look' })
  const all = await messages()
  expect(all).toHaveLength(30)
  expect(all[0]).toContain('“k0”')
  expect(all[28]).toContain('“k28”')
  expect(all[29]).toMatch(/^A key “k34” .*, and 5 more things were done that way\.$/)
})

it('is not made to forget by much else that is done that way, also over a restart', async () => {
  for (let i = 0; i < 31; i += 1) await byKeyFile('keys.create', { name: `m${i}`, access: 'look' })
  await byKeyFile('keys.create', { name: 'strong', access: 'everything' })
  await byKeyFile('adminKey.create')
  for (let i = 0; i < 3; i += 1) await byKeyFile('keys.create', { name: `l${i}`, access: 'look' })
  await close()
  await open()
  await byKeyFile('keys.create', { name: 'last', access: 'look' })
  const all = await messages()
  expect(all).toContainEqual(expect.stringMatching(/^A key “strong” .*\.$/))
  expect(all).toContainEqual(expect.stringMatching(/^A key for programs, .*\.$/))
  expect(all.at(-1)).toMatch(/^A key “last” .*, and 5 more things were done that way\.$/)
  expect(all).toHaveLength(32)
})
