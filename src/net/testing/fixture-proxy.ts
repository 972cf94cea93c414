import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** For tests: a real HTTP proxy that leads every name to this computer, as if the internet was here. */
export interface FixtureProxy {
  url: string
  /** What it was asked for: `CONNECT host:port`, or `GET http://host/…`. */
  asked: string[]
  /** `Proxy-Authorization` of each. */
  shown: (string | undefined)[]
  /** Answers this instead of leading anybody anywhere. */
  refuseWith: number | null
  close(): Promise<void>
}

/** `ports`: where a name's port really is; left out: the same one. */
export async function startProxy(ports: Record<string, number> = {}): Promise<FixtureProxy> {
  const sockets = new Set<Socket>()
  const asked: string[] = []
  const shown: (string | undefined)[] = []
  const proxy = { asked, shown, refuseWith: null as number | null }
  const there = (host: string, port: number) => ports[`${host}:${port}`] ?? port
  const server = createServer((req, res) => {
    asked.push(`${req.method} ${req.url}`)
    shown.push(req.headers['proxy-authorization'])
    if (proxy.refuseWith !== null) return void res.writeHead(proxy.refuseWith).end()
    const url = new URL(req.url!)
    const { 'proxy-authorization': _1, 'proxy-connection': _2, ...headers } = req.headers
    const onward = request({
      ...{ host: '127.0.0.1', port: there(url.hostname, Number(url.port || 80)), headers },
      ...{ method: req.method!, path: url.pathname + url.search },
    })
    onward.on('response', (answer) => {
      res.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(res)
    })
    onward.on('error', () => res.destroy())
    req.pipe(onward)
  })
  server.on('connection', (socket) => sockets.add(socket))
  server.on('connect', (req, client: Socket, head) => {
    asked.push(`CONNECT ${req.url}`)
    shown.push(req.headers['proxy-authorization'])
    client.on('error', () => {})
    if (proxy.refuseWith !== null) return void client.end(`HTTP/1.1 ${proxy.refuseWith} No\r\n\r\n`)
    const { hostname, port } = new URL(`http://${req.url}`)
    const onward = connect(there(hostname, Number(port || 80)), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      onward.write(head)
      onward.pipe(client).pipe(onward)
    })
    sockets.add(onward)
    onward.on('error', () => client.destroy())
    onward.on('close', () => client.destroy())
    client.on('close', () => onward.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(proxy, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}

/** For tests: a certificate of its own for these names, good from now on for two days. */
export function makeCertificate(...names: string[]): {
  key: Buffer
  cert: Buffer
  file: string
  remove(): void
} {
  const dir = mkdtempSync(join(tmpdir(), 'drawbridge-certificate-'))
  const [key, file] = [join(dir, 'key.pem'), join(dir, 'certificate.pem')]
  const alternatives = names.map((name) => `${/^[\d.]+$/.test(name) ? 'IP' : 'DNS'}:${name}`).join(',')
  execFileSync(
    'openssl',
    [
      ...[
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '2',
      ],
      ...['-keyout', key, '-out', file, '-subj', `/CN=${names[0]}`],
      ...['-addext', `subjectAltName=${alternatives}`],
    ],
    { stdio: 'pipe' },
  )
  return {
    ...{ key: readFileSync(key), cert: readFileSync(file), file },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  }
}
