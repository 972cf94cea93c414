import type { ServerResponse } from 'node:http'

/** Counts open streams by grant, each of which holds a connection. */
export function createStreamCount(most: number) {
  const held = new Map<string, number>()
  return {
    /** Counts one more until its response is closed; false when there are too many. */
    take(grantId: string, res: ServerResponse): boolean {
      const count = held.get(grantId) ?? 0
      if (count >= most) return false
      if (res.destroyed) return true
      held.set(grantId, count + 1)
      res.once('close', () => {
        const left = (held.get(grantId) ?? 1) - 1
        if (left > 0) held.set(grantId, left)
        else held.delete(grantId)
      })
      return true
    },
  }
}
