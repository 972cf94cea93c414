import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { Assistant } from '../fixtures/assistant.ts'
import { type InProcess, startInProcess } from '../fixtures/in-process.ts'
import { calling, listenHeaders, listening, streamOf } from './open-streams.ts'
import { mcpHeaders, pinnedClient, refreshRaw, sendRaw, statusOf } from './raw-requests.ts'

/** What pulling the bridge up promises, with or without the end of all access. */
const withinMs = 1_000

let under: InProcess
afterEach(() => under?.stop())

async function open(dataDir?: string): Promise<void> {
  under = await startInProcess(dataDir === undefined ? {} : { dataDir })
  if (dataDir === undefined)
    await under.ask('servers.add', {
      kind: 'stdio',
      name: 'Slow',
      command: process.execPath,
      args: [join(import.meta.dirname, '../../src/servers/testing/fixture-server.mjs')],
    })
  await expect
    .poll(async () => (await under.ask('tools.list')).map(({ name }) => name), {
      timeout: 10_000,
    })
    .toContain('slow__sleep')
}
/** The same data folder, as a new process would find it. */
async function restart(): Promise<void> {
  const { dataDir } = under
  await under.stop()
  await open(dataDir)
}
const newKey = (name: string, access: 'ask' | 'everything' = 'ask') =>
  under.ask('keys.create', { name, access })
const approvals = () => under.ask('approvals.list')
const call = async (token: string, session?: string) => {
  const got = await sendRaw(under, {
    method: 'POST',
    path: '/mcp',
    headers: { ...mcpHeaders(token), ...(session !== undefined && { 'mcp-session-id': session }) },
    body: JSON.stringify(calling('slow__pid', {}, false)),
  })
  return `${got.status} ${got.text}`
}

describe('raising and ending all access', () => {
  it('ends three streaming clients, their calls and what waits within a second, and they stay out', {
    timeout: 60_000,
  }, async () => {
    await open()
    const clients: Assistant[] = []
    for (const name of ['panic0', 'panic1', 'panic2']) clients.push(await under.connect(pinnedClient(name)))
    const key = await newKey('Panic key')
    const { key: adminKey } = await under.ask('adminKey.create')
    const streams: Awaited<ReturnType<typeof streamOf>>[] = []
    for (const { tokens } of clients)
      streams.push(
        await streamOf(under, tokens.access, listening, listenHeaders),
        await streamOf(under, tokens.access, calling('slow__sleep', { ms: 40_000 }, true)),
        await streamOf(under, tokens.access, calling('slow__sleep', { ms: 40_000 }, false)),
      )
    streams.push(await streamOf(under, key.token, calling('slow__pid', { n: 1 }, false)))
    for (const at of [0, 3, 6])
      await expect.poll(() => streams[at]!.read(), { timeout: 5_000 }).toContain('200 text/event-stream')
    await expect.poll(async () => (await approvals()).length, { timeout: 5_000 }).toBe(1)
    await new Promise((done) => setTimeout(done, 100))
    expect(streams.every((stream) => stream.isOpen())).toBe(true)
    const { id, seen } = await under.ask('approvals.get', { id: (await approvals())[0]!.id })

    const began = performance.now()
    const status = await under.ask('bridge.raise', { endAllAccess: true })
    const took = await Promise.all(streams.map(async (stream) => (await stream.ended) - began))
    expect(status.bridge.state).toBe('raised')
    expect(await approvals()).toEqual([])
    console.log(
      `raised and ended all access: ${took.length} streams and calls of three clients and a key ended after ${Math.max(...took).toFixed(1)} ms at most`,
    )
    expect(Math.max(...took)).toBeLessThan(withinMs)
    expect(await under.host.dispatch('approvals.decide', { id, decision: 'once', seen })).toMatchObject({
      ok: false,
    })
    expect(await under.ask('grants.list')).toEqual([])
    expect(under.host.isAdminKey(adminKey)).toBe(false)
    const tokens = [...clients.map(({ tokens }) => tokens.access), key.token]
    for (const token of tokens) expect(await statusOf(under, token)).toBe(503)

    await restart()
    expect((await under.ask('status.get')).bridge.state).toBe('raised')
    for (const token of tokens) expect(await statusOf(under, token)).toBe(503)
    await under.ask('bridge.lower')
    for (const token of tokens) expect(await statusOf(under, token)).toBe(401)
    for (const { clientId, tokens } of clients)
      expect(await refreshRaw(under, clientId, tokens.refresh)).toMatchObject({
        status: 400,
        error: 'invalid_grant',
      })
    expect(under.host.isAdminKey(adminKey)).toBe(false)
    expect(await under.ask('grants.list')).toEqual([])
  })
})

describe('a pause', () => {
  it('refuses calls with a sentence, cuts what goes on, outlives a restart and ends by itself', {
    timeout: 60_000,
  }, async () => {
    await open()
    const assistant = await under.connect(pinnedClient('paused'))
    const [grant] = await under.ask('grants.list')
    const asking = await newKey('Paused key')
    const other = await newKey('Other', 'everything')
    const token = assistant.tokens.access
    const began = await sendRaw(under, {
      method: 'POST',
      path: '/mcp',
      headers: mcpHeaders(token),
      body: JSON.stringify({
        ...{ jsonrpc: '2.0', id: 1, method: 'initialize' },
        params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } },
      }),
    })
    const session = String(began.headers['mcp-session-id'])
    const streams = [
      await streamOf(under, token, listening, listenHeaders),
      await streamOf(under, token, calling('slow__sleep', { ms: 40_000 }, false)),
      await streamOf(under, asking.token, calling('slow__pid', { n: 1 }, false)),
    ]
    const bystander = await streamOf(under, other.token, calling('slow__sleep', { ms: 40_000 }, false))
    await expect.poll(async () => (await approvals()).length, { timeout: 5_000 }).toBe(1)
    await new Promise((done) => setTimeout(done, 100))
    const at = performance.now()
    await under.ask('grants.pause', { id: grant!.id })
    await under.ask('grants.pause', { id: asking.grant.id })
    for (const stream of streams) expect((await stream.ended) - at).toBeLessThan(withinMs)
    expect(await approvals()).toEqual([])
    expect(bystander.isOpen()).toBe(true)
    for (const one of [token, asking.token]) {
      expect(await call(one)).toMatch(/^200 .*"isError":true/)
      expect(await call(one)).toContain('The owner has paused this connection until')
      // What it is offered stays: clients keep lists.
      expect(await statusOf(under, one)).toBe(200)
    }
    expect(await call(other.token)).not.toContain('isError":true')
    const [row] = await under.ask('activity.list', {
      search: 'paused',
    })
    expect(row).toMatchObject({
      decision: 'denied',
      error: expect.stringContaining('paused this connection'),
    })

    await restart()
    expect(await call(token)).toContain('paused this connection')
    await under.ask('grants.resume', { id: asking.grant.id })
    const resumed = streamOf(under, asking.token, calling('slow__pid', { n: 2 }, false))
    await expect.poll(async () => (await approvals()).length, { timeout: 5_000 }).toBe(1)
    expect(await call(token)).toContain('paused this connection')
    await under.ask('grants.revoke', { id: asking.grant.id })
    await (await resumed).ended
    under.moveTo(55 * 60_000)
    await assistant.refresh()
    expect(await call(assistant.tokens.access)).toContain('paused this connection')
    under.moveTo(60 * 60_000)
    expect(await call(assistant.tokens.access, session)).not.toContain('paused')
    expect((await under.ask('grants.list')).map(({ pausedUntil }) => pausedUntil)).toEqual([null, null])
  })

  it('leaves the session of a client where it is, so that it goes on in it', {
    timeout: 30_000,
  }, async () => {
    await open()
    const key = await newKey('Sessions', 'everything')
    const began = await sendRaw(under, {
      method: 'POST',
      path: '/mcp',
      headers: mcpHeaders(key.token),
      body: JSON.stringify({
        ...{ jsonrpc: '2.0', id: 1, method: 'initialize' },
        params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } },
      }),
    })
    const session = String(began.headers['mcp-session-id'])
    await under.ask('grants.pause', { id: key.grant.id, minutes: 1 })
    expect(await call(key.token, session)).toContain('paused this connection')
    await under.ask('grants.resume', { id: key.grant.id })
    expect(await call(key.token, session)).toMatch(/^200 (?!.*isError":true)/)
  })
})
