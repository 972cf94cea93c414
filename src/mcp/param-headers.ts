import type { IncomingHttpHeaders } from 'node:http'
import { plain } from '../kernel/exact-json.ts'
import type { Raw } from './tool-source.ts'

/** The headers say something else than the body (MCP 2026-07-28, Streamable HTTP, "Server Validation"). */
export interface Mismatch {
  header: string
  body: string
}

/** A parameter of a tool that also travels in a header (SEP-2243, `x-mcp-header`). */
interface Declaration {
  path: readonly string[]
  header: string
  isNumber: boolean
}

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const decimal = /^-?\d+(\.\d+)?$/
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
const utf8 = new TextDecoder('utf-8', { fatal: true })

/** By schema object, which a source does not change. */
const scanned = new WeakMap<object, readonly Declaration[]>()

/** The first header that does not fit the arguments, or null. Tools that declare none cost one lookup. */
export function paramMismatch(
  inputSchema: object,
  args: Raw | undefined,
  headers: IncomingHttpHeaders,
): Mismatch | null {
  let declarations = scanned.get(inputSchema)
  if (declarations === undefined) {
    declarations = declared(inputSchema as Raw)
    scanned.set(inputSchema, declarations)
  }
  for (const { path, header, isNumber } of declarations) {
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
    const same =
      isNumber && typeof value === 'number' && decimal.test(decoded)
        ? Number(decoded) === value
        : decoded === text
    if (!same)
      return {
        header,
        body: `the ${header} header decodes to ${JSON.stringify(decoded)} but the body carries ${where}=${JSON.stringify(value)}`,
      }
  }
  return null
}

/**
 * A header's value: as it is, or UTF-8 in Base64 between `=?base64?` and `?=` ("Value Encoding"). Undefined when that is
 * not well-formed.
 */
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

/**
 * The declarations of a schema, reached through `properties` alone. A schema that declares one wrongly has none: clients
 * do not offer such a tool, and whoever calls it all the same is judged by its arguments.
 */
function declared(inputSchema: Raw): readonly Declaration[] {
  if (!JSON.stringify(inputSchema).includes('"x-mcp-header"')) return []
  const found: Declaration[] = []
  const names = new Set<string>()
  let valid = true
  const visit = (schema: unknown, path: readonly string[]) => {
    if (typeof schema !== 'object' || schema === null || path.length > 16) return
    const { properties, type, 'x-mcp-header': name } = schema as Raw
    if (name !== undefined) {
      const fits =
        typeof name === 'string' &&
        token.test(name) &&
        path.length > 0 &&
        ['string', 'integer', 'boolean', 'number'].includes(type as string) &&
        !names.has(name.toLowerCase())
      if (!fits) valid = false
      else {
        names.add(name.toLowerCase())
        found.push({ path, header: `Mcp-Param-${name}`, isNumber: type === 'integer' || type === 'number' })
      }
    }
    if (typeof properties === 'object' && properties !== null)
      for (const [key, child] of Object.entries(properties)) visit(child, [...path, key])
  }
  visit(inputSchema, [])
  return valid ? found : []
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
  if (typeof value !== 'number' || (Number.isInteger(value) && !Number.isSafeInteger(value))) return undefined
  return String(value)
}
