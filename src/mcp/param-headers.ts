import type { IncomingHttpHeaders } from 'node:http'
import { plain } from '../kernel/exact-json.ts'
import type { Raw } from './tool-source.ts'

/** The headers say something else than the body (MCP 2026-07-28, Streamable HTTP, "Server Validation"). */
export interface Mismatch {
  header: string
  body: string
}

/** Which parameter of a request `Mcp-Name` repeats (same page, "Standard Request Headers"). */
export const namedParam: Readonly<Record<string, string>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
  'tasks/get': 'taskId',
  'tasks/update': 'taskId',
  'tasks/cancel': 'taskId',
}

/**
 * An argument that a tool wants to see in a header too (MCP 2026-07-28, Streamable HTTP, "Custom Headers from Tool Parameters"):
 * marked `x-mcp-header` in its input schema, reachable through `properties` only, of a plain type.
 */
interface Declaration {
  path: readonly string[]
  header: string
}

const mark = 'x-mcp-header'
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const plainTypes: readonly unknown[] = ['string', 'integer', 'boolean']
const maxDepth = 64
const decimal = /^-?\d+(\.\d+)?$/
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const utf8 = new TextDecoder('utf-8', { fatal: true })

/** By schema, which a source does not change. */
const scanned = new WeakMap<object, readonly Declaration[] | null>()

/** Null: the schema breaks the rules, so that clients do not offer such a tool over HTTP. */
function declarationsOf(inputSchema: unknown): readonly Declaration[] | null {
  if (typeof inputSchema !== 'object' || inputSchema === null) return []
  let found = scanned.get(inputSchema)
  if (found === undefined) {
    const declarations: Declaration[] = []
    const names = new Set<string>()
    const isUnique = ({ header }: Declaration) => names.size !== names.add(header.toLowerCase()).size
    found = scan(inputSchema, [], 0, declarations) && declarations.every(isUnique) ? declarations : null
    scanned.set(inputSchema, found)
  }
  return found
}

/** False when a rule is broken. `path` is null where no mark may stand. */
function scan(node: unknown, path: readonly string[] | null, depth: number, into: Declaration[]): boolean {
  if (typeof node !== 'object' || node === null) return true
  if (depth > maxDepth) return false
  const schema = node as Raw
  if (!Array.isArray(node) && Object.hasOwn(schema, mark)) {
    const name = schema[mark]
    if (path === null || path.length === 0) return false
    if (typeof name !== 'string' || !token.test(name) || !plainTypes.includes(schema.type)) return false
    into.push({ path, header: `Mcp-Param-${name}` })
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
  ...['items', 'prefixItems', 'contains', 'additionalProperties', 'unevaluatedProperties'],
  ...['unevaluatedItems', 'propertyNames', 'oneOf', 'anyOf', 'allOf', 'not', 'if', 'then', 'else'],
])

/** Whether calls of this tool can be made at all over HTTP in the 2026 era. */
export const hasUsableHeaders = ({ inputSchema }: Raw): boolean => declarationsOf(inputSchema) !== null

/** Appends `Mcp-Param-*` headers for a call: name, value, … */
export function addParamHeaders(headers: string[], { inputSchema }: Raw, args: unknown): void {
  for (const { path, header } of declarationsOf(inputSchema) ?? []) {
    const text = textOf(plain(valueAt(args, path)))
    if (text !== undefined) headers.push(header, encodeHeaderValue(text))
  }
}

/** The first header that does not fit the arguments, or null. Tools that declare none cost one lookup. */
export function paramMismatch(
  inputSchema: object,
  args: Raw | undefined,
  headers: IncomingHttpHeaders,
): Mismatch | null {
  // Who calls a tool that is declared wrongly is judged by the arguments alone.
  for (const { path, header } of declarationsOf(inputSchema) ?? []) {
    const value = plain(valueAt(args, path))
    const text = textOf(value)
    // absent, null or not what the schema says: no header is expected, and the server judges the arguments
    if (text === undefined) continue
    const where = path.join('.')
    const sent = headers[header.toLowerCase()]
    if (typeof sent !== 'string')
      return {
        header,
        body: `the body carries ${where}=${JSON.stringify(value)} but the ${header} header is absent`,
      }
    const decoded = decodeHeaderValue(sent)
    if (decoded === undefined)
      return { header, body: `the ${header} header carries an invalid Base64 sentinel value` }
    const isSame =
      typeof value === 'number' && decimal.test(decoded) ? Number(decoded) === value : decoded === text
    if (!isSame)
      return {
        header,
        body: `the ${header} header decodes to ${JSON.stringify(decoded)} but the body carries ${where}=${JSON.stringify(value)}`,
      }
  }
  return null
}

/** A text as a header's value: as it is where that is safe, else wrapped as `=?base64?…?=` (same section, "Value Encoding"). */
export function encodeHeaderValue(text: string): string {
  const isSafe = /^[\x20-\x7e\t]+$/.test(text) && text === text.trim() && !/^=\?base64\?.*\?=$/s.test(text)
  return isSafe ? text : `=?base64?${Buffer.from(text, 'utf8').toString('base64')}?=`
}

/** The same the other way round; undefined when the value is not well-formed. */
export function decodeHeaderValue(value: string): string | undefined {
  if (!value.startsWith('=?base64?') || !value.endsWith('?=')) return value
  const encoded = value.slice('=?base64?'.length, -'?='.length)
  if (!base64.test(encoded)) return undefined
  try {
    return utf8.decode(Buffer.from(encoded, 'base64'))
  } catch {
    return undefined
  }
}

function valueAt(root: unknown, path: readonly string[]): unknown {
  let value = root
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Raw)[key]
  }
  return value
}

const textOf = (value: unknown): string | undefined => {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return String(value)
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? undefined : String(value)
}
