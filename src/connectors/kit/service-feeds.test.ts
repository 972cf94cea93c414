import { afterEach, describe, expect, it } from 'vitest'
import { silentLog } from '../../kernel/log/log.ts'
import { type Fixture, startFixture } from '../testing/fixture.ts'
import { startFixtureBetterStack } from '../testing/fixture-better-stack.ts'
import { startFixtureGithub } from '../testing/fixture-github.ts'
import { startFixtureNetlify } from '../testing/fixture-netlify.ts'
import { startFixturePlausible } from '../testing/fixture-plausible.ts'
import { startFixtureSentry } from '../testing/fixture-sentry.ts'
import { startFixtureStripe } from '../testing/fixture-stripe.ts'
import { startFixtureUptimerobot } from '../testing/fixture-uptimerobot.ts'
import { startFixtureVercel } from '../testing/fixture-vercel.ts'
import { createConnectors } from './connectors.ts'
import type { ServiceEvent } from './service-events.ts'
import { createMemory } from './testing/memory.ts'

const hour = 3_600_000
const minute = 60_000
const now = Date.parse('2026-11-27T16:00:00Z')
const at = (hoursAgo: number) => now - hoursAgo * hour
const iso = (hoursAgo: number) => new Date(at(hoursAgo)).toISOString()
const yes = () => true
const { signal } = new AbortController()

let fixture: Fixture
afterEach(() => fixture?.close())

async function connected(slug: string, started: Promise<Fixture>, values: Record<string, string>) {
  fixture = await started
  const clock = { at: now, now: () => clock.at }
  const memory = createMemory()
  const connectors = createConnectors({
    ...{ ...memory, fetch, clock, log: silentLog, version: '1', baseUrls: { [slug]: fixture.url } },
    timings: { backoff: 5, attempt: 2_000, whole: 4_000 },
  })
  const account = await connectors.handlers.save({ slug, values })
  const told: ServiceEvent[] = []
  const { feeds } = connectors
  feeds.start(async (source, events) => {
    expect(source).toBe(slug)
    told.push(...events)
  })
  return { clock, connectors, account, feeds, told, stop: () => feeds.stop() }
}

describe('what happened', () => {
  it('at Vercel: deployments that are over, failed ones as such', async () => {
    const one = (uid: string, created: number, more: object = {}) => ({
      ...{ uid, name: 'shop', url: `${uid}.vercel.app`, state: 'READY', target: 'production', created },
      ...{ meta: { githubCommitMessage: 'Faster\n\nmore', githubCommitSha: 'abcdef1234' }, ...more },
    })
    const { feeds, told } = await connected(
      'vercel',
      startFixtureVercel([
        one('building', at(0.1), { state: 'BUILDING' }),
        one('bad', at(1), { state: 'ERROR', target: null }),
        one('good', at(2), { ready: at(1.9) }),
        one('old', at(24 * 30)),
      ]),
      { key: 'right' },
    )
    await feeds.bringUpToDate(signal)
    expect(told).toMatchObject([
      {
        id: 'bad',
        failed: true,
        environment: 'preview',
        severity: 'major',
        title: 'A deployment of shop failed: Faster',
      },
      { id: 'good', failed: false, at: at(1.9), environment: 'production', version: 'abcdef1' },
    ])
    feeds.stop()
  })

  it('at Netlify, with its own words for states', async () => {
    const one = (id: string, state: string, more: object = {}) => ({
      ...{ id, name: 'site', state, context: 'production', title: 'Words', created_at: iso(3) },
      ...{ published_at: state === 'ready' ? iso(2) : null, ...more },
    })
    const { feeds, told } = await connected(
      'netlify',
      startFixtureNetlify({
        site: [
          one('a', 'ready'),
          one('b', 'building'),
          one('c', 'error'),
          one('d', 'error', { error_message: 'Canceled build' }),
        ],
      }),
      { key: 'right' },
    )
    await feeds.bringUpToDate(signal)
    expect(told.map(({ id, failed }) => [id, failed])).toEqual([
      ['a', false],
      ['c', true],
    ])
    feeds.stop()
  })

  it('at Sentry: errors that are new, and not those that only happen again', async () => {
    const issue = (id: string, first: number, level = 'error') => ({
      ...{
        id,
        shortId: `S-${id}`,
        title: `Oops ${id}`,
        level,
        count: '1',
        userCount: 1,
        project: { slug: 'shop' },
      },
      ...{ firstSeen: iso(first), lastSeen: iso(0) },
    })
    const { feeds, told } = await connected(
      'sentry',
      startFixtureSentry([issue('1', 24 * 13), issue('2', 3, 'fatal')]),
      { key: 'right', organization: 'my-company' },
    )
    await feeds.bringUpToDate(signal)
    expect(told).toMatchObject([{ id: '2', kind: 'error', severity: 'critical', subject: 'shop', at: at(3) }])
    feeds.stop()
  })

  it('at Better Stack: that an incident began, and that it is over', async () => {
    const incident = { id: '7', name: 'shop', cause: 'Status 500', started_at: iso(2), resolved_at: iso(1) }
    const { feeds, told } = await connected(
      'better-stack',
      startFixtureBetterStack({ monitors: [], heartbeats: [], incidents: [incident] }),
      { key: 'right' },
    )
    await feeds.bringUpToDate(signal)
    expect(told).toMatchObject([
      { id: '7 resolved', kind: 'recovery', at: at(1), title: 'shop is up again' },
      { id: '7', kind: 'incident', at: at(2), title: 'shop is down: Status 500' },
    ])
    feeds.stop()
  })

  it('at UptimeRobot: what went down since it was last asked', async () => {
    const monitor = { id: 5, friendlyName: 'Shop', url: 'https://shop.example', type: 'HTTP', status: 'UP' }
    const { feeds, told, clock } = await connected('uptimerobot', startFixtureUptimerobot([monitor]), {
      key: 'ur-right',
    })
    await feeds.bringUpToDate(signal)
    expect(told).toEqual([])
    monitor.status = 'DOWN'
    clock.at += 5 * minute
    await feeds.bringUpToDate(signal)
    clock.at += 5 * minute
    await feeds.bringUpToDate(signal)
    monitor.status = 'UP'
    clock.at += 5 * minute
    await feeds.bringUpToDate(signal)
    expect(told.map(({ kind, at }) => [kind, (at - now) / minute])).toEqual([
      ['incident', 5],
      ['recovery', 15],
    ])
    feeds.stop()
  })

  it('at GitHub: releases, no drafts, and nothing is read again that did not change', async () => {
    const release = (id: number, more: object = {}) => ({
      ...{ id, tag_name: `v${id}`, name: '', html_url: 'https://github.com/a/b/releases', draft: false },
      ...{ prerelease: false, published_at: iso(id), ...more },
    })
    const { feeds, told, clock } = await connected(
      'github',
      startFixtureGithub({
        'a/b': [release(1), release(2, { draft: true }), release(3, { prerelease: true })],
      }),
      { repositories: 'a/b' },
    )
    await feeds.bringUpToDate(signal)
    expect(told).toMatchObject([
      { version: 'v1', environment: null, title: 'a/b released v1' },
      { version: 'v3', environment: 'preview' },
    ])
    clock.at += 5 * minute
    await feeds.bringUpToDate(signal)
    expect(fixture.requests.at(-1)!.headers['if-none-match']).toBeDefined()
    feeds.stop()
  })
})

describe('how it is asked', () => {
  const vercel = (state: { broken: boolean }) =>
    startFixture(() =>
      state.broken ? { status: 403, body: { error: { invalidToken: true } } } : { body: { deployments: [] } },
    )

  it('not again within a minute, and says why it did not answer', async () => {
    const state = { broken: true }
    const { feeds, clock, account } = await connected('vercel', vercel(state), { key: 'k' })
    expect(feeds.feeds()).toMatchObject([
      { slug: 'vercel', account: 'My account', asOf: null, problem: null },
    ])
    await feeds.bringUpToDate(signal)
    await feeds.bringUpToDate(signal)
    expect(fixture.requests).toHaveLength(1)
    expect(feeds.feeds()).toMatchObject([{ asOf: null, problem: expect.stringContaining('key') }])
    state.broken = false
    clock.at += 2 * minute
    await feeds.bringUpToDate(signal)
    expect(feeds.feeds()).toMatchObject([{ asOf: clock.at, problem: null }])
    expect(account.name).toBe('My account')
    feeds.stop()
  })

  it('waits for nobody whose patience is over', async () => {
    const { feeds } = await connected(
      'vercel',
      startFixture(() => new Promise(() => {})),
      { key: 'k' },
    )
    const begun = performance.now()
    await feeds.bringUpToDate(AbortSignal.timeout(100))
    expect(performance.now() - begun).toBeLessThan(1_500)
    feeds.stop()
  })

  it('nobody, once the account is gone', async () => {
    const { feeds, connectors, account, clock } = await connected('vercel', vercel({ broken: false }), {
      key: 'k',
    })
    await connectors.handlers.remove(account.id)
    clock.at += 5 * minute
    await feeds.bringUpToDate(signal)
    expect(fixture.requests).toHaveLength(0)
    expect(feeds.feeds()).toEqual([])
    feeds.stop()
  })
})

describe('what is counted over time', () => {
  const period = { since: at(3), until: at(0), step: 15 * minute }
  const read = async (feeds: Awaited<ReturnType<typeof connected>>['feeds'], metric: string) => {
    const [one] = await feeds.read(metric, period, yes, signal)
    if (one === undefined || 'problem' in one) throw new Error(one?.problem ?? 'nobody counts it')
    return one.series
  }
  const sum = (points: { value: number }[]) => points.reduce((all, { value }) => all + value, 0)

  it('errors at Sentry, by the quarter of an hour', async () => {
    const { feeds } = await connected('sentry', startFixtureSentry([], 100, [at(1), at(1) + 5, at(2.9)]), {
      ...{ key: 'right', organization: 'my-company' },
    })
    const [series] = await read(feeds, 'errors')
    expect(series!.points).toHaveLength(12)
    expect(series!.points.filter(({ value }) => value > 0)).toEqual([
      { at: at(3), value: 1 },
      { at: at(1), value: 2 },
    ])
    // Within a minute the same is not asked twice.
    const before = fixture.requests.length
    await read(feeds, 'errors')
    expect(fixture.requests).toHaveLength(before)
    feeds.stop()
  })

  it('visitors at Plausible, whose hours are those of the site', async () => {
    const visits = [at(2.5), at(2.4), at(0.5)]
    const { feeds } = await connected(
      'plausible',
      startFixturePlausible('shop.example', { totals: {}, by: {}, now: 0, visits, hoursAhead: -8 }),
      { key: 'right', site: 'shop.example' },
    )
    const [series] = await read(feeds, 'visitors')
    expect(series).toEqual({
      ...{ unit: '', step: hour },
      points: [
        { at: at(3), value: 2 },
        { at: at(2), value: 0 },
        { at: at(1), value: 1 },
      ],
    })
    feeds.stop()
  })

  it('visitors at Umami, in UTC', async () => {
    const { feeds } = await connected(
      'umami',
      startFixture(({ path, query }) =>
        path.endsWith('/pageviews') && query.get('timezone') === 'UTC' && query.get('unit') === 'hour'
          ? {
              body: {
                pageviews: [{ x: '2026-11-27 14:00:00', y: 9 }],
                sessions: [{ x: '2026-11-27T13:00:00Z', y: 4 }],
              },
            }
          : { status: 400, body: {} },
      ),
      { key: 'right', website: '86d4095c-a2a8-4fc8-9521-103e858e2b41' },
    )
    expect((await read(feeds, 'visitors'))[0]!.points).toEqual([
      { at: at(3), value: 4 },
      { at: at(2), value: 0 },
      { at: at(1), value: 0 },
    ])
    expect(sum((await read(feeds, 'pageviews'))[0]!.points)).toBe(9)
    feeds.stop()
  })

  it('visitors at PostHog, with nothing in the query that somebody typed', async () => {
    const { feeds } = await connected(
      'posthog',
      startFixture(() => ({ body: { results: [[at(1) / 1_000, 6]] } })),
      { key: 'phx', project: '42' },
    )
    const [series] = await read(feeds, 'visitors')
    expect(series!.points.filter(({ value }) => value > 0)).toEqual([{ at: at(1), value: 6 }])
    const { query } = fixture.requests[0]!.body as { query: { query: string } }
    expect(query.query).toMatch(
      /^SELECT intDiv\(toUnixTimestamp\(timestamp\), 900\) \* 900 AS at, uniq\(person_id\)/,
    )
    feeds.stop()
  })

  it('revenue at Stripe, each currency for itself, payments only', async () => {
    const payment = (n: number, hoursAgo: number, more: object = {}) => ({
      ...{ id: `txn_${n}`, type: 'charge', currency: 'eur', amount: 1_250, fee: 50, net: 1_200 },
      ...{ created: at(hoursAgo) / 1_000, ...more },
    })
    const { feeds } = await connected(
      'stripe',
      startFixtureStripe({
        ...{ subscriptions: [], tiers: {} },
        transactions: [
          payment(1, 0.5),
          payment(2, 1, { currency: 'jpy', amount: 900 }),
          payment(3, 2, { type: 'payout' }),
        ],
      }),
      { key: 'rk_live_right' },
    )
    const series = await read(feeds, 'revenue')
    expect(series.map(({ unit, points }) => [unit, sum(points)])).toEqual([
      ['EUR', 12.5],
      ['JPY', 900],
    ])
    feeds.stop()
  })

  it('is not read for who may not use the tool, and nobody learns whose it is', async () => {
    const { feeds } = await connected('sentry', startFixtureSentry([]), {
      key: 'right',
      organization: 'my-company',
    })
    expect(await feeds.read('errors', period, () => false, signal)).toEqual([])
    expect(feeds.metrics(() => false)).toEqual([])
    expect(feeds.metrics((tool) => tool === 'get_sentry_issues')).toEqual(['errors'])
    expect(fixture.requests).toEqual([])
    feeds.stop()
  })
})
