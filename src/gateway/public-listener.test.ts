import { connect } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { principal, reads, rpc, source, startGateway, text } from './fixture-gateway.ts'
import { addressedTo } from './hosts.ts'

type Gateway = Awaited<ReturnType<typeof startGateway>>
const demo = () =>
  source('demo', [{ name: 'echo', annotations: reads }], async (_tool, args) => text(JSON.stringify(args)))

/** Bytes as they are, and all that comes back until the other side closes. */
function raw(port: number, parts: string[], pauseMs = 0): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    let got = ''
    socket.on('data', (chunk) => {
      got += chunk
    })
    socket.on('close', () => resolve(got))
    socket.on('error', () => {})
    void (async () => {
      for (const part of parts) {
        if (socket.destroyed) break
        socket.write(part)
        if (pauseMs > 0) await new Promise((next) => setTimeout(next, pauseMs))
      }
    })()
  })
}

describe('the public listener', () => {
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

  it('says who it is, and how nothing it says is to be kept', async () => {
    const { status, json, headers } = await gateway.send({ path: '/health' })
    expect([status, json]).toEqual([200, { name: 'drawbridge', instance: 'instance_test', version: '0.0.0' }])
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
    expect(headers['x-powered-by']).toBeUndefined()
  })

  it('answers 503 to everything while raised', async () => {
    gateway.state.raised = true
    for (const path of ['/health', '/mcp', '/oauth/token', '/.well-known/x', '/nothing']) {
      const { status, headers, json } = await gateway.post(rpc('ping'), {}, path)
      expect([path, status, headers['retry-after']]).toEqual([path, 503, '60'])
      expect(json.error).toBe('raised')
    }
  })

  it('answers exactly the routes in its list', async () => {
    const concrete = (path: string) => path.replace('*', 'x').replace('{workspace}', 'default')
    expect(gateway.listener.routes.length).toBe(14)
    for (const { method, path } of gateway.listener.routes) {
      const { status } = await gateway.send({ method, path: concrete(path) })
      expect([method, path, status]).toEqual([
        method,
        path,
        path === '/mcp' ? 401 : path === '/mcp/{workspace}' ? 404 : 200,
      ])
    }
    for (const path of ['/', '/api', '/sse', '/messages', '/mcp/', '//mcp', '/mcp/..%2f', '/Health'])
      for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD'])
        expect([method, path, (await gateway.send({ method, path })).status]).toEqual([method, path, 404])
    expect((await gateway.send({ method: 'POST', path: '/mcp/other' })).status).toBe(404)
    for (const method of ['PUT', 'PATCH', 'OPTIONS', 'HEAD'])
      expect((await gateway.send({ method, path: '/mcp' })).status).toBe(405)
  })

  it('hands OAuth the origin it was addressed by', async () => {
    const send = (host: string) => gateway.send({ path: '/oauth/x?y=1', headers: { Host: host } })
    expect((await send(gateway.host)).json).toMatchObject({ origin: gateway.origin, url: '/oauth/x?y=1' })
    expect((await send('name.example')).json.origin).toBe('https://name.example')
  })

  it('takes only addresses of its own: 60 other spellings of Host', async () => {
    const { port } = gateway
    const spellings = [
      'evil.example',
      `evil.example:${port}`,
      'localhost',
      '127.0.0.1',
      '[::1]',
      `[::1]:${port}`,
      '::1',
      `[::ffff:127.0.0.1]:${port}`,
      `[::ffff:7f00:1]:${port}`,
      `0.0.0.0:${port}`,
      `[::]:${port}`,
      `0:${port}`,
      `127.1:${port}`,
      `127.0.1:${port}`,
      `0x7f.0.0.1:${port}`,
      `0x7f000001:${port}`,
      `2130706433:${port}`,
      `0177.0.0.1:${port}`,
      `127.0.0.2:${port}`,
      `127.0.0.1.:${port}`,
      `127.0.0.1.nip.io:${port}`,
      `127.0.0.1:${port + 1}`,
      `127.0.0.1:0${port}`,
      `127.0.0.1:${port}.`,
      `127.0.0.1:+${port}`,
      '127.0.0.1:',
      `127.0.0.1:${port}:80`,
      `LOCALHOST:${port}`,
      `Localhost:${port}`,
      `localhost.:${port}`,
      `localhost.localdomain:${port}`,
      `a.localhost:${port}`,
      `localhost:${port}.evil.example`,
      `evil.example#localhost:${port}`,
      `evil.example?localhost:${port}`,
      `localhost:${port}#`,
      `localhost:${port}?x`,
      `localhost:${port}/`,
      `user@localhost:${port}`,
      `user:pw@127.0.0.1:${port}`,
      `localhost:${port}@evil.example`,
      `localhost:${port}, evil.example`,
      `evil.example, localhost:${port}`,
      `http://localhost:${port}`,
      `localhost%3a${port}`,
      `local%68ost:${port}`,
      `127.0.0.1%20:${port}`,
      `localhost\\:${port}`,
      'name.example.',
      'name.example:443',
      'name.example:80',
      'NAME.example',
      'name.example.evil.example',
      'evil-name.example',
      'xname.example',
      'name.exampl',
      '*.example',
      '*',
      'null',
      'undefined',
      '-',
    ]
    expect(new Set(spellings).size).toBeGreaterThanOrEqual(60)
    for (const Host of spellings) {
      const { status } = await gateway.send({ path: '/health', headers: { Host } })
      expect([Host, status]).toEqual([Host, 421])
    }
    const twice = await raw(port, [
      `GET /health HTTP/1.1\r\nHost: localhost:${port}\r\nHost: evil.example\r\nConnection: close\r\n\r\n`,
    ])
    expect(twice).toMatch(/^HTTP\/1.1 4\d\d /)
    const none = await raw(port, ['GET /health HTTP/1.1\r\nConnection: close\r\n\r\n'])
    expect(none).toMatch(/^HTTP\/1.1 400 /)
    const old = await raw(port, ['GET /health HTTP/1.0\r\n\r\n'])
    expect(old).toMatch(/^HTTP\/1.1 421 /)
    const absolute = await raw(port, [
      `GET http://evil.example/health HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: close\r\n\r\n`,
    ])
    expect(absolute).toMatch(/^HTTP\/1.1 404 /)
    const forwarded = await gateway.send({
      path: '/health',
      headers: { Host: 'evil.example', 'X-Forwarded-Host': gateway.host, Forwarded: `host=${gateway.host}` },
    })
    expect(forwarded.status).toBe(421)
  })

  it('takes pages of its own and of known assistants only', async () => {
    const { port, origin } = gateway
    const from = async (Origin: string | string[]) =>
      (await gateway.send({ path: '/health', headers: { Origin } })).status
    for (const ok of [
      origin,
      `http://localhost:${port}`,
      'https://name.example',
      'https://chatgpt.com',
      'https://claude.ai',
      'https://vscode.dev',
    ])
      expect([ok, await from(ok)]).toEqual([ok, 200])
    for (const bad of [
      'null',
      'https://evil.example',
      'http://chatgpt.com',
      'https://chatgpt.com:8443',
      'https://chatgpt.com.evil.example',
      'https://chatgpt.com/',
      'https://evil.chatgpt.com',
      `http://127.0.0.1:${port + 1}`,
      'http://localhost',
      'file://',
      `https://127.0.0.1:${port}`,
      'HTTPS://CHATGPT.COM',
      'chrome-extension://abc',
      '',
      'https://user@claude.ai',
    ])
      expect([bad, await from(bad)]).toEqual([bad, 403])
    expect(await from([origin, 'https://evil.example'])).toBe(403)
  })

  it('asks for a token before it looks at anything else, and takes it from the header only', async () => {
    for (const method of ['POST', 'GET', 'DELETE']) {
      const { status, headers } = await gateway.send({ method, path: '/mcp?access_token=good&token=good' })
      expect([status, headers['www-authenticate']]).toEqual([
        401,
        `Bearer resource_metadata="${gateway.url}"`,
      ])
    }
    const wrong = await gateway.post(rpc('ping'), { Authorization: 'Bearer bad' })
    expect([wrong.status, wrong.headers['www-authenticate']]).toEqual([
      401,
      `Bearer resource_metadata="${gateway.url}", error="invalid_token"`,
    ])
    const body = await gateway.post(
      { ...rpc('ping'), access_token: 'good' },
      { Authorization: 'Basic Z29vZA==' },
    )
    expect(body.status).toBe(401)
    const bomb = await gateway.post('['.repeat(3_000_000), { Authorization: 'Bearer bad' })
    expect(bomb.status).toBe(401)
    for (const method of ['GET', 'DELETE']) {
      const known = await gateway.send({ method, path: '/mcp', headers: { Authorization: 'Bearer good' } })
      expect([known.status, known.headers.allow]).toEqual([405, 'POST'])
    }
  })

  it('says which resource the token would be for', async () => {
    const other = await startGateway({ workspaces: ['default', 'work'] })
    try {
      const { status, headers } = await other.send({ method: 'POST', path: '/mcp/work' })
      expect([status, headers['www-authenticate']]).toEqual([
        401,
        `Bearer resource_metadata="${other.origin}/mcp/work"`,
      ])
      expect((await other.send({ method: 'POST', path: '/mcp/nope' })).status).toBe(404)
    } finally {
      await other.stop()
    }
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

  it('does not say how it is built when something breaks', async () => {
    const { get } = gateway.tokens
    gateway.tokens.get = () => {
      throw new Error('secret at /home/me')
    }
    const { status, text: body } = await gateway.post(rpc('ping'))
    gateway.tokens.get = get
    expect(status).toBe(500)
    expect(body).toBe('{"error":"internal","error_description":"Something went wrong inside Drawbridge."}')
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
})

describe('its limits', () => {
  let gateway: Gateway
  afterEach(() => gateway?.stop())

  it('end slow headers and slow bodies', async () => {
    gateway = await startGateway({ limits: { headersTimeout: 300, requestTimeout: 600 } })
    const before = performance.now()
    const headers = await raw(
      gateway.port,
      Array.from({ length: 40 }, (_, n) => (n === 0 ? 'GET / HTTP/1.1\r\n' : `X-${n}: 1\r\n`)),
      50,
    )
    expect(headers).toMatch(/^HTTP\/1.1 408 /)
    const body = await raw(
      gateway.port,
      [
        `POST /mcp HTTP/1.1\r\nHost: ${gateway.host}\r\nAuthorization: Bearer good\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n`,
        ...Array.from({ length: 40 }, () => ' '),
      ],
      50,
    )
    expect(body).toMatch(/^HTTP\/1.1 408 /)
    expect(performance.now() - before).toBeLessThan(6_000)
  })

  it('keep the number of connections down', async () => {
    gateway = await startGateway({ limits: { maxConnections: 5 } })
    const open = Array.from({ length: 12 }, () => {
      const socket = connect(gateway.port, '127.0.0.1')
      socket.on('error', () => {})
      return socket
    })
    await expect
      .poll(() => open.filter((socket) => socket.readyState === 'open').length, { timeout: 3_000 })
      .toBe(5)
    for (const socket of open) socket.destroy()
    await expect
      .poll(async () => (await gateway.send({ path: '/health' }).catch(() => null))?.status)
      .toBe(200)
  })

  it('do not count a long wait for an answer', async () => {
    gateway = await startGateway({
      sources: [
        source('demo', [{ name: 'wait', annotations: reads }], async () => {
          await new Promise((resolve) => setTimeout(resolve, 1_500))
          return text('late')
        }),
      ],
      limits: { headersTimeout: 300, requestTimeout: 500, keepAliveTimeout: 300 },
    })
    const { json } = await gateway.post(rpc('tools/call', { name: 'demo__wait' }))
    expect(json.result.content[0].text).toBe('late')
  })

  it('say that a port is taken', async () => {
    gateway = await startGateway({})
    await expect(startGateway({ port: gateway.port })).rejects.toMatchObject({
      code: 'port-taken',
      message: `Port ${gateway.port} is used by another program.`,
    })
  })

  it('let go of everything at the end', async () => {
    gateway = await startGateway({
      sources: [source('demo', [{ name: 'wait', annotations: reads }], () => new Promise(() => {}))],
    })
    gateway.tokens.set('other', principal({ grantId: 'grant_other' }))
    const calls = ['good', 'other'].map((token) =>
      gateway.post(rpc('tools/call', { name: 'demo__wait' }), { Authorization: `Bearer ${token}` }).then(
        () => 'answered',
        () => 'cut',
      ),
    )
    const idle = raw(gateway.port, [])
    await new Promise((resolve) => setTimeout(resolve, 100))
    await gateway.listener.close()
    expect(await Promise.all(calls)).toEqual(['cut', 'cut'])
    expect(await idle).toBe('')
    await expect(gateway.send({ path: '/health' })).rejects.toThrow()
  })
})

describe('addressedTo', () => {
  it('knows a request by its own address while that address is ours', () => {
    const req = (host: string) => ({ rawHeaders: ['Host', host], headers: { host } }) as never
    expect(addressedTo(req('name.example'), ['https://name.example'])).toEqual({
      ok: true,
      origin: 'https://name.example',
    })
    expect(addressedTo(req('name.example'), ['https://new.example'])).toMatchObject({ status: 421 })
    expect(addressedTo(req('name.example'), [])).toMatchObject({ status: 421 })
  })
})
