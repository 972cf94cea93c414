import type { Exchange, Raw } from './exchange.ts'

/** What a request under way needs of its connection. */
interface Crew {
  ended(flight: Flight): void
  giveUp(flight: Flight, reason: unknown): void
}

/**
 * A request of ours under way. One object and one listener for each: a timer and closures of its own cost more than the rest.
 */
export class Flight {
  readonly id: number
  readonly method: string
  /** Milliseconds without news. */
  readonly timeout: number
  /** Absent: our own, no client is behind it. */
  readonly exchange: Exchange | undefined
  /** Where each request has a stream of its own: ends it. */
  readonly abort: AbortController | undefined
  readonly resolve: (result: Raw) => void
  readonly reject: (error: unknown) => void
  /** How many the client is being asked right now; time stands still meanwhile. */
  questions = 0
  /** When it is late, as `performance.now()`. */
  deadline: number
  readonly #crew: Crew
  readonly #signal: AbortSignal | undefined

  constructor(
    crew: Crew,
    facts: Pick<Flight, 'id' | 'method' | 'timeout' | 'exchange' | 'abort' | 'resolve' | 'reject'> & {
      signal: AbortSignal | undefined
    },
  ) {
    this.#crew = crew
    this.id = facts.id
    this.method = facts.method
    this.timeout = facts.timeout
    this.exchange = facts.exchange
    this.abort = facts.abort
    this.resolve = facts.resolve
    this.reject = facts.reject
    this.deadline = performance.now() + facts.timeout
    this.#signal = facts.signal
    this.#signal?.addEventListener('abort', this)
  }

  /** The signal's: nobody wants the answer any more. */
  handleEvent(): void {
    this.#crew.giveUp(this, this.#signal?.reason)
  }

  /** There was news: its time begins anew. */
  restart(): void {
    this.deadline = performance.now() + this.timeout
  }

  /** Forgets it; to be called once, before it is settled. */
  end(): void {
    this.#signal?.removeEventListener('abort', this)
    this.#crew.ended(this)
  }
}
