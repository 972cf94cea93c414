import { plain } from '../../kernel/exact-json.ts'
import type { Raw } from '../../mcp/tool-source.ts'

/**
 * Arguments that a tool wants to see in headers too (MCP 2026-07-28, Streamable HTTP, "Custom Headers from Tool Parameters"):
 * marked `x-mcp-header` in its input schema, reachable through `properties` only, of a plain type.
 */
type Declaration = { path: readonly string[]; header: string }

const mark = 'x-mcp-header'
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const plainTypes: readonly unknown[] = ['string', 'integer', 'boolean']
const maxDepth = 64

/** Null: the tool's schema breaks the rules, so that no call of it could be right. */
const declared = new WeakMap<Raw, readonly Declaration[] | null>()

function declarationsOf(tool: Raw): readonly Declaration[] | null {
  let found = declared.get(tool)
  if (found === undefined) {
    const declarations: Declaration[] = []
    const names = new Set<string>()
    found =
      scan(tool.inputSchema, [], 0, declarations) && declarations.every(({ header }) => unique(names, header))
        ? declarations
        : null
    declared.set(tool, found)
  }
  return found
}

const unique = (names: Set<string>, header: string) => names.size !== names.add(header.toLowerCase()).size

/** False when a rule is broken. `path` is null where no mark may stand. */
function scan(node: unknown, path: readonly string[] | null, depth: number, into: Declaration[]): boolean {
  if (typeof node !== 'object' || node === null) return true
  if (depth > maxDepth) return false
  const schema = node as Raw
  if (!Array.isArray(node) && Object.hasOwn(schema, mark)) {
    const header = schema[mark]
    if (path === null || path.length === 0) return false
    if (typeof header !== 'string' || !token.test(header) || !plainTypes.includes(schema.type)) return false
    into.push({ path, header })
  }
  for (const [keyword, child] of Object.entries(schema)) {
    if (keyword === 'properties' && typeof child === 'object' && child !== null) {
      for (const [name, property] of Object.entries(child))
        if (!scan(property, path && [...path, name], depth + 1, into)) return false
    } else if (subschemas.has(keyword)) {
      const branches =
        byName.has(keyword) && typeof child === 'object' && child ? Object.values(child) : child
      if (!scanAll(branches, depth + 1, into)) return false
    }
  }
  return true
}

const scanAll = (branches: unknown, depth: number, into: Declaration[]): boolean =>
  Array.isArray(branches)
    ? branches.every((branch) => scan(branch, null, depth, into))
    : scan(branches, null, depth, into)

/** Keywords of JSON Schema that hold a schema, a list of them, or (`byName`) some with names, and where no mark may stand. */
const byName: ReadonlySet<string> = new Set(['patternProperties', 'dependentSchemas', '$defs', 'definitions'])
const subschemas: ReadonlySet<string> = new Set([
  ...byName,
  ...[
    'items',
    'prefixItems',
    'contains',
    'additionalProperties',
    'unevaluatedProperties',
    'unevaluatedItems',
  ],
  ...['propertyNames', 'oneOf', 'anyOf', 'allOf', 'not', 'if', 'then', 'else'],
])

/** Whether calls of this tool can be made at all over HTTP in the 2026 era. */
export const hasUsableHeaders = (tool: Raw): boolean => declarationsOf(tool) !== null

/** Appends `Mcp-Param-*` headers for a call: name, value, … */
export function addParamHeaders(headers: string[], tool: Raw, args: unknown): void {
  for (const { path, header } of declarationsOf(tool) ?? []) {
    let value = args
    for (const key of path)
      value =
        typeof value === 'object' && value !== null && Object.hasOwn(value, key)
          ? (value as Raw)[key]
          : undefined
    const text = plainText(plain(value))
    if (text !== null) headers.push(`Mcp-Param-${header}`, fieldValue(text))
  }
}

function plainText(value: unknown): string | null {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return String(value)
  if (typeof value !== 'number' || !Number.isFinite(value)) return null
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? null : String(value)
}

/** A text as a header's value: as it is where that is safe, else wrapped as `=?base64?…?=` (same section, "Value Encoding"). */
export function fieldValue(text: string): string {
  const safe = /^[\x20-\x7e\t]+$/.test(text) && text === text.trim() && !/^=\?base64\?.*\?=$/s.test(text)
  return safe ? text : `=?base64?${Buffer.from(text, 'utf8').toString('base64')}?=`
}
