import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { silentLog } from '../kernel/log.ts'
import { createArgumentsCheck } from './arguments-check.ts'
import { argumentsHash, canonicalJson } from './canonical-json.ts'
import { guarded } from './guarded.ts'
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

describe('checking arguments', () => {
  const warnings: string[] = []
  const log = { ...silentLog, warn: (event: string) => void warnings.push(event) }
  const check = createArgumentsCheck(log, 10_000)
  const problem = (schema: object, args: Record<string, unknown>) => check.problem('t', schema, args, 100)
  const schema = {
    type: 'object',
    properties: {
      path: { type: 'string', minLength: 1 },
      count: { type: 'integer' },
      mode: { enum: ['a', 'b'] },
      list: {
        type: 'array',
        items: { type: 'object', required: ['id'], properties: { id: { type: 'number' } } },
      },
    },
    required: ['path'],
    additionalProperties: false,
  }

  it.each([
    [{ path: 'x' }, null],
    [{}, 'The field “path” is missing.'],
    [{ path: 3 }, 'The field “path” must be a text, not a number.'],
    [{ path: 'x', count: 1.5 }, 'The field “count” must be a whole number, not a number.'],
    [{ path: 'x', mode: 'c' }, 'The field “mode” must be one of: "a", "b".'],
    [{ path: 'x', extra: 1 }, 'There is no field “extra” in this tool.'],
    [{ path: 'x', list: [{ id: 1 }, {}] }, 'The field “list[1].id” is missing.'],
    [{ path: 'x', list: [{ id: null }] }, 'The field “list[0].id” must be a number, not null.'],
    [{ path: '' }, 'The field “path” must NOT have fewer than 1 characters.'],
  ])('%j → %s', (args, expected) => {
    expect(problem(schema, args)).toBe(expected)
  })

  it.each([
    ['2020-12', 'https://json-schema.org/draft/2020-12/schema'],
    ['2019-09', 'https://json-schema.org/draft/2019-09/schema'],
    ['draft-07', 'http://json-schema.org/draft-07/schema#'],
    ['something else', 'https://example.com/my-schema'],
  ])('knows %s', (_name, dialect) => {
    const dialected = { $schema: dialect, $id: 'https://example.com/same', ...schema }
    expect(problem(dialected, {})).toBe('The field “path” is missing.')
  })

  it('keeps schemas with the same $id apart', () => {
    const one = { $id: 'https://example.com/id', type: 'object', required: ['one'] }
    const two = { $id: 'https://example.com/id', type: 'object', required: ['two'] }
    expect(problem(one, {})).toContain('one')
    expect(problem(two, {})).toContain('two')
  })

  it.each([
    ['a remote $ref', { type: 'object', properties: { a: { $ref: 'http://127.0.0.1:9/schema' } } }],
    ['nonsense', { type: 'object', properties: { a: { type: 'nothing-like-that' } } }],
    ['a broken pattern', { type: 'object', properties: { a: { type: 'string', pattern: '(' } } }],
    ['a very large one', { type: 'object', description: 'x'.repeat(200_000) }],
  ])('leaves %s to the source, and says so in the log', (_name, odd) => {
    warnings.length = 0
    expect(problem(odd, { a: 1 })).toBeNull()
    expect(problem(odd, { a: 1 })).toBeNull()
    expect(warnings).toEqual(['gateway.schema-unchecked'])
  })

  it.each([
    [
      'an exploding pattern',
      { type: 'object', properties: { a: { type: 'string', pattern: '^(a+)+$' } } },
      { a: `${'a'.repeat(50)}!` },
    ],
    [
      'exploding branches',
      {
        type: 'object',
        anyOf: [
          { properties: { a: { $ref: '#' } }, required: ['x'] },
          { properties: { a: { $ref: '#' } }, required: ['y'] },
        ],
      },
      Array.from({ length: 60 }).reduce<Record<string, unknown>>((inner) => ({ a: inner }), {}),
    ],
    [
      'a comparison of everything with everything',
      { type: 'object', properties: { a: { type: 'array', uniqueItems: true } } },
      { a: Array.from({ length: 100_000 }, (_, index) => [index]) },
    ],
  ])('does not hang on %s', (_name, hostile, args) => {
    warnings.length = 0
    const hasty = createArgumentsCheck(log, 100)
    const before = performance.now()
    for (let time = 0; time < 50; time += 1) expect(hasty.problem('t', hostile, args, 100)).toBeNull()
    expect(performance.now() - before).toBeLessThan(5_000)
    expect(warnings).toEqual(['gateway.schema-unchecked'])
  })

  it('watches over nested work and passes errors on', () => {
    expect(guarded(() => guarded(() => 1, 5_000) + 1, 5_000)).toBe(2)
    expect(() => guarded(() => JSON.parse('{'), 5_000)).toThrow(SyntaxError)
    expect(guarded(() => 3, 5_000)).toBe(3)
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
