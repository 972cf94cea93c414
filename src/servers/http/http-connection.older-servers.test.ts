import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Raw } from '../../mcp/tool-source.ts'
import { callText, closeAll, type SetUp, setUp } from '../testing/setup.ts'

let at: SetUp
const open: Server[] = []
let refusesInitialize = false
beforeEach(() => {
  refusesInitialize = false
  at = setUp({ firstBackoff: 50, start: 20_000 })
})
afterEach(async () => {
  await closeAll()
  for (const server of open.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

const json = (res: ServerResponse, message: unknown, status = 200) =>
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(message))

/** A server of the 2025 era that knows no `server/discover`, and answers it in its own way. */
async function odd(discover: (res: ServerResponse, id: unknown) => void, key?: string) {
  const asked: { method: string; at: number }[] = []
  const server = createServer(async (req, res) => {
    let body = ''
    for await (const chunk of req) body += chunk
    if (req.method !== 'POST') return void res.writeHead(405).end()
    const { id, method } = JSON.parse(body) as Raw
    asked.push({ method: method as string, at: performance.now() })
    if (method === 'server/discover') return discover(res, id)
    if (key !== undefined && req.headers.authorization !== key) return void json(res, {}, 401)
    if (id === undefined) return void res.writeHead(202).end()
    if (method === 'initialize' && refusesInitialize)
      return void json(res, { jsonrpc: '2.0', id, error: { code: -32601, message: 'no such method' } }, 404)
    const tools = [{ name: 'hello', inputSchema: { type: 'object', properties: {} } }]
    const results: Record<string, Raw> = {
      initialize: {
        ...{ protocolVersion: '2025-06-18', capabilities: { tools: {} } },
        serverInfo: { name: 'odd', version: '1' },
      },
      'tools/list': { tools },
      'tools/call': { content: [{ type: 'text', text: 'hello' }] },
    }
    json(res, { jsonrpc: '2.0', id, result: results[method as string] ?? {} })
  })
  open.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`, asked }
}
const add = (url: string, headers: Record<string, string> = {}) =>
  at.servers.add({ kind: 'http', name: 'Odd', url, headers, timeout: 5_000 })

const page = '<!doctype html><title>Hello</title>'
const answers: [string, (res: ServerResponse, id: unknown) => void][] = [
  ['500', (res) => void res.writeHead(500).end('Internal Server Error')],
  [
    '500 with an error of JSON-RPC',
    (res, id) => void json(res, { jsonrpc: '2.0', id, error: { code: -32603, message: 'oops' } }, 500),
  ],
  ['502 with a page', (res) => void res.writeHead(502, { 'content-type': 'text/html' }).end(page)],
  ['a page', (res) => void res.writeHead(200, { 'content-type': 'text/html' }).end(page)],
  ['202', (res) => void res.writeHead(202).end()],
  ['204', (res) => void res.writeHead(204).end()],
  ['200 and nothing', (res) => void res.writeHead(200, { 'content-type': 'application/json' }).end()],
  ['JSON that is no message', (res) => void json(res, { ok: true })],
  ['a result that is none', (res, id) => void json(res, { jsonrpc: '2.0', id, result: {} })],
  [
    'half an answer',
    (res) => void res.writeHead(200, { 'content-type': 'application/json' }).end('{"jsonrpc":"2'),
  ],
  ['401', (res) => void res.writeHead(401).end()],
  ['401 with a challenge', (res) => void res.writeHead(401, { 'www-authenticate': 'Bearer' }).end()],
  ['403', (res) => void res.writeHead(403).end('Forbidden')],
  ['400', (res) => void res.writeHead(400).end('Bad Request: Server not initialized')],
  ['422', (res) => void json(res, { detail: 'unknown method' }, 422)],
  ['429', (res) => void res.writeHead(429).end()],
  ['501', (res) => void res.writeHead(501).end()],
  ['a closed socket', (res) => void res.socket!.destroy()],
  [
    'a stream that ends at once',
    (res) => void res.writeHead(200, { 'content-type': 'text/event-stream' }).end(),
  ],
  ['silence', () => {}],
  [
    'a stream of silence',
    (res) => void res.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders(),
  ],
]

describe('a server of the 2025 era that does not know the first question', () => {
  it.each(answers)(
    'is added when it answers it with %s',
    async (_what, discover) => {
      const { url, asked } = await odd(discover)
      expect(await add(url)).toMatchObject({ state: 'running', protocol: '2025-06-18', error: null })
      expect(await callText(at.servers, 'odd', 'hello')).toBe('hello')
      // At once, or within five seconds where there was nothing to go by.
      const first = (name: string) => asked.find(({ method }) => method === name)!.at
      expect(first('initialize') - first('server/discover')).toBeLessThan(5_000)
    },
    15_000,
  )

  it('is told from one that wants a key', async () => {
    const { url } = await odd((res) => void res.writeHead(401).end(), 'Bearer good-key')
    expect(await add(url)).toMatchObject({ state: 'failed', error: { code: 'server-refused' } })
    await at.servers.remove(at.servers.list()[0]!.id)
    expect(await add(url, { Authorization: 'Bearer good-key' })).toMatchObject({ state: 'running' })
  })

  it('is asked anew once it was updated to know nothing else', async () => {
    let isNew = false
    const { url, asked } = await odd((res, id) => {
      if (!isNew) return void json(res, { jsonrpc: '2.0', id, error: { code: -32601, message: 'no' } })
      const serverInfo = { name: 'odd', version: '2' }
      const versions = { resultType: 'complete', supportedVersions: ['2026-07-28'], capabilities: {} }
      json(res, { jsonrpc: '2.0', id, result: { ...versions, serverInfo, ttlMs: 0, cacheScope: 'private' } })
    })
    expect((await add(url)).protocol).toBe('2025-06-18')
    isNew = true
    refusesInitialize = true
    const later = at.create()
    await later.startAll()
    expect(later.list()[0]).toMatchObject({ state: 'running', protocol: '2026-07-28' })
    expect(asked.filter(({ method }) => method === 'initialize')).toHaveLength(2)
  })
})
