import type { ServerResponse } from 'node:http'

/** Tunnels and proxies cut off answers that take a minute. */
const holdMs = 20_000
const lookEveryMs = 200
/** Of all pages together; one is waited for at a time. */
const maxHeld = 8

/** Holds the answer to "has it been decided?" until it has, so that a waiting page needs to ask only a few times a minute. */
export function createLongPoll() {
  let held = 0
  return {
    /** Resolves when `isOver`, after a while, or when the browser has gone. */
    async until(isOver: () => boolean, res: ServerResponse): Promise<void> {
      if (held >= maxHeld || isOver()) return
      held += 1
      await new Promise<void>((resolve) => {
        const end = () => {
          clearInterval(looking)
          clearTimeout(limit)
          res.off('close', end)
          resolve()
        }
        const looking = setInterval(() => isOver() && end(), lookEveryMs)
        const limit = setTimeout(end, holdMs)
        looking.unref()
        limit.unref()
        res.on('close', end)
      })
      held -= 1
    },
  }
}
