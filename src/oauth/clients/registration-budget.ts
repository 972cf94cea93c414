import type { ClientKind, ConnectWindow } from '../../contract/access.ts'
import type { Clock } from '../../kernel/clock.ts'
import { isLoopbackHost, redirectHost } from './redirects.ts'
import { type Cap, createCap, registrationsPerHour, registrationsPerWindow } from './registration.ts'
import { isExpected } from './well-known-clients.ts'

/** Which budget was used up: that of an open window, or that of the hour outside of one. */
export interface RegistrationsFull {
  inWindow: boolean
  /** When registering works again by itself. */
  until: number
}

const hour = 60 * 60_000

interface RegistrationBudgetDeps {
  clock: Clock
  /** Instead of the usual numbers, for tests. */
  most?: number | undefined
  window(): ConnectWindow
  /** Told once for each window and each hour. */
  full(what: RegistrationsFull): void
}

/**
 * How many apps may register. Outside a window that is a few an hour, over all callers, who behind a tunnel all have the same
 * address. Each window has a budget of its own, and in it one for what leads back to whom the owner expects, so that strangers
 * cannot use up what that app needs.
 */
export class RegistrationBudget {
  readonly #deps: RegistrationBudgetDeps
  readonly #outside: Cap
  #inWindow = { expected: 0, others: 0 }
  #state: RegistrationsFull | null = null

  constructor(deps: RegistrationBudgetDeps) {
    this.#deps = deps
    this.#outside = createCap(deps.most ?? registrationsPerHour, hour, () => deps.clock.now())
  }

  /** Null: go on. */
  take(redirectUris: readonly string[]): RegistrationsFull | null {
    const { closesAt, expects } = this.#deps.window()
    this.full()
    if (closesAt === null) {
      const until = this.#deps.clock.now() + hour
      return this.#outside.take() ? null : this.#refused({ inWindow: false, until })
    }
    const kind = isForExpected(expects, redirectUris) ? 'expected' : 'others'
    this.#inWindow[kind] += 1
    const isWithin = this.#inWindow[kind] <= (this.#deps.most ?? registrationsPerWindow)
    return isWithin ? null : this.#refused({ inWindow: true, until: closesAt })
  }

  #refused(what: RegistrationsFull): RegistrationsFull {
    const { clock, full } = this.#deps
    const before = this.#state
    if (before === null || before.inWindow !== what.inWindow || clock.now() >= before.until) {
      this.#state = what
      full(what)
    }
    return what
  }

  /** A window was opened. */
  opened(): void {
    this.#inWindow = { expected: 0, others: 0 }
    this.#state = null
  }

  /** Why apps are being turned away now; null while they are not. */
  full(): RegistrationsFull | null {
    const { clock, window } = this.#deps
    const { closesAt } = window()
    const state = this.#state
    // what one window ran out of says nothing about the next, nor an hour outside about a window
    const isOver = state === null || clock.now() >= state.until || state.inWindow !== (closesAt !== null)
    if (isOver || (state.inWindow && state.until !== closesAt)) this.#state = null
    return this.#state
  }
}

/** Whether all of it leads back to whom the owner expects. */
function isForExpected(expects: ClientKind | null, redirectUris: readonly string[]): boolean {
  if (expects === 'other') return false
  return redirectUris.every((uri) => {
    const host = redirectHost(uri)
    return isExpected(expects, { clientId: '', redirectHost: host, onThisComputer: isLoopbackHost(host) })
  })
}
