import { type CallToolResult, SERVER_INFO_META_KEY, Server } from '@modelcontextprotocol/server'
import { isRawNumber, plain } from '../../kernel/exact-json.ts'
import { isObject } from '../../kernel/is-object.ts'
import type { Raw } from '../../mcp/tool-source.ts'

/** Lists change when the user changes something; clients that keep them are told, the others ask again in a minute. */
export const listCache = { ttlMs: 60_000, cacheScope: 'private' } as const

/** Never connected: it knows how newer results are written for older clients. */
const projector = new Server({ name: 'projector', version: '0' }, { capabilities: {} })

export type ResultEncoder = ReturnType<typeof createResultEncoder>

/** What the eras ask of every result beyond what its source says. All of it gives JSON. */
export function createResultEncoder(serverInfo: object) {
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
      let whole = method === 'tools/call' ? withText(result) : result
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
    /**
     * A source's result for the 2025 era, which does not know what came later, and of structured content only objects.
     * `outputSchema`: of the tool that was called.
     */
    legacy(method: string, result: Raw, outputSchema?: object): string {
      let whole = unstamped(result)
      if (method === 'resources/read' && (whole.ttlMs !== undefined || whole.cacheScope !== undefined))
        whole = without(without(whole, 'ttlMs'), 'cacheScope')
      // A number alone is no object, however it is kept.
      if (isRawNumber(whole.structuredContent))
        whole = { ...whole, structuredContent: plain(whole.structuredContent) }
      if (method === 'tools/call' && whole.structuredContent !== undefined)
        whole = projector.projectCallToolResult(whole as CallToolResult, outputSchema as Raw | undefined)
      return JSON.stringify(whole)
    },
  }
}

function without(object: Raw, name: string): Raw {
  const { [name]: _, ...rest } = object
  return rest
}

/** Without what the 2025 era does not know of any result. */
function unstamped(result: Raw): Raw {
  const { _meta } = result
  const isSigned = isObject(_meta) && SERVER_INFO_META_KEY in _meta
  if (result.resultType === undefined && !isSigned) return result
  const { resultType: _, _meta: __, ...rest } = result
  const meta = isSigned ? without(_meta, SERVER_INFO_META_KEY) : _meta
  if (meta !== undefined && !(isSigned && Object.keys(meta as Raw).length === 0)) rest._meta = meta
  return rest
}

/** MCP 2026-07-28, "Structured content": what is no object also needs a text, for models that read only that. */
function withText(result: Raw): Raw {
  const { structuredContent, content } = result
  const isOne = isObject(structuredContent) && !isRawNumber(structuredContent)
  if (structuredContent === undefined || isOne) return result
  const blocks = Array.isArray(content) ? content : []
  if (blocks.some((block) => isObject(block) && block.type === 'text')) return result
  return { ...result, content: [...blocks, { type: 'text', text: JSON.stringify(structuredContent) }] }
}

/** MCP 2026-07-28, "Caching": both fields are required of `resources/read`. */
function cacheable(result: Raw): Raw {
  const { cacheScope } = result
  const ttlMs = plain(result.ttlMs)
  const ttl = Number.isSafeInteger(ttlMs) && (ttlMs as number) >= 0 ? ttlMs : 0
  const scope = cacheScope === 'public' || cacheScope === 'private' ? cacheScope : 'private'
  return ttl === ttlMs && scope === cacheScope ? result : { ...result, ttlMs: ttl, cacheScope: scope }
}
