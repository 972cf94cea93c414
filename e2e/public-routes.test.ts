import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { routes } from '../src/gateway/listener/routes.ts'
import type { Assistant } from './fixtures/assistant.ts'
import { type InProcess, startInProcess } from './fixtures/in-process.ts'

/** Every route of the public listener, knocked at with everything but the right token. Deny by default. */
let inProcess: InProcess
let ask: InProcess['ask']
let origin: string
let mcpUrl: string
const tokens: Record<string, string | undefined> = {}
let good: Assistant

const connect = (name: string, at = mcpUrl): Promise<Assistant> =>
  inProcess.connect({ kind: 'dynamic', name, redirect: 'http://127.0.0.1:49152/callback' }, at)

beforeAll(async () => {
  inProcess = await startInProcess()
  ;({ ask, local: origin } = inProcess)
  mcpUrl = inProcess.host.mcpUrl
  const port = new URL(mcpUrl).port

  tokens.none = undefined
  tokens.garbage = 'garbage'
  tokens['a long one'] = 'x'.repeat(5_000)
  tokens['a key of nobody'] = `db_key_${'A'.repeat(43)}`
  tokens['a JWT that says alg none'] = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJvd25lciJ9.'

  const revoked = await connect('Revoked')
  expect((await list(revoked.tokens.access)).status, 'good until it was revoked').toBe(200)
  await ask('grants.revoke', { id: (await inProcess.grantOf('MCP — Revoked')).id })
  tokens.revoked = revoked.tokens.access

  const key = await ask('keys.create', {
    name: 'Gone',
    access: 'everything',
  })
  expect((await list(key.token)).status).toBe(200)
  await ask('grants.revoke', { id: key.grant.id })
  tokens['a revoked key'] = key.token

  const elsewhere = await connect('Elsewhere', `http://localhost:${port}/mcp`)
  expect(
    (await list(elsewhere.tokens.access, `http://localhost:${port}/mcp`)).status,
    'good at its own audience',
  ).toBe(200)
  tokens['of another audience'] = elsewhere.tokens.access
  tokens['a refresh token'] = elsewhere.tokens.refresh

  const expired = await connect('Expired')
  expect((await list(expired.tokens.access)).status).toBe(200)
  tokens.expired = expired.tokens.access
  good = await connect('Good')
}, 60_000)
afterAll(() => inProcess?.stop())

const list = (token: string | undefined, url = mcpUrl, method = 'POST') =>
  fetch(url, {
    method,
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(method === 'POST' ? { body: '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}}' } : {}),
  })

const kinds = [
  'none',
  'garbage',
  'a long one',
  'a key of nobody',
  'a JWT that says alg none',
  'expired',
  'revoked',
  'a revoked key',
  'of another audience',
  'a refresh token',
]

describe.each(routes.filter((route) => ['mcp', 'events', 'messages'].includes(route.to)))(
  '$method $path',
  ({ method, path }) => {
    it.each(kinds)('refuses a token: %s', async (kind) => {
      const url = origin + path.replace('{workspace}', 'default2')
      // Only the expired one is tried later: all others must fall for their own reason.
      inProcess.moveTo(kind === 'expired' ? 61 * 60_000 : 0)
      const response = await list(tokens[kind], url, method)
      inProcess.moveTo(0)
      const body = await response.text()
      // A workspace that does not exist must look the same to everybody.
      if (path.includes('{')) return expect(response.status, body).toBe(404)
      expect(response.status, body).toBe(401)
      expect(response.headers.get('www-authenticate')).toContain(
        `resource_metadata="${origin}/.well-known/oauth-protected-resource${path.replace('/messages', '/sse')}"`,
      )
      expect(body).not.toMatch(/tools|inputSchema|\bat .+:\d+/)
    })
  },
)

it('the same requests pass with a good token', async () => {
  expect((await list(good.tokens.access)).status).toBe(200)
  expect(kinds.every((kind) => kind === 'none' || typeof tokens[kind] === 'string')).toBe(true)
})

it('a token for one address opens no other of the same workspace', async () => {
  const sse = mcpUrl.replace('/mcp', '/sse')
  expect((await list(good.tokens.access, sse, 'GET')).status).toBe(401)
  expect((await list(good.tokens.access, `${origin}/messages?sessionId=x`)).status).toBe(401)
  const { token } = await ask('keys.create', { name: 'Both', access: 'everything' })
  const stop = new AbortController()
  const stream = await fetch(sse, { headers: { authorization: `Bearer ${token}` }, signal: stop.signal })
  expect([stream.status, stream.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
  stop.abort()
  expect((await list(token, `${origin}/messages?sessionId=x`)).status).toBe(404)
})

it('takes a token from the header only', async () => {
  const token = good.tokens.access
  const urls = [`${mcpUrl}?access_token=${token}`, `${mcpUrl}?token=${token}`]
  for (const url of urls) expect((await list(undefined, url)).status).toBe(401)
  const form = await fetch(mcpUrl, {
    method: 'POST',
    body: new URLSearchParams({ access_token: token }),
  })
  expect(form.status).toBe(401)
  const cookie = await fetch(mcpUrl, {
    method: 'POST',
    headers: { cookie: `access_token=${token}` },
    body: '{}',
  })
  expect(cookie.status).toBe(401)
})

it.each([
  '/',
  '/api/call/bridge.raise',
  '/api/call/connections.approve',
  '/api/events',
  '/api/link',
  '/api/v1/servers',
  '/open/x',
  '/index.html',
  '/mcp/',
  '/mcp/default',
  '/mcp2',
  '/MCP',
  '/admin',
  '/sse/',
  '/sse2',
  '/sse/default',
  '/messages/',
  '/message',
  '/oauth/',
  '/oauth/introspect',
  '/oauth/approve',
  '/oauth/userinfo',
  '/oauth/end_session',
  '/oauth/device',
  '/.well-known/security',
  '/mcp/.well-known/security',
  '/sse/.well-known/security',
  '/sse/nobody/.well-known/oauth-protected-resource',
  '/messages/.well-known/oauth-protected-resource',
  '/mcp/.well-known/openid-configuration/mcp',
  '/mcp/default/.well-known/openid-configuration',
  '/mcp/nobody/.well-known/openid-configuration',
  '/mcp/nobody/.well-known/oauth-protected-resource',
  '/.env',
  '/drawbridge.db',
])('has nothing at %s', async (path) => {
  const token = good.tokens.access
  for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS']) {
    const response = await fetch(origin + path, {
      method,
      headers: { authorization: `Bearer ${token}` },
      redirect: 'manual',
    })
    expect([404, 405], `${method} ${path} → ${response.status}`).toContain(response.status)
  }
})

it('shows its metadata at the root and below the address it was given', async () => {
  for (const path of [
    '/.well-known/oauth-authorization-server',
    '/mcp/.well-known/oauth-authorization-server',
    '/mcp/.well-known/openid-configuration',
    '/sse/.well-known/oauth-authorization-server',
  ]) {
    const response = await fetch(origin + path)
    expect([path, response.status]).toEqual([path, 200])
    expect(await response.json()).toMatchObject({ issuer: origin })
    expect((await fetch(origin + path, { method: 'HEAD' })).status).toBe(200)
    expect((await fetch(origin + path, { method: 'POST' })).status).toBe(405)
  }
})

it('can approve nothing: while the owner is asked, no request to the public origin lets the client in', async () => {
  await ask('connect.open', { client: 'other' })
  const before = (await ask('grants.list')).length
  const registered = await fetch(`${origin}/oauth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ client_name: 'Pushy', redirect_uris: ['http://127.0.0.1:49152/cb'] }),
  })
  const { client_id } = (await registered.json()) as { client_id: string }
  const authorize = new URL('/oauth/authorize', origin)
  authorize.search = new URLSearchParams({
    client_id,
    redirect_uri: 'http://127.0.0.1:49152/cb',
    response_type: 'code',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  }).toString()
  const started = await fetch(authorize, { redirect: 'manual' })
  const cookie = started.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ')
  const wait = new URL(started.headers.get('location')!, origin)
  const uid = wait.pathname.split('/').at(-1)!
  const page = await (await fetch(wait, { headers: { cookie } })).text()
  const digits = /id="digits"[^>]*>(\d{3})</.exec(page)![1]!
  const [request] = await ask('connections.list')
  expect(request?.clientName).toBe('Pushy')

  const forged = new URLSearchParams({
    digits,
    id: request!.id,
    access: 'everything',
    approve: 'true',
    consent: 'yes',
    decision: 'allow',
  })
  const paths = [
    wait.pathname,
    `/oauth/authorize/${uid}`,
    '/oauth/authorize',
    `/oauth/finish/${uid}`,
    `/oauth/interaction/${uid}/confirm`,
    '/oauth/token',
    '/health',
    '/mcp',
  ]
  for (const path of paths) {
    for (const method of ['GET', 'POST', 'PUT']) {
      const url = method === 'GET' ? `${origin}${path}?${forged}` : origin + path
      const response = await fetch(url, {
        method,
        redirect: 'manual',
        headers: { cookie, origin },
        ...(method === 'GET' ? {} : { body: forged }),
      })
      expect(response.status, `${method} ${path}`).toBeLessThan(500)
      expect(response.headers.get('location') ?? '', `${method} ${path}`).not.toContain('code=')
    }
  }
  expect((await ask('grants.list')).length).toBe(before)
})
