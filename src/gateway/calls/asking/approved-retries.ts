import { randomBytes } from 'node:crypto'
import type { Clock } from '../../../kernel/clock.ts'

/** Open rounds of one grant; a client that leaves more than this open loses the oldest. */
const maxOfGrant = 100

/**
 * Approvals that hold for the next round of the same request. Each is good for one round: the state a client sends back could be
 * sent twice. A restart ends them all.
 */
export function createApprovedRetries(clock: Clock, keepMs: number) {
  const rounds = new Map<string, { grantId: string; json: string; until: number }>()

  const sweep = () => {
    for (const [id, { until }] of rounds) if (until <= clock.now()) rounds.delete(id)
  }

  return {
    /** `json`: the tool as the user saw it when asked. */
    keep(grantId: string, json: string): string {
      sweep()
      const own = [...rounds].filter(([, round]) => round.grantId === grantId)
      if (own.length >= maxOfGrant) rounds.delete(own[0]![0])
      const id = randomBytes(16).toString('base64url')
      rounds.set(id, { grantId, json, until: clock.now() + keepMs })
      return id
    },
    /** Whether the user allowed this; it is used up by asking. */
    use(id: string, grantId: string, json: string): boolean {
      const round = rounds.get(id)
      rounds.delete(id)
      return (
        round !== undefined && round.grantId === grantId && round.json === json && round.until > clock.now()
      )
    },
    endFor(grantId: string | null): void {
      for (const [id, round] of rounds) if (grantId === null || round.grantId === grantId) rounds.delete(id)
    },
  }
}
