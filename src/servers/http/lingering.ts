interface Exchange {
  endNow(): void
}

/**
 * Exchanges that have brought what they were for, while the server leaves the answer open: it only SHOULD end the stream of an answer
 * (MCP 2025-11-25, Transports, Sending Messages to the Server), and a connection would be lost with each request.
 */
export class Lingering {
  #late = new Set<Exchange>()
  #young = new Set<Exchange>()
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
    this.#young.add(exchange)
    if (this.#young.size + this.#late.size > this.#most) this.#endOldest()
    if (Number.isFinite(this.#grace)) this.#timer ??= setTimeout(this.#sweep, this.#grace).unref()
  }

  /** It has ended by itself. */
  delete(exchange: Exchange): void {
    if (!this.#young.delete(exchange)) this.#late.delete(exchange)
  }

  readonly #sweep = (): void => {
    const over = this.#late
    this.#late = this.#young
    this.#young = new Set()
    this.#timer = this.#late.size > 0 ? setTimeout(this.#sweep, this.#grace).unref() : undefined
    for (const exchange of over) exchange.endNow()
  }

  #endOldest(): void {
    const from = this.#late.size > 0 ? this.#late : this.#young
    const [oldest] = from
    if (!oldest) return
    from.delete(oldest)
    oldest.endNow()
  }
}

/** How long it is waited for that the server takes what it has nothing to answer to. Milliseconds. */
export const patienceForNotice = 5_000
