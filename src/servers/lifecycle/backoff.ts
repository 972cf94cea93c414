/** How long to wait before the next start, by the number of crashes so far: 1, 2, 4, 8, 16, 30, 30… s. */
const longest = 30_000
/** A server that crashes this often within the time below is left alone. */
export const maxCrashes = 5
const within = 10 * 60_000

/** Waits that double from `first` to `most` (milliseconds), for as long as it takes. */
export class EndlessWaits {
  readonly #first: number
  readonly #most: number
  #times = 0

  constructor(first: number, most: number) {
    this.#first = first
    this.#most = most
  }

  next(): number {
    this.#times += 1
    return Math.min(this.#first * 2 ** Math.min(this.#times - 1, 20), this.#most)
  }

  forget(): void {
    this.#times = 0
  }
}

/** Remembers the crashes of one server, as far as they count. */
export class CrashHistory {
  readonly #first: number
  readonly #limit: number | null
  #crashes: number[] = []

  /** `first` is the wait after the first crash, in milliseconds. `limit` null: never give up. */
  constructor(first: number, limit: number | null) {
    this.#first = first
    this.#limit = limit
  }

  /** Notes one more; returns the wait before the next start in milliseconds, or null when it was one too many. */
  add(now: number): number | null {
    this.#crashes = this.#crashes.filter((at) => at > now - within && at <= now)
    this.#crashes.push(now)
    if (this.#limit !== null && this.#crashes.length >= this.#limit) return null
    return Math.min(this.#first * 2 ** Math.min(this.#crashes.length - 1, 10), longest)
  }

  forget(): void {
    this.#crashes = []
  }
}
