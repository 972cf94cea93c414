import { SERVER_INFO_META_KEY } from '@modelcontextprotocol/server'
import { isObject } from './inbound.ts'
import type { Raw } from './tool-source.ts'

/** Lists change when the user changes something; clients that keep them are told, the others ask again in a minute. */
export const listCache = { ttlMs: 60_000, cacheScope: 'private' } as const

export type Stamps = ReturnType<typeof createStamps>

/** What the eras ask of every result beyond what its source says. All of it gives JSON. */
export function createStamps(serverInfo: object) {
  const identity = { [SERVER_INFO_META_KEY]: serverInfo }
  const identityField = `"_meta":${JSON.stringify(identity)}`

  return {
    /** A result of our own for the 2026-07-28 era; `fields` are those of a JSON object, without its braces. */
    own: (fields: string, meta?: Raw): string =>
      `{"resultType":"complete",${fields === '' ? '' : `${fields},`}${
        meta ? `"_meta":${JSON.stringify({ ...meta, ...identity })}` : identityField
      }}`,
    /** A source's result for the 2026-07-28 era. What the source itself says there stays. */
    modern(method: string, result: Raw): string {
      const { resultType, _meta } = result
      let whole = result
      if (method === 'resources/read' && (resultType ?? 'complete') === 'complete') whole = cacheable(result)
      if (isObject(_meta) && _meta[SERVER_INFO_META_KEY] === undefined)
        whole = { ...whole, _meta: { ..._meta, ...identity } }
      const added = [
        ...(resultType === undefined ? ['"resultType":"complete"'] : []),
        ...(_meta === undefined ? [identityField] : []),
      ].join()
      const text = JSON.stringify(whole)
      if (added === '') return text
      return text === '{}' ? `{${added}}` : `{${added},${text.slice(1)}`
    },
    /** A source's result for the 2025 era, which does not know how servers sign their results. */
    legacy(result: Raw): string {
      if (!isObject(result._meta) || !(SERVER_INFO_META_KEY in result._meta)) return JSON.stringify(result)
      const { _meta, ...rest } = result as { _meta: Raw }
      const { [SERVER_INFO_META_KEY]: _info, ...meta } = _meta
      return JSON.stringify(Object.keys(meta).length > 0 ? { ...rest, _meta: meta } : rest)
    },
  }
}

/** MCP 2026-07-28, "Caching": both fields are required of `resources/read`. */
function cacheable(result: Raw): Raw {
  const { ttlMs, cacheScope } = result
  const ttl = Number.isSafeInteger(ttlMs) && (ttlMs as number) >= 0 ? ttlMs : 0
  const scope = cacheScope === 'public' || cacheScope === 'private' ? cacheScope : 'private'
  return ttl === ttlMs && scope === cacheScope ? result : { ...result, ttlMs: ttl, cacheScope: scope }
}
