import { createServer, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { HostError } from '../../kernel/errors.ts'
import { silentLog } from '../../kernel/log/log.ts'
import { createRedactor } from '../../kernel/log/redact.ts'
import { createNetwork } from '../../net/network.ts'
import { startProxy } from '../../net/testing/fixture-proxy.ts'
import { createPublicFetch, type ProbeFetch } from '../public-fetch.ts'
import { localtunnel } from './localtunnel.ts'

let answer: (res: ServerResponse) => void
let server: Server
const net = createPublicFetch()

beforeEach(async () => {
  server = createServer((_req, res) => answer(res))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

const host = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
const open = (at = host(), limit = 2_000, localPort = 1) =>
  localtunnel.open({
    host: at,
    name: 'quiet-otter',
    localPort: () => localPort,
    signal: AbortSignal.timeout(limit),
    fetch: net.fetch,
  })
const failure = (attempt: Promise<unknown>): Promise<HostError> =>
  attempt.then(
    () => expect.unreachable('it opened'),
    (error) => error,
  )
const json = (value: unknown, status = 200) => {
  answer = (res) => res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}
const granted = { id: 'quiet-otter', port: 1, url: 'http://quiet-otter.example', max_conn_count: 10 }

test.each([
  ['a web page', (res: ServerResponse) => res.end('<!doctype html>'), /gave no address/],
  ['nothing', (res: ServerResponse) => res.end(), /gave no address/],
  ['an endless answer', (res: ServerResponse) => void res.write('x'.repeat(1_000_000)), /gave no address/],
])('a server that answers with %s is refused', async (_name, act, message) => {
  answer = act
  expect(await failure(open())).toMatchObject({
    code: 'tunnel-refused',
    message: expect.stringMatching(message),
  })
})

test.each([
  ['no port', { ...granted, port: undefined }],
  ['port 0', { ...granted, port: 0 }],
  ['a port too high', { ...granted, port: 65_536 }],
  ['an address of another protocol', { ...granted, url: 'file://quiet-otter.example/etc' }],
  ['the address of somebody else', { ...granted, url: 'https://chatgpt.com' }],
  ['an array', [granted]],
])('an answer with %s is refused', async (_name, value) => {
  json(value)
  expect(await failure(open())).toMatchObject({ code: 'tunnel-refused' })
})

test('what the server says is passed on, shortened for the log', async () => {
  json({ message: 'Invalid subdomain.' }, 403)
  const error = await failure(open())
  expect(error).toMatchObject({
    code: 'tunnel-refused',
    message: 'The tunnel service said no: Invalid subdomain.',
  })
})

/** A service on the web: what it answers by address; everything else is not there. */
const fixtureService = (answers: Record<string, { url?: string; to?: string }>) => {
  const asked: string[] = []
  const ask: ProbeFetch = async (url, { redirect }) => {
    asked.push(url)
    expect(redirect).toBe('manual')
    const { to, url: given } = answers[url] ?? {}
    if (to !== undefined) return new Response('moved', { status: 302, headers: { location: to } })
    return given === undefined
      ? new Response('not here', { status: 404 })
      : Response.json({ ...granted, url: given })
  }
  const opened = (at: string) =>
    failure(
      localtunnel.open({
        ...{ host: at, name: 'quiet-otter', localPort: () => 1, fetch: ask },
        signal: AbortSignal.timeout(2_000),
      }),
    )
  return { asked, opened }
}

test.each([['https://tunnel.example'], ['http://tunnel.example'], ['http://127.0.0.1.example']])(
  'an address without https is refused, unless the service is on this computer: %s',
  async (at) => {
    const { opened } = fixtureService({ [`${at}/quiet-otter`]: { url: 'http://quiet-otter.tunnel.example' } })
    expect(await opened(at)).toMatchObject({
      code: 'tunnel-refused',
      message: expect.stringContaining('https'),
    })
  },
)

test('is led on within its own host, and never to another one or away from https', async () => {
  const url = 'https://quiet-otter.tunnel.example'
  const from = 'https://tunnel.example/quiet-otter'
  for (const to of [
    'http://tunnel.example/quiet-otter',
    'https://other.example/quiet-otter',
    'https://tunnel.example.other.example/quiet-otter',
    'http://127.0.0.1:4242/quiet-otter',
  ]) {
    const { asked, opened } = fixtureService({ [from]: { to }, [to]: { url } })
    expect(await opened('https://tunnel.example')).toMatchObject({ code: 'tunnel-refused' })
    expect(asked).toEqual([from])
  }
  const around = fixtureService({ [from]: { to: from } })
  expect(await around.opened('https://tunnel.example')).toMatchObject({ code: 'tunnel-refused' })
  expect(around.asked.length).toBeLessThan(6)
  const on = fixtureService({
    [from]: { to: '/api/quiet-otter' },
    'https://tunnel.example/api/quiet-otter': { url },
  })
  // Nobody listens at the port that it names.
  await on.opened('https://tunnel.example')
  expect(on.asked).toEqual([from, 'https://tunnel.example/api/quiet-otter'])
  const up = fixtureService({ 'http://tunnel.example/quiet-otter': { to: from }, [from]: { url } })
  await up.opened('http://tunnel.example')
  expect(up.asked).toEqual(['http://tunnel.example/quiet-otter', from])
})

test('another name is not accepted', async () => {
  json({ ...granted, id: 'good-frog-13', url: 'http://good-frog-13.example' })
  expect(await failure(open())).toMatchObject({ code: 'tunnel-name-taken' })
})

test('a port where nobody listens, a dead server and a silent one are unreachable', async () => {
  json(granted)
  expect(await failure(open())).toMatchObject({ code: 'tunnel-unreachable' })
  expect(await failure(open('http://127.0.0.1:1'))).toMatchObject({ code: 'tunnel-unreachable' })
  answer = () => {}
  const began = Date.now()
  expect(await failure(open(host(), 200))).toMatchObject({ code: 'tunnel-unreachable' })
  expect(Date.now() - began).toBeLessThan(1_000)
})

test('an address that is none has its own words', async () => {
  expect(await failure(open('loca lt'))).toMatchObject({ code: 'tunnel-host-invalid' })
})

test('a server that closes every connection at once is not dialled in a busy loop', async () => {
  let dials = 0
  const tcp = createTcpServer((socket) => {
    dials += 1
    socket.destroy()
  })
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve))
  json({ ...granted, port: (tcp.address() as AddressInfo).port, max_conn_count: 99 })
  const tunnel = await open()
  await new Promise((resolve) => setTimeout(resolve, 400))
  tunnel.close()
  tcp.close()
  expect(dials).toBeGreaterThan(10)
  expect(dials, 'ten connections, each tried twice before it pauses').toBeLessThanOrEqual(20)
})

test('a visitor who goes on sending after the answer keeps no connection from the next', async () => {
  const local = createTcpServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.end('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n'))
  })
  await new Promise<void>((resolve) => local.listen(0, '127.0.0.1', resolve))
  let dials = 0
  const tcp = createTcpServer({ allowHalfOpen: true }, (socket) => {
    dials += 1
    socket.on('error', () => {})
    socket.resume().once('end', () => {
      socket.write('a')
      setTimeout(() => socket.end(), 50)
    })
    if (dials === 1) socket.write('POST /oauth/token HTTP/1.1\r\n')
  })
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve))
  json({ ...granted, port: (tcp.address() as AddressInfo).port, max_conn_count: 1 })
  const tunnel = await open(host(), 2_000, (local.address() as AddressInfo).port)
  await expect.poll(() => dials, { timeout: 2_000 }).toBe(2)
  tunnel.close()
  tcp.close()
  local.close()
})

test('behind a proxy, both the question for a name and the connections go through it', async () => {
  const connections: Socket[] = []
  const there = createTcpServer((socket) => connections.push(socket))
  await new Promise<void>((resolve) => there.listen(0, '127.0.0.1', resolve))
  const { port } = there.address() as AddressInfo
  json({ ...granted, port, url: 'https://quiet-otter.tunnel.example', max_conn_count: 2 })
  const proxy = await startProxy({ 'tunnel.example:80': Number(new URL(host()).port) })
  const network = createNetwork({
    env: { ALL_PROXY: proxy.url },
    log: silentLog,
    redactor: createRedactor(),
  })
  const through = createPublicFetch(network)
  const opened = await localtunnel.open({
    host: 'http://tunnel.example',
    name: 'quiet-otter',
    localPort: () => 1,
    signal: AbortSignal.timeout(5_000),
    fetch: through.fetch,
    network,
  })
  await expect.poll(() => opened.idle(), { timeout: 5_000 }).toBe(2)
  expect(proxy.asked[0]).toBe('GET http://tunnel.example/quiet-otter')
  expect(new Set(proxy.asked.slice(1))).toEqual(new Set([`CONNECT tunnel.example:${port}`]))
  // A visitor's request comes down such a connection, and is answered (here: nobody listens at the local port).
  const answered = new Promise<string>((resolve) =>
    connections[0]!.once('data', (data) => resolve(data.toString())),
  )
  connections[0]!.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
  expect(await answered).toContain('502 Bad Gateway')
  opened.close()
  await through.close()
  await proxy.close()
  for (const socket of connections) socket.destroy()
  there.close()
})
