import { newToken } from '../../../kernel/ids.ts'
import type { CatalogEntry } from '../../offers/catalog-entry.ts'
import type { ClientRequest } from '../client-request.ts'
import { type Dated, unwatchDeadline, watchDeadline } from '../deadlines.ts'
import { type Ending, hasResult } from '../results/endings.ts'
import type { RunningCall } from '../running-call.ts'

/**
 * What a request hears that waits for a call: it ended, and the answer is for this request (`ended`) or for a newer one (`elsewhere`);
 * its server asks something (`asks`); or the client does not wait any longer (`late`).
 */
export type Heard = 'ended' | 'elsewhere' | 'asks' | 'late'

/** How long clients are kept waiting, in milliseconds. They give up about 60 s after they last heard anything, be it progress. */
export interface Patience {
  /** While the owner is asked. */
  asked: number
  /** The same, for a client that takes tasks: it need not be kept. */
  task: number
  /** While the source is at work. */
  running: number
}

interface Around {
  patience: Patience
  /** Whether another one of its grant may go on by itself. */
  hasRoom(call: LateCall): boolean
  /** Its client is gone, or told to come back. */
  onLeft(call: LateCall): void
  /** The owner allowed it, and its source is asked next. */
  onRuns(call: LateCall): void
  /** `isHeard`: a request that waited gets what came of it. */
  onEnded(call: LateCall, isHeard: boolean): void
}

/** A call whose client may have gone before it ends: who waits for it, and what came of it. */
export class LateCall {
  readonly grantId: string
  readonly workspace: string
  readonly title: string
  readonly entry: CatalogEntry | undefined
  readonly madeAt: number
  /** What the same call, made again, is found by; empty until that matters. */
  key = ''
  /** Of its server when that was made. */
  edition: number | undefined
  handle: string | null = null
  /** What will be its handle, if it needs one. */
  readonly ownHandle = newToken()
  end: Ending | null = null
  /** About, in characters. */
  size = 0
  /** Until when what came of it is kept; null while it is open. */
  expiresAt: number | null = null
  /** The next life of the program would know of it. */
  isStored = false
  /** The client has had what came of it. */
  isGiven = false
  /** Its row in the log says that it waits without its client. */
  noted: Promise<void> | null = null
  /** The client took it back. */
  isCancelled = false
  /** Let go of when it is over: with it goes what its client sent. */
  #call: RunningCall | null
  #phase: 'asked' | 'running' | 'ended'
  readonly #around: Around
  readonly #waiting: Waiter[] = []

  constructor(call: RunningCall, phase: 'asked' | 'running', madeAt: number, around: Around) {
    this.#call = call
    this.grantId = call.principal.grantId
    this.workspace = call.principal.workspace
    this.title = call.target.title
    this.entry = call.target.entry
    this.madeAt = madeAt
    this.#phase = phase
    this.#around = around
    call.outlasting = this
    call.input?.listen(() => this.#asks())
  }

  /** While it is open. */
  get call(): RunningCall {
    return this.#call!
  }

  get phase(): 'asked' | 'running' | 'ended' {
    return this.#phase
  }

  /** Its server asks something that only the client can answer. */
  get asks(): boolean {
    return this.#phase === 'running' && this.call.input?.isEmpty === false
  }

  /** Whether the same call, made again, is this one. */
  get isJoinable(): boolean {
    if (this.#phase === 'asked') return true
    return this.handle !== null && !this.isGiven
  }

  /** The owner said yes, and its source is asked from now on. */
  runs(): void {
    this.#phase = 'running'
    this.#around.onRuns(this)
  }

  /** Waits for it as long as that client can be kept waiting. */
  wait(request: ClientRequest): Promise<Heard> {
    if (this.#phase === 'ended') return Promise.resolve('ended')
    // Who is gone already neither hears of it nor is asked.
    if (this.call.request !== request && !request.caller.signal.aborted) this.call.attach(request)
    if (this.asks) return Promise.resolve('asks')
    const waiter = new Waiter(this, request)
    this.#waiting.push(waiter)
    return waiter.heard
  }

  /** Until when a request that began to wait at `since` is kept waiting, all of `performance.now()`. */
  dueOf(request: ClientRequest, since: number): number {
    const { asked, task, running } = this.#around.patience
    // Stopped, it ends by itself, and nothing of it waits for anybody.
    if (this.call.cause !== null) return Number.POSITIVE_INFINITY
    if (this.#phase === 'asked') return since + (request.takesTasks ? task : asked)
    if (this.call.isHeld) return Number.POSITIVE_INFINITY
    if (this.handle === null && !this.#around.hasRoom(this)) return Number.POSITIVE_INFINITY
    return running + (this.call.request === request ? Math.max(since, this.call.heardAt) : since)
  }

  forget(waiter: Waiter): void {
    const at = this.#waiting.indexOf(waiter)
    if (at >= 0) this.#waiting.splice(at, 1)
  }

  /** From now on it goes on by itself, and can be asked for by its handle. */
  leave(): string {
    if (this.handle === null) {
      this.handle = this.ownHandle
      this.#around.onLeft(this)
    }
    if (this.#waiting.length === 0) this.call.detach()
    return this.handle
  }

  left(): void {
    if (this.handle !== null || this.#call?.cause !== null) return
    if (this.#waiting.some(isThere)) return
    if (this.#phase === 'asked') this.leave()
    else this.call.stop('gone')
  }

  /** Its client takes it back. */
  cancel(): void {
    this.isCancelled = true
    this.call.stop('gone')
  }

  ended(end: Ending): void {
    const newest = this.#waiting.findLast(isThere)
    // That all are gone is known of the newest only.
    if (newest === undefined && this.call.cause === null) this.leave()
    this.#phase = 'ended'
    this.#call = null
    this.end = end
    // A result is given once; that there is none is said to all of them.
    for (const waiter of [...this.#waiting])
      waiter.tell(waiter === (newest ?? waiter) || !hasResult(end) ? 'ended' : 'elsewhere')
    if (newest !== undefined) this.isGiven = true
    this.#around.onEnded(this, newest !== undefined)
  }

  #asks(): void {
    this.#waiting.findLast(isThere)?.tell('asks')
  }
}

class Waiter implements Dated {
  place = -1
  due: number
  readonly request: ClientRequest
  readonly heard: Promise<Heard>
  readonly #call: LateCall
  readonly #since: number
  #resolve: (heard: Heard) => void = () => {}

  constructor(call: LateCall, request: ClientRequest) {
    this.#call = call
    this.request = request
    this.#since = request.cameAt ?? performance.now()
    this.due = call.dueOf(request, this.#since)
    this.heard = new Promise((resolve) => {
      this.#resolve = resolve
    })
    watchDeadline(this)
  }

  /** Meanwhile it may have more patience than it began with, or somebody thinks about an answer. */
  late(): void {
    const due = this.#call.dueOf(this.request, this.#since)
    if (due <= performance.now()) {
      this.tell('late')
      return
    }
    this.due = due === Number.POSITIVE_INFINITY ? performance.now() + lookAgain : due
    watchDeadline(this)
  }

  tell(heard: Heard): void {
    unwatchDeadline(this)
    this.#call.forget(this)
    this.#resolve(heard)
  }
}

/** Whether one that could wait for ever still can. Milliseconds. */
const lookAgain = 5_000

const isThere = ({ request }: Waiter): boolean => !request.caller.signal.aborted
