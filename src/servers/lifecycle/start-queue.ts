import { availableParallelism } from 'node:os'

/** How long one that is slow to start holds up those behind it. Milliseconds. */
const longestTurn = 1_500

/**
 * Lets only some begin at a time, in order: fifty processes started at once would all be ready late together, and nothing could be
 * used before. Who takes long lets the next one pass. Returns what waits for a turn, and that what ends the turn.
 */
export function createStartQueue() {
  let free = Math.max(4, 2 * availableParallelism())
  const waiting: (() => void)[] = []
  const take = () => {
    let isOver = false
    const end = () => {
      if (isOver) return
      isOver = true
      clearTimeout(late)
      const next = waiting.shift()
      if (next) next()
      else free += 1
    }
    const late = setTimeout(end, longestTurn)
    return end
  }
  return async (): Promise<() => void> => {
    if (free > 0) free -= 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
    return take()
  }
}
