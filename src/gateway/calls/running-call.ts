import { Cancellation, type CancelSignal } from '../../kernel/cancellation.ts'
import type { Caller } from './caller.ts'
import type { ClientSide } from './client-request.ts'
import { type Dated, unwatchDeadline, watchDeadline } from './deadlines.ts'

/** Why a run was stopped. */
export type StopCause = 'gone' | 'time' | 'unanswered'

/** What `until` rejects with when the run was stopped first. */
export class Stopped extends Error {
  readonly why: StopCause | Error
  constructor(why: StopCause | Error) {
    super('stopped')
    this.why = why
  }
}

/**
 * One request on its way to a source and back: who waits for it, for how long, and how it is broken off. It can outlive the
 * client's request when a question is put to the client in between; then another one takes its place.
 */
export class RunningCall implements Dated {
  readonly #cancellation = new Cancellation()
  readonly #limit: number
  #caller: Caller
  #client: ClientSide
  #attached = true
  #left: number
  #since = 0
  #isTiming = false
  #holds = 0
  #cause: StopCause | Error | null = null
  #stop: ((error: Stopped) => void) | null = null
  /** Among those that have a deadline. */
  place = -1
  readonly #onGone = () => this.stop('gone')

  constructor(caller: Caller, client: ClientSide, limit: number) {
    this.#caller = caller
    this.#client = client
    this.#limit = limit
    this.#left = limit
    this.#listen()
  }

  /** For whoever works on it: aborted when the answer is not wanted any more. */
  get signal(): CancelSignal {
    return this.#cancellation
  }
  /** Who waits for it, or did last. */
  get client(): ClientSide {
    return this.#client
  }
  get isAttached(): boolean {
    return this.#attached
  }
  get cause(): StopCause | Error | null {
    return this.#cause
  }

  /** From now on nobody waits for it; who did may go without breaking it off. */
  detach(): void {
    if (!this.#attached) return
    this.#attached = false
    this.#caller.signal.removeEventListener('abort', this.#onGone)
    this.#client.signal?.removeEventListener('abort', this.#onGone)
  }

  attach(caller: Caller, client: ClientSide): void {
    this.detach()
    this.#caller = caller
    this.#client = client
    this.#attached = true
    this.#listen()
  }

  #listen(): void {
    const { signal } = this.#client
    if (this.#caller.signal.aborted || signal?.aborted) {
      this.stop('gone')
      return
    }
    this.#caller.signal.addEventListener('abort', this.#onGone)
    signal?.addEventListener('abort', this.#onGone)
  }

  /**
   * Resolves with what the source answers; rejects with Stopped when the run is stopped first, since a source that does not listen
   * must not hold anybody: its late answer goes nowhere. The clock runs meanwhile.
   */
  until<T>(work: () => Promise<T>): Promise<T> {
    if (this.#cause !== null) return Promise.reject(new Stopped(this.#cause))
    return new Promise<T>((resolve, reject) => {
      this.#stop = reject
      this.#startClock()
      const fail = (error: unknown) => {
        this.#settled()
        reject(error)
      }
      try {
        work().then((value) => {
          this.#settled()
          resolve(value)
        }, fail)
      } catch (error) {
        fail(error)
      }
    })
  }

  #settled(): void {
    this.#stop = null
    this.#stopClock()
  }

  /** While somebody thinks about a question the clock stands still. Returns the function that lets it go on. */
  hold(): () => void {
    this.#holds += 1
    this.#stopClock()
    let held = true
    return () => {
      if (!held) return
      held = false
      this.#holds -= 1
      if (this.#stop !== null) this.#startClock()
    }
  }

  #startClock(): void {
    if (this.#holds > 0 || this.#isTiming) return
    this.#isTiming = true
    this.#since = performance.now()
    watchDeadline(this)
  }

  #stopClock(): void {
    if (!this.#isTiming) return
    this.#isTiming = false
    unwatchDeadline(this)
    this.#left = Math.max(0, this.#left - (performance.now() - this.#since))
  }

  /** While the clock runs. */
  get due(): number {
    return this.#since + this.#left
  }

  late(): void {
    this.stop('time')
  }

  /** Says something to whoever waits; when nobody does, or it is over, nothing is said. */
  told(say: () => void): void {
    if (this.#attached && this.#cause === null) say()
  }

  /** Milliseconds it may take in all. */
  get limit(): number {
    return this.#limit
  }

  stop(cause: StopCause | Error): void {
    if (this.#cause !== null) return
    this.#cause = cause
    this.#stopClock()
    this.#cancellation.abort()
    this.#stop?.(new Stopped(cause))
  }

  /** Nothing of it is needed any more. */
  close(): void {
    this.detach()
    this.#stopClock()
  }
}
