import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Fixture } from '../../../src/connectors/testing/fixture.ts'
import { startFixtureBetterStack } from '../../../src/connectors/testing/fixture-better-stack.ts'
import { startFixturePlausible } from '../../../src/connectors/testing/fixture-plausible.ts'
import { startFixtureSentry } from '../../../src/connectors/testing/fixture-sentry.ts'
import { startFixtureStripe } from '../../../src/connectors/testing/fixture-stripe.ts'
import { startFixtureVercel } from '../../../src/connectors/testing/fixture-vercel.ts'
import type { Assistant } from '../../fixtures/assistant.ts'
import { type FixtureServices, startFixtureServices } from '../../fixtures/fixture-services.ts'
import { type InProcess, startInProcess } from '../../fixtures/in-process.ts'
import { callTool, chatgpt } from './guide.ts'

const hour = 3_600_000
const ago = (hours: number) => Date.now() - hours * hour
const iso = (hours: number) => new Date(ago(hours)).toISOString()

const start = async (): Promise<Record<string, Fixture>> => ({
  stripe: await startFixtureStripe({
    tiers: {},
    subscriptions: [
      {
        ...{ id: 'sub_1', customer: 'cus_1', status: 'active', currency: 'eur', discounts: [] },
        items: {
          data: [
            {
              ...{ id: 'si_1', quantity: 2, discounts: [] },
              price: {
                ...{ id: 'price_1', currency: 'eur', product: 'prod_1', billing_scheme: 'per_unit' },
                ...{ unit_amount: 2_500, unit_amount_decimal: '2500' },
                recurring: { interval: 'month', interval_count: 1, usage_type: 'licensed' },
              },
            },
          ],
        },
      },
    ],
    transactions: [
      {
        ...{ id: 'txn_1', type: 'charge', currency: 'eur', amount: 5_000, fee: 175, net: 4_825 },
        created: Math.floor(ago(5) / 1_000),
      },
    ],
  }),
  plausible: await startFixturePlausible('shop.example', {
    totals: { pageviews: 900, visitors: 300, visits: 410 },
    by: { 'visit:source': [['search.example', 120]], 'event:page': [['/', 500]] },
    now: 4,
    visits: [],
  }),
  sentry: await startFixtureSentry([
    {
      ...{ id: '1', shortId: 'SHOP-1', title: 'TypeError', level: 'error', count: '12', userCount: 4 },
      ...{ firstSeen: iso(3), lastSeen: iso(1), project: { slug: 'shop' } },
    },
  ]),
  'better-stack': await startFixtureBetterStack({
    monitors: [
      { pronounceable_name: 'Shop', url: 'https://shop.example', status: 'down', last_checked_at: iso(0) },
    ],
    ...{ heartbeats: [], incidents: [] },
  }),
  vercel: await startFixtureVercel([
    {
      ...{ uid: 'dpl_1', name: 'shop', url: 'shop.vercel.app', state: 'READY', target: 'production' },
      ...{ created: ago(2), meta: { githubCommitMessage: 'Checkout', githubCommitRef: 'main' } },
    },
  ]),
})

/** Radarboard's guide "ChatGPT", step 4: its tools with keys of the user's own, at services that answer as documented. */
describe('Radarboard', () => {
  let at: InProcess
  let assistant: Assistant
  let services: Record<string, Fixture>
  let own: FixtureServices
  beforeAll(async () => {
    services = await start()
    own = await startFixtureServices()
    const connectorBaseUrls = {
      ...{ github: own.url, npm: own.url },
      ...Object.fromEntries(Object.entries(services).map(([slug, { url }]) => [slug, url])),
    }
    at = await startInProcess({ tunnel: true, connectorBaseUrls })
    const accounts: Record<string, Record<string, string>> = {
      stripe: { key: 'rk_live_right' },
      plausible: { key: 'right', site: 'shop.example' },
      sentry: { key: 'right', organization: 'my-company' },
      'better-stack': { key: 'right' },
      vercel: { key: 'right' },
    }
    for (const [slug, values] of Object.entries(accounts)) await at.ask('connectors.save', { slug, values })
    // Its page, once: from then on assistants have the timeline.
    await at.ask('timeline.overview')
    const browser = await at.letIn({ expects: 'chatgpt', access: 'look' })
    assistant = await chatgpt(at, `${at.public}/mcp`, browser)
  })
  afterAll(async () => {
    await at?.stop()
    for (const one of Object.values(services)) await one.close()
    await own?.close()
  })
  const ask = async (tool: string, args: object = {}) => {
    const { body } = await callTool(assistant, tool, args)
    expect(body.result?.isError ?? false, JSON.stringify(body)).toBe(false)
    expect(body.result?.structuredContent?.demo).toBeUndefined()
    return body.result!.structuredContent!
  }

  it('get_revenue: MRR, gross, net, subscribers, in each range', async () => {
    for (const range of ['7d', '30d', '3m', '1y'])
      expect(await ask('get_revenue', { range })).toMatchObject({
        range,
        currencies: [{ currency: 'EUR', mrr: 50, gross: 50, net: 48.25, subscribers: 1 }],
      })
  })

  it('get_analytics: views, visitors, sessions, referrers, in each range', async () => {
    for (const range of ['7d', '30d', '3m', '1y'])
      expect(await ask('get_analytics', { range })).toMatchObject({
        ...{ range, pageviews: 900, visitors: 300, sessions: 410 },
        referrers: [{ name: 'search.example', count: 120 }],
      })
  })

  it('get_sentry_issues: unresolved errors, and how each project is doing', async () => {
    expect(await ask('get_sentry_issues')).toMatchObject({
      ...{ unresolved: 1, newToday: 1 },
      projects: [{ project: 'shop', events: 12 }],
    })
  })

  it('get_health_checks: which monitors are down', async () => {
    expect(await ask('get_health_checks')).toMatchObject({
      down: 1,
      monitors: [{ name: 'Shop', state: 'down' }],
    })
  })

  it('get_vercel_deployments: what is in production, and how builds went', async () => {
    expect(await ask('get_vercel_deployments')).toMatchObject({
      latest: { project: 'shop', commit: 'Checkout' },
      ...{ failed: 0, building: 0 },
    })
  })

  it('get_github_stars and get_npm_downloads: of one’s own, without naming them', async () => {
    await at.ask('connectors.save', { slug: 'github', values: { repositories: 'nodejs/node' } })
    await at.ask('connectors.save', { slug: 'npm', values: { packages: 'vitest' } })
    expect(JSON.stringify(await ask('get_github_stars'))).toContain('nodejs/node')
    for (const range of ['last-week', 'last-month', 'last-year'])
      expect(JSON.stringify(await ask('get_npm_downloads', { range }))).toContain('vitest')
  })

  it('each has questions to ask in the app, and keys that nobody sees', async () => {
    const connectors = await at.ask('connectors.list')
    for (const { examples, slug } of connectors) expect(examples, slug).toHaveLength(3)
    expect(JSON.stringify(connectors)).not.toContain('rk_live_right')
  })

  it('all of it is asked at once: what changed, with source and age', async () => {
    const changed = await ask('what_changed', { since: '24h' })
    expect(changed).toMatchObject({
      candidates: expect.arrayContaining([expect.objectContaining({ source: 'vercel' })]),
    })
    expect(JSON.stringify(changed)).toContain('Stripe (My account)')
  })
})
