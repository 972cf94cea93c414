import type { Clock } from '../kernel/clock.ts'
import type { CallTable } from './call-table.ts'

/** Rows that are looked at together. Those of one day stand together, but for calls that took longer than so many others. */
const chunk = 500

/** How many calls each grant made since local midnight. */
export class CallsToday {
  readonly #table: CallTable
  readonly #clock: Clock
  #midnight: number
  #counts: Map<string, number>

  constructor(table: CallTable, clock: Clock) {
    this.#table = table
    this.#clock = clock
    this.#midnight = midnightBefore(clock.now())
    this.#counts = this.#count()
  }

  add({ at, grantId }: { at: number; grantId: string }): void {
    if (at >= this.#midnight) this.#counts.set(grantId, (this.#counts.get(grantId) ?? 0) + 1)
  }

  get(): Map<string, number> {
    const midnight = midnightBefore(this.#clock.now())
    if (midnight !== this.#midnight) {
      this.#midnight = midnight
      this.#counts = this.#count()
    }
    return new Map(this.#counts)
  }

  #count(): Map<string, number> {
    const counts = new Map<string, number>()
    let to = Number.MAX_SAFE_INTEGER
    for (;;) {
      const rows = this.#table.times(to, chunk)
      const today = rows.filter(({ at }) => at >= this.#midnight)
      for (const row of today) counts.set(row.grant_id, (counts.get(row.grant_id) ?? 0) + 1)
      if (today.length === 0) return counts
      to = rows.at(-1)!.seq
    }
  }
}

const midnightBefore = (now: number): number => new Date(now).setHours(0, 0, 0, 0)
