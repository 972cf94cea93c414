import { once } from 'node:events'
import { createServer, type Server, Socket, type TcpNetConnectOpts } from 'node:net'
import { TLSSocket, connect as tlsConnect } from 'node:tls'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type InProcess, startInProcess } from '../fixtures/in-process.ts'
import { moveProcessClock, type ProcessClock } from './fixture-clock.ts'
import { sendRaw } from './raw-requests.ts'

/**
 * A client may name an address as its id, and the host fetches it. Nobody may use that to reach into the local network.
 * The canary listens on every address of this computer; whatever connection the host tries is led to its port, so that
 * getting past the guard is all it takes to be caught.
 */
const canary = vi.hoisted(() => ({
  port: 0,
  hits: 0,
  attempts: [] as string[],
  names: new Map<string, string[]>(),
}))

/** Whoever in this process connects with TLS, as is all that the guard lets out, is seen and led to the canary's port. */
const connectAsAsked = Socket.prototype.connect
Socket.prototype.connect = function (this: Socket, ...args: unknown[]) {
  const [options] = args
  if (this instanceof TLSSocket && typeof options === 'object' && options !== null && 'port' in options) {
    const asked = options as TcpNetConnectOpts
    asked.port = canary.port
    this.on('connectionAttempt', (address: string) => void canary.attempts.push(`${asked.host} ${address}`))
  }
  return Reflect.apply(connectAsAsked, this, args)
}
vi.mock('node:dns/promises', () => ({
  lookup: async (host: string) => {
    const addresses = canary.names.get(host)
    if (addresses === undefined) throw new Error(`ENOTFOUND ${host}`)
    return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
  },
}))

let under: InProcess
let clock: ProcessClock
const listeners: Server[] = []
beforeAll(async () => {
  for (const host of ['0.0.0.0', '::1']) {
    const listener = createServer((socket) => {
      canary.hits += 1
      socket.on('error', () => {})
      socket.destroy()
    })
    listener.listen(canary.port, host)
    await once(listener, 'listening')
    canary.port = (listener.address() as { port: number }).port
    listeners.push(listener)
  }
  clock = moveProcessClock()
  under = await startInProcess()
}, 30_000)
afterAll(async () => {
  Socket.prototype.connect = connectAsAsked
  clock.restore()
  for (const listener of listeners) listener.close()
  await under?.stop()
})

/** Addresses that a name may hide (RFC 6890), as an attacker's own DNS would answer. */
const hidden: Record<string, string[]> = {
  'loopback.example': ['127.0.0.1'],
  'loopback2.example': ['127.8.8.8'],
  'six.example': ['::1'],
  'mapped.example': ['::ffff:127.0.0.1'],
  'mapped-hex.example': ['::ffff:7f00:1'],
  'compat.example': ['::127.0.0.1'],
  'nat64.example': ['64:ff9b::7f00:1'],
  'sixtofour.example': ['2002:7f00:1::'],
  'teredo.example': ['2001:0:7f00:1::'],
  'zero.example': ['0.0.0.0'],
  'zero6.example': ['::'],
  'ten.example': ['10.0.0.1'],
  'b.example': ['172.16.0.1'],
  'c.example': ['192.168.1.1'],
  'cgnat.example': ['100.64.0.1'],
  'metadata.example': ['169.254.169.254'],
  'link.example': ['fe80::1'],
  'ula.example': ['fd00::1'],
  'site.example': ['fec0::1'],
  'multicast.example': ['224.0.0.1'],
  'broadcast.example': ['255.255.255.255'],
  'benchmark.example': ['198.18.0.1'],
  'doc.example': ['192.0.2.1'],
  'mixed.example': ['93.184.215.14', '127.0.0.1'],
  'mixed6.example': ['2606:2800:21f:cb07:6820:80da:af6b:8b2c', '::1'],
  'nothing.example': [],
}
/** What a URL may look like that means this computer or its network. */
const spelled = [
  '127.0.0.1',
  '127.1',
  '127.0.1',
  '0x7f.0.0.1',
  '0x7f000001',
  '2130706433',
  '0177.0.0.1',
  '017700000001',
  '127.0.0.1.',
  '①②⑦.⓪.⓪.①',
  '127。0。0。1',
  '[::1]',
  '[0:0:0:0:0:0:0:1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::]',
  '0.0.0.0',
  '0',
  'localhost',
  'LOCALHOST',
  'localhost.',
  'foo.localhost',
  'localhost.localdomain.',
  'printer.local',
  'router.lan',
  'db.internal',
  'nas.home',
  'wiki.corp',
  'intranet',
  'box.home.arpa',
  'x.onion',
  '169.254.169.254',
  '10.0.0.1',
  '192.168.0.1',
  '[fd00::1]',
  '[fe80::1]',
  'user:pw@127.0.0.1',
  'public.example@127.0.0.1',
  '127.0.0.1#@public.example',
  '127.0.0.1\\@public.example',
  'public.example:22',
  'public.example:8080',
  '127.0.0.1.nip.io',
]

const addresses = [
  ...Object.keys(hidden).map((host) => `https://${host}/client.json`),
  ...spelled.map((host) => `https://${host}/client.json`),
  'http://public.example/client.json',
  'file:///etc/passwd',
  'gopher://127.0.0.1/x',
]

/** Asks inside the window, at a time at which nothing was fetched lately. */
const knock = async (clientId: string) => {
  clock.move(11 * 60_000)
  await under.ask('connect.open', { client: 'other' })
  const query = new URLSearchParams({
    client_id: clientId,
    redirect_uri: 'https://public.example/cb',
    response_type: 'code',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  })
  const page = await sendRaw(under, { path: `/oauth/authorize?${query}` })
  await sendRaw(under, {
    method: 'POST',
    path: '/oauth/token',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: 'x',
      client_id: clientId,
    }).toString(),
  })
  return page.status
}

it('a client id that is an address reaches nothing on this computer or its network', {
  timeout: 60_000,
}, async () => {
  expect(addresses.length).toBeGreaterThanOrEqual(60)
  for (const [host, list] of Object.entries(hidden)) canary.names.set(host, list)
  for (const host of [
    '127.0.0.1.nip.io',
    'localhost',
    'foo.localhost',
    'printer.local',
    'router.lan',
    'db.internal',
    'nas.home',
    'wiki.corp',
    'intranet',
    'box.home.arpa',
    'x.onion',
  ])
    canary.names.set(host, ['127.0.0.1'])
  canary.names.set('public.example', ['93.184.215.14'])
  const answers: Record<string, number> = {}
  for (const address of addresses) answers[address] = await knock(address)
  expect(Object.entries(answers).filter(([, status]) => status !== 400)).toEqual([])
  console.log(`${addresses.length} spellings: ${canary.hits} hits, ${canary.attempts.length} attempts`)
  expect(canary.attempts).toEqual([])
  expect(canary.hits).toBe(0)
  expect(await under.ask('connections.list')).toEqual([])
})

it('the canary sings: a connection to it is counted, and so is what the guard lets out', async () => {
  const socket = tlsConnect({ host: '127.0.0.1', port: 443 })
  await expect(once(socket, 'secureConnect')).rejects.toThrow()
  expect(canary.hits).toBe(1)
  // a public address is let out; this test leads its port here, and 93.184.215.14 is not this computer
  canary.attempts = []
  expect(await knock('https://public.example/client.json')).toBe(400)
  expect(canary.attempts).toEqual(['public.example 93.184.215.14'])
})
