/** How long the times are that are looked at in one go, where looking takes long whatever the time. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { findEvents } from './find-events.ts'
import { sumUpSource } from './sum-up.ts'
import { cloudEvent, openFixture } from './testing/open-fixture.ts'

const day = 86_400_000
let f: ReturnType<typeof openFixture>
beforeEach(async () => {
  f = openFixture()
  for (let n = 0; n < 80; n += 1)
    await f.timeline.send([cloudEvent(n * 1_440, { kind: 'note', title: n === 79 ? 'giraffe' : 'zebra' })])
})
afterEach(() => {
  vi.restoreAllMocks()
  f.close()
})

/** As the index of very many events: what it costs does not get less with the time that is looked at. */
function slowIndex(name: 'matching' | 'sumsOf', ms: number) {
  const { table } = f.timeline
  const look = table[name].bind(table) as (...of: never[]) => never
  return vi.spyOn(table, name).mockImplementation(((...of: never[]) => {
    for (const end = performance.now() + ms; performance.now() < end; );
    return look(...of)
  }) as never)
}

it('do not only get shorter where a word is looked for', async () => {
  const looks = slowIndex('matching', 15)
  const wanted = { from: 0, to: Number.MAX_SAFE_INTEGER, limit: 5, search: 'giraffe' }
  expect((await findEvents(f.timeline.table, wanted)).map(({ title }) => title)).toEqual(['giraffe'])
  expect(looks.mock.calls.length).toBeLessThan(10)
})

it('get no shorter than is of use where a source is summed up', async () => {
  const looks = slowIndex('sumsOf', 10)
  let events = 0
  const until = f.clock.at + 1
  await sumUpSource(f.timeline.table, 'test', until - 20 * day, until, (sum) => {
    if (sum.source !== '') events += sum.events
  })
  expect(events).toBe(20)
  // Four in each day at most.
  expect(looks.mock.calls.length).toBeLessThan(90)
})

it('get longer where there is little', async () => {
  const { table } = f.timeline
  table.database.exec(`INSERT INTO metric_sums_due VALUES (${f.clock.at})`)
  const looks = vi.spyOn(table, 'measuredByPlace')
  await f.timeline.measure({ metric: 'load' }, f.clock.at - 40 * day, f.clock.at)
  // From a minute on; all of them that short, they would be 57,600.
  expect(looks.mock.calls.length).toBeLessThan(200)
})
