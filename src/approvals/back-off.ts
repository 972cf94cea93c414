import type { Clock } from '../kernel/clock.ts'

/** So many refusals within `within` mean that the client is not wanted for now. */
const declines = 3
const within = 60_000
/** How long its next questions are then refused unasked; each further refusal doubles it. Milliseconds. */
const first = 30_000
const longest = 10 * 60_000
/** After so long without a refusal everything is forgotten. */
const forgottenAfter = 30 * 60_000

interface Standing {
  /** When the user said no, the latest last. */
  at: number[]
  /** How long the next time will be; null while there was none. */
  next: number | null
  until: number
}

/**
 * Spares the user a client that asks again and again after a no: after three within a minute its questions are refused unasked for a
 * while that grows with every further no. One yes, and all of it is forgotten.
 */
export function createBackOff(clock: Clock) {
  const standings = new Map<string, Standing>()

  return {
    declined(grantId: string): void {
      const now = clock.now()
      for (const [id, { at }] of standings) if (now - at.at(-1)! > forgottenAfter) standings.delete(id)
      const standing = standings.get(grantId) ?? { at: [], next: null, until: 0 }
      standings.set(grantId, standing)
      standing.at = [...standing.at.filter((at) => now - at < within && at <= now), now]
      if (standing.next === null && standing.at.length < declines) return
      const span = standing.next ?? first
      standing.until = now + span
      standing.next = Math.min(span * 2, longest)
    },
    approved: (grantId: string): void => void standings.delete(grantId),
    /** Milliseconds for which this grant's questions are not put to the user; 0: they are. */
    left(grantId: string): number {
      const left = (standings.get(grantId)?.until ?? 0) - clock.now()
      // a clock that was set back must not lock anybody out for longer
      return left > 0 && left <= longest ? left : 0
    },
  }
}
