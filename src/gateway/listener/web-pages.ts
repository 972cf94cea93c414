import type { IncomingMessage, ServerResponse } from 'node:http'
import { commonHeaders } from '../../net/answers.ts'

/** Header names, as a browser lists those that a page wants to send. */
const headerNames = /^[\w-]+(?: *, *[\w-]+)*$/

/**
 * Lets the page that a request comes from read the answer (Fetch standard, CORS protocol). Its origin was found to be
 * one that may call. There are no cookies: a page can do no more than the token it brings.
 */
export function readableByPage(req: IncomingMessage, res: ServerResponse): void {
  const { origin } = req.headers
  if (origin === undefined) return
  res.setHeader('Access-Control-Allow-Origin', origin)
  // A 401 says there where to sign in (RFC 9728 §5.1), a 429 when to come back.
  res.setHeader('Access-Control-Expose-Headers', 'WWW-Authenticate, Mcp-Session-Id, Retry-After')
  res.setHeader('Vary', 'Origin')
}

/** The question of a browser before its page may call with one of `methods`; false when it is none. */
export function answerPreflight(req: IncomingMessage, res: ServerResponse, methods: string): boolean {
  const wanted = String(req.headers['access-control-request-headers'] ?? '')
  if (req.headers.origin === undefined || req.headers['access-control-request-method'] === undefined)
    return false
  readableByPage(req, res)
  res.writeHead(204, {
    ...commonHeaders,
    'Access-Control-Allow-Methods': methods,
    ...(headerNames.test(wanted) ? { 'Access-Control-Allow-Headers': wanted } : {}),
    'Access-Control-Max-Age': '3600',
  })
  res.end()
  return true
}
