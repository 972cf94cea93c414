import type { Clock } from '../../kernel/clock.ts'

/** Timers do not know about a clock that is moved or a computer that sleeps, so none is longer than this. */
const longest = 60 * 60_000

/**
 * Tells once when a grant has ended by its time, so that what it holds open can be closed. Whether a token is good is
 * never decided here.
 */
export function createExpiryWatch(deps: {
  clock: Clock
  entries(): { id: string; expiresAt: number | null }[]
  ended(id: string): void
}) {
  const { clock } = deps
  let timer: NodeJS.Timeout | undefined
  let waiting = new Map<string, number>()

  const look = (): void => {
    clearTimeout(timer)
    const now = clock.now()
    const before = waiting
    const dated = deps.entries().flatMap(({ id, expiresAt }) => (expiresAt === null ? [] : { id, expiresAt }))
    const later = dated.filter(({ expiresAt }) => expiresAt > now)
    waiting = new Map(later.map(({ id, expiresAt }) => [id, expiresAt]))
    if (later.length > 0) {
      const next = Math.min(...later.map(({ expiresAt }) => expiresAt)) - now
      timer = setTimeout(look, Math.min(next, longest))
      timer.unref()
    }
    for (const { id, expiresAt } of dated) if (expiresAt <= now && before.has(id)) deps.ended(id)
  }
  return { look, stop: (): void => clearTimeout(timer) }
}
