import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Answer = (req: IncomingMessage, res: ServerResponse, origin: string) => void
/** What is different from a server that does everything right, by method and path; `*` stands for every request. */
export type Defects = Record<string, Answer>

export const instance = 'instance_fixture'

export const json =
  (body: unknown, status = 200, headers: Record<string, string> = {}): Answer =>
  (_req, res) => {
    res.writeHead(status, { 'content-type': 'application/json', ...headers })
    res.end(JSON.stringify(body))
  }
export const html =
  (status: number, body: string): Answer =>
  (_req, res) => {
    res.writeHead(status, { 'content-type': 'text/html' })
    res.end(body)
  }
const open = { 'access-control-allow-origin': '*' }

export const resourceDocument = (origin: string) => ({
  resource: `${origin}/mcp`,
  authorization_servers: [origin],
  scopes_supported: ['mcp:use'],
})
export const issuerDocument = (origin: string) => ({
  issuer: origin,
  authorization_endpoint: `${origin}/oauth/authorize`,
  token_endpoint: `${origin}/oauth/token`,
  registration_endpoint: `${origin}/oauth/register`,
  code_challenge_methods_supported: ['S256'],
  token_endpoint_auth_methods_supported: ['none'],
  authorization_response_iss_parameter_supported: true,
  client_id_metadata_document_supported: true,
})
export const challenge = (origin: string, rest = '') =>
  `Bearer ${rest}resource_metadata="${origin}/.well-known/oauth-protected-resource/mcp", scope="mcp:use"`

const about: Answer = (req, res, origin) => json(resourceDocument(origin), 200, open)(req, res, origin)
const issuer: Answer = (req, res, origin) => json(issuerDocument(origin), 200, open)(req, res, origin)

const good: Defects = {
  'GET /health': json({ name: 'drawbridge', instance, version: '0' }),
  'POST /mcp': (req, res, origin) =>
    json({ error: 'x' }, 401, {
      'www-authenticate': challenge(origin, req.headers.authorization ? 'error="invalid_token", ' : ''),
    })(req, res, origin),
  'GET /mcp': json({ error: 'x' }, 405),
  'GET /.well-known/oauth-protected-resource': about,
  'GET /.well-known/oauth-protected-resource/mcp': about,
  'GET /.well-known/oauth-authorization-server': issuer,
  'GET /.well-known/oauth-authorization-server/mcp': issuer,
  'GET /.well-known/openid-configuration': issuer,
  'POST /oauth/register': json({ error: 'invalid_redirect_uri' }, 400),
  'GET /oauth/authorize': html(403, '<!doctype html><title>Press Connect · Drawbridge</title>'),
  'POST /oauth/token': json({ error: 'invalid_client' }, 401),
  'OPTIONS /oauth/token': (_req, res) =>
    res.writeHead(204, { ...open, 'access-control-allow-methods': 'POST' }).end(),
}

/** A server that answers strangers as Drawbridge does, except for its defects. For tests. */
export async function startBrokenServer(defects: Defects) {
  const seen: string[] = []
  const server = createServer((req, res) => {
    const { port } = server.address() as AddressInfo
    const route = `${req.method} ${req.url!.split('?')[0]}`
    seen.push(route)
    const answer = defects['*'] ?? defects[route] ?? good[route] ?? json({ error: 'not_found' }, 404)
    req.resume()
    answer(req, res, `http://127.0.0.1:${port}`)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    origin,
    url: `${origin}/mcp`,
    /** Every request as `METHOD /path`. */
    seen,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
