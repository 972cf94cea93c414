import type { ConnectWindow } from '../../contract/access.ts'
import type { Clock } from '../../kernel/clock.ts'
import { isLoopbackHost, redirectHost } from '../authorization/redirects.ts'
import { createCap, registrationsPerHour, registrationsPerWindow } from './registration.ts'
import { isExpected } from './well-known-clients.ts'

/** Which budget was used up: that of an open window, or that of the hour outside of one. */
export interface RegistrationsFull {
  inWindow: boolean
  /** When registering works again by itself. */
  until: number
}

const hour = 60 * 60_000

export type RegistrationBudget = ReturnType<typeof createRegistrationBudget>

/**
 * How many apps may register. Outside a window that is a few an hour, over all callers, who behind a tunnel all have the same
 * address. Each window has a budget of its own, and in it one for what leads back to whom the owner expects, so that strangers
 * cannot use up what that app needs.
 */
export function createRegistrationBudget(deps: {
  clock: Clock
  /** Instead of the usual numbers, for tests. */
  most?: number | undefined
  window(): ConnectWindow
  /** Told once for each window and each hour. */
  full(what: RegistrationsFull): void
}) {
  const { clock, most } = deps
  const now = () => clock.now()
  const outside = createCap(most ?? registrationsPerHour, hour, now)
  let inWindow = { expected: 0, others: 0 }
  let state: RegistrationsFull | null = null

  const refused = (what: RegistrationsFull) => {
    const isNews = state === null || state.inWindow !== what.inWindow || now() >= state.until
    if (isNews) {
      state = what
      deps.full(what)
    }
    return what
  }
  const current = (): RegistrationsFull | null => {
    const { closesAt } = deps.window()
    // what one window ran out of says nothing about the next, nor an hour outside about a window
    const isOver = state === null || now() >= state.until || state.inWindow !== (closesAt !== null)
    if (isOver || (state!.inWindow && state!.until !== closesAt)) state = null
    return state
  }

  return {
    /** Null: go on. */
    take(redirectUris: readonly string[]): RegistrationsFull | null {
      const { closesAt, expects } = deps.window()
      current()
      if (closesAt === null) return outside.take() ? null : refused({ inWindow: false, until: now() + hour })
      const isWanted =
        expects !== 'other' &&
        redirectUris.every((uri) => {
          const host = redirectHost(uri)
          return isExpected(expects, {
            clientId: '',
            redirectHost: host,
            onThisComputer: isLoopbackHost(host),
          })
        })
      const kind = isWanted ? 'expected' : 'others'
      inWindow[kind] += 1
      return inWindow[kind] <= (most ?? registrationsPerWindow)
        ? null
        : refused({ inWindow: true, until: closesAt })
    },
    /** A window was opened. */
    opened(): void {
      inWindow = { expected: 0, others: 0 }
      state = null
    },
    /** Whether apps are being turned away now. */
    full: current,
  }
}
