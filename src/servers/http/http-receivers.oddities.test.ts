import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Raw } from '../../mcp/tool-source.ts'
import { callText, closeAll, exchange, type SetUp, setUp, sourceOf, textOf } from '../testing/setup.ts'

type Answer = (res: ServerResponse, id: number) => void

let at: SetUp
let server: Server
let answers: Record<string, Answer> = {}
/** For what was not asked for; null: it has none. */
let streams: ServerResponse[] | null = null
let waiting: { res: ServerResponse; id: number }[] = []
beforeEach(async () => {
  answers = {}
  waiting = []
  streams = null
  at = setUp({ firstBackoff: 50, start: 5_000, call: 10_000, otherLists: 300 })
  server = createServer(async (req, res) => {
    let body = ''
    for await (const chunk of req) body += chunk
    if (req.method === 'GET' && streams) {
      streams.push(res.writeHead(200, { 'content-type': 'text/event-stream' }))
      return res.flushHeaders()
    }
    if (req.method !== 'POST') return void res.writeHead(405).end()
    const { id, method, params } = JSON.parse(body) as { id: number; method: string; params: Raw }
    if (id === undefined) return void res.writeHead(202).end()
    const odd = answers[method === 'tools/call' ? String(params.name) : method]
    if (odd) odd(res, id)
    else if (method === 'tools/call') {
      if (params.name === 'wait') waiting.push({ res, id })
      else json(res, good(id))
    } else json(res, usual(id, method))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterEach(async () => {
  await closeAll()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const good = (id: unknown): Raw => ({
  jsonrpc: '2.0',
  id,
  result: { content: [{ type: 'text', text: 'understöd' }] },
})
const usual = (id: number, method: string): Raw => {
  const results: Record<string, Raw> = {
    initialize: {
      protocolVersion: '2025-11-25',
      capabilities: { tools: {}, prompts: {} },
      serverInfo: { name: 'web', version: '1' },
    },
    'tools/list': { tools: ['a', 'wait'].map((name) => ({ name, inputSchema: { type: 'object' } })) },
    'prompts/list': { prompts: [{ name: 'p' }] },
    ping: {},
  }
  const error = { code: -32601, message: 'Method not found' }
  return { jsonrpc: '2.0', id, ...(results[method] ? { result: results[method] } : { error }) }
}
const json = (res: ServerResponse, message: Raw) =>
  res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(message))
const send = (
  res: ServerResponse,
  body: string | Buffer,
  headers: Record<string, string> = {},
  status = 200,
) => void res.writeHead(status, headers).end(body)
const add = (headers: Record<string, string> = {}) => {
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}/mcp`
  return at.servers.add({ kind: 'http', name: 'Web', url, headers, timeout: 10_000 })
}
const call = (name = 'a') => callText(at.servers, 'web', name)
const now = () => at.servers.list()[0]!

const text = (id: number) => JSON.stringify(good(id))
const isJson = { 'content-type': 'application/json' }
const isEvents = { 'content-type': 'text/event-stream' }

describe('an answer over HTTP is understood', () => {
  it.each<[string, Answer]>([
    ['with a byte order mark', (res, id) => send(res, `\uFEFF${text(id)}`, isJson)],
    ['with its id as a text', (res, id) => json(res, good(String(id)))],
    ['as a list', (res, id) => send(res, `[${text(id)}]`, isJson)],
    [
      'with a charset',
      (res, id) => send(res, text(id), { 'content-type': 'Application/JSON; charset="UTF-8"' }),
    ],
    [
      'in Latin 1 that says so',
      (res, id) =>
        send(res, Buffer.from(text(id), 'latin1'), {
          'content-type': 'application/json; charset=iso-8859-1',
        }),
    ],
    [
      'in UTF-8 that says Latin 1',
      (res, id) => send(res, text(id), { 'content-type': 'application/json; charset=iso-8859-1' }),
    ],
    ['without a type', (res, id) => send(res, text(id))],
    ['as plain text', (res, id) => send(res, text(id), { 'content-type': 'text/plain' })],
    ['as a page', (res, id) => send(res, text(id), { 'content-type': 'text/html' })],
    ['as JSON of another kind', (res, id) => send(res, text(id), { 'content-type': 'application/json-rpc' })],
    ['said to be events', (res, id) => send(res, text(id), isEvents)],
    ['as events said to be JSON', (res, id) => send(res, `event: message\ndata: ${text(id)}\n\n`, isJson)],
    ['as events without a type', (res, id) => send(res, `data: ${text(id)}\n\n`)],
    [
      'as an event of another name',
      (res, id) => send(res, `event: response\ndata: ${text(id)}\n\n`, isEvents),
    ],
    [
      'behind other events',
      (res, id) =>
        send(
          res,
          `: hello\nretry: soon\n\nevent: ping\ndata: {}\n\nevent: ping\ndata: now\n\nfoo: bar\ndata: ${text(id)}\n\n`,
          isEvents,
        ),
    ],
    [
      'as an event with carriage returns',
      (res, id) => send(res, `event: message\r\ndata: ${text(id)}\r\n\r\n`, isEvents),
    ],
    [
      'as an event over several lines',
      (res, id) => send(res, `${JSON.stringify(good(id), null, 1).replace(/^/gm, 'data: ')}\n\n`, isEvents),
    ],
    ['as a last event without its empty line', (res, id) => send(res, `data: ${text(id)}`, isEvents)],
    ['as an event with a byte order mark', (res, id) => send(res, `\uFEFFdata: ${text(id)}\n\n`, isEvents)],
    ['as a list in an event', (res, id) => send(res, `data: [${text(id)}]\n\n`, isEvents)],
    ['with gzip', (res, id) => send(res, gzipSync(text(id)), { ...isJson, 'content-encoding': 'gzip' })],
    [
      'with deflate',
      (res, id) => send(res, deflateSync(text(id)), { ...isJson, 'content-encoding': 'deflate' }),
    ],
    [
      'with deflate that is bare',
      (res, id) => send(res, deflateRawSync(text(id)), { ...isJson, 'content-encoding': 'deflate' }),
    ],
    [
      'with brotli',
      (res, id) => send(res, brotliCompressSync(text(id)), { ...isJson, 'content-encoding': 'br' }),
    ],
    [
      'with zstd',
      (res, id) => send(res, zstdCompressSync(text(id)), { ...isJson, 'content-encoding': 'zstd' }),
    ],
    [
      'packed twice',
      (res, id) =>
        send(res, brotliCompressSync(gzipSync(text(id))), { ...isJson, 'content-encoding': 'gzip, br' }),
    ],
    ['said to be packed', (res, id) => send(res, text(id), { ...isJson, 'content-encoding': 'gzip' })],
    ['packed without a word of it', (res, id) => send(res, gzipSync(text(id)), isJson)],
    [
      'line by line',
      (res, id) => send(res, `{"jsonrpc":"2.0","method":"notifications/x"}\n${text(id)}\n`, isJson),
    ],
    ['in UTF-16', (res, id) => send(res, Buffer.from(`\uFEFF${text(id)}`, 'utf16le').swap16(), isJson)],
    [
      'as events with bare carriage returns',
      (res, id) => send(res, `event: message\rdata:${text(id)}\r\r`, isEvents),
    ],
    [
      'as packed events',
      (res, id) => send(res, gzipSync(`data: ${text(id)}\n\n`), { ...isEvents, 'content-encoding': 'gzip' }),
    ],
  ])('%s', async (_how, answer) => {
    await add()
    answers.a = answer
    expect(await call()).toBe('understöd')
    expect(now()).toMatchObject({ state: 'running', error: null })
  })

  it('but a packed one may not become larger than any other', async () => {
    await add()
    const bomb = gzipSync(JSON.stringify(good('x')).replace('understöd', 'x'.repeat(6_000_000)))
    answers.a = (res) => send(res, bomb, { ...isJson, 'content-encoding': 'gzip' })
    await expect(call()).rejects.toMatchObject({ code: 'server-answer-too-large' })
    delete answers.a
    expect(await call()).toBe('understöd')
  })
})

describe('one answer that fails costs that call', () => {
  const cut = (res: ServerResponse, headers: Record<string, string>, part: string) => {
    res.writeHead(200, headers)
    res.write(part)
    setTimeout(() => res.destroy(), 20)
  }
  it.each<[string, Answer, RegExp]>([
    [
      '500 with words',
      (res) => send(res, 'disk full', { 'content-type': 'text/plain' }, 500),
      /HTTP 500\): “disk full”/,
    ],
    [
      '500 with JSON',
      (res) => send(res, '{"detail":"no such table"}', isJson, 500),
      /HTTP 500\): “no such table”/,
    ],
    [
      '502 with a page',
      (res) => send(res, '<html><title>Bad gateway</title><p>x', {}, 502),
      /HTTP 502\): “Bad gateway”/,
    ],
    ['503 with nothing', (res) => send(res, '', {}, 503), /HTTP 503\)\./],
    [
      'a body that breaks off',
      (res) => cut(res, { ...isJson, 'content-length': '5000' }, '{"jsonrpc"'),
      /broke off its answer/,
    ],
    [
      'a packed body that breaks off',
      (res, id) => send(res, gzipSync(text(id)).subarray(0, 40), { ...isJson, 'content-encoding': 'gzip' }),
      /broke off its answer/,
    ],
    ['a connection that is closed', (res) => void res.destroy(), /broke off its answer/],
    ['events that break off', (res) => cut(res, isEvents, 'data: {"jsonrpc"'), /broke off its answer/],
    ['events that end', (res) => send(res, ': nothing\n\n', isEvents), /broke off its answer/],
  ])('%s', async (_what, answer, words) => {
    await add()
    const other = call('wait')
    await expect.poll(() => waiting.length).toBe(1)
    answers.a = answer
    await expect(call()).rejects.toThrow(words)
    delete answers.a
    expect(await call()).toBe('understöd')
    const [slow] = waiting
    json(slow!.res, good(slow!.id))
    expect(await other).toBe('understöd')
    expect(now()).toMatchObject({ state: 'running', restarts: 0 })
    expect(now().health.lastError?.message).toMatch(words)
  })

  it.each<[string, Answer, RegExp]>([
    [
      '404 with JSON',
      (res) => send(res, '{"error":"Record not found"}', isJson, 404),
      /refused.*“Record not found”/,
    ],
    ['404 with nothing', (res) => send(res, '', {}, 404), /refused this \(HTTP 404\)\.$/],
    ['400 with words', (res) => send(res, 'bad date', {}, 400), /refused this \(HTTP 400\): “bad date”/],
    ['422', (res) => send(res, '{"detail":[{"msg":"field required"}]}', isJson, 422), /“field required”/],
    ['405', (res) => send(res, '', {}, 405), /refused this/],
  ])('%s, which says nothing against the address', async (_what, answer, words) => {
    await add()
    const other = call('wait')
    await expect.poll(() => waiting.length).toBe(1)
    answers.a = answer
    await expect(call()).rejects.toMatchObject({
      ...{ code: 'server-error', message: expect.stringMatching(words) },
      hint: expect.not.stringMatching(/ends with|header|newer version/),
      quotes: words.source.includes('“'),
    })
    const [slow] = waiting
    json(slow!.res, good(slow!.id))
    expect(await other).toBe('understöd')
    expect(now()).toMatchObject({ state: 'running', restarts: 0 })
  })

  it('and one that is taken first, and answered on the stream for what was not asked for, comes', async () => {
    streams = []
    await add()
    await expect.poll(() => streams?.length).toBe(1)
    answers.a = (res, id) => {
      res.writeHead(202).end()
      streams!.at(-1)!.write(`data: ${text(id)}\n\n`)
    }
    expect(await call()).toBe('understöd')
  })

  it('but not from a server that has no such stream', async () => {
    await add()
    answers.a = (res) => void res.writeHead(202).end()
    await expect(call()).rejects.toThrow()
    delete answers.a
    expect(await call()).toBe('understöd')
  })

  it('and what the server itself says of the call is what the client reads', async () => {
    await add()
    const error = { code: -32000, message: 'The calendar is read-only' }
    answers.a = (res, id) => send(res, JSON.stringify({ jsonrpc: '2.0', id, error }), isJson, 500)
    const own = await sourceOf(at.servers, 'web').call('a', {}, exchange())
    expect([own.isError, textOf(own)]).toEqual([true, 'The calendar is read-only'])
    answers.a = (res) => send(res, JSON.stringify({ jsonrpc: '2.0', id: null, error }), isJson, 503)
    expect(await call()).toBe('The calendar is read-only')
    for (const status of [400, 404, 422]) {
      answers.a = (res) => send(res, JSON.stringify({ jsonrpc: '2.0', id: null, error }), isJson, status)
      expect(await call()).toBe('The calendar is read-only')
    }
  })

  it.each<[string, Answer]>([
    ['502', (res) => send(res, 'Bad gateway', {}, 502)],
    ['a body that breaks off', (res) => cut(res, { ...isJson, 'content-length': '5000' }, '{"jsonrpc"')],
    ['a page', (res) => send(res, '<html>', { 'content-type': 'text/html' })],
    ['nothing, ever', () => {}],
  ])('and one list that fails with %s costs that list', async (_what, answer) => {
    answers['prompts/list'] = answer
    expect(await add()).toMatchObject({ state: 'running', tools: 2, prompts: 0 })
  })
})

describe('what a server quotes of the key that it was given', () => {
  const key = 'zeta-quartz-991-lumen'
  const shown = () => JSON.stringify(now())

  it.each([400, 422, 500, 503])('is not shown, or told to assistants, with HTTP %i', async (status) => {
    answers.a = (res) => send(res, `wrong key ${key}`, {}, status)
    await add({ 'X-Api-Key': key })
    await expect(call()).rejects.toMatchObject({ message: expect.stringContaining('wrong key [redacted]') })
    expect(now().health.lastError!.message).toContain('wrong key [redacted]')
    expect(shown()).not.toContain(key)
  })

  it.each<[string, Answer]>([
    [
      'an error',
      (res, id) => json(res, { jsonrpc: '2.0', id, error: { code: 1, message: `wrong key ${key}` } }),
    ],
    ['HTTP 500', (res) => send(res, `wrong key ${key}`, {}, 500)],
  ])('is not shown where a list cannot be had for %s', async (_what, answer) => {
    answers['prompts/list'] = answer
    await add({ 'X-Api-Key': key })
    expect(now().leftOut).toMatchObject([
      { name: 'prompts', why: expect.stringContaining('wrong key [redacted]') },
    ])
    expect(shown()).not.toContain(key)
  })
})

describe('an answer that is none', () => {
  it.each<[string, Answer, RegExp]>([
    ['200 with nothing', (res) => send(res, '', isJson), /gave an empty answer/],
    ['204', (res) => send(res, '', {}, 204), /gave an empty answer/],
    ['JSON that ends early', (res) => send(res, '{"jsonrpc":"2.0",', isJson), /cannot be read as MCP/],
  ])('%s says nothing against the address', async (_what, answer, words) => {
    await add()
    answers.a = answer
    await expect(call()).rejects.toMatchObject({
      ...{ code: 'server-answer-invalid', message: expect.stringMatching(words) },
      hint: expect.not.stringContaining('address'),
    })
    expect(now().state).toBe('running')
  })

  it.each([null, 'server-error', undefined])(
    'an error for nobody (%s) is the one to what was asked',
    async (id) => {
      await add()
      const error = { code: -32000, message: 'The quota is used up' }
      answers.a = (res) => json(res, { jsonrpc: '2.0', id, error })
      expect(await call()).toBe('The quota is used up')
      if (id === 'server-error') return
      answers.a = (res) => send(res, `data: ${JSON.stringify({ jsonrpc: '2.0', id, error })}\n\n`, isEvents)
      expect(await call()).toBe('The quota is used up')
    },
  )
})
