import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { reads, source, startGateway, text } from '../testing/fixture-gateway.ts'
import { raw, rpc } from '../testing/fixture-http.ts'
import { addressedTo } from './hosts.ts'

type Gateway = Awaited<ReturnType<typeof startGateway>>
const demo = () =>
  source('demo', [{ name: 'echo', annotations: reads }], async (_tool, args) => text(JSON.stringify(args)))

describe('who is spoken to', () => {
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
      'name.example:80',
      'name.example.evil.example',
      'evil-name.example',
      'xname.example',
      'name.exampl',
      '*.example',
      '*',
      `localhost:${port}x`,
      `xlocalhost:${port}`,
      `localhost :${port}`,
      'name.example:8443',
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
    const ours = await raw(port, [
      `GET http://localhost:${port}/health HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: close\r\n\r\n`,
    ])
    expect(ours).toMatch(/^HTTP\/1.1 200 /)
    for (const target of [
      `http://127.0.0.1:${port}/health`,
      `http://localhost:${port}//health`,
      'http://localhost',
    ])
      expect(
        await raw(port, [`GET ${target} HTTP/1.1\r\nHost: localhost:${port}\r\nConnection: close\r\n\r\n`]),
      ).toMatch(/^HTTP\/1.1 404 /)
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
