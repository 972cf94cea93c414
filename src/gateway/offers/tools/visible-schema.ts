import { withoutHidden } from '../../../contract/agreed/visible-text.ts'
import { isRawNumber } from '../../../kernel/exact-json.ts'
import { schemasByName } from '../../../mcp/nulls.ts'

/** Schemas nested deeper are not worth a copy; nothing below is offered to a client either. */
const maxDepth = 128

/**
 * A copy of a JSON schema whose titles and descriptions hide nothing. Values (`enum`, `const`, `default`,
 * `examples`) are data and stay as they are. `isNamed`: it is no schema itself, but has some by name.
 */
export function visibleSchema(schema: unknown, depth = 0, isNamed = false): unknown {
  if (typeof schema !== 'object' || schema === null || depth > maxDepth || isRawNumber(schema)) return schema
  if (Array.isArray(schema)) return schema.map((item) => visibleSchema(item, depth + 1))
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => {
      if (isNamed) return [key, visibleSchema(value, depth + 1)]
      if (key === 'enum' || key === 'const' || key === 'default' || key === 'examples') return [key, value]
      if ((key === 'title' || key === 'description' || key === '$comment') && typeof value === 'string')
        return [key, withoutHidden(value)]
      return [key, visibleSchema(value, depth + 1, schemasByName.has(key))]
    }),
  )
}
