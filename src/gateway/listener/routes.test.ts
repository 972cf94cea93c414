import type { Request, RequestHandler, Response } from 'express'
import { describe, expect, it } from 'vitest'
import { type Answers, createRouting, routes } from './routes.ts'

type Tell = (to: string, methods?: string) => void

const answers = (tell: Tell): Answers => {
  const at =
    (to: string): RequestHandler =>
    (req) =>
      tell(`${to}:${req.params.workspace ?? 'default'}`)
  return {
    ...{ mcp: at('mcp'), events: at('events'), messages: at('messages') },
    ...{ health: at('health'), oauth: at('oauth') },
    preflight: (methods) => (req) => tell(`preflight:${req.params.workspace ?? 'default'}`, methods),
    wrongMethod: (methods) => () => tell('405', methods),
    nothing: () => tell('unknown'),
    failed: (error, _req, _res, _next) => tell(`failed: ${error.message}`),
  }
}

/** Where a request is led to. The router sees nothing else of a request than these two. */
const ask = (method: string, url: string) =>
  new Promise<{ to: string; methods: string | undefined }>((resolve) => {
    const route = createRouting(answers((to, methods) => resolve({ to, methods })))
    route({ method, url } as Request, {} as Response)
  })
const destination = async (method: string, url: string) => (await ask(method, url)).to
const methodsOf = async (method: string, url: string) => (await ask(method, url)).methods

describe('routes', () => {
  it.each([
    ['POST', '/mcp', 'mcp:default'],
    ['POST', '/mcp?access_token=x', 'mcp:default'],
    ['GET', '/mcp', 'mcp:default'],
    ['GET', '/sse', 'events:default'],
    ['GET', '/sse/home', 'events:home'],
    ['POST', '/messages?sessionId=x', 'messages:default'],
    ['POST', '/messages/home?sessionId=x', 'messages:home'],
    ['POST', '/sse', '405'],
    ['GET', '/messages', '405'],
    ['DELETE', '/mcp/work', 'mcp:work'],
    ['GET', '/health', 'health:default'],
    ['GET', '/.well-known/oauth-protected-resource/mcp', 'oauth:default'],
    ['POST', '/oauth/token', 'oauth:default'],
    ['GET', '/oauth/interaction/abc_-1?x=1', 'oauth:default'],
    ['PUT', '/mcp', '405'],
    ['OPTIONS', '/mcp', 'preflight:default'],
    ['POST', '/health', '405'],
    ['PUT', '/oauth/token', '405'],
    ...[
      '/',
      '//mcp',
      '/mcp/',
      '/MCP',
      '/mcp/default',
      '/mcp/..%2f',
      '/mcp/../health',
      '/mcp/%2e%2e/health',
      '/mcp/a/b',
      '/mcp/.hidden',
      '/mcp/a%20b',
      '/mcp%2f',
      '/mcp\\x',
      '/mcp;x=1',
      '/./mcp',
      '/oauth',
      '/oauth/',
      '/oauth//token',
      '/oauth/../mcp',
      '/oauth/..;/mcp',
      '/oauth/%2e%2e/mcp',
      '/oauth/a%2fb',
      '/oauth/a%5Cb',
      '/oauth/a%00',
      '/.well-known/',
      '/.well-known/../oauth/token',
      '/health/',
      '/health/x',
      '/api/v1/status',
      '/sse/',
      '/sse/default',
      '/sse/home/',
      '/messages/default',
      '/messages/.well-known/x',
      '*',
      '',
      'mcp',
      'http://evil.example/mcp',
      '/mcp\u0000',
      '/mcp\n',
    ].flatMap((path) => ['GET', 'POST'].map((method) => [method, path, 'unknown'])),
  ])('%s %j → %s', async (method, path, expected) => {
    expect(await destination(method, path)).toBe(expected)
  })

  it.each([
    ['a sign that is no text in UTF-8', '/mcp/%ff'],
    ['a broken escape', '/mcp/%'],
    ['an encoded letter', '/%6dcp'],
    ['a space behind it', '/mcp\u00a0'],
    ['a byte order mark behind it', '/mcp\ufeff'],
    ['a matrix parameter', '/mcp/home;x=1'],
    ['capitals', '/Oauth/token'],
    ['a slash too many', '/oauth/token//'],
    ['a backslash for a slash', '/oauth\\token'],
  ])('does not decode, trim or mend: %s', async (_what, path) => {
    for (const method of ['GET', 'POST', 'HEAD', 'OPTIONS', 'PUT'])
      expect(await destination(method, path), method).toBe('unknown')
  })

  it('answers by itself neither HEAD nor OPTIONS, and knows every method', async () => {
    expect(await destination('HEAD', '/messages')).toBe('405')
    expect(await destination('OPTIONS', '/health')).toBe('405')
    for (const method of ['PUT', 'PATCH', 'TRACE', 'CONNECT', 'PROPFIND', 'M-SEARCH', 'QUERY', 'constructor'])
      expect(await destination(method, '/mcp'), method).toBe('405')
    // Express would answer HEAD with what GET has.
    for (const { path } of routes.filter((route) => route.method === 'GET'))
      expect(routes, path).toContainEqual(expect.objectContaining({ method: 'HEAD', path }))
  })

  it('says which methods a path takes', async () => {
    expect(await methodsOf('PUT', '/messages')).toBe('POST, OPTIONS')
    expect(await methodsOf('OPTIONS', '/mcp/home')).toBe('POST, GET, HEAD, DELETE')
  })

  it.each([
    () => {
      throw new Error('broken')
    },
    async () => Promise.reject(new Error('broken')),
  ])('says so when a handler breaks (%#)', async (health) => {
    const to = await new Promise((resolve) => {
      const route = createRouting({ ...answers(resolve), health })
      route({ method: 'GET', url: '/health' } as Request, {} as Response)
    })
    expect(to).toBe('failed: broken')
  })
})
