import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Fixture, startFixture } from './testing/fixture.ts'

let f: Fixture
beforeEach(async () => {
  f = await startFixture()
})
afterEach(() => f.close())

describe('the admin key', () => {
  it('calls the host', async () => {
    const answer = await f.call(f.byKey)
    expect(answer.status).toBe(200)
    expect(JSON.parse(answer.text)).toEqual({ ok: true, value: { echo: { a: 1 } } })
    expect(answer.headers['cache-control']).toBe('no-store')
  })

  it.each([
    ['absent', {}],
    ['wrong', { authorization: `Bearer ${'x'.repeat(43)}` }],
    ['of another scheme', { authorization: 'Basic eDp4' }],
    ['empty', { authorization: '' }],
  ])('%s: nobody is let in', async (_what, headers) => {
    expect((await f.call(headers)).status).toBe(401)
    expect((await f.send('/api/events', { headers })).status).toBe(401)
    expect((await f.send('/api/link', { method: 'POST', headers })).status).toBe(401)
    expect(f.calls).toEqual([])
  })

  it('that is wrong does not fall back to a good cookie', async () => {
    const { cookie, csrf } = await f.letIn()
    const headers = { cookie, 'x-drawbridge-csrf': csrf, origin: f.own, authorization: 'Bearer nonsense' }
    expect((await f.call(headers)).status).toBe(401)
  })

  it('asks for new one-time links; a browser may not', async () => {
    const made = JSON.parse((await f.send('/api/link', { method: 'POST', headers: f.byKey })).text)
    expect(made.value.url).toMatch(new RegExp(`^http://127\\.0\\.0\\.1:${f.port}/open/[\\w-]{43}$`))
    const { cookie, csrf } = await f.letIn()
    const headers = { cookie, 'x-drawbridge-csrf': csrf, origin: f.own }
    expect((await f.send('/api/link', { method: 'POST', headers })).status).toBe(403)
  })
})

describe('Host and Origin', () => {
  const evil = (p: number): [string, Record<string, string>][] => [
    ['another name', { host: `evil.example:${p}` }],
    ['another name without port', { host: 'evil.example' }],
    ['no port', { host: '127.0.0.1' }],
    ['another port', { host: `127.0.0.1:${p + 1}` }],
    ['a trailing dot', { host: `localhost.:${p}` }],
    ['a name that ends like ours', { host: `evil.localhost:${p}` }],
    ['a name that begins like ours', { host: `127.0.0.1.evil.example:${p}` }],
    ['IPv6', { host: `[::1]:${p}` }],
    ['IPv4 in IPv6', { host: `[::ffff:127.0.0.1]:${p}` }],
    ['decimal address', { host: `2130706433:${p}` }],
    ['short address', { host: `127.1:${p}` }],
    ['every address', { host: `0.0.0.0:${p}` }],
    ['capital letters', { host: `LOCALHOST:${p}` }],
    ['userinfo', { host: `127.0.0.1:${p}@evil.example` }],
    ['a foreign Origin', { origin: 'http://evil.example' }],
    ['Origin null', { origin: 'null' }],
    ['an empty Origin', { origin: '' }],
    ['another port of this computer', { origin: `http://127.0.0.1:${p + 1}` }],
    ['our name without port', { origin: 'http://127.0.0.1' }],
    ['https', { origin: `https://127.0.0.1:${p}` }],
    ['our other name', { origin: `http://localhost:${p}` }],
    ['a longer Origin', { origin: `http://127.0.0.1:${p}.evil.example` }],
    ['an Origin with a path', { origin: `http://127.0.0.1:${p}/` }],
    ['an extension', { origin: 'chrome-extension://abcdefgh' }],
    ['a foreign site in fetch metadata', { 'sec-fetch-site': 'cross-site' }],
    ['another port in fetch metadata', { 'sec-fetch-site': 'same-site' }],
  ]

  it('refuses every foreign one with 403, key and session notwithstanding', async () => {
    const { cookie, csrf } = await f.letIn()
    for (const [what, headers] of evil(f.port)) {
      for (const proof of [f.byKey, { cookie, 'x-drawbridge-csrf': csrf, origin: f.own }]) {
        expect((await f.call({ ...proof, ...headers })).status, what).toBe(403)
        expect((await f.send('/api/events', { headers: { ...proof, ...headers } })).status, what).toBe(403)
        expect((await f.send('/', { headers: { ...proof, ...headers } })).status, what).toBe(403)
      }
      const link = new URL(f.listener.oneTimeLink()).pathname
      expect((await f.send(link, { headers })).status, what).toBe(403)
    }
    expect(f.calls).toEqual([])
  })

  it('refuses a link from elsewhere to anything but a page, however it is spelled', async () => {
    const { cookie } = await f.letIn()
    const headers = { cookie, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
    const followed = { ...headers, 'sec-fetch-site': 'same-site' }
    expect((await f.send('/activity?at=/api/v1/', { headers: followed })).status).toBe(200)
    for (const path of [
      '/api/v1/servers',
      '/API/v1/servers',
      '/Api/V1/servers',
      '/api\\v1/servers#',
      '/API/events',
    ])
      expect((await f.send(path, { headers: followed })).status, path).toBe(403)
    expect(f.calls.filter(({ name }) => name !== 'status.get')).toEqual([])
  })

  it('takes no other spelling for one of its routes, and shows no page for it', async () => {
    const { cookie } = await f.letIn()
    for (const path of ['/API/v1/servers', '/api/V1/servers', '/API/events', '/Api/call/status.get'])
      for (const headers of [{ cookie }, f.byKey, f.byAdmin]) {
        const isLetIn = headers !== f.byAdmin
        expect((await f.send(path, { headers })).status, path).toBe(isLetIn ? 404 : 401)
      }
    const shouted = { method: 'POST', headers: f.byKey }
    expect((await f.send('/api/CALL/status.get', shouted)).status).toBe(404)
    const stranger = await f.send('/API/v1/servers')
    expect([stranger.status, JSON.parse(stranger.text).ok]).toEqual([401, false])
    expect(f.calls.filter(({ name }) => name !== 'status.get')).toEqual([])
  })

  it('accepts both of its own names', async () => {
    const host = `localhost:${f.port}`
    expect((await f.call({ ...f.byKey, host })).status).toBe(200)
    expect((await f.call({ ...f.byKey, host, origin: `http://${host}` })).status).toBe(200)
  })

  it('refuses two Host headers, none, and targets that name a server', async () => {
    const raw = (lines: string[]) =>
      new Promise<string>((resolve) => {
        let text = ''
        const socket = connect(f.port, '127.0.0.1', () => socket.write(`${lines.join('\r\n')}\r\n\r\n`))
        socket.on('data', (part) => (text += part)).on('close', () => resolve(text.split('\r\n')[0]!))
      })
    const host = `Host: 127.0.0.1:${f.port}`
    const auth = `Authorization: Bearer ${f.key}`
    const close = 'Connection: close'
    expect(await raw(['GET /api/events HTTP/1.0', auth])).toContain(' 403 ')
    expect(await raw(['GET / HTTP/1.1', auth, close])).toContain(' 400 ')
    expect(await raw(['GET / HTTP/1.1', 'Host:', auth, close])).toContain(' 403 ')
    expect(await raw(['GET / HTTP/1.1', host, 'Host: evil.example', auth, close])).toMatch(/ 40[03] /)
    expect(await raw(['GET http://evil.example/ HTTP/1.1', host, auth, close])).toContain(' 403 ')
    expect(await raw(['GET //evil.example/ HTTP/1.1', host, auth, close])).toContain(' 403 ')
  })
})

describe('a browser', () => {
  it('is let in once per link, with a cookie that scripts cannot read', async () => {
    const path = new URL(f.listener.oneTimeLink()).pathname
    expect((await f.send(path, { method: 'HEAD' })).status).not.toBe(303)
    expect((await f.send(path, { headers: { 'sec-purpose': 'prefetch;prerender' } })).status).toBe(503)
    const first = await f.send(path)
    expect(first.status).toBe(303)
    expect(first.headers.location).toBe('/')
    const cookie = first.headers['set-cookie']![0]!
    expect(cookie).toMatch(new RegExp(`^drawbridge_${f.port}=[\\w-]{43}; Path=/; HttpOnly; SameSite=Strict$`))
    const second = await f.send(path)
    expect(second.status).toBe(401)
    expect(second.headers['set-cookie']).toBeUndefined()
    // the one who is in already may click it again
    const again = await f.send(path, { headers: { cookie: cookie.split(';')[0]! } })
    expect(again.status).toBe(303)
  })

  it('is not let in by a link of ten minutes ago, a guess, or a broken one', async () => {
    const path = new URL(f.listener.oneTimeLink()).pathname
    f.time.now += 10 * 60_000
    expect((await f.send(path)).status).toBe(401)
    expect((await f.send(`/open/${'A'.repeat(43)}`)).status).toBe(401)
    expect((await f.send('/open/%E0%A4%A')).status).toBe(400)
    expect((await f.send('/open/')).status).toBe(401)
  })

  it('that was not let in sees a friendly page and nothing of the app', async () => {
    for (const path of ['/', '/index.html', '/activity', '/assets/index-Abc12345.js', '/../secret.txt']) {
      const answer = await f.send(path)
      expect(answer.status, path).toBe(401)
      expect(answer.text).toContain('Open the link Drawbridge printed')
      expect(answer.text).toContain('drawbridge status')
    }
  })

  it('stays in while links come and go, and is forgotten after a week unseen', async () => {
    const { cookie } = await f.letIn()
    await f.letIn()
    for (let i = 0; i < 120; i += 1) f.listener.oneTimeLink()
    f.time.now += 6 * 24 * 3_600_000
    expect((await f.send('/', { headers: { cookie } })).status).toBe(200)
    f.time.now += 6 * 24 * 3_600_000
    expect((await f.send('/', { headers: { cookie } })).status).toBe(200)
    f.time.now += 8 * 24 * 3_600_000
    expect((await f.send('/', { headers: { cookie } })).status).toBe(401)
  })

  it('gets the app under a strict policy, assets cached, pages never', async () => {
    const { cookie } = await f.letIn()
    const index = await f.send('/', { headers: { cookie } })
    expect(index.headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'")
    expect(index.headers['content-security-policy']).toContain("frame-ancestors 'none'")
    expect(index.headers['x-content-type-options']).toBe('nosniff')
    expect(index.headers['cache-control']).toBe('no-store')
    expect((await f.send('/access/some_grant', { headers: { cookie } })).text).toContain('drawbridge-csrf')
    const asset = await f.send('/assets/index-Abc12345.js', { headers: { cookie } })
    expect(asset.headers['cache-control']).toContain('immutable')
    expect(asset.headers['x-content-type-options']).toBe('nosniff')
  })

  it('cannot leave the folder of the interface', async () => {
    const { cookie } = await f.letIn()
    for (const path of [
      '/../secret.txt',
      '/..%2fsecret.txt',
      '/%2e%2e/secret.txt',
      '/assets/..%5c..%5csecret.txt',
      '/assets/../../secret.txt',
      '/%2e%2e%2fcontrol.json',
    ]) {
      const answer = await f.send(path, { headers: { cookie } })
      expect(answer.text, path).not.toContain('outside the interface')
      expect(answer.status, path).toBeGreaterThanOrEqual(400)
    }
  })

  it('commands only with its own CSRF token and our Origin', async () => {
    const { cookie, csrf } = await f.letIn()
    const other = await f.letIn()
    const good = { cookie, origin: f.own, 'x-drawbridge-csrf': csrf }
    expect((await f.call(good)).status).toBe(200)
    const without = (name: keyof typeof good) => {
      const { [name]: _left, ...rest } = good
      return rest as Record<string, string>
    }
    expect((await f.call(without('x-drawbridge-csrf'))).status).toBe(403)
    expect((await f.call({ ...good, 'x-drawbridge-csrf': '' })).status).toBe(403)
    expect((await f.call({ ...good, 'x-drawbridge-csrf': other.csrf })).status).toBe(403)
    expect((await f.call(without('origin'))).status).toBe(403)
    expect((await f.call(without('cookie'))).status).toBe(401)
    expect(
      (await f.call({ ...good, cookie: `drawbridge_${f.port + 1}=${cookie.split('=')[1]}` })).status,
    ).toBe(401)
    expect(f.calls).toHaveLength(1)
  })
})
