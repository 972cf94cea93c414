/** What metrics were over time, from sums of five minutes. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { longestHold, surelyHeld } from '../kernel/testing/held-thread.ts'
import { inTransaction } from '../storage/database/in-transaction.ts'
import { findEvents } from './find-events.ts'
import { placeLength } from './metric-sums.ts'
import { noServices } from './services.ts'
import { createTimelineSource } from './source.ts'
import { metricSums } from './sum-up.ts'
import { cloudEvent, openFixture } from './testing/open-fixture.ts'

const minute = 60_000
let f: ReturnType<typeof openFixture>
beforeEach(() => {
  f = openFixture()
})
afterEach(() => f.close())

interface Value {
  /** Before noon. */
  minutes: number
  metric: string
  environment: string | undefined
  value: number
}

/** The same each time, at odd moments over three days, of two metrics written in two ways. */
const values: Value[] = Array.from({ length: 600 }, (_, n) => ({
  minutes: ((n * 7_919) % 4_300) + (n % 7) / 7,
  metric: ['latency', 'errors', 'Latency'][n % 3]!,
  environment: [undefined, 'production', 'Production', 'staging'][n % 4],
  value: ((n * 31) % 101) - 20,
}))
const send = async (all: readonly Value[]) => {
  for (let n = 0; n < all.length; n += 100)
    await f.timeline.send(
      all.slice(n, n + 100).map(({ minutes, ...one }) => cloudEvent(minutes, { kind: 'metric', ...one })),
    )
}
/** Those of `latency`, in whatever case, as somebody finds them who looks at each. */
const looked = (since: number, until: number, environment?: string) =>
  values
    .map(({ minutes, ...one }) => ({ ...one, at: Math.floor(f.clock.at - minutes * minute) }))
    .filter(({ at, metric }) => metric.toLowerCase() === 'latency' && at >= since && at < until)
    .filter((one) => environment === undefined || one.environment?.toLowerCase() === environment)

/** Ends on full hours and not, within five minutes, over several days. */
const periods: readonly (readonly [from: number, to: number])[] = [
  ...[[4_320, 0] as const, [60, 0] as const, [61.3, 58.9] as const, [1_441.7, 3.2] as const],
  ...[[3, 1] as const, [2_880, 2_875] as const, [100, 100] as const],
]

/** As an older Drawbridge left it, which summed up nothing. */
function asBefore() {
  f.timeline.table.database.exec(
    'DROP TABLE metric_sums; DROP TABLE metric_sums_due; PRAGMA user_version = 1',
  )
  f.reopen()
}
const left = () =>
  f.timeline.table.database
    .prepare(
      'SELECT (SELECT count(*) FROM metric_sums_due) AS due, (SELECT ifnull(sum(count), 0) FROM metric_sums) AS summed',
    )
    .get() as { due: number; summed: number }
const caughtUp = () => expect.poll(() => left().due, { timeout: 20_000 }).toBe(0)

async function expectWhatEachSays() {
  for (const [from, to] of periods)
    for (const environment of [undefined, 'production', 'staging']) {
      const [since, until] = [f.clock.at - from * minute, f.clock.at - to * minute]
      const expected = looked(since, until, environment).map(({ value }) => value)
      const measured = await f.timeline.measure({ metric: 'LATENCY', environment }, since, until)
      const [least, most] = [Math.min(...expected), Math.max(...expected)]
      expect(measured, `${from} to ${to}, ${environment}`).toEqual({
        count: expected.length,
        total: expected.reduce((sum, value) => sum + value, 0),
        ...(expected.length === 0 ? { least: null, most: null } : { least, most }),
      })
    }
}

it('are what somebody finds who looks at each value', async () => {
  await send(values)
  await expectWhatEachSays()
  const [since, until, step] = [f.clock.at - 2 * 86_400_000, f.clock.at, 15 * minute]
  const { points, last } = await f.timeline.averages({ metric: 'latency' }, { since, until, step })
  const steps = Map.groupBy(looked(since, until), ({ at }) => Math.floor(at / step) * step)
  expect(points.length).toBeGreaterThan(50)
  expect(points).toEqual(
    [...steps]
      .sort(([a], [b]) => a - b)
      .map(([at, all]) => ({ at, value: all.reduce((sum, { value }) => sum + value, 0) / all.length })),
  )
  expect(last).toBe(Math.max(...looked(since, until).map(({ at }) => at)))
  const none = await f.timeline.averages({ metric: 'nobody' }, { since, until, step })
  expect(none).toEqual({ points: [], last: null })
})

it('are made of what an older Drawbridge left', async () => {
  await send(values)
  asBefore()
  expect(left()).toEqual({ due: 1, summed: 0 })
  await expectWhatEachSays()
  await caughtUp()
  await expectWhatEachSays()
  expect(left().summed).toBe(values.length)
})

it('are right while they are made, also of what comes meanwhile', async () => {
  await send(values.slice(0, 300))
  asBefore()
  const { database } = f.timeline.table
  // Half of the time is summed up, and what is sent belongs to both halves.
  while (left().summed < 150)
    inTransaction(database, () => {
      f.timeline.table.catchUp()
    })
  expect(left().due).toBe(1)
  await send(values.slice(300))
  await expectWhatEachSays()
  // Nothing is summed up under somebody who looks.
  const held = f.timeline.table.holdDue()
  const { summed } = left()
  inTransaction(database, () => f.timeline.table.catchUp())
  expect(left().summed).toBe(summed)
  held[Symbol.dispose]()
  await caughtUp()
  await expectWhatEachSays()
  expect(left().summed).toBe(values.length)
})

it('hold nobody while they are made of many', async () => {
  f.timeline.table.database.exec(`INSERT INTO events (seq, key, at, received_at, source, event_id, type, kind, title, metric, value)
    WITH n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 60000)
    SELECT (${f.clock.at} - n * 1000) * 1024, randomblob(16), ${f.clock.at} - n * 1000, 0, 's', n, 't', 'metric', 'm', 'load', n % 7 FROM n`)
  asBefore()
  // Opens it.
  expect(left().summed).toBe(0)
  const limit = 20
  const held = await surelyHeld(
    limit,
    () => longestHold(() => expect.poll(() => left().due === 0 || left().summed).not.toBe(left().summed)),
    5,
  )
  expect(held).toBeLessThan(limit)
})

it('go with their events', async () => {
  await send(values)
  f.set.keepDays = 1
  f.timeline.retentionChanged()
  const days = () =>
    f.timeline.table.database.prepare('SELECT min(day) AS day FROM metric_sums').get() as { day: number }
  await expect.poll(() => days().day, { timeout: 8_000 }).toBe(f.timeline.since() / 86_400_000)
})

it('show a change of hours ago where a value came each second', async () => {
  const from = 5 * 3_600
  for (let second = from; second > 0; second -= 500)
    await f.timeline.send(
      Array.from({ length: 500 }, (_, n) =>
        cloudEvent((second - n) / 60, {
          ...{ kind: 'metric', metric: 'queue_length' },
          value: (second - n > 4 * 3_600 ? 10 : 40) + (n % 3),
        }),
      ),
    )
  const source = createTimelineSource(f.timeline, noServices)
  const { signal } = new AbortController()
  const { structuredContent } = await source.call('what_changed', { since: '5h' }, { signal })
  const [number] = (structuredContent as { numbers: object[] }).numbers
  expect(number).toMatchObject({ name: 'queue_length', changedAt: '2026-11-28T08:00:00.000Z' })
})

it('holds nobody, however many environments a metric has', async () => {
  await send([{ minutes: 3, metric: 'deploys', environment: 'main', value: 1 }])
  const { database, metrics } = f.timeline.table
  const noon = Math.floor(f.clock.at / 86_400_000) * 86_400_000
  database.exec('BEGIN')
  for (let branch = 0; branch < 100; branch += 1)
    for (let place = 0; place < 288; place += 1)
      metrics.add('deploys', `pr-${branch}`, noon + place * placeLength, 1)
  database.exec('COMMIT')
  let count = 0
  const held = await longestHold(() =>
    metricSums(f.timeline.table, { metric: 'deploys' }, noon, noon + 86_400_000, () => {
      count += 1
    }),
  )
  expect(count).toBeGreaterThanOrEqual(28_800)
  expect(held).toBeLessThan(30)
})

it('holds nobody, however many short looks one answer is made of', async () => {
  await send(values)
  const limit = 20
  const held = await surelyHeld(limit, () =>
    longestHold(async () => {
      for (let n = 0; n < 1_000; n += 1)
        await f.timeline.measure({ metric: 'latency' }, f.clock.at - 86_400_000, f.clock.at)
    }),
  )
  expect(held).toBeLessThan(limit)
})

it('holds nobody, however much of what it looks at is hidden from who asks', async () => {
  for (let n = 0; n < 80; n += 1)
    await f.timeline.send(
      Array.from({ length: 100 }, (_, i) => cloudEvent(n * 100 + i, { kind: 'note', title: 'hidden' })),
    )
  const held = await longestHold(async () => {
    const source = f.timeline.table.rows(0, Number.MAX_SAFE_INTEGER, 1, false, '')[0]!.source
    const wanted = { from: 0, to: Number.MAX_SAFE_INTEGER, limit: 1, hidden: new Set([source]) }
    expect(await findEvents(f.timeline.table, wanted)).toEqual([])
  })
  expect(held).toBeLessThan(30)
})
