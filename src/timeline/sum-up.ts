import { type EventTable, look, placeOf, type Sum, timeOf } from './event-table.ts'
import { type Measured, type MetricOf, type MetricSum, placeLength, sumsOfDay } from './metric-sums.ts'
import { matchOf } from './terms.ts'

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour
/** As many groups as one day may have, such as sources, are read at a time. */
const sumsOfLook = 500

/**
 * How many events there were, by all that is summed up; `from` ≤ time < `to`, milliseconds. Whole days and hours are known; what is
 * less on both ends is counted.
 */
export async function sumUp(table: EventTable, from: number, to: number, take: (sum: Sum) => void) {
  const bounds = table.bounds()
  const since = Math.max(from, timeOf(bounds.from))
  const until = Math.min(to, timeOf(bounds.to - 1) + 1)
  if (since >= until || bounds.from === bounds.to) return
  const firstHour = Math.ceil(since / hour)
  const endHour = Math.floor(until / hour)
  const count = (from: number, to: number) => {
    for (const sum of table.edge(from, to)) take(sum)
  }
  if (firstHour > endHour) return inStretches(table, since, until, 5 * minute, count)
  await inStretches(table, since, firstHour * hour, 5 * minute, count)
  await inStretches(table, endHour * hour, until, 5 * minute, count)
  const firstDay = Math.ceil(firstHour / 24)
  const endDay = Math.floor(endHour / 24)
  let parts: ['hour' | 'day', number, number][] = [['hour', firstHour, endHour]]
  if (firstDay < endDay)
    parts = [
      ['hour', firstHour, firstDay * 24],
      ['day', firstDay, endDay],
      ['hour', endDay * 24, endHour],
    ]
  for (const [unit, from, to] of parts) await sumParts(table, unit, from, to, take)
}

async function sumParts(
  table: EventTable,
  unit: 'hour' | 'day',
  from: number,
  to: number,
  take: (sum: Sum) => void,
) {
  for (let at = from; at < to; at += 1) {
    let last: Sum | null = null
    do {
      const sums: Sum[] = table.sums(unit, at, last, sumsOfLook)
      for (const sum of sums) take(sum)
      last = sums.length < sumsOfLook ? null : sums.at(-1)!
      await table.slices.pause()
    } while (last !== null)
  }
}

/** The same of one source, counted: first by what is not its name, then all of it by its name. */
export async function sumUpSource(
  table: EventTable,
  source: string,
  from: number,
  to: number,
  take: (sum: Sum) => void,
) {
  const bounds = table.bounds()
  const match = matchOf('', { source })!
  const since = Math.max(from, timeOf(bounds.from))
  const until = Math.min(to, timeOf(bounds.to - 1) + 1)
  await inStretches(
    table,
    since,
    until,
    day,
    (from, to) => {
      for (const sum of table.sumsOf(source, match, placeOf(from), placeOf(to))) take(sum)
    },
    leastOfIndex,
  )
}

/** What the index costs by itself does not get less with the time. Milliseconds. */
const leastOfIndex = 6 * 60 * minute

/**
 * Looks at a time in stretches: how long the next may be shows by how long the one before took. `least`: shorter ones would only be
 * more. Milliseconds.
 */
async function inStretches(
  { slices }: EventTable,
  from: number,
  to: number,
  first: number,
  work: (from: number, to: number) => void,
  least = second,
) {
  let stretch = first
  for (let at = from; at < to; ) {
    const began = performance.now()
    const end = Math.min(to, at + stretch)
    work(at, end)
    at = end
    const took = performance.now() - began
    if (took > look) stretch = Math.max(least, stretch / 4)
    else if (took < look / 4) stretch *= 2
    await slices.pause()
  }
}

/** The values of a metric with `since` ≤ time < `until`, milliseconds: summed up already, but for both ends. */
export async function measure(table: EventTable, metric: MetricOf, since: number, until: number) {
  const all: Measured = { count: 0, total: 0, least: null, most: null }
  const add = ({ count, total, least, most }: Measured) => {
    all.count += count
    all.total += total
    if (least !== null) all.least = Math.min(all.least ?? least, least)
    if (most !== null) all.most = Math.max(all.most ?? most, most)
  }
  const count = (from: number, to: number) => add(table.measured(metric, from, to))
  const first = Math.ceil(since / placeLength) * placeLength
  const end = Math.floor(until / placeLength) * placeLength
  if (first > end) await inStretches(table, since, until, minute, count)
  else {
    await inStretches(table, since, first, minute, count)
    await metricSums(table, metric, first, end, add)
    await inStretches(table, end, until, minute, count)
  }
  return all
}

/** What a metric was, in any order and in parts, in each five minutes that began at `from` ≤ time < `to`: summed up, or due to be. */
export async function metricSums(
  table: EventTable,
  metric: MetricOf,
  from: number,
  to: number,
  take: (sum: MetricSum) => void,
) {
  using _held = table.holdDue()
  const { metrics, slices } = table
  const { first, end } = metrics.days(from, to)
  for (let day = first; day < end; day += 1) {
    let last: MetricSum | null = null
    do {
      const sums: MetricSum[] = metrics.ofDay(day, metric, { from, to, after: last })
      for (const sum of sums) take(sum)
      last = sums.length < sumsOfDay ? null : sums.at(-1)!
      await slices.pause()
    } while (last !== null)
  }
  const [since, until] = [from, to].map((at) => Math.ceil(at / placeLength) * placeLength) as [number, number]
  await inStretches(table, since, Math.min(until, table.due()), minute, (from, to) => {
    for (const sum of table.measuredByPlace(metric, from, to)) take(sum)
  })
}
