/** More than this between two looks was no delay: this computer was asleep. Milliseconds. */
const notice = 8_000

/**
 * Notices that this computer was asleep, by a clock that goes on in sleep and that nobody sets (`uptime`, ms), while the timers stood still.
 * `onSlept`: for how long, in ms.
 */
export function watchSleep(deps: { uptime(): number; every: number; onSlept(ms: number): void }): {
  stop(): void
} {
  let before = deps.uptime()
  const timer = setInterval(() => {
    const now = deps.uptime()
    const slept = now - before - deps.every
    before = now
    if (slept >= notice) deps.onSlept(slept)
  }, deps.every).unref()
  return { stop: () => clearInterval(timer) }
}
