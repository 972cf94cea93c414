/** Milliseconds. */
export interface StartLimits {
  /** For the program, without a sign of life. */
  quiet: number
  /** For the program in all, however much it says. */
  longest: number
  /** For a package runner to fetch it. */
  download: number
}

/** A runner that has everything already is not said to be downloading. Milliseconds. */
const shortFetch = 1_500

/** The time that one start may take: first to fetch the program, then for the program itself, which may take longer while it shows life. */
export class StartClock {
  readonly #limits: StartLimits
  readonly #on: { late(): void; showFetching(is: boolean): void }
  #timer: NodeJS.Timeout
  #showing: NodeJS.Timeout | undefined
  #since = performance.now()
  #fetched = 0
  #isFetching = false

  /** `late`: time is up; `showFetching`: whether it is to be said that it is downloading. */
  constructor(limits: StartLimits, on: { late(): void; showFetching(is: boolean): void }) {
    this.#limits = limits
    this.#on = on
    this.#timer = setTimeout(on.late, limits.quiet)
  }

  /** A runner is at work, or done with it. What it takes is added up, so that taking turns gives no more time. */
  fetching(is: boolean): void {
    if (is === this.#isFetching) return
    const now = performance.now()
    if (this.#isFetching) this.#fetched += now - this.#since
    this.#isFetching = is
    this.#since = now
    this.#in(is ? Math.max(0, this.#limits.download - this.#fetched) : this.#limits.quiet)
    clearTimeout(this.#showing)
    if (is) this.#showing = setTimeout(() => this.#on.showFetching(true), shortFetch)
    else this.#on.showFetching(false)
  }

  /** The program showed life. */
  news(): void {
    const { quiet, longest } = this.#limits
    if (!this.#isFetching && performance.now() - this.#since + quiet < longest) this.#timer.refresh()
  }

  stop(): void {
    clearTimeout(this.#timer)
    clearTimeout(this.#showing)
  }

  #in(milliseconds: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(this.#on.late, milliseconds)
  }
}
