import { setImmediate as nextTurn } from 'node:timers/promises'

/** How long work on the log holds the thread at a time. Milliseconds. */
const sliceMs = 6

/** Lets other work have the thread once it was held for long enough. */
export class Slice {
  #began = performance.now()

  async rest(): Promise<void> {
    if (performance.now() - this.#began < sliceMs) return
    await nextTurn()
    this.#began = performance.now()
  }
}
