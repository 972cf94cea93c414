import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server'
import type { EndpointDeps } from './endpoint-deps.ts'
import { type Incoming, respond } from './incoming.ts'
import { listCache, type Stamps } from './stamps.ts'
import type { ListKind } from './visible-list.ts'

const cacheFields = JSON.stringify(listCache).slice(1, -1)

/** The four lists. They were serialised when they were made and only get their frame here. */
export function createLists(
  deps: Pick<EndpointDeps, 'catalog' | 'onServed' | 'clock' | 'onTraffic'> & { stamps: Stamps },
) {
  return (incoming: Incoming, kind: ListKind): void => {
    const { era, params, caller } = incoming
    if (params.cursor !== undefined)
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'Unknown cursor: the list has one page.')
    const { principal, origin } = caller
    const list = deps.catalog.list(principal, kind, era)
    const fields = `${JSON.stringify(kind)}:${list.json}`
    respond(incoming, era === 'modern' ? deps.stamps.own(`${fields},${cacheFields}`) : `{${fields}}`)
    deps.onServed?.(principal, kind, list)
    if (kind !== 'tools') return
    const { grantId, clientName } = principal
    deps.onTraffic({ at: deps.clock.now(), kind: 'tools-list', ok: true, origin, grantId, clientName })
  }
}
