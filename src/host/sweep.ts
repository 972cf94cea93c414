import type { Grant } from '../contract/access.ts'
import type { Clock } from '../kernel/clock.ts'

/** Milliseconds between two sweeps. */
const every = 60_000

/** Drops what has expired, now and then, and ends what an expired grant has going on. Returns the function that stops. */
export function startSweeping(rooms: {
  oauth: { sweep(): void; grants: { list(): Grant[] } }
  approvals: { sweep(): void }
  rules: { sweep(alive: ReadonlySet<string>): void }
  servedLists: { sweep(alive: ReadonlySet<string>): void }
  clock: Clock
  cutOff(grantId: string): void
}): () => void {
  const { oauth, approvals, rules, servedLists, clock, cutOff } = rooms
  const timer = setInterval(() => {
    oauth.sweep()
    approvals.sweep()
    const now = clock.now()
    const grants = oauth.grants.list()
    const alive = new Set(grants.map((grant) => grant.id))
    servedLists.sweep(alive)
    rules.sweep(alive)
    for (const { id, expiresAt } of grants) if (expiresAt !== null && expiresAt <= now) cutOff(id)
  }, every)
  timer.unref()
  return () => clearInterval(timer)
}
