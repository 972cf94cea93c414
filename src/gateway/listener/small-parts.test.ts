import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { argumentsHash, canonicalJson } from '../calls/canonical-json.ts'
import { jsonDepth, parseJson } from './json-guard.ts'
import { matchRoute } from './routes.ts'

const depthOf = (value: unknown): number =>
  typeof value === 'object' && value !== null
    ? 1 + Math.max(0, ...Object.values(value).map((item) => depthOf(item)))
    : 0

describe('the depth of JSON', () => {
  it('is what a parser would find, brackets in strings and escapes included', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 8 }), (json) => {
        expect(jsonDepth(Buffer.from(json), 1_000)).toBe(depthOf(JSON.parse(json)))
      }),
      { numRuns: 1_000 },
    )
    expect(jsonDepth(Buffer.from('{"a\\"[[[":"]\\\\","b":"{{{"}'), 64)).toBe(1)
  })

  it('stops early and quickly', () => {
    const bomb = Buffer.from('['.repeat(4_000_000))
    const before = performance.now()
    expect(jsonDepth(bomb, 64)).toBe(65)
    expect(performance.now() - before).toBeLessThan(500)
  })

  it.each([
    ['', 'no body'],
    ['{', 'not valid'],
    [`${'['.repeat(65)}${']'.repeat(65)}`, '64 levels'],
    [`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`, '64 levels'],
    [Buffer.from([0x22, 0xff, 0x22]), 'UTF-8'],
    ['{"a":1}trailing', 'not valid'],
  ])('refuses %#', (body, why) => {
    const parsed = parseJson(Buffer.from(body as string), 64)
    expect(parsed).toMatchObject({ ok: false })
    expect((parsed as { message: string }).message).toContain(why)
  })

  it('takes 64 levels', () => {
    expect(parseJson(Buffer.from(`${'['.repeat(64)}${']'.repeat(64)}`), 64).ok).toBe(true)
  })
})

describe('the hash of arguments', () => {
  it('does not depend on the order of keys, and on nothing else', () => {
    expect(argumentsHash('t', { a: 1, b: [{ d: 1, c: 2 }] })).toBe(
      argumentsHash('t', { b: [{ c: 2, d: 1 }], a: 1 }),
    )
    const all = [
      argumentsHash('t', { a: 1 }),
      argumentsHash('u', { a: 1 }),
      argumentsHash('t', { a: '1' }),
      argumentsHash('t', { a: [1] }),
      argumentsHash('t', { a: null }),
      argumentsHash('t', {}),
      argumentsHash('t', { a: 1, b: 2 }),
      argumentsHash('t', JSON.parse('{"a":1,"__proto__":{"b":2}}')),
    ]
    expect(new Set(all).size).toBe(all.length)
  })

  it('stands on a text that means the same', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        expect(JSON.parse(canonicalJson(JSON.parse(json)))).toEqual(JSON.parse(json))
      }),
    )
  })
})

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
  ])('%s %j → %s', (method, path, expected) => {
    const match = matchRoute(method, path)
    const got =
      match.kind === 'found' ? `${match.to}:${match.workspace}` : match.kind === 'unknown' ? 'unknown' : '405'
    expect(got).toBe(expected)
  })
})
