/**
 * Moves the time of this process: everything that asks `Date.now()`, our own clock and oidc-provider alike. Timers and
 * `new Date()` stay where they are.
 */
export interface ProcessClock {
  move(ms: number): void
  /** Real time plus `ahead`. */
  moveTo(ahead: number): void
  /** From now on only moved by hand, so that a slow computer changes nothing. */
  freeze(): void
  restore(): void
}

export function moveProcessClock(): ProcessClock {
  const real = Date.now
  let ahead = 0
  let frozen: number | null = null
  Date.now = () => (frozen ?? real()) + ahead
  return {
    move(ms) {
      ahead += ms
    },
    moveTo(to) {
      ahead = to
    },
    freeze() {
      frozen = real()
    },
    restore() {
      Date.now = real
    },
  }
}
