/** Milliseconds. */
export interface StartLimits {
  /** For the program, without a sign of life. */
  quiet: number
  /** For the program in all, however much it says. */
  longest: number
  /** For a package runner to fetch it. */
  download: number
}

/** The time that one start may take: first to fetch the program, then for the program itself, which may take longer while it shows life. */
export class StartClock {
  readonly #limits: StartLimits
  readonly #late: () => void
  #timer: NodeJS.Timeout
  #since = performance.now()
  #fetched = 0
  #isFetching = false

  constructor(limits: StartLimits, late: () => void) {
    this.#limits = limits
    this.#late = late
    this.#timer = setTimeout(late, limits.quiet)
  }

  get isFetching(): boolean {
    return this.#isFetching
  }

  /** A runner is at work, or done with it. What it takes is added up, so that taking turns gives no more time. */
  fetching(is: boolean): void {
    if (is === this.#isFetching) return
    const now = performance.now()
    if (this.#isFetching) this.#fetched += now - this.#since
    this.#isFetching = is
    this.#since = now
    this.#in(is ? Math.max(0, this.#limits.download - this.#fetched) : this.#limits.quiet)
  }

  /** The program showed life. */
  news(): void {
    const { quiet, longest } = this.#limits
    if (!this.#isFetching && performance.now() - this.#since + quiet < longest) this.#timer.refresh()
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  #in(milliseconds: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(this.#late, milliseconds)
  }
}
