/**
 * Moves the time of this process: everything that asks `Date.now()`, our own clock and oidc-provider alike. Timers and
 * `new Date()` stay where they are.
 */
export interface ProcessClock {
  move(ms: number): void
  /** Real time plus `ahead`. */
  moveTo(ahead: number): void
  restore(): void
}

export function moveProcessClock(): ProcessClock {
  const real = Date.now
  let ahead = 0
  Date.now = () => real() + ahead
  return {
    move(ms) {
      ahead += ms
    },
    moveTo(to) {
      ahead = to
    },
    restore() {
      Date.now = real
    },
  }
}
