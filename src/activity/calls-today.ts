import type { Clock } from '../kernel/clock.ts'
import type { CallTable } from './call-table.ts'

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
    if (at >= this.#midnight && at < midnightAfter(this.#midnight))
      this.#counts.set(grantId, (this.#counts.get(grantId) ?? 0) + 1)
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
    for (const { grantId, calls } of this.#table.ofGrants(this.#midnight, midnightAfter(this.#midnight)))
      counts.set(grantId, (counts.get(grantId) ?? 0) + calls)
    return counts
  }
}

const midnightBefore = (now: number): number => new Date(now).setHours(0, 0, 0, 0)
const midnightAfter = (midnight: number): number => new Date(midnight).setHours(24, 0, 0, 0)
