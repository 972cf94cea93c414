import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  downloadsOf,
  type FixtureServices,
  repositoryOf,
  startFixtureServices,
  type Trouble,
} from '../../../e2e/fixtures/fixture-services.ts'
import { silentLog } from '../../kernel/log/log.ts'
import { createConnectors } from './connectors.ts'
import type { ServiceTimings } from './service.ts'
import { createMemory } from './testing/memory.ts'

let services: FixtureServices
let now = Date.parse('2026-11-01T12:00:00Z')
beforeEach(async () => {
  services = await startFixtureServices()
})
afterEach(() => services.close())

function create(timings: Partial<ServiceTimings> = {}, base = services.url) {
  return createConnectors({
    ...createMemory(),
    fetch,
    clock: { now: () => now },
    log: silentLog,
    version: '1.2.3',
    baseUrls: { github: base, npm: base },
    timings: { attempt: 2_000, whole: 5_000, backoff: 10, ...timings },
  })
}
type Connectors = ReturnType<typeof create>

const call = (connectors: Connectors, tool: string, args: Record<string, unknown>, signal?: AbortSignal) =>
  connectors
    .sources()
    .find((source) => source.tools().some(({ name }) => name === tool))!
    .call(tool, args, { signal: signal ?? new AbortController().signal })
const stars = (connectors: Connectors, repository: unknown) =>
  call(connectors, 'get_github_stars', { repository })

describe('the list', () => {
  it('offers plain names, full hints and schemas that its answers fit', async () => {
    const connectors = create()
    const asked: Record<string, Record<string, unknown>> = {
      get_github_stars: { repository: 'nodejs/node' },
      get_npm_downloads: { package: '@types/node', range: 'last-year' },
      read_mail: { id: '1.1.INBOX' },
    }
    const tools = connectors.sources().flatMap((source) => source.tools())
    expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(asked)))
    expect(new Set(tools.map(({ name }) => name)).size, 'one of each').toBe(tools.length)
    expect(connectors.sources().every(({ prefixed, kind }) => !prefixed && kind === 'connector')).toBe(true)
    for (const tool of tools) {
      expect(tool.annotations).toMatchObject({
        readOnlyHint: true,
        destructiveHint: false,
        idempotentHint: true,
        openWorldHint: true,
      })
      expect(tool.inputSchema.type).toBe('object')
      expect(tool.outputSchema.type).toBe('object')
      const ajv = new Ajv2020({ strict: false, formats: { 'date-time': true } })
      expect(ajv.compile(tool.inputSchema)(asked[tool.name] ?? {})).toBe(true)
      expect(ajv.compile(tool.inputSchema)({ other: 1 })).toBe(false)
      const { structuredContent, content } = await call(connectors, tool.name, asked[tool.name] ?? {})
      const fits = ajv.compile(tool.outputSchema)
      expect(fits(structuredContent), JSON.stringify(fits.errors)).toBe(true)
      expect(content).toHaveLength(1)
      expect(JSON.parse(content[0]!.text.split('\n').at(-1)!)).toEqual(structuredContent)
    }
    // Only what was asked for was asked; the others answer with made-up values.
    expect(services.requests).toHaveLength(2)
  })
})

describe('GitHub', () => {
  it('counts stars, forks, issues and watchers', async () => {
    const { structuredContent, content } = await stars(create(), 'nodejs/node')
    const real = repositoryOf('nodejs/node')
    expect(structuredContent).toEqual({
      repository: 'nodejs/node',
      url: 'https://github.com/nodejs/node',
      stars: real.stargazers_count,
      forks: real.forks_count,
      openIssues: real.open_issues_count,
      subscribers: real.subscribers_count,
      asOf: '2026-11-01T12:00:00.000Z',
      stale: false,
    })
    expect(content[0]!.text).toContain(`${real.stargazers_count.toLocaleString('en')} stars`)
    const { headers } = services.requests[0]!
    expect(headers).toMatchObject({
      accept: 'application/vnd.github+json',
      'x-github-api-version': '2022-11-28',
      'user-agent': 'drawbridge/1.2.3',
    })
    expect(headers.authorization).toBeUndefined()
  })

  it('asks with the ETag the second time', async () => {
    const connectors = create()
    const first = await stars(connectors, 'nodejs/node')
    now += 60_000
    const second = await stars(connectors, 'nodejs/node')
    expect(services.requests[1]!.headers['if-none-match']).toMatch(/^"/)
    expect(second.structuredContent).toEqual({
      ...first.structuredContent,
      asOf: new Date(now).toISOString(),
    })
  })

  it('follows a renamed repository, but nobody to another host', async () => {
    expect((await stars(create(), 'moved/away')).structuredContent).toMatchObject({
      repository: 'nodejs/node',
    })
    const other = await startFixtureServices()
    services.trouble({ status: 301, headers: { location: `${other.url}/repos/nodejs/node` } })
    await expect(stars(create(), 'a/b')).rejects.toMatchObject({ code: 'service-refused' })
    expect(other.requests).toEqual([])
    await other.close()
  })
})

describe('npm', () => {
  it('adds up a week, a month and a year, scoped or not', async () => {
    const connectors = create()
    for (const [name, range, periods] of [
      ['react', 'last-week', 7],
      ['@types/node', 'last-month', 30],
      ['react', 'last-year', 12],
    ] as const) {
      const { structuredContent } = await call(connectors, 'get_npm_downloads', { package: name, range })
      const real = downloadsOf(name, range)
      const total = real.downloads.reduce((sum, day) => sum + day.downloads, 0)
      expect(structuredContent).toMatchObject({
        package: name,
        range,
        from: real.start,
        to: real.end,
        downloads: total,
      })
      const { course } = structuredContent as unknown as { course: { period: string; downloads: number }[] }
      expect(course.length).toBeGreaterThanOrEqual(periods)
      expect(course.length).toBeLessThanOrEqual(periods + 1)
      expect(course.reduce((sum, one) => sum + one.downloads, 0)).toBe(total)
    }
    expect(services.requests.map(({ path }) => path)).toEqual([
      '/downloads/range/last-week/react',
      '/downloads/range/last-month/@types/node',
      '/downloads/range/last-year/react',
    ])
  })

  it('counts the last week when no range is given', async () => {
    await call(create(), 'get_npm_downloads', { package: 'zod' })
    expect(services.requests[0]!.path).toBe('/downloads/range/last-week/zod')
  })
})

describe('troubles', () => {
  it('says what does not exist, and forgets what it knew of it', async () => {
    const connectors = create()
    await expect(stars(connectors, 'owner/missing')).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('owner/missing'),
      hint: expect.stringContaining('spelling'),
    })
    await expect(call(connectors, 'get_npm_downloads', { package: '@a/missing' })).rejects.toMatchObject({
      code: 'not-found',
    })
    expect(services.requests).toHaveLength(2)
  })

  it('waits as long as it is told and tries again', async () => {
    services.trouble({ status: 429, headers: { 'retry-after': '1' } })
    const begun = performance.now()
    expect((await stars(create(), 'nodejs/node')).structuredContent).toMatchObject({ stale: false })
    expect(performance.now() - begun).toBeGreaterThan(950)
    expect(services.requests).toHaveLength(2)
  })

  it('does not wait for an hour, but says when to ask again', async () => {
    services.trouble({ status: 429, headers: { 'retry-after': '3600' } })
    await expect(stars(create(), 'nodejs/node')).rejects.toMatchObject({
      code: 'service-rate-limited',
      hint: expect.stringMatching(/60 minutes \(after 2026-11-01 13:\d\d UTC\)/),
    })
    services.trouble({
      status: 403,
      headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now / 1_000 + 600) },
    })
    await expect(stars(create(), 'nodejs/node')).rejects.toMatchObject({
      code: 'service-rate-limited',
      hint: expect.stringContaining('10 minutes'),
    })
    expect(services.requests).toHaveLength(2)
  })

  it('tries three times when the service is broken', async () => {
    services.trouble({ status: 500 }, { status: 503 })
    expect((await stars(create(), 'nodejs/node')).structuredContent).toMatchObject({ stale: false })
    services.trouble({ status: 500 }, { status: 502 }, { status: 503 })
    await expect(stars(create(), 'nodejs/node')).rejects.toMatchObject({
      code: 'service-broken',
      message: expect.stringContaining('503'),
    })
    expect(services.requests).toHaveLength(6)
  })

  it.each([
    ['malformed JSON', { status: 200, body: '{"stargazers_count": 1' }],
    ['another shape', { status: 200, body: '{"stargazers_count":"many"}' }],
    ['an empty answer', { status: 200, body: '' }],
    ['a huge answer', { status: 200, body: `"${'x'.repeat(2_100_000)}"` }],
  ])('reports %s', async (_what, trouble) => {
    services.trouble(trouble, trouble, trouble)
    await expect(stars(create(), 'nodejs/node')).rejects.toMatchObject({ code: 'service-answer-invalid' })
  })

  it('gives up on a service that hangs, within the time it has', async () => {
    services.trouble('hang', 'hang', 'hang', 'hang')
    const begun = performance.now()
    await expect(stars(create({ attempt: 300, whole: 700 }), 'nodejs/node')).rejects.toMatchObject({
      code: 'service-slow',
    })
    expect(performance.now() - begun).toBeLessThan(900)
  })

  it('tries again when the connection is cut, and says so when it cannot connect', async () => {
    services.trouble('cut')
    expect((await stars(create(), 'nodejs/node')).structuredContent).toMatchObject({ stale: false })
    await expect(stars(create({}, 'http://127.0.0.1:1'), 'nodejs/node')).rejects.toMatchObject({
      code: 'service-unreachable',
      hint: expect.stringContaining('online'),
    })
  })

  it.each<[string, Trouble[]]>([
    ['broken', [{ status: 500 }, { status: 500 }, { status: 500 }]],
    ['silent', ['hang', 'hang', 'hang']],
    ['over its limit', [{ status: 429, headers: { 'retry-after': '900' } }]],
    ['gone', ['cut', 'cut', 'cut']],
  ])('answers with what it last knew, and how old that is, when the service is %s', async (_how, trouble) => {
    const connectors = create({ attempt: 300, whole: 700 })
    const before = await stars(connectors, 'nodejs/node')
    now += 3 * 3_600_000
    services.trouble(...trouble)
    const after = await stars(connectors, 'nodejs/node')
    expect(after.structuredContent).toEqual({ ...before.structuredContent, stale: true })
    expect(after.content[0]!.text).toMatch(/^Last known, from 3 hours ago: GitHub/)
    // Nobody else's value.
    services.trouble(...trouble, ...trouble)
    await expect(stars(connectors, 'nodejs/other')).rejects.toMatchObject({ name: 'HostError' })
  })

  it('can be cancelled', async () => {
    services.trouble('hang')
    const abort = new AbortController()
    const asked = call(create(), 'get_github_stars', { repository: 'a/b' }, abort.signal)
    setTimeout(() => abort.abort(), 50)
    await expect(asked).rejects.toMatchObject({ code: 'call-cancelled' })
  })
})
