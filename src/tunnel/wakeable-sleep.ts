/** Something to wait for with a limit: `wait` ends when it is woken, the time is up or the signal says stop. */
export interface WakeableSleep {
  /** While nobody waits, it ends the next wait at once. */
  wake(): void
  /** Milliseconds; infinite: until it is woken. */
  wait(ms: number, signal: AbortSignal): Promise<void>
}

export function createWakeableSleep(): WakeableSleep {
  let isWoken = false
  let end: (() => void) | null = null
  return {
    wake() {
      isWoken = true
      end?.()
    },
    wait(ms, signal) {
      return new Promise((resolve) => {
        const over = () => {
          clearTimeout(timer)
          signal.removeEventListener('abort', over)
          end = null
          isWoken = false
          resolve()
        }
        const timer = ms === Number.POSITIVE_INFINITY ? undefined : setTimeout(over, ms)
        end = over
        signal.addEventListener('abort', over, { once: true })
        if (isWoken || signal.aborted) over()
      })
    },
  }
}
