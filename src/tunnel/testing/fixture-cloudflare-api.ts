/**
 * For tests: a stand-in for the part of Cloudflare's API that a tunnel needs, with the bodies and errors that its documentation and its
 * users' reports show. What it does not show: Cloudflare itself, its DNS, and how long a change takes there.
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

interface Record_ {
  id: string
  type: string
  name: string
  content: string
  proxied: boolean
}
interface Tunnel {
  id: string
  name: string
  status: string
  config: unknown
}

const account = 'acc0000000000000000000000000001'
const idOf = () => randomBytes(16).toString('hex')

export async function startCloudflareApi() {
  const parts = {
    token: 'cf_token_0123456789_abcdefghij_0123456789',
    /** What the token lacks, by the beginning of the path that it is for. */
    lacks: null as 'zones' | 'cfd_tunnel' | 'dns_records' | null,
    /** The next requests are answered so. */
    trouble: null as { status: number; headers?: Record<string, string>; body: unknown } | null,
    zones: ['example.com'],
    records: [] as Record_[],
    tunnels: [] as Tunnel[],
    /** `METHOD path`, in order. */
    asked: [] as string[],
  }
  const zoneId = (name: string) => `zone-${name.replaceAll('.', '-')}`
  const ok = (res: ServerResponse, result: unknown, info?: object) =>
    res.writeHead(200, { 'content-type': 'application/json' }).end(
      JSON.stringify({
        success: true,
        errors: [],
        messages: [],
        result,
        ...(info && { result_info: info }),
      }),
    )
  const no = (res: ServerResponse, status: number, code: number, message: string) =>
    res
      .writeHead(status, { 'content-type': 'application/json' })
      .end(JSON.stringify({ success: false, errors: [{ code, message }], messages: [], result: null }))

  const zonesAt = (url: URL, res: ServerResponse) => {
    const [page, size] = ['page', 'per_page'].map((name) => Number(url.searchParams.get(name)))
    const shown = parts.zones.slice((page! - 1) * size!, page! * size!)
    const info = { page, per_page: size, total_pages: Math.ceil(parts.zones.length / size!) }
    ok(
      res,
      shown.map((name) => ({ id: zoneId(name), name, status: 'active', account: { id: account } })),
      info,
    )
  }
  const tunnelsAt = (
    req: IncomingMessage,
    rest: string,
    url: URL,
    body: Record<string, unknown>,
    res: ServerResponse,
  ) => {
    const [, id, what] = rest.split('/')
    const tunnel = parts.tunnels.find((one) => one.id === id)
    if (id && !tunnel) return no(res, 404, 1003, 'Tunnel not found')
    if (tunnel && what === 'token') {
      const held = JSON.stringify({ a: account, t: tunnel.id, s: 'c2VjcmV0LW9mLXRoZS10dW5uZWw=' })
      return ok(res, Buffer.from(held).toString('base64'))
    }
    if (tunnel && what === 'configurations' && req.method === 'PUT') {
      tunnel.config = body.config
      return ok(res, { tunnel_id: tunnel.id, version: 1, config: body.config })
    }
    if (req.method === 'GET')
      return ok(
        res,
        parts.tunnels.filter(({ name }) => name === url.searchParams.get('name')),
      )
    if (parts.tunnels.some(({ name }) => name === body.name))
      return no(res, 409, 1013, 'You already have a tunnel with this name.')
    const made = { id: idOf(), name: String(body.name), status: 'inactive', config: null }
    parts.tunnels.push(made)
    ok(res, made)
  }
  const recordsAt = (
    req: IncomingMessage,
    rest: string,
    url: URL,
    body: Record<string, unknown>,
    res: ServerResponse,
  ) => {
    const [, id] = rest.split('/')
    if (req.method === 'GET')
      return ok(
        res,
        parts.records.filter(({ name }) => name === url.searchParams.get('name')),
      )
    if (req.method === 'PUT') {
      const record = parts.records.find((one) => one.id === id)
      if (!record) return no(res, 404, 81044, 'Record does not exist.')
      return ok(res, Object.assign(record, body))
    }
    if (parts.records.some(({ name }) => name === body.name))
      return no(res, 400, 81053, 'An A, AAAA, or CNAME record with that host already exists.')
    const made = { id: idOf(), ...body } as unknown as Record_
    parts.records.push(made)
    ok(res, made)
  }
  const answer = async (req: IncomingMessage, res: ServerResponse) => {
    let text = ''
    for await (const part of req) text += part
    const url = new URL(req.url!, 'http://localhost')
    const body = text ? (JSON.parse(text) as Record<string, unknown>) : {}
    parts.asked.push(`${req.method} ${url.pathname}`)
    if (parts.trouble) {
      const { status, headers, body: said } = parts.trouble
      return void res.writeHead(status, headers).end(typeof said === 'string' ? said : JSON.stringify(said))
    }
    if (req.headers.authorization !== `Bearer ${parts.token}`)
      return void no(res, 401, 1000, 'Invalid API Token')
    const found = /^\/(?:accounts\/[^/]+\/(cfd_tunnel)|zones\/[^/]+\/(dns_records)|zones)((?:\/.*)?)$/.exec(
      url.pathname,
    )
    if (!found)
      return void no(res, 404, 7003, 'Could not route to that, perhaps your object identifier is invalid?')
    const [, tunnel, dns, rest = ''] = found
    if (parts.lacks === (tunnel ?? dns ?? 'zones'))
      // A list shows nothing of what may not be seen.
      return void (parts.lacks === 'zones' ? ok(res, []) : no(res, 403, 10000, 'Authentication error'))
    if (tunnel) tunnelsAt(req, rest, url, body, res)
    else if (dns) recordsAt(req, rest, url, body, res)
    else zonesAt(url, res)
  }
  const server = createServer((req, res) => void answer(req, res))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return Object.assign(parts, {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    account,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  })
}
