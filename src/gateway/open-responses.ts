import type { ServerResponse } from 'node:http'

/** The answers that are under way, by grant, so that they can be cut the moment a grant is revoked. */
export function createOpenResponses() {
  const byGrant = new Map<string, Map<ServerResponse, AbortController>>()
  let cuts = 0

  const cut = (grantId: string) => {
    cuts += 1
    for (const [res, abort] of [...(byGrant.get(grantId) ?? [])]) {
      abort.abort()
      res.destroy()
    }
  }

  return {
    /** Aborted when the client leaves before its answer is complete, or the grant is cut. */
    add(grantId: string, res: ServerResponse): AbortController {
      const abort = new AbortController()
      const responses = byGrant.get(grantId) ?? new Map()
      byGrant.set(grantId, responses)
      responses.set(res, abort)
      const leave = () => {
        if (!res.writableFinished) abort.abort()
        responses.delete(res)
        if (responses.size === 0 && byGrant.get(grantId) === responses) byGrant.delete(grantId)
      }
      if (res.destroyed) leave()
      else res.once('close', leave)
      return abort
    },
    cut,
    cutAll() {
      cuts += 1
      for (const grantId of [...byGrant.keys()]) cut(grantId)
    },
    /** How often anybody was cut. */
    cuts: () => cuts,
  }
}
