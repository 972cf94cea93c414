import { setImmediate as nextTurn } from 'node:timers/promises'
import type { TimelineEvent, TimelineFilter } from '../contract/timeline.ts'
import { type EventTable, type Measured, placeOf, type Sum, seqOf, timeOf } from './event-table.ts'
import { matchOf, notMeasured } from './terms.ts'

export interface Wanted extends Omit<TimelineFilter, 'since' | 'until'> {
  search?: string | undefined
  metric?: string | undefined
  /** Places: `from` is part of it, `to` not. */
  from: number
  to: number
  limit: number
  /** Oldest first. */
  upwards?: boolean
  /** Sources of which nothing is to be found. */
  hidden?: ReadonlySet<string> | undefined
}

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour
/** How long one look may take, about, before others get their turn. Milliseconds. */
const look = 6
const rowsOfLook = 250
/** As many groups as one day may have, such as sources, are read at a time. */
const sumsOfLook = 500

/** The index knows facets by their hashes, whatever their case. */
const fits = (
  event: TimelineEvent,
  { kind, environment, severity, source, version, metric, hidden }: Wanted,
) =>
  hidden?.has(event.source) !== true &&
  alike(event.kind, kind) &&
  alike(event.environment, environment) &&
  alike(event.severity, severity) &&
  alike(event.source, source) &&
  alike(event.version, version) &&
  alike(event.metric, metric)
const alike = (has: string | null, wanted: string | undefined) =>
  wanted === undefined || has?.toLowerCase() === wanted.toLowerCase()

/**
 * Events in the order of time, newest first. Measured values only when they are asked for by kind or name. Looks at a stretch of time, and
 * at another one in the next turn: how long a stretch may be shows by how long the one before took.
 */
export async function findEvents(table: EventTable, wanted: Wanted): Promise<TimelineEvent[]> {
  const { limit, upwards = false } = wanted
  const bounds = table.bounds()
  const from = Math.max(wanted.from, bounds.from)
  const to = Math.min(wanted.to, bounds.to)
  const hidesMeasured = wanted.kind === undefined && wanted.metric === undefined
  const found: TimelineEvent[] = []
  const plain = matchOf(wanted.search ?? '', wanted)
  const match = plain !== null && hidesMeasured ? notMeasured(plain) : plain
  let span = placeOf(day)
  let edge = upwards ? from : to
  while (found.length < limit && (upwards ? edge < to : edge > from)) {
    const began = performance.now()
    const next = upwards ? Math.min(to, edge + span) : Math.max(from, edge - span)
    const [low, high] = upwards ? [edge, next] : [next, edge]
    const most = Math.min(rowsOfLook, limit - found.length)
    const seqs = match === null ? null : table.matching(match, low, high, most, upwards)
    const rows =
      seqs === null
        ? table.rows(low, high, most, upwards, hidesMeasured ? 'metric' : '')
        : seqs.map((seq) => table.get(seq)).filter((event) => event !== null)
    const last = seqs === null ? lastPlace(rows) : seqs.at(-1)
    for (const event of rows) if (fits(event, wanted)) found.push(event)
    const isFull = (seqs ?? rows).length === most && last !== undefined
    edge = isFull ? (upwards ? last + 1 : last) : next
    const took = performance.now() - began
    if (took > 2 * look) span = Math.max(placeOf(hour), span / 4)
    else if (took < look && !isFull) span *= 4
    if (took > look / 2) await nextTurn()
  }
  return found
}

const lastPlace = (rows: readonly TimelineEvent[]): number | undefined => {
  const last = rows.at(-1)
  return last && seqOf(last.id)!
}

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
  if (firstHour > endHour) return countEdge(table, since, until, take)
  await countEdge(table, since, firstHour * hour, take)
  await countEdge(table, endHour * hour, until, take)
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
  let began = performance.now()
  for (let at = from; at < to; at += 1) {
    let last: Sum | null = null
    do {
      const sums: Sum[] = table.sums(unit, at, last, sumsOfLook)
      for (const sum of sums) take(sum)
      last = sums.length < sumsOfLook ? null : sums.at(-1)!
      if (performance.now() - began < look) continue
      await nextTurn()
      began = performance.now()
    } while (last !== null)
  }
}

/** A part of an hour, counted in stretches: how long the next may be shows by how long the one before took. */
async function countEdge(table: EventTable, from: number, to: number, take: (sum: Sum) => void) {
  let stretch = 5 * minute
  for (let at = from; at < to; ) {
    const began = performance.now()
    const end = Math.min(to, at + stretch)
    for (const sum of table.edge(at, end)) take(sum)
    at = end
    const took = performance.now() - began
    if (took > look) stretch = Math.max(second, stretch / 4)
    else if (took < look / 4) stretch *= 2
    if (took > look / 2) await nextTurn()
  }
}

/** Stretches that values are read in, so that others get their turn. */
const stretches = 2

/** The values of a metric with `since` ≤ time < `until`, milliseconds. */
export async function measure(table: EventTable, match: string, since: number, until: number) {
  const all: Measured = { count: 0, total: 0, least: null, most: null }
  const length = (until - since) / stretches
  for (let n = 0; n < stretches; n += 1) {
    const began = performance.now()
    const [from, to] = [placeOf(since + n * length), placeOf(since + (n + 1) * length)]
    const { count, total, least, most } = table.measured(match, from, to)
    all.count += count
    all.total += total
    if (least !== null) all.least = Math.min(all.least ?? least, least)
    if (most !== null) all.most = Math.max(all.most ?? most, most)
    if (performance.now() - began > look / 2) await nextTurn()
  }
  return all
}
