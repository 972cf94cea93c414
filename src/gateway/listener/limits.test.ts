import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { principal, reads, source, startGateway, text } from '../testing/fixture-gateway.ts'
import { raw, rpc } from '../testing/fixture-http.ts'

type Gateway = Awaited<ReturnType<typeof startGateway>>

describe('the limits of the public listener', () => {
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

  it.each(['nobody', 'good'])('cut off who sends very many requests ahead (%s)', async (token) => {
    gateway = await startGateway({})
    const one = (path: string) =>
      `GET ${path} HTTP/1.1\r\nHost: ${gateway.host}\r\nAuthorization: Bearer ${token}\r\n\r\n`
    const socket = connect(gateway.port, '127.0.0.1')
    let answers = 0
    let closed = false
    socket.on('error', () => {})
    socket.on('data', (bytes: Buffer) => {
      answers += bytes.toString().split('HTTP/1.1 ').length - 1
    })
    socket.on('close', () => {
      closed = true
    })
    // A few are in order (RFC 9112 §9.3.2), and answered.
    socket.write(one('/mcp').repeat(20))
    await expect.poll(() => answers).toBe(20)
    socket.write(one('/mcp').repeat(20_000))
    await expect.poll(() => closed, { timeout: 10_000 }).toBe(true)
    expect(answers).toBeLessThan(1_000)
    expect((await gateway.send({ path: '/health' })).status).toBe(200)
  })

  it('do not count a long wait for an answer', async () => {
    gateway = await startGateway({
      sources: [
        source('demo', [{ name: 'wait', annotations: reads }], async () => {
          await new Promise((resolve) => setTimeout(resolve, 1_500))
          return text('late')
        }),
      ],
      limits: { headersTimeout: 300, requestTimeout: 500, idleTimeout: 300 },
    })
    const { json } = await gateway.post(rpc('tools/call', { name: 'demo__wait' }))
    expect(json.result.content[0].text).toBe('late')
  })

  it('close a connection that is not used any more, without a word about it before', async () => {
    gateway = await startGateway({ limits: { idleTimeout: 400 } })
    const socket = connect(gateway.port, '127.0.0.1')
    let heard = ''
    socket.on('data', (bytes: Buffer) => {
      heard += bytes.toString()
    })
    const closed = new Promise<number>((resolve) => socket.once('close', () => resolve(performance.now())))
    for (let round = 0; round < 3; round += 1) {
      heard = ''
      socket.write(`GET /health HTTP/1.1\r\nHost: ${gateway.host}\r\n\r\n`)
      await expect.poll(() => heard).toMatch(/^HTTP\/1\.1 200 [\s\S]*"drawbridge"/)
      expect(heard).toMatch(/^connection: keep-alive\r$/im)
      await new Promise((resolve) => setTimeout(resolve, 250))
    }
    // A tunnel server would pass our word on, though its own side closes earlier.
    expect(heard).not.toMatch(/^keep-alive:/im)
    const before = performance.now()
    expect((await closed) - before).toBeLessThan(2_000)
  })

  it('leave a connection on which nothing was asked yet to the limit for headers', async () => {
    gateway = await startGateway({
      limits: { headersTimeout: 1_200, requestTimeout: 1_200, idleTimeout: 200 },
    })
    const began = performance.now()
    expect(await raw(gateway.port, [])).toMatch(/^HTTP\/1\.1 408 /)
    expect(performance.now() - began).toBeGreaterThan(1_000)
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
