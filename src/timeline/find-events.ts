import type { TimelineEvent, TimelineFilter } from '../contract/timeline.ts'
import { type EventTable, look, placeOf, seqOf } from './event-table.ts'
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

const hour = 3_600_000
const day = 24 * hour
const rowsOfLook = 250

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
    // The index goes over whole lists of words that are never together, however short the stretch: more of them only do that more often.
    if (seqs !== null && !isFull) span *= took > look ? 16 : 4
    else if (took > 2 * look) span = Math.max(placeOf(hour), span / 4)
    else if (took < look && !isFull) span *= 4
    // Many quick looks at what is hidden hold the thread as long as a slow one.
    await table.slices.pause()
  }
  return found
}

const lastPlace = (rows: readonly TimelineEvent[]): number | undefined => {
  const last = rows.at(-1)
  return last && seqOf(last.id)!
}
