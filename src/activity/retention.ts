import { errorText } from '../kernel/errors.ts'
import type { Log } from '../kernel/log/log.ts'
import { BelievedTime } from '../storage/believed-time.ts'
import type { CallTable } from './call-table.ts'

const tidyEvery = 3_600_000
/** Between some rows that go and the next: calls go on meanwhile. */
const pause = 50
/** A row that is later than now by more is of a clock that was ahead. */
const slack = 24 * 3_600_000
/** When the database refused. */
const retryAfter = 10_000

/** How many rows, and how old they may be: milliseconds, at the time `now` by the clock. */
interface Keep {
  rows: number
  age: number
  now: number
}

/** Forgets the rows that are too old or too many: hourly, and a little at a time. */
export class Retention {
  readonly #table: CallTable
  readonly #log: Log
  readonly #keep: () => Keep
  readonly #time: BelievedTime
  #timer: NodeJS.Timeout | undefined
  #isStopped = false

  constructor(table: CallTable, log: Log, keep: () => Keep) {
    this.#table = table
    this.#time = new BelievedTime(table.at(table.lastSeq())?.at ?? null)
    this.#log = log
    this.#keep = keep
    this.apply()
  }

  /** Begins at once. */
  apply(): void {
    if (this.#isStopped) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.apply(), this.#forget()).unref()
  }

  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
  }

  /** Milliseconds until there may be more to do. */
  #forget(): number {
    const { rows, age, now } = this.#keep()
    try {
      const believed = this.#time.at(now)
      return this.#table.forget(rows, believed - age, believed + slack) > 0 ? pause : tidyEvery
    } catch (error) {
      this.#log.error('activity.tidy', { error: errorText(error) })
      return retryAfter
    }
  }
}
