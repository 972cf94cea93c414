import type { Access, ConnectionRequest, Grant } from '../../contract/access.ts'
import type { Clock } from '../../kernel/clock.ts'
import { HostError } from '../../kernel/errors.ts'
import { newDigits, newId, sameText } from '../../kernel/ids.ts'
import type { ConnectingWindow } from './connecting-window.ts'

/** Wrong digits end the request: three of a thousand is what a guesser gets. */
const maxTries = 3
/** So many requests refused in one window, and it closes: somebody is asking whom the owner does not want. */
const maxDeclines = 3
/** So often in one window a browser may begin anew while it asks: each time the owner is told. */
const maxTakeovers = 10
/** A browser page that has not asked for this long is gone, and another may take its place. */
const abandonedAfter = 90_000

export interface Choice {
  digits?: string | undefined
  access: Access
  /** The workspace it gets; left out: the one it asked for. */
  workspace?: string | undefined
  tools: string[] | null
  /** When the access ends by itself; null or left out: never. */
  expiresAt?: number | null | undefined
}

/** An authorization request that found everything in order but the owner; `allow` and `refuse` carry the decision to its browser. */
export interface AuthorizationRequest {
  uid: string
  /** The id of the issuer at which it was asked, whose pages alone show it. */
  issuer: string
  shown: Omit<ConnectionRequest, 'id' | 'askedAt' | 'expiresAt'>
  /** Throws HostError when the choice cannot be carried out; the request then stays. */
  check(choice: Choice): void
  allow(choice: Choice): Promise<Grant>
  refuse(reason: 'declined' | 'expired'): Promise<void>
}

export interface PendingRequest {
  asked: AuthorizationRequest
  request: ConnectionRequest
  digits: string
  tries: number
  seenAt: number
}

/** How a request ended that nobody waits for any more, for its page. */
export type RequestEnd = 'let-in' | 'begun-anew' | 'expired'

/** Ends remembered: pages that are still open somewhere. */
const mostEnds = 50

interface ConnectionRequestsDeps {
  clock: Clock
  window: Pick<ConnectingWindow, 'state' | 'close'>
  asked: (request: ConnectionRequest) => void
  changed: (list: ConnectionRequest[]) => void
  /** The window was closed because of what was declined in it. */
  gaveUp: () => void
  failed: (error: unknown) => void
}

const requestGone = () =>
  new HostError({
    code: 'request-gone',
    says: 'request-not-waiting',
  })

const digitsNeeded = () =>
  new HostError({
    code: 'digits-needed',
  })

const wrongDigits = (left: number) =>
  left === 0
    ? new HostError({ code: 'wrong-digits-declined' })
    : new HostError({ code: 'wrong-digits', params: { count: left } })

/** At most one request at a time, only while the window is open; the rest of the world gets a polite page. */
export class ConnectionRequests {
  readonly #deps: ConnectionRequestsDeps
  #pending: PendingRequest | null = null
  #reservation: object | null = null
  /** In the window that is open. */
  #declines = 0
  #takeovers = 0
  readonly #ends = new Map<string, RequestEnd>()

  constructor(deps: ConnectionRequestsDeps) {
    this.#deps = deps
  }

  list(): ConnectionRequest[] {
    return this.#pending === null ? [] : [this.#pending.request]
  }

  /**
   * Takes the one place, or says no. A page that was closed long ago gives its place up; to the same client in the same
   * browser (`isSame`) at once.
   */
  reserve(isSame: (asked: AuthorizationRequest) => boolean): object | null {
    if (!this.#deps.window.state().open || this.#reservation !== null) return null
    const pending = this.#pending
    if (pending !== null) {
      if (this.#isGone(pending)) this.#refuse('expired')
      else if (this.#takeovers >= maxTakeovers || !isSame(pending.asked)) return null
    }
    this.#reservation = {}
    return this.#reservation
  }

  /** Whether somebody has the one place. */
  isBusy(): boolean {
    return this.#reservation !== null || (this.#pending !== null && !this.#isGone(this.#pending))
  }

  #isGone({ seenAt, request }: PendingRequest): boolean {
    const now = this.#deps.clock.now()
    return now - seenAt > abandonedAfter || now >= request.expiresAt
  }

  /** Of a request that does not wait. */
  endOf(uid: string): RequestEnd {
    return this.#ends.get(uid) ?? 'expired'
  }

  #ended({ asked }: PendingRequest, how: RequestEnd): void {
    if (this.#ends.size >= mostEnds) this.#ends.delete(this.#ends.keys().next().value!)
    this.#ends.set(asked.uid, how)
  }

  /** Gives the place back when nothing came of it. */
  release(held: object): void {
    if (this.#reservation === held) this.#reservation = null
  }

  begin(held: object, asked: AuthorizationRequest): void {
    const { closesAt } = this.#deps.window.state()
    if (this.#reservation !== held || closesAt === null) throw new Error('no place was reserved')
    this.#reservation = null
    const now = this.#deps.clock.now()
    const request = { ...asked.shown, id: newId('conn'), askedAt: now, expiresAt: closesAt }
    // The place was its own, and what was tried of the digits there counts on. Its older page says that it has ended.
    const before = this.#pending
    if (before !== null) {
      this.#takeovers += 1
      this.#ended(before, 'begun-anew')
    }
    this.#pending = { asked, request, digits: newDigits(), tries: before?.tries ?? 0, seenAt: now }
    this.#deps.asked(request)
    this.#deps.changed(this.list())
  }

  /** The request whose browser is asking, which proves that its page is still open. */
  waiting(uid: string): PendingRequest | null {
    const pending = this.#pending
    const now = this.#deps.clock.now()
    if (pending === null || pending.asked.uid !== uid || now >= pending.request.expiresAt) return null
    pending.seenAt = now
    return pending
  }

  /** Throws HostError `request-gone`, `digits-needed`, `wrong-digits` or `wrong-digits-declined`. */
  async approve(id: string, choice: Choice): Promise<Grant> {
    const pending = this.#find(id)
    const { asked } = pending
    this.#checkDigits(pending, choice.digits)
    asked.check(choice)
    this.#take() // before anything waits: a second click finds nothing
    const grant = await asked.allow(choice).catch(async (error: unknown) => {
      await asked.refuse('expired').catch(this.#deps.failed)
      throw error
    })
    this.#ended(pending, 'let-in')
    this.#deps.window.close()
    return grant
  }

  /** Throws HostError `request-gone`. */
  deny(id: string): void {
    this.#find(id)
    this.#refuse('declined')
  }

  /** A window was opened. */
  opened(): void {
    this.#declines = 0
    this.#takeovers = 0
  }

  /** The window closed: whoever still waits is sent home. */
  expire(): void {
    this.#refuse('expired')
  }

  #find(id: string): PendingRequest {
    const pending = this.#pending
    const isThere = pending !== null && pending.request.id === id
    if (!isThere || this.#deps.clock.now() >= pending.request.expiresAt) throw requestGone()
    return pending
  }

  #checkDigits(pending: PendingRequest, digits: string | undefined): void {
    if (!pending.request.needsDigits) return
    if (digits === undefined) throw digitsNeeded()
    if (sameText(digits, pending.digits)) return
    pending.tries += 1
    const left = maxTries - pending.tries
    if (left === 0) this.#refuse('declined')
    throw wrongDigits(left)
  }

  #take(): PendingRequest | null {
    const taken = this.#pending
    this.#pending = null
    if (taken !== null) this.#deps.changed([])
    return taken
  }

  #refuse(reason: 'declined' | 'expired'): void {
    const refused = this.#take()
    refused?.asked.refuse(reason).catch(this.#deps.failed)
    if (refused !== null && reason === 'declined') this.#countDecline()
  }

  #countDecline(): void {
    this.#declines += 1
    if (this.#declines < maxDeclines || !this.#deps.window.state().open) return
    this.#deps.window.close()
    this.#deps.gaveUp()
  }
}
