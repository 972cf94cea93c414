import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Raw } from '../../mcp/tool-source.ts'
import { callText, closeAll, type SetUp, setUp } from '../testing/setup.ts'

/** Sessions, streams and connections as servers and what stands before them really treat them. */

interface Message {
  id?: number
  method?: string
}
/** True: it has answered. */
type Odd = (req: IncomingMessage, res: ServerResponse, message: Message) => boolean | undefined

let at: SetUp
let server: Server
let odd: Odd
let asked: string[]
const isJson = { 'content-type': 'application/json' }
const results: Record<string, Raw> = {
  initialize: {
    protocolVersion: '2025-11-25',
    capabilities: { tools: {} },
    serverInfo: { name: 'web', version: '1' },
  },
  'tools/list': { tools: [{ name: 'a', inputSchema: { type: 'object' } }] },
  'tools/call': { content: [{ type: 'text', text: 'understood' }] },
}
const answer = ({ id, method }: Message): Raw => {
  const error = { code: -32601, message: 'Method not found' }
  return { jsonrpc: '2.0', id, ...(results[method!] ? { result: results[method!] } : { error }) }
}

beforeEach(async () => {
  at = setUp({ firstBackoff: 50, start: 5_000, call: 5_000, otherLists: 300 })
  odd = () => undefined
  asked = []
  server = createServer(async (req, res) => {
    let body = ''
    for await (const chunk of req) body += chunk
    const message = (body === '' ? {} : JSON.parse(body)) as Message
    asked.push(message.method ?? req.method!)
    if (odd(req, res, message)) return
    if (req.method !== 'POST') res.writeHead(405).end()
    else if (message.id === undefined) res.writeHead(202).end()
    else res.writeHead(200, isJson).end(JSON.stringify(answer(message)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterEach(async () => {
  await closeAll()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const add = () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`
  return at.servers.add({ kind: 'http', name: 'Web', url, headers: {}, timeout: 5_000 })
}
const call = () => callText(at.servers, 'web', 'a')

it('an answer that was taken in with 202 comes on the other stream', async () => {
  let stream: ServerResponse | undefined
  odd = (req, res, message) => {
    if (req.method === 'GET') {
      stream = res.writeHead(200, { 'content-type': 'text/event-stream' })
      stream.write(': here\n\n')
      return true
    }
    if (message.method !== 'tools/call') return
    res.writeHead(202).end()
    stream!.write(`data: ${JSON.stringify(answer(message))}\n\n`)
    return true
  }
  await add()
  await expect.poll(() => stream).toBeDefined()
  // Its beginning has to have come.
  await expect.poll(call).toBe('understood')
})

it.each([301, 302, 307, 308])('%i to the same address with a slash is followed', async (status) => {
  odd = (req, res) => {
    if (req.url !== '/mcp') return
    res.writeHead(status, { location: '/mcp/' }).end()
    return true
  }
  expect(await add()).toMatchObject({ state: 'running' })
  expect(await call()).toBe('understood')
})

it('one that calls itself by another name of this computer is asked under the one that was given', async () => {
  odd = (req, res) => {
    if (req.url !== '/mcp') return
    const { port } = server.address() as AddressInfo
    res.writeHead(307, { location: `http://localhost:${port}/mcp/` }).end()
    return true
  }
  expect(await add()).toMatchObject({ state: 'running' })
  expect(await call()).toBe('understood')
})

it.each([
  [302, '/login'],
  [301, '/mcp2/'],
  [303, '/mcp/'],
  [301, 'http://127.0.0.1:1/mcp/'],
])('but %i to %s is not', async (status, location) => {
  odd = (req, res) => {
    if (req.url !== '/mcp') expect.unreachable()
    res.writeHead(status, { location }).end()
    return true
  }
  expect(await add()).toMatchObject({ state: 'failed', error: { code: 'server-moved' } })
})

it.each<[string, string, string[]]>([
  ['twice', 'initialize', ['Mcp-Session-Id', 's', 'mcp-session-id', 's']],
  ['with the first notification', 'notifications/initialized', ['mcp-session-id', 's']],
])('a session that is named %s is one', async (_how, method, headers) => {
  odd = (req, res, message) => {
    if (message.method === method) {
      const isAnswer = message.id !== undefined
      res.writeHead(isAnswer ? 200 : 202, [
        ...(isAnswer ? ['content-type', 'application/json'] : []),
        ...headers,
      ])
      res.end(isAnswer ? JSON.stringify(answer(message)) : '')
      return true
    }
    if (message.method !== 'tools/call' || req.headers['mcp-session-id'] === 's') return
    res.writeHead(400).end('Mcp-Session-Id is required')
    return true
  }
  await add()
  expect(await call()).toBe('understood')
  expect(asked.filter((one) => one === 'initialize')).toHaveLength(1)
})

it.each([
  [true, { error: { code: -32000, message: 'Bad Request: No valid session ID provided' } }],
  [false, { id: null, error: { code: -32001, message: 'Session not found' } }],
  [false, { id: 'server-error', error: { code: -32600, message: 'Session has been terminated' } }],
])(
  'a session forgotten with HTTP 200 is a new one, and the call is made once more: %s, %j',
  async (isSafe, error) => {
    let sessions = 0
    odd = (req, res, message) => {
      if (message.method === 'initialize') {
        sessions += 1
        res
          .writeHead(200, { ...isJson, 'mcp-session-id': `s${sessions}` })
          .end(JSON.stringify(answer(message)))
        return true
      }
      if (message.method !== 'tools/call' || req.headers['mcp-session-id'] !== 's1') return
      res.writeHead(200, isJson).end(JSON.stringify({ jsonrpc: '2.0', ...error }))
      return true
    }
    await add()
    // Where it may be a tool's words, only what comes next is sent.
    if (!isSafe) await expect(call()).rejects.toMatchObject({ code: 'server-session-ended' })
    await expect.poll(() => call().catch(() => '')).toBe('understood')
    expect(sessions).toBe(2)
  },
)

it('a connection that is closed as it is used again costs nothing that only asks, and no call is made twice', async () => {
  const used = new WeakSet<Socket>()
  let calls = 0
  odd = (req, _res, { method }) => {
    if (method === 'tools/call') calls += 1
    if (!used.has(req.socket)) {
      used.add(req.socket)
      return
    }
    req.socket.destroy()
    return true
  }
  expect(await add()).toMatchObject({ state: 'running', tools: 1 })
  const before = calls
  await call().catch(() => {})
  expect(calls - before).toBe(1)
})

it.each<[string, string]>([
  ['has a space in it', 'a b c'],
  ['is another one with each answer, and only the last one good', ''],
])('a session whose name %s is kept', async (_how, fixed) => {
  let last = ''
  odd = (req, res, { method, id }) => {
    if (req.method !== 'POST' || method === 'server/discover') return undefined
    if (method !== 'initialize' && req.headers['mcp-session-id'] !== last) {
      res.writeHead(400, isJson).end('{"error":"Missing session ID"}')
      return true
    }
    last = fixed || `session-${asked.length}`
    res.writeHead(id === undefined ? 202 : 200, { ...isJson, 'mcp-session-id': last })
    res.end(id === undefined ? '' : JSON.stringify(answer({ id, method: method! })))
    return true
  }
  await add()
  for (let n = 0; n < 3; n += 1) expect(await callText(at.servers, 'web', 'a')).toBe('understood')
  expect(asked.filter((method) => method === 'initialize')).toHaveLength(1)
})

it('a stream that is ended again and again while nothing comes is asked for again and again', async () => {
  let streams = 0
  odd = (req, res) => {
    if (req.method !== 'GET') return undefined
    streams += 1
    res.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
    // As load balancers do after a minute, in their two ways.
    setTimeout(() => (streams % 2 === 0 ? res.end() : res.destroy()), 1_100)
    return true
  }
  const { restarts } = await add()
  await expect.poll(() => streams, { timeout: 15_000, interval: 100 }).toBeGreaterThan(4)
  expect(await callText(at.servers, 'web', 'a')).toBe('understood')
  expect(at.servers.list()[0]).toMatchObject({ state: 'running', restarts })
}, 20_000)

it.each([400, 404, 405, 500])('a server that answers notifications with HTTP %i is one', async (status) => {
  odd = (_req, res, { id, method }) => {
    if (id !== undefined || method === undefined) return undefined
    res.writeHead(status).end('Unknown method')
    return true
  }
  expect(await add()).toMatchObject({ state: 'running', tools: 1 })
  expect(await callText(at.servers, 'web', 'a')).toBe('understood')
})
