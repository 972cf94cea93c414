import { randomBytes } from 'node:crypto'
import type { Clock } from '../../../kernel/clock.ts'

/** Of one grant; a client that leaves more than this open loses the oldest. */
const maxOfGrant = 100

/**
 * Approvals that hold for the next request of the same call. Each is good for one: the state a client sends back could be
 * sent twice. A restart ends them all.
 */
export function createApprovedRetries(clock: Clock, keepMs: number) {
  const kept = new Map<string, { grantId: string; shown: string; until: number }>()

  const sweep = () => {
    for (const [id, { until }] of kept) if (until <= clock.now()) kept.delete(id)
  }

  return {
    /** `shown`: of the call as the user saw it when asked. */
    keep(grantId: string, shown: string): string {
      sweep()
      const own = [...kept].filter(([, one]) => one.grantId === grantId)
      if (own.length >= maxOfGrant) kept.delete(own[0]![0])
      const id = randomBytes(16).toString('base64url')
      kept.set(id, { grantId, shown, until: clock.now() + keepMs })
      return id
    },
    /** Whether the user allowed this; it is used up by asking. */
    use(id: string, grantId: string, shown: string): boolean {
      const one = kept.get(id)
      kept.delete(id)
      return one !== undefined && one.grantId === grantId && one.shown === shown && one.until > clock.now()
    },
    endFor(grantId: string | null): void {
      for (const [id, one] of kept) if (grantId === null || one.grantId === grantId) kept.delete(id)
    },
  }
}
