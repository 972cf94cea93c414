import { isExactObject } from '../../../kernel/exact-json.ts'
import type { Raw } from '../../../mcp/tool-source.ts'

const isWrapped = (outputSchema: unknown): outputSchema is Raw =>
  isExactObject(outputSchema) && outputSchema.type !== 'object'

/**
 * A published tool as clients of 2025-11-25 and older read it; the same object when nothing has to change. They have no words
 * for an output schema whose root is no object: it is wrapped in `{ result: … }`, as the official SDK does for its own servers
 * (SEP-2106) and for the results that go with it.
 */
export const legacyTool = <T extends Raw>(tool: T): T =>
  isWrapped(tool.outputSchema) ? { ...tool, outputSchema: wrappedSchema(tool.outputSchema) } : tool

/** Their values are data, not schemas. */
const dataKeys = new Set(['const', 'enum', 'default', 'examples'])
/** Their values are schemas by name. */
const mapKeys = new Set([
  'properties',
  'patternProperties',
  '$defs',
  'definitions',
  'dependentSchemas',
  'dependencies',
])

/** An `$id` other than a bare fragment starts a document of its own, in which references mean something else. */
const ownBase = (schema: Raw) =>
  schema.$id !== undefined && !(typeof schema.$id === 'string' && schema.$id.startsWith('#'))

function wrappedSchema(schema: Raw): Raw {
  const { $schema } = schema
  return {
    ...(typeof $schema === 'string' && { $schema }),
    type: 'object',
    properties: { result: ownBase(schema) ? schema : moved(schema, false) },
    required: ['result'],
  }
}

/** References into the document point one level deeper than before. */
function moved(node: unknown, isMap: boolean): unknown {
  if (Array.isArray(node)) return node.map((item) => moved(item, false))
  if (!isExactObject(node) || (!isMap && ownBase(node))) return node
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => {
      if (isMap) return [key, moved(value, false)]
      if ((key === '$ref' || key === '$dynamicRef') && typeof value === 'string')
        return [key, /^#(?:\/|$)/.test(value) ? `#/properties/result${value.slice(1)}` : value]
      if (dataKeys.has(key)) return [key, value]
      return [key, moved(value, mapKeys.has(key))]
    }),
  )
}
