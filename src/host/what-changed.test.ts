import { afterEach, describe, expect, it } from 'vitest'
import {
  ago,
  everything,
  iso,
  measured,
  minute,
  now,
  openWorld,
  own,
  type World,
} from './testing/scenario-world.ts'

type Opened = Awaited<ReturnType<typeof openWorld>>
let world: Opened
afterEach(() => world?.close())

/** A question, and the words of what was why; null: nothing that is known. */
type Scenario = [what: string, happened: World, question: object, cause: RegExp | null]

const deploy = (minutesAgo: number, title: string, more: object = {}) =>
  own(minutesAgo, 'com.example.deployment', title, { environment: 'production', ...more })

const scenarios: Scenario[] = [
  [
    'errors rise after a deployment',
    {
      vercel: [
        [65, 'New checkout'],
        [400, 'Fix typo'],
      ],
      errors: [12, [60, 240]],
    },
    { at: iso(60) },
    /New checkout/,
  ],
  [
    'errors rise, asked about the whole day',
    {
      vercel: [
        [185, 'New checkout'],
        [900, 'Fix typo'],
      ],
      errors: [12, [180, 240]],
    },
    { since: '24h' },
    /New checkout/,
  ],
  [
    'a preview was deployed just before, and production somewhat before that',
    {
      vercel: [
        [61, 'Try colours', { target: null }],
        [70, 'New cart'],
      ],
      errors: [12, [60, 300]],
    },
    { at: iso(60) },
    /New cart/,
  ],
  [
    'a deployment that failed changed nothing; the one before did',
    {
      vercel: [
        [61, 'Broken build', { state: 'ERROR' }],
        [72, 'New prices'],
      ],
      errors: [12, [60, 300]],
    },
    { at: iso(60) },
    /New prices/,
  ],
  [
    'a deployment after errors began is not why',
    {
      vercel: [
        [40, 'Hotfix'],
        [66, 'Upgrade of the framework'],
      ],
      errors: [12, [60, 300]],
    },
    { at: iso(60) },
    /Upgrade of the framework/,
  ],
  [
    'a change of configuration, not the deployment of hours ago',
    {
      own: [own(62, 'com.example.config', 'Timeout of the database set to 1 s')],
      ...{ vercel: [[300, 'Readme']], errors: [12, [60, 200]] },
    },
    { at: iso(60) },
    /Timeout of the database/,
  ],
  [
    'visitors fall after the name server was changed',
    { own: [own(245, 'com.example.dns', 'DNS moved to another provider')], visitors: [600, [240, 40]] },
    { since: '12h' },
    /DNS moved/,
  ],
  [
    'visitors rise after a campaign',
    { own: [own(190, 'com.example.campaign', 'Newsletter sent to 20,000')], visitors: [200, [180, 1_400]] },
    { since: '8h' },
    /Newsletter/,
  ],
  [
    'revenue stops after the checkout was changed',
    {
      vercel: [
        [245, 'Another payment form'],
        [1_300, 'Footer'],
      ],
      payments: [40, [240, 0]],
    },
    { since: '24h' },
    /Another payment form/,
  ],
  [
    'the payment service is down, and nobody deployed',
    {
      own: [own(121, 'com.example.incident', 'Stripe: elevated API errors', { severity: 'major' })],
      ...{ vercel: [[900, 'Footer']], payments: [40, [120, 1]] },
    },
    { since: '12h' },
    /elevated API errors/,
  ],
  [
    'a site is down after a deployment at Netlify',
    {
      netlify: [
        [35, 'Upgrade of the generator'],
        [500, 'Blog post'],
      ],
      incidents: [[30, 'site']],
    },
    { at: iso(30) },
    /Upgrade of the generator/,
  ],
  [
    'a rollback brought it back',
    {
      own: [own(61, 'com.example.rollback', 'Rolled back to 1.4.1', { environment: 'production' })],
      ...{ vercel: [[180, '1.4.2']], errors: [300, [60, 6]] },
    },
    { at: iso(60) },
    /Rolled back/,
  ],
  [
    'an event of one’s own in production, one in staging',
    {
      own: [deploy(61, 'api 2.0', { environment: 'staging' }), deploy(68, 'api 1.9')],
      errors: [10, [60, 200]],
    },
    { at: iso(60) },
    /api 1\.9/,
  ],
  [
    'the same, asked about staging',
    {
      own: [deploy(61, 'api 2.0', { environment: 'staging' }), deploy(63, 'api 1.9')],
      errors: [10, [60, 200]],
    },
    { at: iso(60), environment: 'staging' },
    /api 2\.0/,
  ],
  [
    'what one’s own programs measured',
    { own: [deploy(121, 'search 3.1'), deploy(340, 'search 3.0'), ...measured('latency', [80, [120, 900]])] },
    { since: '6h' },
    /search 3\.1/,
  ],
  [
    'a rate below one',
    { own: [deploy(91, 'login 7'), deploy(300, 'login 6'), ...measured('error_rate', [0.01, [90, 0.2]])] },
    { since: '6h' },
    /login 7/,
  ],
  [
    'a migration of the database',
    {
      own: [own(94, 'com.example.migration', 'Column orders.total renamed'), deploy(200, 'worker 5')],
      errors: [8, [90, 160]],
    },
    { at: iso(90) },
    /orders\.total/,
  ],
  [
    'a feature was switched on',
    {
      own: [own(63, 'com.example.flag', 'Flag new-search on'), deploy(240, 'shop 8')],
      errors: [20, [60, 260]],
    },
    { at: iso(60) },
    /new-search/,
  ],
  [
    'a new error names its project, and of two deployments one is of that project',
    {
      vercel: [
        [63, 'Docs', { name: 'handbook' }],
        [66, 'Cart', { name: 'checkout' }],
      ],
      newErrors: [[60, 'TypeError: total is undefined', 'checkout']],
    },
    { at: iso(60) },
    /Cart/,
  ],
  [
    'an incident of a monitor that is named like the project',
    {
      vercel: [
        [34, 'Pictures', { name: 'blog' }],
        [36, 'Rate limit', { name: 'api' }],
      ],
      incidents: [[30, 'api.example']],
    },
    { at: iso(30) },
    /Rate limit/,
  ],
  [
    'a release on GitHub',
    {
      releases: [
        [66, 'v3.0.0'],
        [2_000, 'v2.9.0'],
      ],
      errors: [6, [60, 120]],
    },
    { at: iso(60) },
    /v3\.0\.0/,
  ],
  [
    'a release, and the deployment that followed it',
    { releases: [[75, 'v3.0.0']], vercel: [[64, 'Release 3']], errors: [6, [60, 120]] },
    { at: iso(60) },
    /Release 3/,
  ],
  [
    'what an event did: asked by its id',
    { own: [deploy(125, 'shop 9'), deploy(500, 'shop 8')], errors: [10, [120, 220]] },
    { id: 'shop 9' },
    /shop 9/,
  ],
  [
    'an hour with a peak that is over',
    {
      vercel: [
        [126, 'Cache off'],
        [800, 'Texts'],
      ],
      errors: [10, [120, 400], [95, 10]],
    },
    { since: '6h' },
    /Cache off/,
  ],
  [
    'a long day of many deployments',
    {
      vercel: [30, 95, 150, 215, 305, 420, 540, 700].map((at, n) => [at, `Change ${n}`]),
      errors: [12, [300, 180]],
    },
    { since: '24h' },
    /Change 4/,
  ],
  [
    'maintenance at the provider',
    {
      own: [own(122, 'com.example.maintenance', 'Network maintenance of the data centre')],
      ...{ vercel: [[700, 'Texts']], visitors: [500, [120, 60]] },
    },
    { since: '12h' },
    /Network maintenance/,
  ],
  [
    'revenue rises after prices were changed',
    { own: [own(250, 'com.example.pricing', 'New yearly plan')], payments: [12, [240, 90]] },
    { since: '12h' },
    /New yearly plan/,
  ],
  [
    'a deployment of yesterday is too far away: nothing is why',
    { vercel: [[1_700, 'Old news']], errors: [10, [60, 200]] },
    { at: iso(60) },
    null,
  ],
  [
    'nothing happened, and nothing changed',
    { vercel: [], errors: [10], visitors: [200] },
    { since: '24h' },
    null,
  ],
  [
    'nothing changed plainly: the last that was deployed',
    {
      vercel: [
        [200, 'Second'],
        [900, 'First'],
      ],
      errors: [10],
      visitors: [200],
    },
    { since: '24h' },
    /Second/,
  ],
]

describe('the cause is named first', () => {
  it.each(scenarios)('%s', async (_what, happened, question, cause) => {
    world = await openWorld(happened)
    const asked =
      'id' in question
        ? { id: (await world.timeline.list({ search: `${question.id}`, limit: 1 }))[0]!.id }
        : question
    const { structuredContent, content } = await world.call('what_changed', asked)
    // biome-ignore lint/suspicious/noExplicitAny: the shape is checked by the tool's own test
    const values = structuredContent as any
    const said = content[0]!.text
    if (cause === null) expect(values.candidates, said).toEqual([])
    else expect(values.candidates[0]?.title, said).toMatch(cause)
    expect(said.length).toBeLessThan(12_000)
  })

  it('are thirty', () => expect(scenarios).toHaveLength(30))
})

describe('what it is made of', () => {
  // biome-ignore lint/suspicious/noExplicitAny: likewise
  const ask = async (question: object, as?: any) =>
    // biome-ignore lint/suspicious/noExplicitAny: likewise
    (await world.call('what_changed', question, as)).structuredContent as any

  it('names source and age of every number, and what it could not ask', async () => {
    world = await openWorld({ vercel: [[65, 'New checkout']], errors: [12, [60, 240]], visitors: [300] })
    world.services.plausible.trouble(...Array.from({ length: 6 }, () => ({ status: 401, body: {} })))
    const values = await ask({ at: iso(60) })
    expect(values.numbers).toMatchObject([
      { name: 'errors', source: 'Sentry (My account)', changedAt: iso(60), age: '0 minutes', stale: false },
    ])
    expect(values.numbers[0].changePercent).toBeGreaterThan(900)
    expect(values.notAsked).toMatchObject([
      { what: 'revenue', why: expect.stringContaining('no account') },
      { what: 'visitors of Plausible (My account)', why: expect.stringContaining('key') },
    ])
    expect(values.sources.map(({ source }: { source: string }) => source)).toContain('Vercel (My account)')
  })

  it('says what it last knew where a service is away, and how old that is', async () => {
    world = await openWorld({ errors: [12, [180, 240]] })
    const asked = { since: iso(300), until: iso(30) }
    expect((await ask(asked)).numbers[0]).toMatchObject({ stale: false })
    world.clock.at += 20 * minute
    await world.services.sentry.close()
    expect((await ask(asked)).numbers[0]).toMatchObject({ stale: true, age: '20 minutes' })
  })

  it('tells each event once, and asks nobody more often than once a minute', async () => {
    world = await openWorld({ vercel: [[65, 'New checkout']], incidents: [[30, 'site', 20]] })
    await ask({ since: '24h' })
    const count = () => world.services.vercel.requests.length
    const before = count()
    await ask({ since: '24h' })
    expect(count()).toBe(before)
    world.clock.at += 2 * minute
    await ask({ since: '24h' })
    expect(count()).toBe(before + 1)
    const events = await world.timeline.list({ limit: 100, kind: 'deployment' })
    expect(events).toHaveLength(1)
    expect(events[0]).toMatchObject({ source: 'vercel', environment: 'production', at: ago(65) })
    expect((await world.timeline.list({ limit: 100, kind: 'incident' }))[0]).toMatchObject({ at: ago(30) })
    expect((await world.timeline.list({ limit: 100, kind: 'recovery' }))[0]).toMatchObject({ at: ago(20) })
  })

  it('gives nobody more of a service than its own tool would', async () => {
    const mine = [own(60, 'com.example.note', 'Mine')]
    world = await openWorld({ own: mine, vercel: [[65, 'New checkout']], errors: [12, [60, 240]] })
    const all = await ask({ at: iso(60) })
    const lists = ['get_vercel_deployments', 'get_sentry_issues', 'what_changed']
    expect(all.candidates.map(({ title }: { title: string }) => title)).toContain(
      'shop was deployed: New checkout',
    )
    const narrow = [
      { ...everything, workspace: 'other' },
      { ...everything, tools: new Set(['what_changed', 'recent_events']) },
      { ...everything, scopes: new Set(['mcp:use', 'timeline.read']) },
      undefined,
    ]
    for (const one of narrow) {
      const { structuredContent, content } = await world.source.call(
        'what_changed',
        { at: iso(60) },
        { signal: new AbortController().signal, principal: one },
      )
      expect(JSON.stringify(structuredContent)).not.toMatch(/checkout|vercel|sentry \(/i)
      expect(content[0]!.text).not.toMatch(/checkout|vercel|sentry \(/i)
    }
    const with2 = { ...everything, tools: new Set(lists) }
    expect(await ask({ at: iso(60) }, with2)).toMatchObject({ numbers: [{ name: 'errors' }] })
    const { id } = (await world.timeline.list({ limit: 5, source: 'vercel' }))[0]!
    const blind = narrow[1]
    for (const [tool, args] of [
      ['recent_events', {}],
      ['search_events', { query: 'checkout' }],
      ['event_stats', { since: iso(200) }],
      ['compare_before_after', { at: iso(60), metric: 'errors' }],
      ['events_around', { at: iso(64) }],
    ] as const)
      expect((await world.call(tool, args, blind)).content[0]!.text, tool).not.toMatch(
        /checkout|vercel|per hour/,
      )
    await expect(world.call('get_event', { id }, blind)).rejects.toMatchObject({ code: 'event-not-found' })
    await expect(world.call('what_changed', { id }, blind)).rejects.toMatchObject({ code: 'event-not-found' })
    // biome-ignore lint/suspicious/noExplicitAny: likewise
    const counted = (await world.call('event_stats', { since: iso(200) }, blind)).structuredContent as any
    expect(counted).toMatchObject({
      events: 1,
      byKind: [{ events: 1 }],
      bySource: [{ name: 'own', events: 1 }],
    })
  })

  it('compares what a service counted before and after', async () => {
    world = await openWorld({ errors: [12, [60, 240]], payments: [60, [60, 12]] })
    const compared = async (metric: string) =>
      // biome-ignore lint/suspicious/noExplicitAny: likewise
      ((await world.call('compare_before_after', { at: iso(60), metric })).structuredContent as any).metric
    expect((await compared('error_rate')).changePercent).toBeGreaterThan(900)
    expect(await compared('revenue_eur')).toMatchObject({ from: expect.stringContaining('EUR') })
    expect((await compared('revenue')).changePercent).toBeLessThan(-60)
    expect(await compared('revenue_usd')).toMatchObject({ from: null, before: null })
    expect(await compared('temperature')).toMatchObject({ from: null, before: null })
  })

  it('refuses what cannot be answered', async () => {
    world = await openWorld({})
    for (const question of [
      { at: iso(60), since: '1h' },
      { at: iso(60), id: 'evt_1' },
      { since: '1h', until: '2h' },
      { at: new Date(now + 3_600_000).toISOString() },
    ])
      await expect(world.call('what_changed', question), JSON.stringify(question)).rejects.toMatchObject({
        code: 'arguments-invalid',
      })
  })
})
