/** Milliseconds that long work may hold the one thread at a time. */
const sliceMs = 8

/** Who waits for a turn. One gets it in each turn of the event loop, however many there are: their slices must not add up. */
const waiting: (() => void)[] = []
const next = () => {
  waiting.shift()?.()
  if (waiting.length > 0) setImmediate(next)
}

/** Resolves in a turn of the event loop that no other long work has: what begins at the same time must not add up. */
export const myTurn = (): Promise<void> =>
  new Promise((resolve) => {
    waiting.push(resolve)
    if (waiting.length === 1) setImmediate(next)
  })

/**
 * Cuts long work into slices. `pause()`, awaited after each piece, is null while the slice lasts; then a promise, and others
 * get their turn until it resolves.
 */
export interface Slices {
  /** Something new begins, after others had their turn anyway. */
  begin(): void
  pause(): Promise<void> | null
}

export function createSlices(length = sliceMs): Slices {
  let began = performance.now()
  return {
    begin() {
      began = performance.now()
    },
    pause() {
      if (performance.now() - began < length) return null
      return myTurn().then(() => {
        began = performance.now()
      })
    },
  }
}
