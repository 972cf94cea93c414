/** Something to wait for with a limit: `wait` ends when the bell rings, the time is up or the signal says stop. */
export interface WakeableSleep {
  ring(): void
  /** Milliseconds. A ring while nobody waits ends the next wait at once. */
  wait(ms: number, signal: AbortSignal): Promise<void>
}

export function createWakeableSleep(): WakeableSleep {
  let rung = false
  let wake: (() => void) | null = null
  return {
    ring() {
      rung = true
      wake?.()
    },
    wait(ms, signal) {
      return new Promise((resolve) => {
        const end = () => {
          clearTimeout(timer)
          signal.removeEventListener('abort', end)
          wake = null
          rung = false
          resolve()
        }
        const timer = setTimeout(end, ms)
        wake = end
        signal.addEventListener('abort', end, { once: true })
        if (rung || signal.aborted) end()
      })
    },
  }
}
