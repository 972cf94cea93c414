import { setImmediate as nextTurn } from 'node:timers/promises'

/** Milliseconds that `spin` took where the limits of the tests were written down: a quiet machine with two cores of 2024. */
const referenceMs = 22

/** A fixed piece of work of the kind that is measured: texts, objects and a regular expression. */
function spin(): number {
  const began = process.threadCpuUsage()
  let length = 0
  for (let round = 0; round < 30; round += 1) {
    const list = Array.from({ length: 1_000 }, (_, n) => ({ name: `item ${n}`, list: [n, `${n}`, null] }))
    const text = JSON.stringify(list)
    length += (JSON.parse(text) as unknown[]).length + text.replace(/item/g, 'thing').length
  }
  if (length === 0) throw new Error('nothing was done')
  const { user, system } = process.threadCpuUsage(began)
  return (user + system) / 1_000
}

/** How many times slower than there this machine is at the moment; never below 1. */
export function slowness(): number {
  spin()
  const times = Array.from({ length: 7 }, spin).sort((a, b) => a - b)
  return Math.max(1, times[3]! / referenceMs)
}

/**
 * Watches over the thread it is called in. `stop` gives the longest time in milliseconds that nothing else could happen, between two turns
 * of the event loop, collecting garbage included: the thread's own time, so that other programs on the machine do not count.
 */
export function watchThread(): { stop(): number } {
  let longest = 0
  let last = process.threadCpuUsage()
  let over = false
  const look = () => {
    const now = process.threadCpuUsage()
    longest = Math.max(longest, now.user - last.user + now.system - last.system)
    last = now
    if (!over) setImmediate(look)
  }
  setImmediate(look)
  return {
    stop() {
      look()
      over = true
      return longest / 1_000
    },
  }
}

/** The longest hold of this thread while `work` goes on. */
export async function longestHold(work: () => Promise<unknown>): Promise<number> {
  const watch = watchThread()
  try {
    await work()
    // What happened in the last turn is seen in the next.
    await nextTurn()
    return watch.stop()
  } finally {
    watch.stop()
  }
}

/** The least of up to three attempts: what the machine did besides does not happen three times at the same place. */
export async function surelyHeld(
  limit: number,
  attempt: () => Promise<number>,
  attempts = 3,
): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let time = 0; time < attempts && least > limit; time += 1) least = Math.min(least, await attempt())
  return least
}
