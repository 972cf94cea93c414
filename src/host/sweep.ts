import type { Grant } from '../contract/access.ts'
import type { Clock } from '../kernel/clock.ts'
import { doAll, errorText } from '../kernel/errors.ts'
import type { Log } from '../kernel/log/log.ts'
import type { LastWrites } from '../storage/reserve.ts'

/** Milliseconds between two sweeps. */
const every = 60_000

/** Drops what has expired, now and then, and ends what an expired grant has going on. Returns the function that stops. */
export function startSweeping(rooms: {
  oauth: { sweep(): void; grants: { list(): Grant[] } }
  approvals: { sweep(): void }
  rules: { sweep(alive: ReadonlySet<string>): void }
  servedLists: { sweep(alive: ReadonlySet<string>): void }
  raised: { settle(): void }
  adminKey: { settle(): void }
  last: LastWrites
  clock: Clock
  log: Log
  cutOff(grantId: string): void
}): () => void {
  const { oauth, approvals, rules, servedLists, raised, adminKey, last, clock, log, cutOff } = rooms
  const sweep = () => {
    const now = clock.now()
    const grants = oauth.grants.list()
    const alive = new Set(grants.map((grant) => grant.id))
    doAll(
      () => approvals.sweep(),
      () => servedLists.sweep(alive),
      () => rules.sweep(alive),
      ...grants
        .filter(({ expiresAt }) => expiresAt !== null && expiresAt <= now)
        .map(
          ({ id }) =>
            () =>
              cutOff(id),
        ),
    )
  }
  const timer = setInterval(() => {
    try {
      doAll(
        () => oauth.sweep(),
        sweep,
        () => raised.settle(),
        () => adminKey.settle(),
      )
      last.done()
    } catch (error) {
      // What throws in a timer would end the program, and a full disk is no reason.
      log.error('host.sweep', { error: errorText(error) })
    }
  }, every)
  timer.unref()
  return () => clearInterval(timer)
}
