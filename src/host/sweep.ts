import type { Grant } from '../contract/models.ts'
import type { Clock } from '../kernel/clock.ts'

/** Milliseconds between two sweeps. */
const every = 60_000

/** Drops what has expired, now and then, and ends what an expired grant has going on. Returns the function that stops. */
export function startSweeping(rooms: {
  oauth: { sweep(): void; grants: { list(): Grant[] } }
  approvals: { sweep(): void }
  clock: Clock
  cutOff(grantId: string): void
}): () => void {
  const { oauth, approvals, clock, cutOff } = rooms
  const timer = setInterval(() => {
    oauth.sweep()
    approvals.sweep()
    const now = clock.now()
    for (const { id, expiresAt } of oauth.grants.list())
      if (expiresAt !== null && expiresAt <= now) cutOff(id)
  }, every)
  timer.unref()
  return () => clearInterval(timer)
}
