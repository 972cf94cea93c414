import { appendFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { TimelineEvent, TimelineOverview } from '../contract/timeline.ts'
import type { Tool } from '../contract/tools.ts'
import { createHost } from './create-host.ts'
import type { Host } from './host.ts'

/** The timeline in the whole house: who writes to it, who reads it, and who cannot. */
const dataDir = mkdtempSync(join(tmpdir(), 'drawbridge-timeline-'))
let host: Host
const open = async () => {
  host = await createHost({
    ...{ dataDir, shell: 'headless', version: '0.0.0-test', tunnelHost: 'http://127.0.0.1:9' },
    env: { ...process.env, DRAWBRIDGE_VAULT: 'file' },
  })
}
beforeAll(open)
afterAll(async () => {
  await host.stop()
  rmSync(dataDir, { recursive: true, force: true })
})

async function say<T>(name: string, input?: unknown): Promise<T> {
  const reply = await host.dispatch(name, input)
  if (!reply.ok) throw Object.assign(new Error(reply.error.message), reply.error)
  return reply.value as T
}
let token = ''
async function send(path: string, body: object, headers: object = {}) {
  const answer = await fetch(new URL(path, host.mcpUrl), {
    method: 'POST',
    headers: {
      ...{ authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...{ accept: 'application/json, text/event-stream', ...headers },
    },
    body: JSON.stringify(body),
  })
  const text = await answer.text()
  return { status: answer.status, text }
}
const mcp = async (method: string, params: object = {}) =>
  JSON.parse((await send('/mcp', { jsonrpc: '2.0', id: 1, method, params })).text)
const call = async (name: string, args: object = {}) =>
  (await mcp('tools/call', { name, arguments: args })).result
const event = (id: string, more: object = {}) => ({
  ...{ specversion: '1.0', id, source: 'test', type: 'com.example.deployment', title: `event ${id}` },
  ...more,
})
const timelineTools = async () =>
  ((await mcp('tools/list')).result.tools as { name: string }[])
    .map(({ name }) => name)
    .filter((name) => /event|compare_before|what_changed/.test(name))

it('costs nothing before somebody asks, and then an example is there', async () => {
  expect(existsSync(join(dataDir, 'timeline.db'))).toBe(false)
  token = (await say<{ token: string }>('keys.create', { name: 'laptop', access: 'look' })).token
  expect(await timelineTools()).toEqual([])
  expect(existsSync(join(dataDir, 'timeline.db'))).toBe(false)
  // Its page, say.
  await say('timeline.list', { limit: 1 })
  expect(await timelineTools()).toHaveLength(7)
  const { structuredContent } = await call('recent_events')
  expect(structuredContent.events).toMatchObject([{ example: true }])
})

it('is read with the least access, and switched off like any other tool', async () => {
  await say('timeline.send', { events: [event('one')] })
  expect((await call('search_events', { query: 'one' })).structuredContent.events).toMatchObject([
    { title: 'event one', kind: 'deployment' },
  ])
  expect(await call('recent_events', { since: 'lately' })).toMatchObject({ isError: true })
  const tools = (await say<Tool[]>('tools.list')).filter(({ source }) => source === 'Timeline')
  expect(tools).toHaveLength(7)
  for (const { risk, openWorld, review } of tools)
    expect({ risk, openWorld, review }).toEqual({ risk: 'read', openWorld: true, review: null })
  for (const { id } of tools) await say('tools.set', { id, enabled: false })
  expect(await timelineTools()).toEqual([])
  expect(await call('recent_events').catch(() => undefined)).not.toMatchObject({ structuredContent: {} })
  for (const { id } of tools) await say('tools.set', { id, enabled: true })
  // A workspace has it only when it is among its sources.
  await say('workspaces.create', { name: 'ops', title: 'Ops', sources: ['timeline'] })
})

it('cannot be written to by whoever gets in, at any address that is open to the outside', async () => {
  const before = (await say<TimelineOverview>('timeline.overview')).total
  token = (await say<{ token: string }>('keys.create', { name: 'all', access: 'everything' })).token
  for (const name of ['timeline.send', 'send_event', 'event_send', 'sendEvents'])
    expect(JSON.stringify(await mcp('tools/call', { name, arguments: { events: [event('evil')] } }))).toMatch(
      /no tool|not found|unknown|error/i,
    )
  for (const path of ['/api/v1/events', '/events', '/mcp/events', '/api/call/timeline.send'])
    for (const type of ['application/json', 'application/cloudevents+json'])
      expect((await send(path, event('evil'), { 'content-type': type })).status, path).toBe(404)
  expect((await say<TimelineOverview>('timeline.overview')).total).toBe(before)
})

it('reads the file that the owner names, over a restart, and keeps what is sent once', async () => {
  const file = join(dataDir, 'mine.jsonl')
  await expect(say('preferences.set', { timelineFile: 'mine.jsonl' })).rejects.toMatchObject({
    code: 'bad-path',
  })
  writeFileSync(file, `${JSON.stringify(event('from-file'))}\nnonsense\n`)
  await say('preferences.set', { timelineFile: file })
  const found = async (search: string) => say<TimelineEvent[]>('timeline.list', { search })
  await expect.poll(async () => (await found('from-file')).length, { timeout: 8_000 }).toBe(1)
  expect((await say<TimelineOverview>('timeline.overview')).refused).toMatchObject([
    { problem: 'it is not JSON' },
  ])
  await host.stop()
  appendFileSync(file, `${JSON.stringify(event('while-away'))}\n`)
  await open()
  await expect.poll(async () => (await found('while-away')).length, { timeout: 8_000 }).toBe(1)
  expect(await found('from-file')).toHaveLength(1)
  expect(await found('one')).toHaveLength(1)
  await say('preferences.set', { timelineFile: null })
})

it('tells the pages of what came', async () => {
  const told: string[] = []
  const stop = host.on((name) => told.push(name))
  await say('timeline.send', { events: [event('told')] })
  await expect.poll(() => told, { timeout: 5_000 }).toContain('timeline.changed')
  stop()
})
