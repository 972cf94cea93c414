import type { Cut, CutSignal } from '../../kernel/cancellation.ts'
import { type Listed, Roster } from '../../kernel/tracked-set.ts'
import type { Exchange, Raw } from './exchange.ts'

/** What a request under way needs of its connection. */
interface Crew {
  ended(flight: Flight): void
  giveUp(flight: Flight, reason: unknown): void
}

/**
 * A request of ours under way. One object and one listener for each: a timer and closures of its own cost more than the rest.
 */
export class Flight implements Listed {
  place = -1
  readonly id: number
  readonly method: string
  /** Milliseconds without news. */
  readonly timeout: number
  /** Absent: our own, no client is behind it. */
  readonly exchange: Exchange | undefined
  /** Where each request has a stream of its own: ends it. */
  readonly abort: Cut | undefined
  readonly resolve: (result: Raw) => void
  readonly reject: (error: unknown) => void
  /** How many the client is being asked right now; time stands still meanwhile. */
  questions = 0
  /** When it is late, as `performance.now()`. */
  deadline: number
  readonly #crew: Crew
  readonly #signal: CutSignal | undefined
  readonly #unwanted: () => void

  constructor(
    crew: Crew,
    facts: Pick<Flight, 'id' | 'method' | 'timeout' | 'exchange' | 'abort' | 'resolve' | 'reject'> & {
      signal: CutSignal | undefined
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
    // Not the object itself: Node wraps such a listener in a function that V8 makes old at once, and all of the request with it.
    const unwanted = () => crew.giveUp(this, this.#signal?.reason)
    this.#unwanted = unwanted
    this.#signal?.addEventListener('abort', unwanted)
  }

  /** There was news: its time begins anew. */
  restart(): void {
    this.deadline = performance.now() + this.timeout
  }

  /** Forgets it; to be called once, before it is settled. */
  end(): void {
    this.#signal?.removeEventListener('abort', this.#unwanted)
    this.#crew.ended(this)
  }
}

/** The requests of one connection that are under way. */
export class Flights extends Roster<Flight> {
  get(id: unknown): Flight | undefined {
    return this.find((flight) => flight.id === id)
  }
}
