import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Raw } from '../../mcp/tool-source.ts'
import { callText, closeAll, exchange, type SetUp, setUp, sourceOf, until } from '../testing/setup.ts'

let at: SetUp
let server: Server
/** Answers that have not ended. */
let open = new Set<ServerResponse>()
/** How it takes a message that asks for nothing, and how it answers a call. */
let takes: (res: ServerResponse) => void
let answers: (res: ServerResponse, id: number) => void
beforeEach(async () => {
  const mine = new Set<ServerResponse>()
  open = mine
  takes = (res) => void res.writeHead(202).end()
  answers = (res, id) => json(res, { id, result })
  at = setUp({ firstBackoff: 50, start: 8_000, call: 1_500, otherLists: 300 })
  let stream: ServerResponse | null = null
  server = createServer(async (req, res) => {
    mine.add(res)
    res.on('close', () => mine.delete(res))
    let body = ''
    for await (const chunk of req) body += chunk
    if (req.method === 'GET') {
      if (req.url !== '/sse') return void res.writeHead(405).end()
      stream = events(res)
      return void stream.write('event: endpoint\ndata: /messages\n\n')
    }
    if (req.method !== 'POST' || req.url === '/sse') return void res.writeHead(405).end()
    const { id, method } = JSON.parse(body) as { id?: number; method?: string }
    if (id === undefined || method === undefined) return takes(res)
    if (req.url === '/messages') {
      takes(res)
      return void stream!.write(`data: ${JSON.stringify({ jsonrpc: '2.0', id, ...usual(method) })}\n\n`)
    }
    if (method === 'tools/call') answers(res, id)
    else json(res, { id, ...usual(method) })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterEach(async () => {
  await closeAll()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const result = { content: [{ type: 'text', text: 'hello' }] }
const usual = (method: string): Raw => {
  const results: Record<string, Raw> = {
    initialize: {
      protocolVersion: '2025-06-18',
      capabilities: { tools: {} },
      serverInfo: { name: 'web', version: '1' },
    },
    'tools/list': { tools: [{ name: 'a', inputSchema: { type: 'object' } }] },
    'tools/call': result,
    ping: {},
  }
  return results[method]
    ? { result: results[method] }
    : { error: { code: -32601, message: 'Method not found' } }
}
const json = (res: ServerResponse, message: Raw) =>
  void res
    .writeHead(200, { 'content-type': 'application/json' })
    .end(JSON.stringify({ jsonrpc: '2.0', ...message }))
const events = (res: ServerResponse) => {
  res.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
  return res
}
const inEvent = (message: Raw) => `data: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`
const add = (kind: 'http' | 'sse' = 'http') => {
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}/${kind === 'http' ? 'mcp' : 'sse'}`
  return at.servers.add({ kind, name: 'Web', url, headers: {}, timeout: 10_000 })
}

describe('what asks for nothing is done when it is taken', () => {
  it.each<['http' | 'sse', string, (res: ServerResponse) => void]>([
    ['http', 'a stream', (res) => void events(res).write(': hello\n\n')],
    ['http', 'a body without an end', (res) => void res.writeHead(202).write('Acc')],
    ['http', 'no answer at all', () => {}],
    ['sse', 'a body without an end', (res) => void res.writeHead(202).write('Acc')],
    ['sse', 'no answer at all', () => {}],
  ])('%s: %s', { timeout: 15_000 }, async (kind, _what, take) => {
    takes = take
    expect(await add(kind)).toMatchObject({ state: 'running', tools: 1 })
    expect(await callText(at.servers, 'web', 'a')).toBe('hello')
  })

  it('so that a question is answered, and the call late, however long the answer to it is held', async () => {
    await add()
    takes = (res) => void events(res).write(': hello\n\n')
    answers = (res, id) =>
      void events(res).write(
        inEvent({ id: `q${id}`, method: 'elicitation/create', params: { message: 'Who?' } }),
      )
    const asked: Raw[] = []
    const ask = async (request: unknown) => {
      asked.push(request as Raw)
      return { action: 'decline' }
    }
    const call = sourceOf(at.servers, 'web').call('a', {}, exchange({ ask }))
    await expect(call).rejects.toMatchObject({ code: 'server-timeout' })
    expect(asked).toHaveLength(1)
    await until(() => open.size === 0, 10_000)
  })
})

describe('an answer whose stream is left open', () => {
  beforeEach(() => {
    answers = (res, id) => void events(res).write(inEvent({ id, result }))
  })

  it('is one, and is ended after a moment', async () => {
    await add()
    expect(await callText(at.servers, 'web', 'a')).toBe('hello')
    expect(open.size).toBe(1)
    await until(() => open.size === 0, 10_000)
    expect(at.servers.list()[0]).toMatchObject({ state: 'running', error: null })
  })

  it('holds one of few places', async () => {
    await add()
    for (let round = 0; round < 60; round += 1) await callText(at.servers, 'web', 'a')
    await until(() => open.size <= 33)
    expect(open.size).toBeGreaterThan(20)
  })
})
