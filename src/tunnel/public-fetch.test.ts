import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { afterEach, expect, it } from 'vitest'
import { probe } from './probe.ts'
import { createPublicFetch, publicLookup } from './public-fetch.ts'
import { startApp } from './testing/local-app.ts'

const stops: (() => unknown)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

/** For tests: a name server that knows one address for every name, or that there is none (RFC 1035 §4.1). */
async function nameServer(address: string | null): Promise<string> {
  const socket: Socket = createSocket('udp4')
  socket.on('message', (query, { port }) => {
    const end = query.indexOf(0, 12) + 5
    const isV4 = query.readUInt16BE(end - 4) === 1
    const head = Buffer.alloc(12)
    query.copy(head, 0, 0, 2)
    head.writeUInt16BE(address === null ? 0x8183 : 0x8180, 2)
    head.writeUInt16BE(1, 4)
    head.writeUInt16BE(address !== null && isV4 ? 1 : 0, 6)
    const record = Buffer.from([
      0xc0,
      12,
      0,
      1,
      0,
      1,
      0,
      0,
      0,
      1,
      0,
      4,
      ...(address ?? '0.0.0.0').split('.').map(Number),
    ])
    const parts = [head, query.subarray(12, end), ...(address !== null && isV4 ? [record] : [])]
    socket.send(Buffer.concat(parts), port, '127.0.0.1')
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  stops.push(() => socket.close())
  return `127.0.0.1:${socket.address().port}`
}

const resolve = (servers: string[], name: string) =>
  new Promise<unknown>((settle) =>
    publicLookup(servers)(name, { all: true }, (error, found) => settle(error?.code ?? found)),
  )

it('asks public servers, whatever this computer would say', async () => {
  expect(await resolve([await nameServer('203.0.113.7')], 'mine.tail1234.ts.net')).toEqual([
    { address: '203.0.113.7', family: 4 },
  ])
  expect(await resolve([await nameServer(null)], 'mine.tail1234.ts.net')).toBe('ENOTFOUND')
})

it('does not call an address ready that only this computer reaches', async () => {
  const app = await startApp('me')
  stops.push(() => app.close())
  // Where the world is led to: nothing of ours.
  const elsewhere: Server = createServer((_req, res) => res.writeHead(502).end('nobody here'))
  elsewhere.listen(app.port, '127.0.0.2')
  await once(elsewhere, 'listening')
  stops.push(() => elsewhere.close())
  const look = async (address: string) => {
    const { fetch, close } = createPublicFetch(undefined, publicLookup([await nameServer(address)]))
    stops.push(close)
    return probe({
      ...{
        origin: `http://mine.tail1234.ts.net:${app.port}`,
        instance: 'me',
        provider: { probe: {} },
        now: Date.now,
      },
      ...{ timeout: 3_000, signal: new AbortController().signal, fetch },
    })
  }
  // What MagicDNS would have said.
  expect(await look('127.0.0.1')).toEqual({ kind: 'ours' })
  expect(await look('127.0.0.2')).toMatchObject({
    kind: 'wrong',
    detail: expect.stringContaining('nobody here'),
  })
})
