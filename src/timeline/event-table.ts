import { createHash } from 'node:crypto'
import type { TimelineEvent } from '../contract/timeline.ts'
import { createSlices } from '../kernel/slices.ts'
import type { Database } from '../storage/database/database.ts'
import {
  type Measured,
  type MetricOf,
  type MetricSum,
  MetricSums,
  placeLength,
  sumOf,
} from './metric-sums.ts'

interface Row {
  seq: number
  at: number
  received_at: number
  source: string
  event_id: string
  type: string
  subject: string | null
  kind: string
  title: string
  environment: string | null
  version: string | null
  severity: TimelineEvent['severity']
  metric: string | null
  value: number | null
  data: string | null
}

/** How long one look may take, about, before others get their turn. Milliseconds. */
export const look = 6
/** Events of one millisecond that keep their order; what is more is put into the next. */
const perMillisecond = 1_024
const hour = 3_600_000
const dayHours = 24

/** The first place of events of that time or later. */
export const placeOf = (at: number): number => Math.floor(at) * perMillisecond
export const timeOf = (seq: number): number => Math.floor(seq / perMillisecond)

export const idOf = (seq: number): string => `evt_${seq.toString(36)}`
/** Null: it is not an id of ours. */
export function seqOf(id: string): number | null {
  const digits = /^evt_([0-9a-z]{1,11})$/.exec(id)?.[1]
  return digits === undefined ? null : Number.parseInt(digits, 36)
}

export const example = { source: 'drawbridge', id: 'example' } as const

const toEvent = (row: Row): TimelineEvent => ({
  id: idOf(row.seq),
  at: row.at,
  receivedAt: row.received_at,
  source: row.source,
  eventId: row.event_id,
  type: row.type,
  subject: row.subject,
  kind: row.kind,
  title: row.title,
  environment: row.environment,
  version: row.version,
  severity: row.severity,
  metric: row.metric,
  value: row.value,
  data: row.data,
  isExample: row.source === example.source && row.event_id === example.id,
})

/** What an event is known by, whatever of it is hidden. */
export const keyOf = (source: string, id: string): Uint8Array =>
  createHash('sha256')
    .update(JSON.stringify([source, id]))
    .digest()
    .subarray(0, 16)

/**
 * Events that are alike in kind, environment and severity ('' for none), whatever their source; or, where `source` is not '', those of
 * a source, whatever else they are. All of it together would be nearly as many rows as there are events.
 */
export interface Sum {
  kind: string
  environment: string
  severity: string
  source: string
  /** Since 1970, UTC. */
  day: number
  events: number
}

const noGroup = { kind: '', environment: '', severity: '', source: '' }

const own = `NOT (source = '${example.source}' AND event_id = '${example.id}')`

/** Each is prepared when it is first needed. */
const texts = {
  known: 'SELECT seq FROM events WHERE key = ?',
  last: 'SELECT max(seq) AS seq FROM events WHERE seq >= ? AND seq < ?',
  insert: `INSERT INTO events (seq, key, at, received_at, source, event_id, type, subject, kind, title, environment, version, severity,
    metric, value, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  index: 'INSERT INTO events_index (rowid, words) VALUES (?, ?)',
  add: `INSERT INTO event_sums (unit, place, kind, environment, severity, source, events) VALUES (?, ?, ?, ?, ?, ?, 1)
    ON CONFLICT (unit, place, kind, environment, severity, source) DO UPDATE SET events = events + 1`,
  one: 'SELECT * FROM events WHERE seq = ?',
  first: 'SELECT min(seq) AS seq FROM events',
  newest: 'SELECT max(seq) AS seq FROM events',
  down: `SELECT * FROM events WHERE seq >= ? AND seq < ? AND kind <> ? ORDER BY seq DESC LIMIT ?`,
  up: `SELECT * FROM events WHERE seq >= ? AND seq < ? AND kind <> ? ORDER BY seq LIMIT ?`,
  downMatching: `SELECT rowid AS seq FROM events_index WHERE events_index MATCH ? AND rowid >= ? AND rowid < ? ORDER BY rowid DESC LIMIT ?`,
  upMatching: `SELECT rowid AS seq FROM events_index WHERE events_index MATCH ? AND rowid >= ? AND rowid < ? ORDER BY rowid LIMIT ?`,
  sums: `SELECT kind, environment, severity, source, events FROM event_sums WHERE unit = ? AND place = ?
    AND (kind, environment, severity, source) > (?, ?, ?, ?) ORDER BY kind, environment, severity, source LIMIT ?`,
  edge: `SELECT kind, ifnull(environment, '') AS environment, ifnull(severity, '') AS severity, '' AS source, count(*) AS events
    FROM events WHERE seq >= ? AND seq < ? AND ${own} GROUP BY 1, 2, 3`,
  edgeSources: `SELECT '' AS kind, '' AS environment, '' AS severity, source, count(*) AS events
    FROM events WHERE seq >= ? AND seq < ? AND ${own} GROUP BY source`,
  measured: `SELECT count(*) AS count, total(value) AS total, min(value) AS least, max(value) AS most FROM events
    WHERE seq >= ?1 AND seq < ?2 AND metric = ?3 COLLATE NOCASE AND (?4 IS NULL OR environment = ?4 COLLATE NOCASE)`,
  measuredByPlace: `SELECT seq / ${perMillisecond * placeLength} * ${placeLength} AS at, ifnull(environment, '') AS environment, ${sumOf(perMillisecond)}
    FROM events WHERE seq >= ?1 AND seq < ?2 AND metric = ?3 COLLATE NOCASE AND (?4 IS NULL OR environment = ?4 COLLATE NOCASE)
    AND value IS NOT NULL GROUP BY 1, 2 COLLATE NOCASE`,
  due: 'SELECT max(before) AS before FROM metric_sums_due',
  lastBefore: 'SELECT max(seq) AS seq FROM events WHERE seq < ?',
  moveDue: 'UPDATE metric_sums_due SET before = ?',
  endDue: 'DELETE FROM metric_sums_due',
  ofSource: `SELECT e.kind, ifnull(e.environment, '') AS environment, ifnull(e.severity, '') AS severity,
    e.seq / ${perMillisecond * hour * dayHours} AS day, count(*) AS events
    FROM events_index i JOIN events e ON e.seq = i.rowid
    WHERE events_index MATCH ? AND i.rowid >= ? AND i.rowid < ? AND lower(e.source) = lower(?) GROUP BY 1, 2, 3, 4`,
  old: 'SELECT seq FROM events WHERE seq < ? ORDER BY seq LIMIT 100',
  forget: 'DELETE FROM events WHERE seq = ?',
  unindex: 'DELETE FROM events_index WHERE rowid = ?',
  oldSums: 'SELECT min(place) AS place FROM event_sums WHERE unit = ? AND place < ?',
  forgetSums: 'DELETE FROM event_sums WHERE unit = ? AND place = ?',
  refuse: 'INSERT INTO refused_lines (at, place, line, problem) VALUES (?, ?, ?, ?)',
  refused: 'SELECT at, place AS offset, line, problem FROM refused_lines ORDER BY n DESC LIMIT 20',
  forgetRefused: 'DELETE FROM refused_lines WHERE at < ? OR n <= (SELECT max(n) FROM refused_lines) - 1000',
  watched: 'SELECT file, place FROM watched_files WHERE path = ?',
  watch: 'INSERT OR REPLACE INTO watched_files (path, file, place) VALUES (?, ?, ?)',
} as const

/** Where events are kept, by `seq`: their time and order. */
export class EventTable {
  readonly #db: Database
  #hasDue = true
  #heldDue = 0
  /** How much of it is summed up at a time: how long that takes shows. Milliseconds. */
  #dueStretch = placeLength
  readonly #prepared = new Map<keyof typeof texts, ReturnType<Database['prepare']>>()
  readonly metrics: MetricSums
  /** Of all who look through it: one answer is made of many looks, and with a clock for each of its parts they would add up. */
  readonly slices = createSlices(look / 2)

  constructor(db: Database) {
    this.#db = db
    this.metrics = new MetricSums(db)
  }

  get database(): Database {
    return this.#db
  }

  /** The place of the event of this source with this id, if it is here. */
  known(source: string, id: string): number | null {
    return this.#number('known', keyOf(source, id))
  }

  /** One that is not known yet; `words`: what it is found by. In the transaction of the caller. */
  insert(event: Omit<TimelineEvent, 'id' | 'isExample'>, words: string, key: Uint8Array): number {
    const seq = this.#freePlace(event.at)
    const { at, receivedAt, source, eventId, type, subject, kind, title } = event
    const { environment, version, severity, metric, value, data } = event
    this.#of('insert').run(
      ...[seq, key, at, receivedAt, source, eventId, type, subject, kind, title],
      ...[environment, version, severity, metric, value, data],
    )
    this.#of('index').run(seq, words)
    if (source === example.source && eventId === example.id) return seq
    if (metric !== null && value !== null && timeOf(seq) >= this.due())
      this.metrics.add(metric, environment, timeOf(seq), value)
    const hours = Math.floor(timeOf(seq) / hour)
    for (const group of [
      [kind, environment ?? '', severity ?? '', ''],
      ['', '', '', source],
    ]) {
      this.#of('add').run('hour', hours, ...group)
      this.#of('add').run('day', Math.floor(hours / dayHours), ...group)
    }
    return seq
  }

  get(seq: number): TimelineEvent | null {
    const row = this.#of('one').get(seq) as unknown as Row | undefined
    return row ? toEvent(row) : null
  }

  /** Places of the oldest and behind the newest event; the same twice when there is none. */
  bounds(): { from: number; to: number } {
    const from = this.#number('first') ?? 0
    return { from, to: (this.#number('newest') ?? from - 1) + 1 }
  }

  /** Those with `from` ≤ place < `to`, of another kind than `without`. */
  rows(from: number, to: number, limit: number, upwards: boolean, without = ''): TimelineEvent[] {
    const rows = this.#of(upwards ? 'up' : 'down').all(from, to, without, limit)
    return (rows as unknown as Row[]).map(toEvent)
  }

  /** Places of those that match, as the index has them. */
  matching(match: string, from: number, to: number, limit: number, upwards: boolean): number[] {
    const rows = this.#of(upwards ? 'upMatching' : 'downMatching').all(match, from, to, limit)
    return (rows as { seq: number }[]).map(({ seq }) => seq)
  }

  /** Of a whole hour or day, counted since 1970, UTC: the first `limit` behind `after`, or from the first on; those of sources come first. */
  sums(unit: 'hour' | 'day', place: number, after: Omit<Sum, 'day' | 'events'> | null, limit: number): Sum[] {
    const { kind, environment, severity, source } = after ?? noGroup
    const rows = this.#of('sums').all(
      ...[unit, place, kind, environment, severity, source, limit],
    ) as unknown as Omit<Sum, 'day'>[]
    const day = unit === 'day' ? place : Math.floor(place / dayHours)
    return rows.map((row) => ({ ...row, day }))
  }

  /** The same, counted, of a part of an hour. Milliseconds since 1970. */
  edge(from: number, to: number): Sum[] {
    if (from >= to) return []
    const day = Math.floor(from / (hour * dayHours))
    const rows = (['edge', 'edgeSources'] as const).flatMap((name) =>
      this.#of(name).all(placeOf(from), placeOf(to)),
    )
    return (rows as unknown as Omit<Sum, 'day'>[]).map((row) => ({ ...row, day }))
  }

  /** The same of one source, by what is not its name, and then all of it by its name. `match`: its events; places. */
  sumsOf(source: string, match: string, from: number, to: number): Sum[] {
    const rows = this.#of('ofSource').all(match, from, to, source) as unknown as Omit<Sum, 'source'>[]
    const all = rows.reduce((sum, { events }) => sum + events, 0)
    const whole = { kind: '', environment: '', severity: '', source, day: 0, events: all }
    return all === 0 ? [] : [...rows.map((row) => ({ ...row, source: '' })), whole]
  }

  /** Of the values of a metric, in any environment where none is named, of a part of five minutes. Milliseconds since 1970. */
  measured({ metric, environment }: MetricOf, from: number, to: number): Measured {
    return this.#of('measured').get(
      placeOf(from),
      placeOf(to),
      metric,
      environment ?? null,
    ) as unknown as Measured
  }

  /** The same of each five minutes and environment. */
  measuredByPlace({ metric, environment }: MetricOf, from: number, to: number): MetricSum[] {
    return this.#of('measuredByPlace').all(
      placeOf(from),
      placeOf(to),
      metric,
      environment ?? null,
    ) as unknown as MetricSum[]
  }

  /** Values of before that time are in no sum yet: they were here before there were sums. Milliseconds since 1970, or 0. */
  due(): number {
    if (!this.#hasDue) return 0
    const before = this.#number('due')
    this.#hasDue = before !== null
    return before ?? 0
  }

  /** Nothing more is summed up until it is ended: who looks at what is due and at the sums must not miss what goes from one to the other. */
  holdDue(): Disposable {
    this.#heldDue += 1
    return {
      [Symbol.dispose]: () => {
        this.#heldDue -= 1
      },
    }
  }

  /** Sums up some of what is due, the newest first. False: nothing is. In the transaction of the caller. */
  catchUp(): boolean {
    const due = this.due()
    if (due === 0 || this.#heldDue > 0) return due !== 0
    const last = this.#number('lastBefore', placeOf(due))
    if (last === null) {
      this.#of('endDue').run()
      return true
    }
    const began = performance.now()
    const to = timeOf(last) + 1
    const from = Math.max(0, Math.floor(to - this.#dueStretch))
    this.metrics.addOlder(placeOf(from), placeOf(to), perMillisecond)
    this.#of('moveDue').run(from)
    const took = performance.now() - began
    if (took > look) this.#dueStretch = Math.max(1, this.#dueStretch / 4)
    else if (took < look / 4) this.#dueStretch *= 2
    return true
  }

  /** Of the oldest 100 events before that day, or their sums. False: nothing is left to forget. In the transaction of the caller. */
  forget(day: number): boolean {
    const seqs = this.#of('old').all(placeOf(day * hour * dayHours)) as { seq: number }[]
    for (const { seq } of seqs) this.remove(seq)
    if (seqs.length > 0) return true
    for (const [unit, end] of [
      ['hour', day * dayHours],
      ['day', day],
    ] as const) {
      const place = this.#number('oldSums', unit, end)
      if (place === null) continue
      this.#of('forgetSums').run(unit, place)
      return true
    }
    return this.metrics.forget(day) || this.forgetRefused(day * hour * dayHours)
  }

  /** Those from before that time, and all but the newest 1,000. */
  forgetRefused(before: number): boolean {
    return Number(this.#of('forgetRefused').run(before).changes) > 0
  }

  /** Not from the sums. */
  remove(seq: number): void {
    this.#of('forget').run(seq)
    this.#of('unindex').run(seq)
  }

  refuse(at: number, offset: number, line: string, problem: string): void {
    this.#of('refuse').run(at, offset, line, problem)
  }

  refused(): { at: number; offset: number; line: string; problem: string }[] {
    return this.#of('refused').all() as { at: number; offset: number; line: string; problem: string }[]
  }

  /** How far a file was read, in bytes; `file` says which file it was that had this path. */
  watched(path: string): { file: string; place: number } | null {
    return (this.#of('watched').get(path) as { file: string; place: number } | undefined) ?? null
  }

  setWatched(path: string, file: string, place: number): void {
    this.#of('watch').run(path, file, place)
  }

  #freePlace(at: number): number {
    for (let millisecond = Math.floor(at); ; millisecond += 1) {
      const from = placeOf(millisecond)
      const last = this.#number('last', from, from + perMillisecond)
      if (last === null) return from
      if (last + 1 < from + perMillisecond) return last + 1
    }
  }

  #number(
    name: 'known' | 'first' | 'newest' | 'last' | 'lastBefore' | 'oldSums' | 'due',
    ...values: (string | number | Uint8Array)[]
  ) {
    const row = this.#of(name).get(...values) as Record<string, number | null> | undefined
    return row === undefined ? null : Object.values(row)[0]!
  }

  #of(name: keyof typeof texts) {
    const known = this.#prepared.get(name)
    if (known) return known
    const made = this.#db.prepare(texts[name])
    this.#prepared.set(name, made)
    return made
  }
}
