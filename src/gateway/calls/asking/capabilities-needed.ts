import type { ClientCapabilities } from '@modelcontextprotocol/server'
import type { InputRequest, Raw } from '../../../mcp/tool-source.ts'

/**
 * What a client must have declared to be asked this and did not (MCP 2026-07-28, "Missing required client capability");
 * undefined when it can be asked, null when no client can. A bare `elicitation: {}` means forms.
 */
export function missingFor(
  wanted: InputRequest,
  declared: ClientCapabilities,
): ClientCapabilities | null | undefined {
  const elicitation = declared.elicitation as Raw | undefined
  const sampling = declared.sampling as Raw | undefined
  const params = wanted.params ?? {}
  switch (wanted.method) {
    case 'elicitation/create': {
      if (params.mode === 'url') return elicitation?.url ? undefined : { elicitation: { url: {} } }
      const hasForms = elicitation && (elicitation.form !== undefined || elicitation.url === undefined)
      return hasForms ? undefined : { elicitation: { form: {} } }
    }
    case 'sampling/createMessage':
      if (params.tools !== undefined || params.toolChoice !== undefined)
        return sampling?.tools ? undefined : { sampling: { tools: {} } }
      return sampling ? undefined : { sampling: {} }
    case 'roots/list':
      return declared.roots ? undefined : { roots: {} }
    default:
      return null
  }
}

/** Of each capability the parts that the protocol names (MCP 2026-07-28, `ClientCapabilities`). */
const partsOf = { elicitation: ['form', 'url'], sampling: ['context', 'tools'], roots: [] } as const

/**
 * Whether and how the client can be asked, in the protocol's own words: nothing that the client made up (`experimental`,
 * `extensions`, settings) goes with it.
 */
export function plainCapabilities(declared: ClientCapabilities): ClientCapabilities {
  const plain: Raw = {}
  for (const [name, parts] of Object.entries(partsOf)) {
    const given = (declared as Raw)[name]
    if (typeof given !== 'object' || given === null) continue
    plain[name] = Object.fromEntries(parts.filter((part) => (given as Raw)[part]).map((part) => [part, {}]))
  }
  return plain
}

/** Whether something that is required was not declared. */
export const lacks = (declared: Raw, required: Raw): boolean =>
  Object.entries(required).some(([name, wanted]) => {
    const own = Object.hasOwn(declared, name) ? declared[name] : undefined
    if (own === undefined) return true
    const isDeep = typeof wanted === 'object' && wanted !== null && typeof own === 'object' && own !== null
    return isDeep && lacks(own as Raw, wanted as Raw)
  })
