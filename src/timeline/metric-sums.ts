import type { Database } from '../storage/database/database.ts'

const minute = 60_000
/** What is measured is summed up for so long each. Milliseconds. */
export const placeLength = 5 * minute
const dayPlaces = (24 * 60 * minute) / placeLength

/** `environment`: any where none is named. */
export interface MetricOf {
  metric: string
  environment?: string | undefined
}

/** `least` and `most`: null where there is no value. */
export interface Measured {
  count: number
  total: number
  least: number | null
  most: number | null
}

/** Values of five minutes and one environment. Milliseconds since 1970: `at`: when that time began, `last`: when the last value came. */
export interface MetricSum extends Measured {
  at: number
  environment: string
  last: number
}

/** At a time: a metric may have as many environments as somebody has branches. */
export const sumsOfDay = 500

/** Of all events of a group, whose times are so many places each. */
export const sumOf = (perMillisecond: number): string =>
  `count(*) AS count, total(value) AS total, min(value) AS least, max(value) AS most, max(seq / ${perMillisecond}) AS last`

const merged = `ON CONFLICT DO UPDATE SET count = count + excluded.count, total = total + excluded.total,
    least = min(least, excluded.least), most = max(most, excluded.most), last = max(last, excluded.last)`

const statementsOf = (db: Database) => ({
  add: db.prepare(`INSERT INTO metric_sums (day, metric, environment, place, count, total, least, most, last)
    VALUES (?1, ?2, ?3, ?4, 1, ?5, ?5, ?5, ?6) ${merged}`),
  ofDay:
    db.prepare(`SELECT place * ${placeLength} AS at, environment, last, count, total, least, most FROM metric_sums
    WHERE day = ?1 AND metric = ?2 AND (?3 IS NULL OR environment = ?3) AND place >= ?4 AND place < ?5
    AND (environment, place) > (?6, ?7) ORDER BY environment, place LIMIT ${sumsOfDay}`),
  old: db.prepare('SELECT day, metric FROM metric_sums WHERE day < ? ORDER BY day, metric LIMIT 1'),
  forget: db.prepare(`DELETE FROM metric_sums WHERE day = ?1 AND metric = ?2 AND (environment, place) IN
    (SELECT environment, place FROM metric_sums WHERE day = ?1 AND metric = ?2 LIMIT ${sumsOfDay})`),
})

/** What metrics were over time: of a value each second, nobody who asks reads every one. Names in any case of A to Z. */
export class MetricSums {
  readonly #db: Database
  readonly #sql: ReturnType<typeof statementsOf>
  #older: ReturnType<Database['prepare']> | undefined

  constructor(db: Database) {
    this.#db = db
    this.#sql = statementsOf(db)
  }

  /** In the transaction of the caller. */
  add(metric: string, environment: string | null, at: number, value: number): void {
    const place = Math.floor(at / placeLength)
    this.#sql.add.run(Math.floor(place / dayPlaces), metric, environment ?? '', place, value, at)
  }

  /** Those of events with `from` ≤ place < `to`, which are in no sum yet. In the transaction of the caller. */
  addOlder(from: number, to: number, perMillisecond: number): void {
    const place = `seq / ${perMillisecond * placeLength}`
    this.#older ??=
      this.#db.prepare(`INSERT INTO metric_sums (day, metric, environment, place, count, total, least, most, last)
      SELECT ${place} / ${dayPlaces}, metric, ifnull(environment, '') AS environment, ${place}, ${sumOf(perMillisecond)} FROM events
      WHERE seq >= ? AND seq < ? AND metric IS NOT NULL AND value IS NOT NULL
      GROUP BY ${place}, metric COLLATE NOCASE, environment COLLATE NOCASE ${merged}`)
    this.#older.run(from, to)
  }

  /** Days (UTC, since 1970) that a time touches. */
  days(from: number, to: number): { first: number; end: number } {
    const length = dayPlaces * placeLength
    return { first: Math.floor(from / length), end: Math.ceil(to / length) }
  }

  /** Some of those of a day that began at `from` ≤ time < `to`, behind the one that was the last before. */
  ofDay(
    day: number,
    { metric, environment }: MetricOf,
    { from, to, after }: { from: number; to: number; after: MetricSum | null },
  ): MetricSum[] {
    const places = [Math.ceil(from / placeLength), Math.ceil(to / placeLength)]
    const behind = after === null ? ['', -1] : [after.environment, after.at / placeLength]
    return this.#sql.ofDay.all(
      day,
      metric,
      environment ?? null,
      ...places,
      ...behind,
    ) as unknown as MetricSum[]
  }

  /** Of one metric on one day before that one. False: there is none. In the transaction of the caller. */
  forget(before: number): boolean {
    const old = this.#sql.old.get(before) as { day: number; metric: string } | undefined
    if (old === undefined) return false
    this.#sql.forget.run(old.day, old.metric)
    return true
  }
}
