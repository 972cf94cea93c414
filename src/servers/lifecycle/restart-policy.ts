import type { ErrorReply } from '../../contract/errors.ts'
import type { ServerKind } from '../../contract/servers.ts'
import type { HostError } from '../../kernel/errors.ts'
import { isDefinite, isFromOutside, isUnreachable, restWanted } from '../failures/failures.ts'
import { CrashHistory, EndlessWaits, maxCrashes } from './backoff.ts'
import { keepsStopping, sameAgain } from './not-running.ts'
import type { Timings } from './timings.ts'

/** When one server that is down is started again, by what happened to it before. */
export class RestartPolicy {
  readonly #crashes: CrashHistory
  readonly #offline: CrashHistory
  /** Of starts that came to nothing, since it was up last. */
  readonly #waits: EndlessWaits
  /** What it said at the last start, and how often in a row. */
  #same = { message: '', times: 0 }

  constructor({ firstBackoff, longestBackoff }: Timings) {
    this.#crashes = new CrashHistory(firstBackoff, maxCrashes)
    this.#offline = new CrashHistory(firstBackoff, null)
    this.#waits = new EndlessWaits(firstBackoff, longestBackoff)
  }

  /** All that was is forgiven. */
  forget(): void {
    this.#crashes.forget()
    this.cameUp()
  }

  /** It works now, though it may crash again. */
  cameUp(): void {
    this.#offline.forget()
    this.#waits.forget()
    this.#same = { message: '', times: 0 }
  }

  /**
   * Milliseconds until it is started again, or why it is not. `atStart`: it never came up; unless it says so itself, nobody knows then that
   * it is hopeless. `now`: milliseconds since 1970.
   */
  waitFor(
    reason: HostError,
    { name, kind }: { name: string; kind: ServerKind },
    atStart: boolean,
    now: number,
  ): number | ErrorReply {
    if (kind === 'stdio' && (atStart || isFromOutside(reason))) {
      const { message } = reason
      const times = !isDefinite(reason) ? 0 : message === this.#same.message ? this.#same.times + 1 : 1
      this.#same = { message, times }
      return times >= maxCrashes ? sameAgain(name, reason, times) : this.#waits.next()
    }
    // A server at an address has no process of ours that could crash.
    const isCrash = kind === 'stdio' && !isUnreachable(reason)
    const pause = (isCrash ? this.#crashes : this.#offline).add(now)
    return pause === null ? keepsStopping(name, reason, maxCrashes) : Math.max(pause, restWanted(reason) ?? 0)
  }
}

/** Whether a failed start may go well a little later by itself. */
export const mayPass = (kind: ServerKind, reason: HostError): boolean =>
  isUnreachable(reason) || !(kind === 'stdio' ? neverPasses : needsPerson).has(reason.code)

const neverPasses: ReadonlySet<string> = new Set(['command-not-found', 'sandbox-missing', 'folder-too-wide'])
/** At an address only what a person has to mend: what answers in its place today (a page, 404) may be gone tomorrow. */
const needsPerson: ReadonlySet<string> = new Set([
  'server-refused',
  'server-host-refused',
  'sign-in-failed',
  'sign-in-other-issuer',
])
