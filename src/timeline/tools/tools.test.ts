import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { noServices } from '../services.ts'
import { createTimelineSource } from '../source.ts'
import { fill } from '../testing/many-events.ts'
import { measureTools } from '../testing/measure-tools.ts'
import { cloudEvent, openFixture } from '../testing/open-fixture.ts'

type Fixture = ReturnType<typeof openFixture>
const sourceOf = (f: Fixture) => createTimelineSource(f.timeline, noServices)
type Source = ReturnType<typeof sourceOf>

const ajv = new Ajv2020({ strict: false, validateFormats: false })
/** Also that what it answers is what it promised. */
async function callOf(source: Source, name: string, args: object = {}) {
  const result = await source.call(name, args as never, { signal: new AbortController().signal })
  const tool = source.tools().find((one) => one.name === name)!
  const isFit = ajv.compile(tool.outputSchema)
  expect(isFit(result.structuredContent), JSON.stringify(isFit.errors)).toBe(true)
  // biome-ignore lint/suspicious/noExplicitAny: each tool has its own answer
  return { text: result.content[0]!.text, values: result.structuredContent as any }
}

describe('OpsTrails: queries of the operational timeline', () => {
  let f: Fixture
  let source: Source
  const call = (name: string, args?: object) => callOf(source, name, args)
  const titles = (events: { title: string }[]) => events.map(({ title }) => title)
  beforeAll(() => {
    f = openFixture()
    source = sourceOf(f)
  })
  afterAll(() => f.close())

  it('lists tools that only read, and say that others may have written what they find', () => {
    const tools = source.tools()
    expect(tools.map(({ name }) => name)).toEqual([
      ...[
        'recent_events',
        'search_events',
        'get_event',
        'events_around',
        'compare_before_after',
        'event_stats',
        'what_changed',
      ],
    ])
    for (const { annotations } of tools)
      expect(annotations).toMatchObject({ readOnlyHint: true, destructiveHint: false, openWorldHint: true })
  })

  it('says that there is only an example, and how the first event is sent', async () => {
    const first = await call('recent_events')
    expect(first.values.events).toMatchObject([{ example: true }])
    expect(first.text).toContain('Only an example so far')
    expect((await call('event_stats')).text).toContain('drawbridge event send')
  })

  describe('with events', () => {
    beforeAll(async () => {
      const deploy = { kind: 'deployment', environment: 'production', version: '1.4.2', id: 'd1' }
      await f.timeline.send([
        cloudEvent(60, { ...deploy, title: 'Shop was deployed' }),
        cloudEvent(55, {
          kind: 'incident',
          environment: 'production',
          severity: 'critical',
          title: 'Checkout is down',
        }),
        cloudEvent(30, {
          kind: 'deployment',
          environment: 'staging',
          version: '1.4.3',
          title: 'Shop on staging',
        }),
        cloudEvent(70, { kind: 'config_change', environment: 'production', title: 'Feature on' }),
        cloudEvent(3_000, { kind: 'deployment', environment: 'production', title: 'Long ago' }),
        ...Array.from({ length: 60 }, (_, n) =>
          cloudEvent(30 + n, {
            kind: 'metric',
            metric: 'error_rate',
            value: n <= 30 ? 4 : 1,
            environment: 'production',
          }),
        ),
      ])
    })

    it('1.16 today’s events', async () => {
      const { values } = await call('recent_events', { since: 'today', kind: 'deployment' })
      expect(titles(values.events)).toEqual(['Shop on staging', 'Shop was deployed'])
    })
    it('1.17 recent events of an environment', async () => {
      const { values, text } = await call('recent_events', { environment: 'production', since: '1d' })
      expect(titles(values.events)).toEqual(['Checkout is down', 'Shop was deployed', 'Feature on'])
      expect(text).toContain('critical: Checkout is down')
    })
    it('1.18 changes of the last two hours', async () => {
      expect(titles((await call('recent_events', { since: '2h' })).values.events)).toHaveLength(4)
      expect(titles((await call('recent_events', { since: '40m' })).values.events)).toEqual([
        'Shop on staging',
      ])
    })
    it('1.19 the error rate before and after a deployment', async () => {
      const id = (await call('search_events', { query: '1.4.2' })).values.events[0].id
      const { values, text } = await call('compare_before_after', { id, metric: 'error_rate', minutes: 30 })
      expect(values.metric).toMatchObject({
        before: { average: 1, count: 29 },
        after: { average: 4, count: 30 },
        changePercent: 300,
      })
      expect(values.after).toMatchObject({
        complete: true,
        byKind: expect.arrayContaining([{ name: 'incident', events: 1 }]),
      })
      expect(text).toContain('+300 %')
      const none = await call('compare_before_after', { id, metric: 'visitors' })
      expect(none.values.metric).toMatchObject({ from: null, before: null, after: null, changePercent: null })
      expect(none.text).toContain('nothing can be said about whether it changed')
      expect((await call('compare_before_after', { at: '10m' })).values.after.complete).toBe(false)
    })
    it('1.20 all events, page by page', async () => {
      const first = await call('recent_events', { limit: 3 })
      const second = await call('recent_events', { limit: 3, before: first.values.before })
      expect(titles([...first.values.events, ...second.values.events])).toEqual([
        ...['Shop on staging', 'Checkout is down', 'Shop was deployed', 'Feature on', 'Long ago'],
      ])
      expect(second.values.before).toBeNull()
    })
    it('1.22 and 1.27 says how far back events go when none are found', async () => {
      const { text, values } = await call('search_events', { query: 'zebra' })
      expect(text).toContain('kept for 90 days')
      expect(Date.parse(values.keptSince)).toBe(f.timeline.since())
    })
    it('gives one in full, by our id and by its own', async () => {
      const own = await call('get_event', { id: 'd1', source: 'test' })
      expect(own.values).toMatchObject({ title: 'Shop was deployed', eventId: 'd1', data: null })
      expect((await call('get_event', { id: own.values.id })).values).toEqual(own.values)
      await expect(call('get_event', { id: 'evt_zzz' })).rejects.toMatchObject({ code: 'event-not-found' })
    })
    it('shows what was around', async () => {
      const { id } = (await call('get_event', { id: 'd1', source: 'test' })).values
      const { values } = await call('events_around', { id, minutesBefore: 15, minutesAfter: 10 })
      expect(titles(values.before)).toEqual(['Feature on'])
      expect(titles(values.after)).toEqual(['Checkout is down'])
      expect(values.event.title).toBe('Shop was deployed')
      const at = await call('events_around', {
        at: '2026-11-28T11:00:00Z',
        minutesBefore: 5,
        minutesAfter: 10,
      })
      expect([titles(at.values.before), titles(at.values.after)]).toEqual([
        [],
        ['Shop was deployed', 'Checkout is down'],
      ])
    })
    it('counts', async () => {
      const all = (await call('event_stats')).values
      expect(all).toMatchObject({ events: 65, bySource: [{ name: 'test', events: 65 }] })
      expect(all.byKind).toEqual(
        [
          ...[
            { name: 'metric', events: 60 },
            { name: 'deployment', events: 3 },
          ],
          ...[
            { name: 'incident', events: 1 },
            { name: 'config_change', events: 1 },
          ],
        ].sort((a, b) => b.events - a.events || (a.name < b.name ? 1 : -1)),
      )
      expect(all.byDay).toHaveLength(2)
      const some = (await call('event_stats', { environment: 'production', kind: 'deployment', since: '2h' }))
        .values
      expect(some).toMatchObject({ events: 1, bySource: null })
    })
    it('refuses what does not fit, in words', async () => {
      for (const [name, args, words] of [
        ['recent_events', { since: 'lately' }, /since: must be a date/],
        ['recent_events', { sinse: '2h' }, /sinse/],
        ['recent_events', { before: 'x' }, /no such event/],
        ['search_events', { query: '!!!' }, /no letters/],
        ['events_around', {}, /either id or at/],
        ['compare_before_after', { id: 'a', at: '2h' }, /either id or at/],
        ['event_stats', { since: '1h', until: '2h' }, /before since/],
        ['send_event', {}, /send_event/],
      ] as const)
        await expect(call(name, args), name).rejects.toThrow(words)
    })
    it('takes a metric of a connector where no event brought one', async () => {
      const asked: object[] = []
      const at = f.clock.at - 3_600_000
      const connected = createTimelineSource(f.timeline, {
        ...noServices,
        metrics: () => ['visitors'],
        async read(_name, period) {
          asked.push(period)
          const count = (period.until - period.since) / period.step
          const points = Array.from({ length: count }, (_, n) => period.since + n * period.step)
          const series = points.map((from) => ({ at: from, value: from < at ? 10 : 8 }))
          const of = { service: 'Fixture', account: 'Mine', asOf: f.clock.at, stale: false }
          return [{ ...of, series: [{ unit: '', step: period.step, points: series }] }]
        },
      })
      const { values } = await callOf(connected, 'compare_before_after', { at: '1h', metric: 'users' })
      expect(values.metric).toMatchObject({
        from: expect.stringContaining('Fixture (Mine), per hour'),
        ...{ before: { average: 120 }, after: { average: 96 }, changePercent: -20 },
      })
      expect(asked).toHaveLength(1)
    })
    it.each([
      ['what_changed', {}],
      ['compare_before_after', { at: '1h', metric: 'users' }],
    ])('asks no service once what let the call through was taken back: %s', async (tool, args) => {
      const read = vi.fn(async () => [])
      const metrics = () => ['visitors', 'errors']
      const connected = createTimelineSource(f.timeline, { ...noServices, metrics, read })
      const { signal } = new AbortController()
      const error = new Error('taken back')
      const stillAllowed = () => {
        throw error
      }
      await expect(connected.call(tool, args, { signal, stillAllowed })).rejects.toBe(error)
      expect(read).not.toHaveBeenCalled()
      await connected.call(tool, args, { signal })
      expect(read).toHaveBeenCalled()
    })
  })
})

describe('50,000 events', () => {
  let f: Fixture
  beforeAll(async () => {
    f = openFixture({ at: Date.now() })
    await fill(f.timeline, 50_000, f.clock.at - 89 * 86_400_000, f.clock.at, 1_000)
  }, 60_000)
  afterAll(() => f.close())

  it('each tool answers in time', async () => {
    const measured = await measureTools(sourceOf(f), f.clock.at, 5)
    expect(measured).toHaveLength(16)
    // What this machine does besides does not count here; by the clock it is measured in testing/measure-timeline.ts.
    for (const { name, processor } of measured) expect(processor, name).toBeLessThan(100)
  })
})
