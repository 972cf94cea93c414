import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Milliseconds from one look to the next. */
const span = 10_000
/** Shares of one core in a span. */
const busy = 0.2
const quiet = 0.03

export interface CollectorDeps {
  /** How often somebody called so far. */
  calls(): number
  /** Processor time of this process so far, microseconds. */
  cpu?(): number
  collect?(): void
  /** Milliseconds. */
  every?: number
}

/**
 * One full collection of garbage when a spell of work is over, the start being the first. A start makes too little garbage for V8 to
 * do so itself: what it used stayed, a tenth of all. It takes some 40 ms of a time in which nobody waits: never while calls come,
 * however few, because with the garbage goes code that V8 optimized, and a few calls a second take long to earn it again: half of
 * them took a fifth more time. For that reason V8's own collector for idle times is switched off (`scripts/node-flags.mjs`).
 * Gives a function that ends it.
 */
export function collectWhenQuiet(deps: CollectorDeps): () => void {
  const { calls, cpu = ownCpu, collect = collectAll, every = span } = deps
  let hasWorked = true
  let before = cpu()
  let callsBefore = calls()
  const timer = setInterval(() => {
    const now = cpu()
    const share = (now - before) / (every * 1_000)
    before = now
    const isCalled = calls() !== callsBefore
    callsBefore = calls()
    if (share >= busy) hasWorked = true
    if (!hasWorked || isCalled || share >= quiet) return
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

/** What `--expose-gc` would give; the flag is read when a context is made. Of the last resort: what is free goes back to the system. */
function collectAll(): void {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as NodeJS.GCFunction
  setFlagsFromString('--no-expose-gc')
  collect({ type: 'major', flavor: 'last-resort' })
}
