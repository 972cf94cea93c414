import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server'
import { declaresApps } from '../../../mcp/extensions.ts'
import { type Era, type ListKind, listKinds } from '../../offers/visible-list.ts'
import type { EndpointDeps } from '../endpoint-deps.ts'
import type { IncomingRequest } from '../incoming-request.ts'
import { listCache, type ResultEncoder } from '../result-encoder.ts'

const cacheFields = JSON.stringify(listCache).slice(1, -1)

/** The four lists. They were made into bytes when they were made at all, and only get their frame here. */
export function createListMethods(
  deps: Pick<EndpointDeps, 'catalog' | 'onServed' | 'clock' | 'onTraffic'> & { encoder: ResultEncoder },
) {
  const frameOf = (kind: ListKind, era: Era) => {
    const fields = `${JSON.stringify(kind)}:\0`
    const [before, after] = (
      era === 'modern' ? deps.encoder.own(`${fields},${cacheFields}`) : `{${fields}}`
    ).split('\0') as [string, string]
    return { before, after }
  }
  const frames = {
    legacy: new Map(listKinds.map((kind) => [kind, frameOf(kind, 'legacy')])),
    modern: new Map(listKinds.map((kind) => [kind, frameOf(kind, 'modern')])),
  }

  return (incoming: IncomingRequest, kind: ListKind): void => {
    const { era, params, caller, session } = incoming
    if (params.cursor !== undefined && params.cursor !== '')
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'Unknown cursor: the list has one page.')
    const { principal, origin } = caller
    const draws = kind === 'tools' && declaresApps(incoming.capabilities)
    const list = deps.catalog.list(principal, kind, era, draws)
    incoming.respondFramed({ ...frames[era].get(kind)!, bytes: list.json })
    session?.lists.set(kind, list.told)
    deps.onServed?.(principal, kind, list)
    if (kind !== 'tools') return
    const { grantId, clientName } = principal
    deps.onTraffic({ at: deps.clock.now(), kind: 'tools-list', ok: true, origin, grantId, clientName })
  }
}
