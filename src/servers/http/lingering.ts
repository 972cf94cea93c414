import { type Tracked, TrackedSet } from '../../kernel/tracked-set.ts'

interface Exchange extends Tracked {
  /** When it came here, as `performance.now()`; for the one below only. */
  since: number
  endNow(): void
}

/**
 * Exchanges that have brought what they were for, while the server leaves the answer open: it only SHOULD end the stream of an answer
 * (MCP 2025-11-25, Transports, Sending Messages to the Server), and a connection would be lost with each request.
 */
export class Lingering {
  readonly #all = new TrackedSet<Exchange>()
  #timer: NodeJS.Timeout | undefined
  readonly #grace: number
  readonly #most: number

  /**
   * `grace`: milliseconds that the server has to end one itself, so that the connection is kept; it gets twice as much at most. `most`: so
   * many may be open at a time, since each holds a connection.
   */
  constructor(grace = 1_000, most = 32) {
    this.#grace = grace
    this.#most = most
  }

  add(exchange: Exchange): void {
    if (this.#all.has(exchange)) return
    exchange.since = performance.now()
    this.#all.add(exchange)
    if (this.#all.size > this.#most) this.#endOldest()
    if (Number.isFinite(this.#grace)) this.#timer ??= setTimeout(this.#sweep, this.#grace).unref()
  }

  /** It has ended by itself. */
  delete(exchange: Exchange): void {
    this.#all.delete(exchange)
  }

  readonly #sweep = (): void => {
    const late = performance.now() - this.#grace
    for (const exchange of this.#all.all()) if (exchange.since <= late) this.#endNow(exchange)
    this.#timer = this.#all.size > 0 ? setTimeout(this.#sweep, this.#grace).unref() : undefined
  }

  #endOldest(): void {
    this.#endNow(this.#all.all().reduce((one, other) => (other.since < one.since ? other : one)))
  }

  #endNow(exchange: Exchange): void {
    this.#all.delete(exchange)
    exchange.endNow()
  }
}

/** How long it is waited for that the server takes what it has nothing to answer to. Milliseconds. */
export const patienceForNotice = 5_000
