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
  tools: string[] | null
  /** When the access ends by itself; null or left out: never. */
  expiresAt?: number | null | undefined
}

/** What the asking side knows of a request; `allow` and `refuse` carry the decision to the waiting browser. */
export interface Asking extends Omit<ConnectionRequest, 'id' | 'askedAt' | 'expiresAt'> {
  uid: string
  /** The id of the issuer at which it was asked, whose pages alone show it. */
  issuer: string
  /** Throws HostError when the choice cannot be carried out; the request then stays. */
  check(choice: Choice): void
  allow(choice: Choice): Promise<Grant>
  refuse(reason: 'declined' | 'expired'): Promise<void>
}

export interface Pending {
  asking: Asking
  request: ConnectionRequest
  digits: string
  tries: number
  seenAt: number
}

export type Connections = ReturnType<typeof createConnections>

/** At most one request at a time, only while the window is open; the rest of the world gets a polite page. */
export function createConnections(deps: {
  clock: Clock
  window: Pick<ConnectingWindow, 'state' | 'close'>
  asked: (request: ConnectionRequest) => void
  changed: (list: ConnectionRequest[]) => void
  /** The window was closed because of what was declined in it. */
  gaveUp?: () => void
  failed: (error: unknown) => void
}) {
  const { clock, window } = deps
  let pending: Pending | null = null
  let reservation: object | null = null
  /** In the window that is open. */
  let declines = 0
  let takeovers = 0

  const list = (): ConnectionRequest[] => (pending === null ? [] : [pending.request])
  const take = (): Pending | null => {
    const taken = pending
    pending = null
    if (taken !== null) deps.changed([])
    return taken
  }
  const refuse = (reason: 'declined' | 'expired') => {
    const refused = take()
    refused?.asking.refuse(reason).catch(deps.failed)
    if (refused !== null && reason === 'declined') countDecline()
  }
  const countDecline = () => {
    declines += 1
    if (declines < maxDeclines || !window.state().open) return
    window.close()
    deps.gaveUp?.()
  }
  const find = (id: string): Pending => {
    if (pending !== null && pending.request.id === id && clock.now() < pending.request.expiresAt)
      return pending
    throw new HostError({
      code: 'request-gone',
      message: 'This app is no longer waiting.',
      hint: 'Press Connect here, then start connecting again in the other app.',
    })
  }
  const checkDigits = (asked: Pending, digits: string | undefined) => {
    if (!asked.request.needsDigits) return
    if (digits === undefined)
      throw new HostError({
        code: 'digits-needed',
        message: 'The three digits are needed.',
        hint: 'Look at the browser page of the app that wants to connect, and type its three digits.',
      })
    if (sameText(digits, asked.digits)) return
    asked.tries += 1
    const left = maxTries - asked.tries
    if (left === 0) refuse('declined')
    throw new HostError({
      code: 'wrong-digits',
      message: 'Those are not the digits on the browser page.',
      hint:
        left === 0
          ? 'The request was declined to be safe. If it was you, start connecting again in the other app.'
          : `Check the page and type them again (${left} ${left === 1 ? 'try' : 'tries'} left). If you see no such page, decline.`,
    })
  }

  return {
    list,
    /**
     * Takes the one place, or says no. A page that was closed long ago gives its place up; to the same client in the same
     * browser (`isSame`) at once.
     */
    reserve(isSame: (asking: Asking) => boolean): object | null {
      if (!window.state().open || reservation !== null) return null
      if (pending !== null) {
        const gone = clock.now() - pending.seenAt > abandonedAfter || clock.now() >= pending.request.expiresAt
        if (gone) refuse('expired')
        else if (takeovers >= maxTakeovers || !isSame(pending.asking)) return null
      }
      reservation = {}
      return reservation
    },
    /** Gives the place back when nothing came of it. */
    release(held: object): void {
      if (reservation === held) reservation = null
    },
    begin(held: object, asking: Asking): void {
      const { closesAt } = window.state()
      if (reservation !== held || closesAt === null) throw new Error('no place was reserved')
      reservation = null
      const { uid: _uid, issuer: _issuer, check: _check, allow: _allow, refuse: _refuse, ...shown } = asking
      const now = clock.now()
      const request: ConnectionRequest = {
        ...shown,
        id: newId('conn'),
        askedAt: now,
        expiresAt: closesAt,
      }
      // The place was its own, and what was tried of the digits there counts on. Its older page says that it has ended.
      const before = pending
      if (before !== null) takeovers += 1
      pending = { asking, request, digits: newDigits(), tries: before?.tries ?? 0, seenAt: now }
      deps.asked(request)
      deps.changed(list())
    },
    /** The request whose browser is asking, which proves that its page is still open. */
    waiting(uid: string): Pending | null {
      if (pending === null || pending.asking.uid !== uid || clock.now() >= pending.request.expiresAt)
        return null
      pending.seenAt = clock.now()
      return pending
    },
    /** Throws HostError `request-gone`, `digits-needed` or `wrong-digits`. */
    async approve(id: string, choice: Choice): Promise<Grant> {
      const asked = find(id)
      checkDigits(asked, choice.digits)
      asked.asking.check(choice)
      take() // before anything waits: a second click finds nothing
      const grant = await asked.asking.allow(choice).catch(async (error: unknown) => {
        await asked.asking.refuse('expired').catch(deps.failed)
        throw error
      })
      window.close()
      return grant
    },
    deny(id: string): void {
      find(id)
      refuse('declined')
    },
    /** A window was opened. */
    opened(): void {
      declines = 0
      takeovers = 0
    },
    /** The window closed: whoever still waits is sent home. */
    expire: (): void => refuse('expired'),
  }
}
