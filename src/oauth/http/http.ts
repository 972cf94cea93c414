import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'

/** Any page may read the public metadata: it carries nothing that belongs to anybody. */
export const openToAll = { 'access-control-allow-origin': '*' }

export function sendJson(
  res: ServerResponse,
  status: number,
  body: unknown,
  headers: OutgoingHttpHeaders = {},
): void {
  const text = JSON.stringify(body)
  res.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  })
  res.end(res.req.method === 'HEAD' ? undefined : text)
}

/** The question of a browser before a page may call (Fetch standard, CORS protocol). */
export function sendPreflight(res: ServerResponse, method: string): void {
  const allowed = { 'access-control-allow-methods': method, 'access-control-allow-headers': '*' }
  res.writeHead(204, { ...openToAll, ...allowed, 'access-control-max-age': '3600' })
  res.end()
}

/** 303, so that nothing is ever posted again to where it leads (RFC 9700 §4.12). */
export function sendSeeOther(res: ServerResponse, location: string): void {
  res.writeHead(303, {
    location,
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'content-length': 0,
  })
  res.end()
}

/** The whole body, or null when it is larger than `limit` bytes (the connection is then not worth keeping). */
export async function readBody(req: IncomingMessage, limit: number): Promise<Buffer | null> {
  if (Number(req.headers['content-length'] ?? 0) > limit) return null
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > limit) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** Headers that only a proxy of ours could set; a stranger's are dropped. */
const forwarded = /^(?:x-forwarded-.*|forwarded|x-real-ip|host|content-length|transfer-encoding)$/

/**
 * The request as oidc-provider shall see it: the origin it was matched to, whatever its headers claim, and a path of
 * our choosing. koa is told the scheme by `x-forwarded-proto`, because on this side of a tunnel everything is http.
 */
export function innerRequest(
  req: IncomingMessage,
  inner: { origin: string; url: string; body?: Buffer | undefined; cookie?: string | undefined },
): IncomingMessage {
  const { host, protocol } = new URL(inner.origin)
  const headers: OutgoingHttpHeaders = {}
  for (const [name, value] of Object.entries(req.headers)) if (!forwarded.test(name)) headers[name] = value
  headers.host = host
  headers['x-forwarded-host'] = host
  headers['x-forwarded-proto'] = protocol.slice(0, -1)
  if (inner.cookie !== undefined) headers.cookie = inner.cookie
  if (inner.body !== undefined) headers['content-length'] = String(inner.body.length)
  const stream = Readable.from(inner.body === undefined || inner.body.length === 0 ? [] : [inner.body])
  return Object.assign(stream, {
    method: req.method,
    url: inner.url,
    headers,
    socket: req.socket,
    httpVersion: req.httpVersion,
    complete: true,
  }) as unknown as IncomingMessage
}
