import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'

/** Milliseconds that `spin` took where the limits of the tests were written down: a quiet machine with two cores of 2024. */
const referenceMs = 22

/** A fixed piece of work of the kind that is measured: texts, objects and a regular expression. */
function spin(): number {
  const began = performance.now()
  let length = 0
  for (let round = 0; round < 30; round += 1) {
    const list = Array.from({ length: 1_000 }, (_, n) => ({ name: `item ${n}`, list: [n, `${n}`, null] }))
    const text = JSON.stringify(list)
    length += (JSON.parse(text) as unknown[]).length + text.replace(/item/g, 'thing').length
  }
  if (length === 0) throw new Error('nothing was done')
  return performance.now() - began
}

/** How many times slower than there this machine is at the moment; never below 1. */
export function slowness(): number {
  spin()
  const times = Array.from({ length: 7 }, spin).sort((a, b) => a - b)
  return Math.max(1, times[3]! / referenceMs)
}

/**
 * The longest time in milliseconds that nothing else could happen in this process while `work` went on and for `after` ms more:
 * between two turns of the event loop, collecting garbage included.
 */
export async function longestHold(work: () => Promise<unknown>, after = 0): Promise<number> {
  let longest = 0
  let last = performance.now()
  let over = false
  const watch = (async () => {
    while (!over) {
      await nextTurn()
      const now = performance.now()
      longest = Math.max(longest, now - last)
      last = now
    }
  })()
  try {
    await work()
    if (after > 0) await sleep(after)
    // What happened in the last turn is seen in the next.
    await nextTurn()
  } finally {
    over = true
    await watch
  }
  return longest
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
