import type { Database } from '../storage/database/database.ts'

/** Rows stand in the order in which they were written, most when their call ended: one may be so much older than those before it. Milliseconds. */
const longestCall = 3_600_000
/** Of the newest rows alone it is known how late it was when the host starts. */
const slack = 2 * longestCall
const newestRows = 1_000
/** Fewer rows are gone over rather than looked for. */
const fewRows = 64

/** Milliseconds since 1970: `since` ≤ a call < `until`; left out: any. */
interface Times {
  since?: number | undefined
  until?: number | undefined
}

/** `from` ≤ seq < `to`. */
interface Range {
  from: number
  to: number
}

const statementsOf = (db: Database) => ({
  all: db.prepare('SELECT seq FROM calls_turns ORDER BY seq'),
  note: db.prepare('INSERT OR IGNORE INTO calls_turns (seq) VALUES (?)'),
  /** Of a log that was never looked through: where a row is older than one of those just before it. */
  look: db.prepare(`INSERT INTO calls_turns SELECT 0 UNION SELECT seq FROM
    (SELECT seq, at, max(at) OVER (ORDER BY seq ROWS BETWEEN 20 PRECEDING AND 1 PRECEDING) AS before FROM calls)
    WHERE at < before - ${longestCall}`),
  latest: db.prepare(
    `SELECT max(at) AS at FROM (SELECT at FROM calls WHERE seq >= ? ORDER BY seq DESC LIMIT ${newestRows})`,
  ),
  at: db.prepare('SELECT at FROM calls WHERE seq = ?'),
  forget: db.prepare('DELETE FROM calls_turns WHERE seq > 0 AND seq <= ?'),
})

/** Where in the log the clock was set back: between two such places times rise, and calls of a time are soon found. */
export class ClockTurns {
  readonly #sql
  /** The first row of each part. */
  #turns: number[] = []
  /** Of the last part. */
  #latest = 0

  constructor(db: Database) {
    this.#sql = statementsOf(db)
    if (this.#sql.all.get() === undefined) this.#sql.look.run()
    this.reload()
  }

  /** As the database has it. */
  reload(): void {
    this.#turns = this.#sql.all.all().map(({ seq }) => seq as number)
    this.#latest = (this.#sql.latest.get(this.#turns.at(-1) ?? 0)?.at as number | null) ?? 0
  }

  /** A row that is written, in its transaction. */
  note(seq: number, at: number): void {
    if (at >= this.#latest - longestCall) {
      this.#latest = Math.max(this.#latest, at)
      return
    }
    this.#sql.note.run(seq)
    this.#turns.push(seq)
    this.#latest = at
  }

  /**
   * When what is behind all that is later than `now` begins; Infinity: there is nothing. Milliseconds since 1970. Not what is behind some of
   * it: where later rows follow, it may be the clock of those between that was behind.
   */
  timeBehind(now: number): number {
    const atOf = (seq: number) => this.#sql.at.get(seq)?.at as number | undefined
    let found = Number.POSITIVE_INFINITY
    let last: number | undefined = this.#latest
    for (const turn of this.#turns.toReversed()) {
      // The last row of a part may be older than others in it.
      if (last === undefined || last + longestCall > now) break
      found = atOf(turn) ?? found
      last = atOf(turn - 1)
    }
    return found
  }

  /** Rows up to this one are gone. */
  forget(upTo: number): void {
    this.#sql.forget.run(upTo)
  }

  /** Where, of the rows with `first` ≤ seq < `end`, all calls of that time are, oldest rows first; others may stand between them. */
  ranges({ since, until }: Times, first: number, end: number): Range[] {
    const found: Range[] = []
    for (const [n, turn] of this.#turns.entries()) {
      const part = { from: Math.max(first, turn), to: Math.min(end, this.#turns[n + 1] ?? end) }
      const [from, to] = this.#within(part, { since, until })
      const last = found.at(-1)
      if (from >= to) continue
      if (last?.to === from) last.to = to
      else found.push({ from, to })
    }
    return found
  }

  #within({ from, to }: Range, { since, until }: Times): [from: number, to: number] {
    if (to - from <= fewRows) return [from, to]
    const begin = since === undefined ? from : this.#placeOf(since - slack, from, to)
    return [begin, until === undefined ? to : this.#placeOf(until + slack, begin, to)]
  }

  /** Between rows that are older and rows that are not. */
  #placeOf(at: number, first: number, end: number): number {
    let [from, to] = [first, end]
    while (from < to) {
      const middle = Math.floor((from + to) / 2)
      if (((this.#sql.at.get(middle)?.at as number | undefined) ?? 0) < at) from = middle + 1
      else to = middle
    }
    return from
  }
}
