import type { ProtocolError } from '@modelcontextprotocol/server'
import { Cancellation, type CancelSignal } from '../../kernel/cancellation.ts'
import type { Principal } from '../../mcp/principal.ts'
import type { Progress } from '../../mcp/tool-source.ts'
import { OpenInputRequests } from './asking/input-requests.ts'
import type { RequestState } from './asking/request-state.ts'
import type { ClientRequest } from './client-request.ts'
import { type Dated, unwatchDeadline, watchDeadline } from './deadlines.ts'
import type { LateCall } from './late/late-call.ts'
import type { Ending } from './results/endings.ts'
import type { Target } from './targets.ts'

/** Why a call was stopped. */
export type StopCause = 'gone' | 'time' | 'unanswered' | 'changed'

/** What `until` rejects with when the call was stopped first. */
export class Stopped extends Error {
  readonly why: StopCause | Error
  constructor(why: StopCause | Error) {
    super('stopped')
    this.why = why
  }
}

/**
 * One request on its way to a source and back: what it is about, who waits for it, for how long, and how it is broken off. It can
 * outlive the client's request when the client is asked something in between; then the next one takes its place.
 */
export class RunningCall implements Dated {
  readonly #cancellation = new Cancellation()
  /** Milliseconds it may take in all. */
  readonly limit: number
  /** Another once the owner allowed it: what is there by then. */
  target: Target
  /** What the client brought back from the request before. */
  state: RequestState | null
  /** The owner allowed it, for this request or an earlier one. */
  isApproved = false
  /** How the owner's word for it stands on record: `edited`, with other arguments than its client sent; `allowed`, by a rule. */
  word: 'approved' | 'edited' | 'allowed' = 'approved'
  /** What lets it through: the owner's word for this call, a rule of his, or how far its grant goes. */
  by: 'owner' | 'rule' | 'access' = 'access'
  /** The rule that lets it through; null: none. */
  rule: string | null = null
  /** What its server asks of a client of 2026-07-28. */
  readonly input: OpenInputRequests | null
  /** What the client could not be asked for want of a capability, in case that nothing comes of the call without. */
  lacking: ProtocolError | null = null
  /** How it will end, whoever waits for it then. */
  ending: Promise<Ending> | null = null
  /** Its row in the log, once it has one. */
  row: string | null = null
  /** Its answer may come later than its client waits for it. */
  outlasting: LateCall | null = null
  /** When the request that waits for it now last heard how far it is, of `performance.now()`; 0: it has not. */
  heardAt = 0
  #request: ClientRequest
  #attached = true
  #left: number
  #since = 0
  #isTiming = false
  #holds = 0
  #cause: StopCause | Error | null = null
  #stop: ((error: Stopped) => void) | null = null
  /** Among those that have a deadline. */
  place = -1
  readonly #onGone = () => {
    if (this.outlasting === null) this.stop('gone')
    else this.outlasting.left()
  }

  constructor(request: ClientRequest, target: Target, limit: number, state: RequestState | null) {
    this.#request = request
    this.target = target
    this.limit = limit
    this.state = state
    this.input = request.era === 'modern' ? new OpenInputRequests() : null
    this.#left = limit
    this.#listen()
  }

  /** For whoever works on it: aborted when the answer is not wanted any more. */
  get signal(): CancelSignal {
    return this.#cancellation
  }
  /** Who waits for it, or did last. */
  get request(): ClientRequest {
    return this.#request
  }
  get principal(): Principal {
    return this.#request.caller.principal
  }
  get cause(): StopCause | Error | null {
    return this.#cause
  }
  /** Its client has gone with a handle for it: it goes on by itself, and whoever comes back is asked what there is to ask. */
  get isLate(): boolean {
    return this.outlasting !== null && this.outlasting.handle !== null
  }
  /** Somebody thinks about an answer. */
  get isHeld(): boolean {
    return this.#holds > 0
  }

  /** From now on nobody waits for it; who did may go without breaking it off. */
  detach(): void {
    if (!this.#attached) return
    this.#attached = false
    this.#request.caller.signal.removeEventListener('abort', this.#onGone)
  }

  /** The next request of the same client waits for it. */
  attach(request: ClientRequest): void {
    this.detach()
    this.#request = request
    this.heardAt = 0
    this.#attached = true
    this.#listen()
  }

  #listen(): void {
    const { signal } = this.#request.caller
    if (signal.aborted) this.#onGone()
    else signal.addEventListener('abort', this.#onGone)
  }

  /**
   * Resolves with what the source answers; rejects with Stopped when the call is stopped first, since a source that does not listen
   * must not hold anybody: its late answer goes nowhere. The clock goes on meanwhile.
   */
  until<T>(work: () => Promise<T>): Promise<T> {
    if (this.#cause !== null) return Promise.reject(new Stopped(this.#cause))
    return new Promise<T>((resolve, reject) => {
      this.#stop = reject
      const fail = (error: unknown) => {
        this.#settled()
        reject(error)
      }
      try {
        const working = work()
        // Not before: what can be done while the source is at work keeps nobody waiting.
        if (this.#stop !== null) this.#startClock()
        working.then((value) => {
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

  /** While somebody thinks about an answer the clock stands still. Returns the function that lets it go on. */
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

  /** While the clock goes on. */
  get due(): number {
    return this.#since + this.#left
  }

  late(): void {
    this.stop('time')
  }

  /** Whether somebody waits who can be told of it. */
  get isHeard(): boolean {
    return this.#attached && this.#cause === null
  }

  tellProgress(progress: Progress): void {
    const { onProgress } = this.#request
    if (!this.isHeard || !onProgress) return
    this.heardAt = performance.now()
    onProgress(progress)
  }

  stop(cause: StopCause | Error): void {
    if (this.#cause !== null) return
    this.#cause = cause
    this.#stopClock()
    this.#cancellation.abort()
    const stop = this.#stop
    this.#stop = null
    stop?.(new Stopped(cause))
    // Between two requests to its source nothing but these answers is waited for.
    this.input?.giveUp()
  }

  /** Nothing of it is needed any more. */
  close(): void {
    this.detach()
    this.#stopClock()
    this.input?.giveUp()
  }
}
