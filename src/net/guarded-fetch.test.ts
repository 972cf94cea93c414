import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTls, request } from 'node:https'
import { type AddressInfo, connect, createServer as createTcp, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { silentLog } from '../kernel/log/log.ts'
import { createRedactor } from '../kernel/log/redact.ts'
import {
  createGuardedFetch,
  type GuardOptions,
  isPublicAddress,
  type Outside,
  TooLarge,
} from './guarded-fetch.ts'
import { createNetwork } from './network.ts'
import { makeCertificate, startProxy } from './testing/fixture-proxy.ts'

/** Listens on every loopback address and counts who connects. */
let canary: Server
let canaryPort = 0
let hits = 0
beforeAll(async () => {
  canary = createTcp((socket) => {
    hits += 1
    socket.destroy()
  })
  await new Promise<void>((resolve) => canary.listen(0, '::', resolve))
  canaryPort = (canary.address() as AddressInfo).port
})
afterAll(() => void canary.close())

/** As for a document whose address a stranger chose; rejects with what the guard said. */
async function fetchForStranger(url: string, options: Partial<GuardOptions>, init?: RequestInit) {
  const limits = { maxBytes: 5 * 1024, timeLimit: 3_000, strangers: { ports: [443] } }
  const { fetch, close } = createGuardedFetch({ ...limits, ...options })
  try {
    return await fetch(url, init)
  } catch (error) {
    throw (error as Error).cause ?? error
  } finally {
    await close()
  }
}
const found = (addresses: string[]): Outside => ({
  lookup: async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
})

/** The real network code, allowed to use the canary's port, with a name server of our own. */
const outside = (addresses: string[] = ['127.0.0.1']): Partial<GuardOptions> => ({
  outside: found(addresses),
  strangers: { ports: [canaryPort] },
})

const hosts = [
  ...[
    '127.0.0.1',
    '127.1',
    '127.0.1',
    '127.255.255.254',
    '0x7f.1',
    '0x7f000001',
    '0x7f.0x0.0x0.0x1',
    '2130706433',
  ],
  ...[
    '017700000001',
    '0177.0.0.1',
    '0177.0.0.0x1',
    '0.0.0.0',
    '0',
    '00000000',
    '[::]',
    '[::1]',
    '[0:0:0:0:0:0:0:1]',
  ],
  ...[
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::127.0.0.1]',
    '[64:ff9b::7f00:1]',
    '[2002:7f00:1::]',
    '[fe80::1]',
    '[fc00::1]',
  ],
  ...[
    '[fd12::1]',
    '[ff02::1]',
    '127。0。0。1',
    '①②⑦.⓪.⓪.①',
    '１２７.0.0.1',
    '10.0.0.1',
    '172.16.0.1',
    '192.168.0.1',
    '169.254.169.254',
  ],
  ...['100.64.0.1', '198.18.0.1', '192.0.0.1', '224.0.0.1', '240.0.0.1', '255.255.255.255'],
  ...[
    'localhost',
    'LOCALHOST',
    'localhost.',
    'foo.localhost',
    'localhost.localdomain',
    'printer.local',
    'metadata.google.internal',
  ],
  ...['router.lan', 'wiki.corp', 'intranet', 'user@localhost', 'public.example@127.0.0.1'],
]

/** What a name may lead to. */
const answers = [
  ...[
    '127.0.0.1',
    '127.9.9.9',
    '0.0.0.0',
    '10.1.2.3',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.100.100.200',
  ],
  ...[
    '192.0.0.8',
    '192.0.2.1',
    '198.51.100.1',
    '203.0.113.1',
    '198.19.0.1',
    '224.0.0.251',
    '255.255.255.255',
  ],
  ...[
    '::1',
    '::',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    'fe80::1',
    'fc00::1',
    'fd00::1',
    'ff02::1',
    '64:ff9b::a00:1',
  ],
  ...['2002:7f00:1::', '2001:db8::1', '2001::1', 'not an address', ''],
]

describe('what strangers choose', () => {
  it(`reaches nothing through ${hosts.length} spellings of private hosts`, async () => {
    expect(hosts.length + answers.length).toBeGreaterThan(60)
    for (const host of hosts) {
      const url = `https://${host}:${canaryPort}/client.json`
      // names are answered with the canary's address, so that only the guard stands before it
      await expect(fetchForStranger(url, outside()), host).rejects.toThrow()
    }
    expect(hits).toBe(0)
  })

  it('reaches nothing through names that lead to private addresses, alone or among public ones', async () => {
    for (const address of answers) {
      expect(isPublicAddress(address), address).toBe(false)
      const url = `https://public.example:${canaryPort}/client.json`
      await expect(fetchForStranger(url, outside([address])), address).rejects.toThrow(/not public/)
      await expect(fetchForStranger(url, outside(['93.184.215.14', address])), address).rejects.toThrow(
        /not public/,
      )
    }
    expect(hits).toBe(0)
  })

  it('uses https and the ordinary port only', async () => {
    const plain = { outside: found(['93.184.215.14']) }
    for (const url of [
      `http://public.example/x`,
      `https://public.example:${canaryPort}/x`,
      'https://u:p@public.example/x',
      'file:///etc/passwd',
    ])
      await expect(fetchForStranger(url, plain)).rejects.toThrow(/https|port|user/)
  })

  it('would have been seen by the canary', async () => {
    // the same request without the guard's say about addresses: proof that the canary counts
    await new Promise<void>((resolve) => {
      request({ host: '127.0.0.1', port: canaryPort })
        .on('error', () => resolve())
        .end()
    })
    expect(hits).toBe(1)
  })

  it('calls public addresses public', () => {
    for (const address of ['93.184.215.14', '1.1.1.1', '2606:4700:4700::1111', '::ffff:1.1.1.1'])
      expect(isPublicAddress(address), address).toBe(true)
  })
})

describe('a host on the public internet', () => {
  let dir: string
  let server: ReturnType<typeof createTls>
  let answer: RequestListener
  let trusted: string
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'drawbridge-tls-'))
    const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')]
    const subject = ['-subj', '/CN=public.example', '-addext', 'subjectAltName=DNS:public.example']
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
    execFileSync('openssl', ['req', '-x509', ...curve, '-keyout', key, '-out', cert, ...subject], {
      stdio: 'ignore',
    })
    trusted = cert
    server = createTls({ key: readFileSync(key), cert: readFileSync(cert) }, (req, res) => answer(req, res))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })
  afterAll(() => {
    server.closeAllConnections()
    server.close()
    rmSync(dir, { recursive: true })
  })

  /** A public address that our network answers for: pinned as asked, then led to the local server. */
  const fetchIt = async (listener: RequestListener) => {
    answer = listener
    const pinned: string[] = []
    const { port } = server.address() as AddressInfo
    const network = createNetwork({
      ...{ env: { NODE_EXTRA_CA_CERTS: trusted }, log: silentLog, redactor: createRedactor() },
    })
    const response = await fetchForStranger('https://public.example/client.json', {
      network,
      outside: {
        ...found(['93.184.215.14']),
        async connect(address) {
          pinned.push(address)
          return connect(port, '127.0.0.1')
        },
      },
    })
    return { response, pinned }
  }
  const json = { 'content-type': 'application/json' }

  it('is read, from the address that was checked', async () => {
    const { response, pinned } = await fetchIt((req, res) => {
      expect(req.headers.host).toMatch(/^public\.example/)
      expect(req.headers.cookie ?? req.headers.authorization).toBeUndefined()
      res.writeHead(200, json).end('{"client_id":"x"}')
    })
    expect(await response.text()).toBe('{"client_id":"x"}')
    expect(pinned).toEqual(['93.184.215.14'])
  })

  it('is followed nowhere, and refused when it is large or takes its time', async () => {
    const moved = await fetchIt((_req, res) => res.writeHead(302, { location: 'https://127.0.0.1/' }).end())
    expect(moved.response.status).toBe(302)
    const large = fetchIt((_req, res) => res.writeHead(200, json).end('x'.repeat(6_000)))
    const refused = (await large.catch((error: unknown) => error)) as TooLarge
    expect(refused).toBeInstanceOf(TooLarge)
    expect(refused.head.status).toBe(200)
    expect(refused.head.headers.get('content-type')).toBe('application/json')
    // what is small on the way and large when it is unpacked
    const packed = gzipSync('x'.repeat(100_000))
    const bomb = fetchIt((_req, res) =>
      res.writeHead(200, { ...json, 'content-encoding': 'gzip' }).end(packed),
    )
    expect(packed.length).toBeLessThan(1_000)
    await expect(bomb).rejects.toBeInstanceOf(TooLarge)
    const began = Date.now()
    const drip = fetchIt((_req, res) => {
      res.writeHead(200, json)
      const timer = setInterval(() => res.write(' '), 100)
      res.on('close', () => clearInterval(timer))
    })
    await expect(drip).rejects.toThrow()
    expect(Date.now() - began).toBeLessThan(4_000)
  }, 10_000)
})

describe('behind a proxy', () => {
  const document = '{"client_id":"https://client.example/me"}'
  async function house(certificateFor: string) {
    const certificate = makeCertificate(certificateFor)
    let seen = 0
    const server = createTls(certificate, (_req, res) => {
      seen += 1
      res.setHeader('content-type', 'application/json')
      res.end(document)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const proxy = await startProxy({ '93.184.216.34:443': port, 'client.example:443': port })
    const env = { HTTPS_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: certificate.file }
    const network = createNetwork({ env, log: silentLog, redactor: createRedactor() })
    const close = async () => {
      await proxy.close()
      server.closeAllConnections()
      server.close()
      certificate.remove()
    }
    return { proxy, network, seen: () => seen, close }
  }

  it('fetches through it, and tells it the address that was judged and never the name', async () => {
    const { proxy, network, close } = await house('client.example')
    const outside = found(['93.184.216.34'])
    const response = await fetchForStranger('https://client.example/me', { network, outside })
    expect(await response.text()).toBe(document)
    expect(proxy.asked).toEqual(['CONNECT 93.184.216.34:443'])
    await close()
  })

  it('asks the proxy for nothing that leads into a local network, or that cannot be looked up here', async () => {
    const { proxy, network, close } = await house('client.example')
    for (const addresses of [['10.0.0.1'], ['127.0.0.1'], ['93.184.216.34', '192.168.1.1'], []])
      await expect(
        fetchForStranger('https://client.example/me', { network, outside: found(addresses) }),
      ).rejects.toThrow()
    expect(proxy.asked).toEqual([])
    await close()
  })

  it('takes nothing from where the proxy led if the certificate is for another name', async () => {
    const { network, seen, close } = await house('intranet.corp')
    await expect(
      fetchForStranger('https://client.example/me', { network, outside: found(['93.184.216.34']) }),
    ).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
    expect(seen()).toBe(0)
    await close()
  })
})

describe('what a server of the user chooses', () => {
  const forServer = (server: string, outside?: Outside) =>
    createGuardedFetch({
      ...{ server: new URL(server), maxBytes: 1_000_000, timeLimit: 15_000 },
      ...(outside && { outside }),
    })
  let hits = 0
  let local = ''
  const inside = createServer((_req, res) => {
    hits += 1
    res.setHeader('content-type', 'application/json')
    res.end('{}')
  })
  beforeEach(async () => {
    hits = 0
    await new Promise<void>((resolve) => inside.listen(0, '127.0.0.1', resolve))
    local = `127.0.0.1:${(inside.address() as AddressInfo).port}`
  })
  afterEach(() => new Promise((resolve) => inside.close(resolve)))

  it('asks nobody on this computer or in its network for a server on the internet', async () => {
    const { fetch, close } = forServer('https://mcp.example.com/mcp')
    const port = local.split(':')[1]
    for (const address of [
      `http://${local}/`,
      `https://${local}/`,
      `http://localhost:${port}/`,
      `https://localhost:${port}/`,
      `https://[::1]:${port}/`,
      `https://[::ffff:127.0.0.1]:${port}/`,
      `https://2130706433:${port}/`,
      `https://0x7f.1:${port}/`,
      `https://0.0.0.0:${port}/`,
      'https://10.0.0.1/',
      'https://169.254.169.254/latest/meta-data',
      'https://192.168.1.1/',
      'https://[fd00::1]/',
      'http://login.example.com/',
      'https://user:pw@login.example.com/',
      'file:///etc/passwd',
      'data:application/json,{}',
    ])
      await expect(fetch(address), address).rejects.toThrow()
    expect(hits).toBe(0)
    await close()
  })

  it('asks this computer for a server on this computer, with http only there', async () => {
    const { fetch, close } = forServer('http://127.0.0.1:1/mcp')
    const response = await fetch(`http://${local}/`)
    expect(response).toBeInstanceOf(Response)
    expect(await response.json()).toEqual({})
    await expect(fetch('http://10.0.0.1/')).rejects.toThrow('not https')
    expect(hits).toBe(1)
    await close()
  })

  it('follows no redirect by itself, and reads no endless answer', async () => {
    const odd = createServer((req, res) => {
      if (req.url === '/moved') res.writeHead(302, { location: `http://${local}/` }).end()
      else res.end('x'.repeat(2_000_000))
    })
    await new Promise<void>((resolve) => odd.listen(0, '127.0.0.1', resolve))
    const origin = `http://127.0.0.1:${(odd.address() as AddressInfo).port}`
    const { fetch, close } = forServer(origin)
    expect((await fetch(`${origin}/moved`)).status).toBe(302)
    expect(hits).toBe(0)
    await expect(fetch(`${origin}/endless`)).rejects.toThrow()
    await close()
    await new Promise((resolve) => odd.close(resolve))
  })

  it('may be near under the server’s own name only, and is connected to where that name was found', async () => {
    const port = local.split(':')[1]
    const here = forServer('http://localhost:1/mcp', found(['127.0.0.1']))
    expect((await here.fetch(`http://localhost:${port}/`)).status).toBe(200)
    expect(hits).toBe(1)
    await here.close()
    const near = forServer('https://mcp.example/mcp', found(['127.0.0.1']))
    const failure = (url: string) => near.fetch(url).catch((error: Error) => String(error.cause))
    expect(await failure(`https://login.example:${port}/`)).toMatch(/local network/)
    expect(await failure(`https://mcp.example:${port}/`)).not.toMatch(/local network/)
    expect(hits).toBe(1)
    await near.close()
  })
})
