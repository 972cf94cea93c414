import { say } from '../../locales/say.ts'

/** Longer than the host needs to end its servers, shorter than a service manager waits before it kills. */
const stopWithin = 8_000
/** A start that hangs must not hold the process either. */
const endWithin = 10_000
/** Ctrl+C in a terminal arrives twice: from the terminal, and passed on by npm. That is one wish. */
const oneWish = 1_000

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Resolves at the first signal to end. Call it before anything is started, so that a signal during the start is not
 * lost. A second signal, a moment later, ends the process at once.
 */
export function firstSignal(): Promise<void> {
  return new Promise((resolve) => {
    let first: number | undefined
    for (const signal of signals)
      process.on(signal, () => {
        if (first === undefined) setTimeout(() => process.exit(1), endWithin).unref()
        first ??= Date.now()
        resolve()
        if (Date.now() - first > oneWish) process.exit(130)
      })
  })
}

/** Stops what runs. The exit code: 0 after an orderly stop, 1 when that failed or took too long. */
export async function stopInTime(stop: () => Promise<void>, within: number = stopWithin): Promise<number> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<number>((resolve) => {
    timer = setTimeout(() => resolve(1), within)
  })
  const stopped = stop().then(
    () => 0,
    (error: unknown) => {
      process.stderr.write(`${say('headless.notStopped', { message: (error as Error).message })}\n`)
      return 1
    },
  )
  try {
    return await Promise.race([stopped, late])
  } finally {
    clearTimeout(timer)
  }
}
