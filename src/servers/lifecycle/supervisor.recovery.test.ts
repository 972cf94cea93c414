/** Long because each way in which a web server can forget, or be busy, is played by a server of its own. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Parsed } from '../../contract/api.ts'
import type { Raw } from '../../mcp/tool-source.ts'
import { callText, closeAll, fixture, type SetUp, setUp, stdio, until } from '../testing/setup.ts'

interface Asked {
  method: string
  session: string | undefined
  message: Raw | null
  /** Of the HTTP request. */
  http: string
}
type Answer = (asked: Asked, res: ServerResponse) => boolean | undefined

let at: SetUp
const open: Server[] = []
beforeEach(() => {
  at = setUp({ firstBackoff: 30, start: 8_000 })
})
afterEach(async () => {
  await closeAll()
  for (const server of open.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

const json = (res: ServerResponse, message: unknown, status = 200, headers = {}) =>
  res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(message))

const tools = [
  { name: 'write', inputSchema: { type: 'object', properties: {} } },
  { name: 'read', inputSchema: { type: 'object', properties: {} }, annotations: { readOnlyHint: true } },
]

/** A server of the 2025 era with sessions. `before` may answer in its place; true: it did. */
async function legacy(before: Answer = () => undefined) {
  const sessions = new Set<string>()
  const asked: Asked[] = []
  const done: string[] = []
  let given = 0
  const server = createServer(async (req: IncomingMessage, res) => {
    let body = ''
    for await (const chunk of req) body += chunk
    const message = body === '' ? null : (JSON.parse(body) as Raw)
    const session = req.headers['mcp-session-id'] as string | undefined
    const one: Asked = { method: String(message?.method ?? ''), session, message, http: req.method! }
    asked.push(one)
    if (before(one, res)) return
    if (req.method !== 'POST') return void res.writeHead(405).end()
    const id = message?.id
    if (one.method === 'server/discover')
      return void json(res, { jsonrpc: '2.0', id, error: { code: -32601, message: 'Method not found' } })
    if (one.method === 'initialize') {
      given += 1
      const name = `s${given}`
      sessions.add(name)
      const serverInfo = { name: 'web', version: '1' }
      const result = { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo }
      return void json(res, { jsonrpc: '2.0', id, result }, 200, { 'mcp-session-id': name })
    }
    if (id === undefined) return void res.writeHead(202).end()
    if (one.method === 'tools/list') return void json(res, { jsonrpc: '2.0', id, result: { tools } })
    if (one.method === 'ping') return void json(res, { jsonrpc: '2.0', id, result: {} })
    const { name } = message!.params as { name: string }
    done.push(name)
    json(res, { jsonrpc: '2.0', id, result: { content: [{ type: 'text', text: `${name} in ${session}` }] } })
  })
  open.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`
  return { url, sessions, asked, done }
}

const web = (url: string, kind: 'http' | 'sse' = 'http'): Parsed<'servers.add'> => ({
  kind,
  name: 'Web',
  url,
  headers: {},
  timeout: 5_000,
})
const now = () => at.servers.list()[0]!

/** Answers for a session that is not known, as these servers do. */
const forgets = (status: number, message: string | null, sessions: () => Set<string>): Answer => {
  return ({ http, method, session }, res) => {
    if (http !== 'POST' || session === undefined || sessions().has(session)) return
    if (method === '') return
    if (message === null) res.writeHead(status).end()
    else json(res, { jsonrpc: '2.0', id: null, error: { code: -32000, message } }, status)
    return true
  }
}

describe('a web server that has forgotten the session', () => {
  it.each([
    [404, null],
    [404, 'Session not found'],
    [400, 'Bad Request: No valid session ID provided'],
    [400, 'Bad Request: Server not initialized'],
    [400, 'Bad Request: Mcp-Session-Id header is required'],
    [400, 'Invalid or missing session ID'],
    [400, 'No transport found for sessionId'],
    [410, 'Session expired'],
  ])('is given a new one, and the call that found out is made once more (%i %s)', async (status, message) => {
    let known = new Set<string>()
    const server = await legacy(forgets(status, message, () => known))
    known = server.sessions
    await at.servers.add(web(server.url))
    expect(await callText(at.servers, 'web', 'write')).toBe('write in s1')
    // More often than a program may crash.
    for (let round = 2; round < 9; round += 1) {
      server.sessions.clear()
      expect(await callText(at.servers, 'web', 'write')).toBe(`write in s${round}`)
    }
    expect(server.done).toHaveLength(8)
    expect(now()).toMatchObject({ state: 'running', restarts: 0, error: null })
  })

  it('is given one new session for all calls that found out at once', async () => {
    let known = new Set<string>()
    const server = await legacy(forgets(404, null, () => known))
    known = server.sessions
    await at.servers.add(web(server.url))
    server.sessions.clear()
    const all = await Promise.all(Array.from({ length: 8 }, () => callText(at.servers, 'web', 'write')))
    expect(new Set(all)).toEqual(new Set(['write in s2']))
  })

  it('is told of once, and the call not made a third time, when the new session is forgotten as well', async () => {
    let calls = 0
    const server = await legacy(({ method }, res) => {
      if (method !== 'tools/call') return
      calls += 1
      json(res, { jsonrpc: '2.0', id: null, error: { code: -32000, message: 'Session not found' } }, 404)
      return true
    })
    await at.servers.add(web(server.url))
    await expect(callText(at.servers, 'web', 'write')).rejects.toMatchObject({
      code: 'server-session-ended',
    })
    expect(calls).toBe(2)
    await until(() => now().state === 'running')
  })

  it.each<[number, string, 'of it' | 'of nothing' | 'plain']>([
    [500, 'Session expired', 'of nothing'],
    [502, 'No valid session ID provided', 'plain'],
    [422, 'The payment was booked, but the checkout session has expired.', 'plain'],
    [409, 'The payment was booked, but the checkout session has expired.', 'plain'],
    [400, 'The payment was booked, but the checkout session has expired.', 'plain'],
    [400, 'The payment was booked, but the checkout session has expired.', 'of nothing'],
    [200, 'The payment was booked, but the checkout session has expired.', 'of nothing'],
    [400, 'Invalid session ID', 'of it'],
    [200, 'Unknown session', 'of nothing'],
    [
      400,
      '{"statusCode":400,"error":"Bad Request","message":"Booked, but the session has expired"}',
      'plain',
    ],
    [400, '{"error":{"message":"Session expired","data":"Booked"}}', 'plain'],
    [400, '{"error":"Session expired","booked":true}', 'plain'],
    [400, 'Оплачено. Session not found', 'of nothing'],
    [400, '支払い済み。Session not found', 'plain'],
  ])(
    'does nothing twice that may have begun, and repeats what only reads (%i %s, %s)',
    async (status, said, how) => {
      let broken = true
      const server = await legacy(({ method, message }, res) => {
        if (method !== 'tools/call' || !broken) return
        broken = false
        const id = how === 'of it' ? message!.id : null
        if (how === 'plain') res.writeHead(status).end(said)
        else json(res, { jsonrpc: '2.0', id, error: { code: -32000, message: said } }, status)
        return true
      })
      await at.servers.add(web(server.url))
      await expect(callText(at.servers, 'web', 'write')).rejects.toMatchObject({
        code: 'server-session-ended',
      })
      broken = true
      await until(() => now().state === 'running')
      expect(await callText(at.servers, 'web', 'read')).toMatch(/^read in s\d$/)
      expect(server.done).toEqual(['read'])
    },
  )

  it.each([
    'Unknown session',
    'Invalid session. A valid Mcp-Session-Id header is required.',
    'Bad Request: Server not initialized',
    'Session 0b7f2c9e-1d2a-4f7c-9f6e-0a1b2c3d4e5f not found',
    'SESSION_NOT_FOUND: Session not found',
    'Session not found. Please re-initialize.',
  ])('is sent a change again where its transport says of the session alone: %s', async (said) => {
    let broken = true
    const server = await legacy(({ method }, res) => {
      if (method !== 'tools/call' || !broken) return
      broken = false
      json(res, { jsonrpc: '2.0', id: null, error: { code: -32000, message: said } }, 400)
      return true
    })
    await at.servers.add(web(server.url))
    expect(await callText(at.servers, 'web', 'write')).toMatch(/^write in s\d$/)
    expect(server.done).toEqual(['write'])
  })

  it('is not sent a call again for the number of headers that do not fit, which older ones know for anything', async () => {
    const server = await legacy(({ method, message }, res) => {
      if (method !== 'tools/call') return
      server.done.push('write')
      json(res, { jsonrpc: '2.0', id: message!.id, error: { code: -32020, message: 'booked, no receipt' } })
      return true
    })
    await at.servers.add(web(server.url))
    expect(await callText(at.servers, 'web', 'write')).toBe('booked, no receipt')
    expect(server.done).toHaveLength(1)
  })

  it('is not taken to have forgotten because it knows no such method, which is HTTP 404 as well', async () => {
    const server = await legacy(({ method, message }, res) => {
      const id = message?.id
      if (method === 'initialize') {
        const capabilities = { tools: {}, prompts: {} }
        const serverInfo = { name: 'web', version: '1' }
        const result = { protocolVersion: '2025-06-18', capabilities, serverInfo }
        json(res, { jsonrpc: '2.0', id, result }, 200, { 'mcp-session-id': 's1' })
        return true
      }
      if (method !== 'prompts/list' && method !== 'ping') return
      json(res, { jsonrpc: '2.0', id, error: { code: -32601, message: 'Method not found' } }, 404)
      return true
    })
    await at.servers.add(web(server.url))
    expect(now()).toMatchObject({ state: 'running', prompts: 0 })
    await at.servers.check(now().id)
    expect(await callText(at.servers, 'web', 'write')).toBe('write in s1')
    expect(server.asked.filter(({ method }) => method === 'initialize')).toHaveLength(1)
  })

  it('is given a new one where it says with the code for unknown methods that there is no such session', async () => {
    let known = new Set<string>()
    const server = await legacy(({ message, session }, res) => {
      if (message?.id === undefined || session === undefined || known.has(session)) return
      const error = { code: -32601, message: 'Session not found' }
      json(res, { jsonrpc: '2.0', id: message.id, error }, 404)
      return true
    })
    known = server.sessions
    await at.servers.add(web(server.url))
    server.sessions.clear()
    expect(await callText(at.servers, 'web', 'write')).toBe('write in s2')
    expect(server.done).toEqual(['write'])
  })

  it('is given a new one where it answers a call so, in whatever words, but not that call again', async () => {
    const server = await legacy(({ method, message, session }, res) => {
      if (method !== 'tools/call' || session !== 's1') return
      const error = { code: -32004, message: 'Booked, but no receipt was found' }
      json(res, { jsonrpc: '2.0', id: message!.id, error }, 404)
      return true
    })
    await at.servers.add(web(server.url))
    await expect(callText(at.servers, 'web', 'write')).rejects.toMatchObject({
      code: 'server-session-ended',
    })
    await until(() => now().state === 'running')
    expect(await callText(at.servers, 'web', 'write')).toBe('write in s2')
    expect(server.done).toEqual(['write'])
  })

  it('is not taken to have forgotten because a tool speaks of a session of its own', async () => {
    const server = await legacy(({ method, message }, res) => {
      if (method !== 'tools/call') return
      json(res, { jsonrpc: '2.0', id: message!.id, error: { code: -32602, message: 'Session not found' } })
      return true
    })
    await at.servers.add(web(server.url))
    expect(await callText(at.servers, 'web', 'write')).toBe('Session not found')
    expect(server.asked.filter(({ method }) => method === 'initialize')).toHaveLength(1)
  })

  it('is given a new one when a look at its health finds out', async () => {
    let known = new Set<string>()
    const server = await legacy(forgets(400, 'No valid session ID', () => known))
    known = server.sessions
    const { id } = await at.servers.add(web(server.url))
    server.sessions.clear()
    await at.servers.check(id)
    await until(() => now().state === 'running' && server.sessions.has('s2'))
    expect(await callText(at.servers, 'web', 'write')).toBe('write in s2')
  })
})

describe('a server of the older way that has forgotten the session', () => {
  it.each([
    [404, 'Could not find session'],
    [400, 'No transport found for sessionId'],
  ])('is connected to anew, and the call that found out is made once more (%i %s)', async (status, words) => {
    const streams = new Map<string, ServerResponse>()
    const known = new Set<string>()
    const server = createServer(async (req, res) => {
      if (req.method === 'GET') {
        const name = `s${streams.size + 1}`
        known.add(name)
        streams.set(name, res.writeHead(200, { 'content-type': 'text/event-stream' }))
        return void res.write(`event: endpoint\ndata: /messages?sessionId=${name}\n\n`)
      }
      let body = ''
      for await (const chunk of req) body += chunk
      const name = new URL(req.url!, 'http://x').searchParams.get('sessionId') ?? ''
      if (!known.has(name)) return void res.writeHead(status).end(words)
      res.writeHead(202).end()
      const { id, method } = JSON.parse(body) as Raw
      const results: Record<string, Raw> = {
        initialize: {
          ...{ protocolVersion: '2024-11-05', capabilities: { tools: {} } },
          serverInfo: { name: 'old', version: '1' },
        },
        'tools/list': { tools },
        'tools/call': { content: [{ type: 'text', text: `in ${name}` }] },
      }
      const message = { jsonrpc: '2.0', id, result: results[method as string] ?? {} }
      if (id !== undefined) streams.get(name)!.write(`event: message\ndata: ${JSON.stringify(message)}\n\n`)
    })
    open.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/sse`
    await at.servers.add(web(url, 'sse'))
    expect(await callText(at.servers, 'web', 'write')).toBe('in s1')
    known.clear()
    expect(await callText(at.servers, 'web', 'write')).toBe('in s2')
    expect(now()).toMatchObject({ state: 'running', restarts: 0 })
  })
})

describe('a web server that takes no more requests for now', () => {
  it('is asked for its lists later', async () => {
    let stream: ServerResponse | undefined
    let refusals = 0
    let asked = 0
    const server = await legacy(({ http, method }, res) => {
      if (http === 'GET') {
        stream = res.writeHead(200, { 'content-type': 'text/event-stream' })
        stream.flushHeaders()
        return true
      }
      if (method !== 'tools/list') return
      asked += 1
      if (refusals === 0) return
      refusals -= 1
      res.writeHead(429, { 'retry-after': '1' }).end()
      return true
    })
    await at.servers.add(web(server.url))
    await until(() => stream !== undefined)
    const before = asked
    refusals = 1
    const message = { jsonrpc: '2.0', method: 'notifications/tools/list_changed' }
    stream!.write(`data: ${JSON.stringify(message)}\n\n`)
    await until(() => asked === before + 2, 10_000)
    expect(now().state).toBe('running')
  })

  it('is waited for at its start, as long as it says, and never given up', async () => {
    let refusals = 0
    const times: number[] = []
    const server = await legacy(({ method }, res) => {
      if (method !== 'initialize') return
      times.push(performance.now())
      if (refusals >= 2) return
      refusals += 1
      res.writeHead(429, { 'retry-after': '1' }).end('slow down')
      return true
    })
    const added = await at.servers.add(web(server.url))
    expect(added).toMatchObject({ state: 'waiting', error: { code: 'server-rate-limited' } })
    expect(added.error!.hint).toContain('in one second')
    await until(() => now().state === 'running', 10_000)
    expect(times[1]! - times[0]!).toBeGreaterThan(950)
  })

  it.each([
    ['initialize', 503],
    ['tools/list', 429],
    ['tools/list', 503],
  ])('is waited for when %s is answered by %i', async (busy, status) => {
    let refusals = 0
    const server = await legacy(({ method }, res) => {
      if (method !== busy || refusals >= 1) return
      refusals += 1
      res.writeHead(status, { 'retry-after': '1' }).end()
      return true
    })
    expect((await at.servers.add(web(server.url))).state).toBe('waiting')
    await until(() => now().state === 'running', 10_000)
  })

  it('is waited for during a call when the wait is short, and said when it is long', async () => {
    let rest = '1'
    let refusals = 0
    const server = await legacy(({ method }, res) => {
      if (method !== 'tools/call' || refusals > 0) return
      refusals += 1
      res.writeHead(429, { 'retry-after': rest }).end()
      return true
    })
    await at.servers.add(web(server.url))
    expect(await callText(at.servers, 'web', 'write')).toBe('write in s1')
    rest = '90'
    refusals = 0
    await expect(callText(at.servers, 'web', 'write')).rejects.toMatchObject({
      code: 'server-rate-limited',
      hint: expect.stringContaining('in 90 seconds'),
    })
    // Nothing of it counts against the server.
    expect(now().state).toBe('running')
    expect(await callText(at.servers, 'web', 'write')).toBe('write in s1')
    expect(server.done).toHaveLength(2)
  })
})

it('a call that changes something is not sent again for a 429 that does not say when', async () => {
  let refusals = 0
  const server = await legacy(({ method }, res) => {
    if (method !== 'tools/call' || refusals > 0) return
    refusals += 1
    res.writeHead(429).end('Booked, but too many mails for a receipt')
    return true
  })
  await at.servers.add(web(server.url))
  await expect(callText(at.servers, 'web', 'write')).rejects.toMatchObject({ code: 'server-rate-limited' })
  expect(server.done).toEqual([])
  refusals = 0
  expect(await callText(at.servers, 'web', 'read')).toBe('read in s1')
})

describe('health that fails', () => {
  it('leads to a new connection', async () => {
    let mute = false
    const server = await legacy(
      ({ method }) => (mute && (method === 'ping' || method === 'tools/list')) || undefined,
    )
    at = setUp({ firstBackoff: 30, start: 3_000, call: 200 })
    const { id } = await at.servers.add(web(server.url))
    mute = true
    const checking = at.servers.check(id)
    await until(() => server.asked.some(({ method }) => method === 'ping'))
    await checking
    expect(now().health.ok).toBe(false)
    mute = false
    await until(() => server.sessions.has('s2') && now().state === 'running')
  })

  it('is not failing where a server passes over a ping and answers everything else', async () => {
    const server = await legacy(({ method }) => method === 'ping' || undefined)
    at = setUp({ firstBackoff: 30, start: 3_000, call: 200 })
    const { id } = await at.servers.add(web(server.url))
    await at.servers.check(id)
    expect(now().health.ok).toBe(true)
    expect(server.sessions.size).toBe(1)
  })

  it('leads to a new start of a program that hangs, not at the first silence', async () => {
    at = setUp({ firstBackoff: 30, call: 300 })
    const { id } = await at.servers.add(stdio('Hung', [fixture]))
    const pid = await callText(at.servers, 'hung', 'pid')
    process.kill(Number(pid), 'SIGSTOP')
    expect((await at.servers.check(id)).state).toBe('running')
    await at.servers.check(id)
    await until(() => now().state === 'running' && now().restarts === 1, 10_000)
    expect(await callText(at.servers, 'hung', 'pid')).not.toBe(pid)
  }, 15_000)
})
