import type { ServerResponse } from 'node:http'
import type { Entrance } from '../../../net/connection-places.ts'

/** Streams of one grant at once. */
const mostOfGrant = 64

/**
 * Streams in all, by the way they came; each holds a connection for as long as it lasts. Through a tunnel there are ten, and
 * with three for strangers and three for streams some are left for calls whatever else goes on.
 */
const mostInAll: Readonly<Record<Entrance, number>> = { direct: 160, tunnel: 3 }

/** Counts open streams. */
export function createStreamCount(wayOf: (res: ServerResponse) => Entrance) {
  /** Oldest first. */
  const open = new Map<ServerResponse, { grantId: string; way: Entrance }>()

  /** Those of one way, oldest first, by grant. What has been ended does not count, though its connection may still be there. */
  const held = (way: Entrance | null): Map<string, ServerResponse[]> => {
    const byGrant = new Map<string, ServerResponse[]>()
    for (const [res, one] of open)
      if ((way === null || one.way === way) && !res.writableEnded && !res.destroyed)
        byGrant.set(one.grantId, [...(byGrant.get(one.grantId) ?? []), res])
    return byGrant
  }

  /** Ends a stream of the grant that has most, if `grantId` would still have fewer; its client can open it again. */
  const makeRoom = (grantId: string, byGrant: Map<string, ServerResponse[]>): boolean => {
    const [longest] = [...byGrant.values()].sort((a, b) => b.length - a.length)
    if (!longest || longest.length <= (byGrant.get(grantId)?.length ?? 0) + 1) return false
    longest[0]!.end()
    return true
  }

  return {
    /** Counts one more until its response is closed; false when there are too many. */
    take(grantId: string, res: ServerResponse): boolean {
      if ((held(null).get(grantId)?.length ?? 0) >= mostOfGrant) return false
      const way = wayOf(res)
      const byGrant = held(way)
      const count = [...byGrant.values()].reduce((sum, { length }) => sum + length, 0)
      if (count >= mostInAll[way] && !makeRoom(grantId, byGrant)) return false
      if (res.destroyed) return true
      open.set(res, { grantId, way })
      res.once('close', () => open.delete(res))
      return true
    },
  }
}
