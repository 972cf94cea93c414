import type { ServerHealth } from '../../contract/servers.ts'
import type { Clock } from '../../kernel/clock.ts'

/** Response times that are kept. */
const kept = 100

/** How one server is doing. */
export class Health {
  readonly #clock: Clock
  readonly #times = new Float64Array(kept)
  #requests = 0
  #checkedAt: number | null = null
  #ok: boolean | null = null
  #lastError: ServerHealth['lastError'] = null

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** It answered one request; milliseconds. */
  answered(took: number): void {
    this.#times[this.#requests % kept] = took
    this.#requests += 1
  }

  /** Something went wrong with it; in words for people. */
  failed(message: string): void {
    this.#lastError = { at: this.#clock.now(), message }
  }

  checked(ok: boolean): void {
    this.#checkedAt = this.#clock.now()
    this.#ok = ok
  }

  show(): ServerHealth {
    const times = this.#times.slice(0, Math.min(this.#requests, kept)).sort()
    const at = (share: number) =>
      times.length === 0 ? null : times[Math.min(times.length - 1, Math.floor(times.length * share))]!
    return {
      checkedAt: this.#checkedAt,
      ok: this.#ok,
      requests: this.#requests,
      median: at(0.5),
      p95: at(0.95),
      lastError: this.#lastError,
    }
  }
}
