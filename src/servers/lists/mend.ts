import { say } from '../../../locales/say.ts'
import { isRawNumber } from '../../kernel/exact-json.ts'
import { isObject } from '../../kernel/is-object.ts'
import { shorten } from '../../kernel/shorten.ts'
import { isEmptyList } from '../../mcp/nulls.ts'
import type { Raw } from '../../mcp/tool-source.ts'
import { type SchemaName, withoutWrongParts } from '../framing/wrong-parts.ts'
import { mendSchema } from './mend-schema.ts'

/**
 * What a server offers, made whole where it is plain what was meant: an oddity costs the smallest part that it is in. What cannot be
 * offered all the same is named to the owner, with why.
 */

export type EntryKind = 'tool' | 'resource' | 'resourceTemplate' | 'prompt'

interface Kind {
  schema: SchemaName
  /** Without these it is nothing. */
  needs: readonly string[]
}

const kinds: Record<EntryKind, Kind> = {
  tool: { schema: 'Tool', needs: ['name', 'inputSchema'] },
  resource: { schema: 'Resource', needs: ['uri', 'name'] },
  resourceTemplate: { schema: 'ResourceTemplate', needs: ['uriTemplate', 'name'] },
  prompt: { schema: 'Prompt', needs: ['name'] },
}

/** What is mended without a schema, cheaply; the entry itself is changed. Null, or why it cannot be offered, in words for people. */
export function mendPlainly(kind: EntryKind, entry: Raw): string | null {
  if (kind === 'tool') return mendTool(entry)
  const address =
    kind === 'resource' ? entry.uri : kind === 'resourceTemplate' ? entry.uriTemplate : undefined
  if (kind !== 'prompt' && typeof address !== 'string') return say('offers.leftOut.noAddress')
  // A document without a name is known by its address.
  if (typeof entry.name !== 'string' && kind !== 'prompt')
    entry.name = typeof entry.title === 'string' ? entry.title : address
  return typeof entry.name === 'string' ? null : say('offers.leftOut.noName')
}

function mendTool(tool: Raw): string | null {
  if (typeof tool.name !== 'string' || tool.name === '') return say('offers.leftOut.noName')
  if (isObject(tool.execution) && tool.execution.taskSupport === 'required')
    return say('offers.leftOut.taskOnly')
  const problem = mendInput(tool)
  if (problem !== null) return problem
  // Only content that fits would be promised with it; without it the tool works as well.
  if (isObject(tool.outputSchema)) mendOutput(tool.outputSchema)
  else delete tool.outputSchema
  const { annotations } = tool
  // A hint that cannot be read is taken for the worse one: what says that it deletes, in whatever way, deletes.
  if (isObject(annotations) && annotations.destructiveHint !== undefined)
    if (typeof annotations.destructiveHint !== 'boolean') annotations.destructiveHint = true
  return null
}

/**
 * MCP, `Tool.inputSchema`: an object with `type: "object"`. One that says nothing takes anything, and arguments are an object
 * whatever it says. `properties` is not demanded by MCP, but clients that hand tools to OpenAI's models fail without it.
 */
function mendInput(tool: Raw): string | null {
  const given = asSchema(tool.inputSchema ?? tool.input_schema ?? tool.parameters)
  if (isObject(given)) {
    // It stands once, where it belongs.
    if (tool.inputSchema === undefined) for (const name of ['input_schema', 'parameters']) delete tool[name]
    tool.inputSchema = given
  }
  if (given === undefined || given === true || isEmptyList(given)) tool.inputSchema = {}
  else if (!isObject(given)) return say('offers.leftOut.noSchema', { what: kindOf(given) })
  const schema = tool.inputSchema as Raw
  const { type, properties } = schema
  const types = (Array.isArray(type) ? type : [type ?? 'object']) as unknown[]
  if (!types.some((one) => typeof one === 'string' && one.toLowerCase() === 'object'))
    return say('offers.leftOut.plainInput', { type: shorten(String(types[0]), 40) })
  if (type !== 'object') schema.type = 'object'
  if (properties === undefined || isEmptyList(properties)) schema.properties = {}
  else if (!isObject(properties)) return say('offers.leftOut.oddParts', { what: kindOf(properties) })
  else mendProperties(properties)
  return null
}

/** As clients of 2025-11-25 read it (`Tool.outputSchema`), which throw the whole list away for one that they cannot; the newer take anything. */
function mendOutput(schema: Raw): void {
  const { properties, required } = schema
  if (isObject(properties)) {
    mendProperties(properties)
    schema.type ??= 'object'
  } else delete schema.properties
  if (Array.isArray(required)) schema.required = required.filter((name) => typeof name === 'string')
  else delete schema.required
}

/**
 * Under the names that the makers of models have for it (`input_schema`, `parameters`), written as a text, or said to be elsewhere in
 * itself, which clients do not look up.
 */
function asSchema(given: unknown): unknown {
  if (typeof given === 'string' && given.trimStart().startsWith('{')) {
    try {
      return JSON.parse(given)
    } catch {
      return given
    }
  }
  if (!isObject(given) || typeof given.$ref !== 'string') return given
  const [, holder, name] = /^#\/(\$defs|definitions)\/([^/~%]+)$/.exec(given.$ref) ?? []
  const defined = isObject(given[holder ?? '']) ? (given[holder!] as Raw) : {}
  const target = name !== undefined && Object.hasOwn(defined, name) ? defined[name] : undefined
  if (!isObject(target)) return given
  const { $ref: _, ...rest } = given
  return { ...rest, ...target }
}

const typeNames: readonly unknown[] = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null']

/** MCP wants an object for each, and one client that finds something else throws the whole list away. */
function mendProperties(properties: Raw): void {
  for (const [name, property] of Object.entries(properties)) {
    if (isObject(property)) continue
    // By definition, for an own `__proto__` as well.
    const value = property === false ? { not: {} } : typeNames.includes(property) ? { type: property } : {}
    Object.defineProperty(properties, name, { value, enumerable: true, configurable: true, writable: true })
  }
}

const kindOf = (value: unknown): string =>
  Array.isArray(value)
    ? say('offers.leftOut.aList')
    : typeof value === 'string'
      ? say('offers.leftOut.aText')
      : typeof value === 'boolean'
        ? `“${value}”`
        : say('offers.leftOut.aType', { type: typeof value })

/** What of the schemas of a tool no client could read and is taken out, in place, for its owner to know. */
export function mendSchemas({ inputSchema, outputSchema }: Raw): readonly string[] {
  return [inputSchema, outputSchema].filter(isObject).flatMap((schema) => mendSchema(schema))
}

/** What the protocol's own schema does not take is taken out of the entry, in place. Null, or why that is no use. */
export function mendBySchema(kind: EntryKind, entry: Raw): string | null {
  takeOutInfinite(entry)
  return withoutWrongParts(kinds[kind].schema, entry, kinds[kind].needs)
}

/** A number beyond all doubles (1e400) is none to most clients, and in one description it would cost them the whole list. */
function takeOutInfinite(holder: object): void {
  for (const [key, value] of Object.entries(holder)) {
    if (isRawNumber(value)) {
      if (Number.isFinite(Number(value.rawJSON))) continue
      if (Array.isArray(holder)) holder[Number(key)] = null
      else delete (holder as Raw)[key]
    } else if (typeof value === 'object' && value !== null) takeOutInfinite(value)
  }
}
