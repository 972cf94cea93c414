import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { reads, source, startGateway, text } from '../testing/fixture-gateway.ts'
import { raw, rpc } from '../testing/fixture-http.ts'

type Gateway = Awaited<ReturnType<typeof startGateway>>
const demo = () =>
  source('demo', [{ name: 'echo', annotations: reads }], async (_tool, args) => text(JSON.stringify(args)))

describe('hostile requests', () => {
  let gateway: Gateway
  beforeAll(async () => {
    gateway = await startGateway({ sources: [demo()] })
  })
  afterAll(() => gateway.stop())
  afterEach(async () => {
    gateway.state.raised = false
    // Whatever was thrown at it, it goes on serving.
    const { json } = await gateway.post(rpc('tools/call', { name: 'demo__echo', arguments: { a: 1 } }))
    expect(json.result.content[0].text).toBe('{"a":1}')
  })

  it.each([
    ['text', 'text/plain', {}],
    ['a form', 'application/x-www-form-urlencoded', {}],
    ['two types', 'application/json, text/plain', {}],
    ['something like it', 'application/jsonp', {}],
    ['nothing', '', {}],
    ['compressed', 'application/json', { 'Content-Encoding': 'gzip' }],
  ])('refuses %s with 415', async (_name, type, more) => {
    const { status, json } = await gateway.post(rpc('ping'), { 'Content-Type': type, ...more })
    expect([status, json.error.code]).toEqual([415, -32000])
  })

  it('takes JSON with a charset', async () => {
    const { status } = await gateway.post(rpc('ping'), { 'Content-Type': 'application/json; charset=utf-8' })
    expect(status).toBe(200)
  })

  it.each([
    ['100,000 lists', '['.repeat(100_000) + ']'.repeat(100_000), -32700, '64 levels'],
    ['100,000 objects', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`, -32700, '64 levels'],
    ['no JSON', '{"jsonrpc":', -32700, 'not valid JSON'],
    ['nothing', '', -32700, 'no body'],
    ['a batch', JSON.stringify([rpc('ping'), rpc('ping', {}, 2)]), -32600, 'Batches'],
    ['an empty batch', '[]', -32600, 'Batches'],
    ['a number', '3', -32600, 'JSON-RPC'],
    ['null', 'null', -32600, 'JSON-RPC'],
    ['no method', '{"jsonrpc":"2.0","id":1}', -32600, 'JSON-RPC'],
    ['Method', '{"jsonrpc":"2.0","id":1,"Method":"ping"}', -32600, 'JSON-RPC'],
    [
      'METHOD beside method',
      '{"jsonrpc":"2.0","id":1,"method":"ping","METHOD":"tools/call"}',
      -32600,
      'JSON-RPC',
    ],
    ['a method of another kind', '{"jsonrpc":"2.0","id":1,"method":["ping"]}', -32600, 'JSON-RPC'],
    ['another version', '{"jsonrpc":"1.0","id":1,"method":"ping"}', -32600, 'JSON-RPC'],
    ['id null', '{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600, 'JSON-RPC'],
    ['id object', '{"jsonrpc":"2.0","id":{"a":1},"method":"ping"}', -32600, 'JSON-RPC'],
    ['id true', '{"jsonrpc":"2.0","id":true,"method":"ping"}', -32600, 'JSON-RPC'],
    ['id 1.5', '{"jsonrpc":"2.0","id":1.5,"method":"ping"}', -32600, 'JSON-RPC'],
    [
      'params of another kind',
      '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":[1]}',
      -32600,
      'JSON-RPC',
    ],
  ])('refuses %s with 400 and says why', async (_name, body, code, why) => {
    const { status, json } = await gateway.post(body)
    expect([status, json.error.code]).toEqual([400, code])
    expect(json.error.message).toContain(why)
  })

  it('answers methods it does not know, in both eras', async () => {
    expect((await gateway.post(rpc('tools/explode'))).json.error.code).toBe(-32601)
    expect((await gateway.post(rpc('Tools/List'))).json.error.code).toBe(-32601)
    const _meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': {},
    }
    const headers = { 'MCP-Protocol-Version': '2026-07-28', 'Mcp-Method': 'tools/explode' }
    const modern = await gateway.post(rpc('tools/explode', { _meta }), headers)
    expect([modern.status, modern.json.error.code]).toEqual([404, -32601])
  })

  it('refuses headers that say something else than the body, and versions it does not know', async () => {
    const _meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': {},
    }
    const call = rpc('tools/call', { _meta, name: 'demo__echo', arguments: {} })
    const good = {
      'MCP-Protocol-Version': '2026-07-28',
      'Mcp-Method': 'tools/call',
      'Mcp-Name': 'demo__echo',
    }
    expect((await gateway.post(call, good)).json.result.content[0].text).toBe('{}')
    for (const bad of [
      { 'Mcp-Method': 'tools/list' },
      { 'Mcp-Name': 'other' },
      { 'MCP-Protocol-Version': '2025-11-25' },
    ]) {
      const { status, json } = await gateway.post(call, { ...good, ...bad })
      expect([bad, status, json.error.code]).toEqual([bad, 400, -32020])
    }
    const future = rpc('server/discover', {
      _meta: { ..._meta, 'io.modelcontextprotocol/protocolVersion': '2999-01-01' },
    })
    const unknown = await gateway.post(future, {
      'MCP-Protocol-Version': '2999-01-01',
      'Mcp-Method': 'server/discover',
    })
    expect([unknown.status, unknown.json.error.code, unknown.json.error.data.supported]).toEqual([
      400,
      -32022,
      ['2026-07-28'],
    ])
  })

  it('acknowledges notifications and does not answer them', async () => {
    const { status, text: body } = await gateway.post({ jsonrpc: '2.0', method: 'notifications/initialized' })
    expect([status, body]).toEqual([202, ''])
  })

  it('keeps ids as they came', async () => {
    for (const id of [0, -1, 'x', '', '🎉', Number.MAX_SAFE_INTEGER, 'y'.repeat(10_000)])
      expect((await gateway.post(rpc('ping', {}, id))).json).toEqual({ jsonrpc: '2.0', id, result: {} })
  })

  it('refuses 5 MB with 413, declared or not, and reads on in peace', async () => {
    const big = JSON.stringify(
      rpc('tools/call', { name: 'demo__echo', arguments: { a: 'x'.repeat(5_000_000) } }),
    )
    const declared = await gateway.post(big)
    expect([declared.status, declared.json.error]).toEqual([413, 'too-large'])
    const streamed = await gateway.post(big, { 'Transfer-Encoding': 'chunked' })
    expect([streamed.status, streamed.json.error]).toEqual([413, 'too-large'])
    const fetched = await fetch(gateway.url, {
      method: 'POST',
      headers: { Authorization: 'Bearer good', 'Content-Type': 'application/json' },
      body: big,
    })
    expect(fetched.status).toBe(413)
    const just = JSON.stringify(
      rpc('tools/call', { name: 'demo__echo', arguments: { a: 'x'.repeat(3_900_000) } }),
    )
    expect((await gateway.post(just)).status).toBe(200)
  })

  it('does not buffer what it refuses', async () => {
    const before = process.memoryUsage().arrayBuffers
    const lie = raw(gateway.port, [
      `POST /mcp HTTP/1.1\r\nHost: ${gateway.host}\r\nAuthorization: Bearer good\r\nContent-Type: application/json\r\nContent-Length: 1000000000\r\n\r\n{`,
    ])
    expect(await lie).toMatch(/^HTTP\/1.1 413 /)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000)
  })

  it('gives OAuth 64 kB and not more, declared or not', async () => {
    const post = (size: number, headers: Record<string, string> = {}) =>
      gateway.send({
        method: 'POST',
        path: '/oauth/token',
        headers: { 'Content-Type': 'application/json', ...headers },
        body: 'x'.repeat(size),
      })
    expect((await post(64 * 1024)).json.bytes).toBe(64 * 1024)
    expect((await post(64 * 1024, { 'Transfer-Encoding': 'chunked' })).json.bytes).toBe(64 * 1024)
    expect((await post(64 * 1024 + 1)).status).toBe(413)
    expect((await post(64 * 1024 + 1, { 'Transfer-Encoding': 'chunked' })).status).toBe(413)
    expect((await post(3_000_000, { 'Transfer-Encoding': 'chunked' })).status).toBe(413)
  })

  it.each([
    ['rubbish', 'hello there\r\n\r\n', '400'],
    [
      'two lengths',
      'POST /mcp HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc',
      '400',
    ],
    [
      'length and chunks',
      'POST /mcp HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      '400',
    ],
    ['huge headers', `GET /health HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(40_000)}\r\n\r\n`, '431'],
  ])('answers %s as JSON and hangs up', async (_name, bytes, status) => {
    const got = await raw(gateway.port, [bytes])
    expect(got).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(got).toContain('Connection: close')
    expect(JSON.parse(got.slice(got.indexOf('\r\n\r\n') + 4)).error).toBe('bad-request')
  })

  it('survives 600 mutated messages', async () => {
    const seed = JSON.stringify(rpc('tools/call', { name: 'demo__echo', arguments: { a: [1, 'x', null] } }))
    const alphabet = [
      ...'{}[]":,\\0e-.',
      'null',
      '__proto__',
      '\u0000',
      '"id"',
      '"method"',
      '1e999',
      '\ud800',
    ]
    const mutation = fc.array(fc.tuple(fc.nat(seed.length), fc.nat(12), fc.constantFrom(...alphabet)), {
      minLength: 1,
      maxLength: 4,
    })
    const mutate = (changes: [number, number, string][]) =>
      changes.reduce((body, [at, cut, add]) => body.slice(0, at) + add + body.slice(at + cut), seed)
    const bodies = fc.sample(mutation, { numRuns: 600, seed: 20_261_121 }).map(mutate)
    const statuses = new Set<number>()
    for (let start = 0; start < bodies.length; start += 20) {
      const batch = bodies.slice(start, start + 20)
      for (const { status } of await Promise.all(batch.map((body) => gateway.post(body))))
        statuses.add(status)
    }
    expect([...statuses].filter((status) => ![200, 202, 400].includes(status))).toEqual([])
    expect(statuses).toContain(200)
    expect(statuses).toContain(400)
  })
})
