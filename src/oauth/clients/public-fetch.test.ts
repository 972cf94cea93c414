import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { createServer as createTls, request } from 'node:https'
import { type AddressInfo, createServer as createTcp, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { silentLog } from '../../kernel/log.ts'
import { createRedactor } from '../../kernel/redact.ts'
import { createNetwork } from '../../net/network.ts'
import { makeCertificate, startProxy } from '../../net/testing/fixture-proxy.ts'
import { fetchPublicJson, isPublicAddress, type Outside, outsideOf } from './public-fetch.ts'

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

/** The real network code, allowed to use the canary's port, with a name server of our own. */
const outside = (addresses: string[] = ['127.0.0.1']): Outside => ({
  lookup: async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
  request,
  ports: [canaryPort],
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

describe('the guard', () => {
  it(`reaches nothing through ${hosts.length} spellings of private hosts`, async () => {
    expect(hosts.length + answers.length).toBeGreaterThan(60)
    for (const host of hosts) {
      const url = `https://${host}:${canaryPort}/client.json`
      // names are answered with the canary's address, so that only the guard stands before it
      await expect(fetchPublicJson(url, outside()), host).rejects.toThrow()
    }
    expect(hits).toBe(0)
  })

  it('reaches nothing through names that lead to private addresses, alone or among public ones', async () => {
    for (const address of answers) {
      expect(isPublicAddress(address), address).toBe(false)
      const url = `https://public.example:${canaryPort}/client.json`
      await expect(fetchPublicJson(url, outside([address])), address).rejects.toThrow(/not public/)
      await expect(fetchPublicJson(url, outside(['93.184.215.14', address])), address).rejects.toThrow(
        /not public/,
      )
    }
    expect(hits).toBe(0)
  })

  it('uses https and the ordinary port only', async () => {
    const plain = { ...outside(['93.184.215.14']), ports: [443] }
    for (const url of [
      `http://public.example/x`,
      `https://public.example:${canaryPort}/x`,
      'https://u:p@public.example/x',
      'file:///etc/passwd',
    ])
      await expect(fetchPublicJson(url, plain)).rejects.toThrow(/https|port|user/)
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

describe('a document on the public internet', () => {
  let dir: string
  let server: ReturnType<typeof createTls>
  let answer: RequestListener
  let ca: Buffer
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'drawbridge-tls-'))
    const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')]
    const subject = ['-subj', '/CN=public.example', '-addext', 'subjectAltName=DNS:public.example']
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
    execFileSync('openssl', ['req', '-x509', ...curve, '-keyout', key, '-out', cert, ...subject], {
      stdio: 'ignore',
    })
    ca = readFileSync(cert)
    server = createTls({ key: readFileSync(key), cert: ca }, (req, res) => answer(req, res))
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
    const pinned: unknown[] = []
    const { port } = server.address() as AddressInfo
    const result = fetchPublicJson('https://public.example/client.json', {
      ports: [443],
      lookup: async () => [{ address: '93.184.215.14', family: 4 }],
      request: ((url: URL, options: object, done: never) => {
        const { lookup } = options as {
          lookup: (h: string, o: object, d: (...all: unknown[]) => void) => void
        }
        lookup('public.example', {}, (_error, address) => void pinned.push(address))
        const local = (_h: string, o: { all?: boolean }, d: (...all: unknown[]) => void) =>
          o.all ? d(null, [{ address: '127.0.0.1', family: 4 }]) : d(null, '127.0.0.1', 4)
        return request(url, { ...options, port, ca, lookup: local } as never, done)
      }) as never,
    })
    return { text: await result, pinned }
  }
  const json = { 'content-type': 'application/json' }

  it('is read, from the address that was checked', async () => {
    const { text, pinned } = await fetchIt((req, res) => {
      expect(req.headers.host).toMatch(/^public\.example/)
      expect(req.headers.cookie ?? req.headers.authorization).toBeUndefined()
      res.writeHead(200, json).end('{"client_id":"x"}')
    })
    expect(text).toBe('{"client_id":"x"}')
    expect(pinned).toEqual(['93.184.215.14'])
  })

  it('is refused when it redirects, fails, is large, is no JSON or takes its time', async () => {
    const refused = (listener: RequestListener) =>
      fetchIt(listener).then(
        () => 'accepted',
        (error: Error) => error.message,
      )
    expect(await refused((_req, res) => res.writeHead(302, { location: 'https://127.0.0.1/' }).end())).toBe(
      'answered 302',
    )
    expect(await refused((_req, res) => res.writeHead(404, json).end('{}'))).toBe('answered 404')
    expect(await refused((_req, res) => res.writeHead(200, { 'content-type': 'text/html' }).end('{}'))).toBe(
      'not JSON',
    )
    expect(await refused((_req, res) => res.writeHead(200, json).end('x'.repeat(6_000)))).toBe('too large')
    const began = Date.now()
    const drip = await refused((_req, res) => {
      res.writeHead(200, json)
      const timer = setInterval(() => res.write(' '), 100)
      res.on('close', () => clearInterval(timer))
    })
    expect(drip).not.toBe('accepted')
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
    const found = (addresses: string[]): Outside => ({
      ...outsideOf(network),
      lookup: async () => addresses.map((address) => ({ address, family: 4 })),
    })
    const close = async () => {
      await proxy.close()
      server.closeAllConnections()
      server.close()
      certificate.remove()
    }
    return { proxy, found, seen: () => seen, close }
  }

  it('fetches through it, and tells it the address that was judged and never the name', async () => {
    const { proxy, found, close } = await house('client.example')
    expect(await fetchPublicJson('https://client.example/me', found(['93.184.216.34']))).toBe(document)
    expect(proxy.asked).toEqual(['CONNECT 93.184.216.34:443'])
    await close()
  })

  it('asks the proxy for nothing that leads into a local network, or that cannot be looked up here', async () => {
    const { proxy, found, close } = await house('client.example')
    for (const addresses of [['10.0.0.1'], ['127.0.0.1'], ['93.184.216.34', '192.168.1.1'], []])
      await expect(fetchPublicJson('https://client.example/me', found(addresses))).rejects.toThrow()
    expect(proxy.asked).toEqual([])
    await close()
  })

  it('takes nothing from where the proxy led if the certificate is for another name', async () => {
    const { found, seen, close } = await house('intranet.corp')
    await expect(
      fetchPublicJson('https://client.example/me', found(['93.184.216.34'])),
    ).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
    expect(seen()).toBe(0)
    await close()
  })
})
