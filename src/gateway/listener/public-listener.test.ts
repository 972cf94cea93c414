import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { reads, source, startGateway, text } from '../testing/fixture-gateway.ts'
import { rpc } from '../testing/fixture-http.ts'

type Gateway = Awaited<ReturnType<typeof startGateway>>
const demo = () =>
  source('demo', [{ name: 'echo', annotations: reads }], async (_tool, args) => text(JSON.stringify(args)))

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
    expect(gateway.listener.routes.length).toBe(41)
    for (const { method, path } of gateway.listener.routes) {
      const { status } = await gateway.send({ method, path: concrete(path) })
      expect([method, path, status]).toEqual([
        method,
        path,
        // Without an Origin it is no question of a browser.
        path.includes('{workspace}')
          ? 404
          : !['/mcp', '/sse', '/messages'].includes(path)
            ? 200
            : method === 'OPTIONS'
              ? 405
              : 401,
      ])
    }
    for (const path of ['/', '/api', '/sse/', '/message', '/SSE', '/mcp/', '//mcp', '/mcp/..%2f', '/Health'])
      for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD'])
        expect([method, path, (await gateway.send({ method, path })).status]).toEqual([method, path, 404])
    for (const path of ['/mcp/other', '/messages/other', '/messages/default'])
      expect((await gateway.send({ method: 'POST', path })).status).toBe(404)
    for (const path of ['/sse/other', '/sse/default', '/sse/home/x'])
      expect((await gateway.send({ path })).status).toBe(404)
    for (const method of ['PUT', 'PATCH', 'OPTIONS'])
      for (const path of ['/mcp', '/sse', '/messages'])
        expect((await gateway.send({ method, path })).status).toBe(405)
    for (const [method, path, allow] of [
      ['POST', '/sse', 'GET, HEAD, OPTIONS'],
      ['GET', '/messages', 'POST, OPTIONS'],
      ['HEAD', '/messages', 'POST, OPTIONS'],
      ['PUT', '/mcp', 'POST, GET, HEAD, DELETE, OPTIONS'],
    ] as const) {
      const { status, headers } = await gateway.send({ method, path })
      expect([path, status, headers.allow]).toEqual([path, 405, allow])
    }
  })

  it.each([
    ['/', 'GET', 404],
    ['/', 'POST', 404],
    ['/mcp/', 'POST', 404],
    ['/mcp/unknown', 'POST', 404],
    ['/mcp/unknown', 'GET', 404],
    ['/mcp/default', 'GET', 404],
    ['/mcp/server-card', 'GET', 404],
    ['/sse/unknown', 'GET', 404],
    ['/sse', 'POST', 405],
    ['/mcp', 'PUT', 405],
    ['/register', 'POST', 404],
    ['/v1/mcp?x=1', 'POST', 404],
    ['//mcp', 'POST', 404],
  ])('names the right address to whoever has a wrong one: %s by %s', async (path, method, status) => {
    for (const [host, origin] of [
      [gateway.host, gateway.origin],
      ['name.example', 'https://name.example'],
    ] as const) {
      const got = await gateway.send({ path, method, headers: { Host: host } })
      expect(got.status).toBe(status)
      expect(got.json.error_description).toMatch(new RegExp(`Clients of MCP connect to ${origin}/mcp[,.]`))
      expect(got.headers['www-authenticate'], 'nobody signs in for what is not there').toBeUndefined()
    }
  })

  it('hands OAuth the metadata below an address too, and nothing beside it', async () => {
    for (const path of ['/mcp/.well-known/x', '/mcp/home/.well-known/x', '/sse/home/.well-known/x'])
      for (const method of ['GET', 'OPTIONS', 'POST']) {
        const { status, json } = await gateway.send({ method, path })
        expect([method, path, status]).toEqual([method, path, method === 'POST' ? 405 : 200])
        if (status === 200) expect(json.url).toBe(path)
      }
    for (const path of [
      '/mcp/.well-known',
      '/mcp/.well-known/',
      '/mcp/.well-known/../x',
      '/mcp/.well-known/%2e%2e/x',
      '/mcp/.well-known/.well-known/x',
      '/mcp/.well-known//x',
      '/mcp/home/.well-known/.x',
      '/mcp/home/more/.well-known/x',
      '/mcp/default/.well-known/x',
      '/mcp/../.well-known/x',
      '/mcp/./.well-known/x',
      '/mcp/%2e/.well-known/x',
      '/mcp//.well-known/x',
      '/mcp/.x/.well-known/x',
      '/mcp/.well-knownx/x',
      '/mcp/.WELL-KNOWN/x',
      '/mcp/%2ewell-known/x',
      '/oauth/.well-known/x',
      '/x/mcp/.well-known/x',
      '/messages/.well-known/x',
      '/sse/default/.well-known/x',
    ])
      expect([path, (await gateway.send({ path })).status]).toEqual([path, 404])
  })

  it('lets pages of known web clients call and read the answers, and no others', async () => {
    const origin = 'https://chatgpt.com'
    const question = {
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type,mcp-protocol-version',
    }
    const asked = await gateway.send({ method: 'OPTIONS', path: '/mcp', headers: { origin, ...question } })
    expect([asked.status, asked.text]).toEqual([204, ''])
    expect(asked.headers).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'POST, GET, HEAD, DELETE',
      'access-control-allow-headers': question['access-control-request-headers'],
      vary: 'Origin',
    })
    const called = await gateway.post(rpc('tools/list'), { origin })
    expect([called.status, called.headers['access-control-allow-origin']]).toEqual([200, origin])
    const refused = await gateway.post(rpc('tools/list'), { origin, authorization: 'Bearer wrong' })
    expect([refused.status, refused.headers['access-control-expose-headers']]).toEqual([
      401,
      'WWW-Authenticate, Mcp-Session-Id, Retry-After',
    ])
    const events = await gateway.send({ method: 'OPTIONS', path: '/sse', headers: { origin, ...question } })
    expect(events.headers['access-control-allow-methods']).toBe('GET, HEAD')

    const stranger = { origin: 'https://evil.example', ...question }
    const strange = await gateway.send({ method: 'OPTIONS', path: '/mcp', headers: stranger })
    expect([strange.status, strange.headers['access-control-allow-origin']]).toEqual([403, undefined])
    const plain = await gateway.post(rpc('tools/list'))
    expect(plain.headers['access-control-allow-origin']).toBeUndefined()

    // a page on this computer: when its owner said so, and by its exact origin
    const inspector = 'http://localhost:6274'
    const local = (from: string, path = '/mcp') =>
      gateway.send({ method: 'OPTIONS', path, headers: { origin: from, ...question } })
    const before = await local(inspector)
    expect([before.status, before.json.error_description]).toEqual([
      403,
      expect.stringContaining('in Settings'),
    ])
    gateway.state.localPages = [inspector]
    const after = await local(inspector)
    expect([after.status, after.headers['access-control-allow-origin']]).toEqual([204, inspector])
    expect((await gateway.send({ path: '/.well-known/x', headers: { origin: inspector } })).status).toBe(200)
    expect((await gateway.post(rpc('tools/list'), { origin: inspector })).status).toBe(200)
    for (const other of [
      'http://localhost:6275',
      'https://localhost:6274',
      'http://127.0.0.1:6274',
      'http://localhost:6274.evil.example',
      'null',
    ])
      expect([other, (await local(other)).status]).toEqual([other, 403])
    gateway.state.localPages = []
    const odd = { origin, ...question, 'access-control-request-headers': 'a; b' }
    const oddly = await gateway.send({ method: 'OPTIONS', path: '/mcp', headers: odd })
    expect(oddly.headers['access-control-allow-headers']).toBeUndefined()
    const nowhere = await gateway.send({
      method: 'OPTIONS',
      path: '/mcp/other',
      headers: { origin, ...question },
    })
    expect(nowhere.status).toBe(404)
  })

  it('hands OAuth the origin it was addressed by', async () => {
    const send = (host: string) => gateway.send({ path: '/oauth/x?y=1', headers: { Host: host } })
    expect((await send(gateway.host)).json).toMatchObject({ origin: gateway.origin, url: '/oauth/x?y=1' })
    expect((await send('name.example')).json.origin).toBe('https://name.example')
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
    for (const path of ['/mcp', '/sse']) {
      const asked = await gateway.send({ method: 'HEAD', path })
      expect([asked.status, asked.text]).toEqual([401, ''])
      expect(asked.headers['www-authenticate']).toBe(`Bearer resource_metadata="${gateway.origin}${path}"`)
      const known = await gateway.send({ method: 'HEAD', path, headers: { Authorization: 'Bearer good' } })
      expect([known.status, known.headers.allow]).toEqual([405, path === '/mcp' ? 'POST' : 'GET'])
    }
    for (const method of ['GET', 'DELETE']) {
      const known = await gateway.send({ method, path: '/mcp', headers: { Authorization: 'Bearer good' } })
      expect([known.status, known.headers.allow]).toEqual([405, 'POST'])
    }
  })

  it('says which resource the token would be for', async () => {
    const other = await startGateway({ workspaces: ['default', 'work'] })
    try {
      for (const method of ['POST', 'GET', 'HEAD', 'DELETE']) {
        const { status, headers } = await other.send({ method, path: '/mcp/work' })
        expect([method, status, headers['www-authenticate']]).toEqual([
          method,
          401,
          `Bearer resource_metadata="${other.origin}/mcp/work"`,
        ])
        expect((await other.send({ method, path: '/mcp/nope' })).status).toBe(404)
      }
    } finally {
      await other.stop()
    }
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
})
