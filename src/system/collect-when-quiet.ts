import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Milliseconds from one look to the next. */
const span = 10_000
/** Shares of one core in a span. */
const busy = 0.2
const quiet = 0.03

export interface CollectorDeps {
  /** Processor time of this process so far, microseconds. */
  cpu?(): number
  collect?(): void
  /** Milliseconds. */
  every?: number
}

/**
 * One full collection of garbage when a spell of work is over, the start being the first. V8 gives memory back by itself
 * only some time after a full collection, and a start that makes little garbage never causes one: what it used stayed, a
 * tenth of all. It takes some 30 ms of a time in which nobody waits. Gives a function that ends it.
 */
export function collectWhenQuiet(deps: CollectorDeps = {}): () => void {
  const { cpu = ownCpu, collect = collectAll, every = span } = deps
  let hasWorked = true
  let before = cpu()
  const timer = setInterval(() => {
    const now = cpu()
    const share = (now - before) / (every * 1_000)
    before = now
    if (share >= busy) hasWorked = true
    if (!hasWorked || share >= quiet) return
    hasWorked = false
    collect()
    before = cpu()
  }, every)
  timer.unref()
  return () => clearInterval(timer)
}

const ownCpu = (): number => {
  const { user, system } = process.cpuUsage()
  return user + system
}

/** What `--expose-gc` would give; the flag is read when a context is made. */
function collectAll(): void {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  setFlagsFromString('--no-expose-gc')
  collect()
}
