import { setImmediate as nextTurn } from 'node:timers/promises'

/** Milliseconds that long work may hold the one thread at a time. */
const sliceMs = 8

/**
 * Cuts long work into slices: `pause()` after each piece, which mostly is null. Where it is a promise, others get their turn until it
 * resolves.
 */
export function createSlices(): { pause(): Promise<void> | null } {
  let began = performance.now()
  return {
    pause() {
      if (performance.now() - began < sliceMs) return null
      return nextTurn().then(() => {
        began = performance.now()
      })
    },
  }
}
