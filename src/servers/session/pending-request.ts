import type { Cancellation, CancelSignal } from '../../kernel/cancellation.ts'
import { type Tracked, TrackedSet } from '../../kernel/tracked-set.ts'
import type { Exchange, Raw } from '../../mcp/tool-source.ts'

/** It was not sent, for this reason: to be told to whoever asked for it as it is. */
export class NoLongerAllowed extends Error {
  readonly reason: unknown
  constructor(reason: unknown) {
    super('no longer allowed')
    this.reason = reason
  }
}

/** What a request under way needs of its connection. */
interface RequestOwner {
  ended(pending: PendingRequest): void
  giveUp(pending: PendingRequest, reason: unknown): void
}

/**
 * A request of ours under way. One object and one listener for each: a timer and closures of its own cost more than the rest.
 */
export class PendingRequest implements Tracked {
  place = -1
  readonly id: number
  readonly method: string
  /** Milliseconds without news. */
  readonly timeout: number
  /** Absent: our own, no client is behind it. */
  readonly exchange: Exchange | undefined
  /** Where each request has a stream of its own: ends it. */
  readonly abort: Cancellation | undefined
  readonly resolve: (result: Raw) => void
  readonly reject: (error: unknown) => void
  /** How many the client is being asked right now; time stands still meanwhile. */
  inputRequests = 0
  /** When it is late, as `performance.now()`. */
  deadline: number
  readonly #owner: RequestOwner
  readonly #signal: CancelSignal | undefined
  readonly #unwanted: () => void
  #isOver = false

  constructor(
    owner: RequestOwner,
    facts: Pick<PendingRequest, 'id' | 'method' | 'timeout' | 'exchange' | 'abort' | 'resolve' | 'reject'> & {
      signal: CancelSignal | undefined
    },
  ) {
    this.#owner = owner
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
    const unwanted = () => owner.giveUp(this, this.#signal?.reason)
    this.#unwanted = unwanted
    this.#signal?.addEventListener('abort', unwanted)
  }

  /** There was news: its time begins anew. */
  restart(): void {
    this.deadline = performance.now() + this.timeout
  }

  /** As RpcSendOptions says. */
  checkWanted(): void {
    if (this.#isOver) throw new Error('no longer wanted')
    try {
      this.exchange?.stillAllowed?.()
    } catch (error) {
      throw new NoLongerAllowed(error)
    }
  }

  /** Forgets it; to be called once, before it is settled. */
  end(): void {
    this.#isOver = true
    this.#signal?.removeEventListener('abort', this.#unwanted)
    this.#owner.ended(this)
  }
}

/** The requests of one connection that are under way. */
export class PendingRequests extends TrackedSet<PendingRequest> {
  get(id: unknown): PendingRequest | undefined {
    return this.find((pending) => pending.id === id)
  }
}
