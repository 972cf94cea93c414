const day = 24 * 3_600_000
/** So far what is known to be past and the clock may be apart; more is deleted for a clock that is wrong by as much, at most. */
const leap = 7 * day
/** A clock that leapt is right when it still says so after running for so long. */
const believedAfter = day

/**
 * What the time is for whoever deletes by age: one start with a clock that is months ahead must not cost everything. `known`: of the
 * newest of what may be deleted; null: there is nothing. Milliseconds since 1970.
 */
export class BelievedTime {
  readonly #running: () => number
  #known: number | null
  #leaptAt: number | null = null

  constructor(known: number | null, running: () => number = () => performance.now()) {
    this.#known = known
    this.#running = running
  }

  /** `now`: as the clock says. Goes on with it from time to time, and stays behind where it leapt. */
  at(now: number): number {
    const isFar = this.#known !== null && now - this.#known > leap
    if (isFar) this.#leaptAt ??= this.#running()
    else this.#leaptAt = null
    if (this.#leaptAt === null || this.#running() - this.#leaptAt >= believedAfter) this.#known = now
    return this.#known ?? now
  }
}
