import { TunnelFailure } from '../tunnel-failure.ts'

/** How often a service may be asked for an address, where who asks more is refused for longer. */
export interface Budget {
  opens: number
  /** Milliseconds. */
  within: number
  /** What is said while it is used up; `until`: milliseconds since 1970. */
  spent(until: number): TunnelFailure
}

/** These cost the service nothing: it was never asked. */
const unasked: ReadonlySet<string> = new Set([
  'tunnel-unreachable',
  'tunnel-helper-missing',
  'tunnel-too-old',
  'tunnel-needs-user',
])

/** What was asked of a service lately. It outlives attempts, and what the user presses. */
export class OpenBudget {
  readonly #budget: Budget
  readonly #now: () => number
  #asked: number[] = []
  /** As the service itself said. */
  #refusedUntil = 0

  constructor(budget: Budget, now: () => number) {
    this.#budget = budget
    this.#now = now
  }

  /** What `open` gives, within the budget. Throws what `spent` says when that is used up, and what `open` throws. */
  async spend<T>(open: () => Promise<T>): Promise<T> {
    const { opens, within, spent } = this.#budget
    const now = this.#now()
    // A clock that was set back must not keep the address away for ever.
    this.#asked = this.#asked.filter((at) => at <= now && now - at < within)
    const free = this.#asked.length < opens ? 0 : this.#asked[0]! + within
    const until = Math.max(free, Math.min(this.#refusedUntil, now + within))
    if (until > now) throw spent(until)
    this.#asked.push(now)
    try {
      return await open()
    } catch (error) {
      if (error instanceof TunnelFailure) {
        if (unasked.has(error.code)) this.#asked.pop()
        if (error.until !== undefined) this.#refusedUntil = error.until
      }
      throw error
    }
  }
}
