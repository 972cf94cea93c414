import { isRawNumber } from '../kernel/exact-json.ts'
import type { Raw } from './tool-source.ts'

/**
 * Null for what is not there: many write it so, though neither MCP nor OAuth does. Who reads strangers' messages frees them of it once,
 * where they come in, and nobody behind has to know. Somebody's own values (arguments of a tool, structured content, the values in a
 * schema) are left alone: there a null is one. Freshly parsed values are changed in place.
 */

/** Deeper ones are refused by whoever reads them. */
const maxDepth = 130

/** Members of MCP messages that hold somebody's own values, whatever they are. */
const values: ReadonlySet<string> = new Set(['structuredContent', 'data', 'input', 'metadata'])
const schemas: ReadonlySet<string> = new Set(['inputSchema', 'outputSchema', 'requestedSchema'])
/** MCP, `_meta`: names with this prefix are the protocol's, all others belong to whoever made them. */
const protocolMeta = /^(?:progressToken$|io\.modelcontextprotocol\/)/

/** Stands where an answer had a null for its list. */
export const nothingGiven: readonly unknown[] = Object.freeze([])

/** What a result is there to hold: without any of it Go writes null, and means an empty list. */
const lists = ['tools', 'resources', 'resourceTemplates', 'prompts', 'content', 'contents', 'messages']

/** An MCP message without the nulls that stand for nothing. `text` is what it was parsed from. */
export function messageWithoutNulls(message: unknown, text: { includes(part: string): boolean }): unknown {
  if (!text.includes('null')) return message
  const { id, method } = (message ?? {}) as Raw
  clean(message, 0)
  // A request that names itself with it is refused; without, it would be a notification.
  if (id === null && typeof method === 'string' && !method.startsWith('notifications/'))
    Object.assign(message as Raw, { id })
  return message
}

/** The same of what a server wrote. What a client answers a question with holds no such list: there, `content` is what a person filled in. */
export function serverMessageWithoutNulls(
  message: unknown,
  text: { includes(part: string): boolean },
): unknown {
  if (text.includes('null')) for (const one of Array.isArray(message) ? message : [message]) markLists(one)
  return messageWithoutNulls(message, text)
}

function markLists(message: unknown): void {
  const { result } = (message ?? {}) as Raw
  if (!isWalked(result, 0)) return
  for (const name of lists) if ((result as Raw)[name] === null) (result as Raw)[name] = nothingGiven
}

/** What is an object or nothing in a client's message. Not the arguments, which are shown and run as they were written. */
const objects = ['_meta', 'capabilities', 'clientInfo', 'context']

/**
 * A client's message with objects in place of empty lists, as PHP writes an object with nothing in it, and without a progress token that
 * is none: who cannot be told of progress gets an answer all the same. In place.
 */
export function clientMessage(message: unknown, text: { includes(part: string): boolean }): unknown {
  const mayBeOdd = text.includes('[') || text.includes('progressToken')
  if (!mayBeOdd || !isWalked(message, 0) || Array.isArray(message)) return message
  const call = message as Raw
  if (typeof call.method !== 'string') return message
  if (isEmptyList(call.params)) call.params = {}
  if (!isWalked(call.params, 0)) return message
  const params = call.params as Raw
  for (const name of objects) if (isEmptyList(params[name])) params[name] = {}
  if (isWalked(params._meta, 0)) withoutOddToken(params._meta as Raw)
  return message
}

function withoutOddToken(meta: Raw): void {
  const { progressToken: token } = meta
  const isOne = typeof token === 'string' || Number.isInteger(token) || isRawNumber(token)
  if (token !== undefined && !isOne) delete meta.progressToken
}

export const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0

function clean(value: unknown, depth: number): void {
  if (!isWalked(value, depth)) return
  if (Array.isArray(value)) {
    for (const item of value) clean(item, depth + 1)
    return
  }
  const object = value as Raw
  for (const key of Object.keys(object)) {
    const member = object[key]
    // What was logged, or goes with an error, may well be nothing.
    if (member === null && key !== 'data') delete object[key]
    else if (schemas.has(key)) schemaWithoutNulls(member, depth + 1)
    else if (key === '_meta') cleanMeta(member)
    else if (!values.has(key) && !isOwn(key, member, object)) clean(member, depth + 1)
  }
}

/** Arguments of a tool (those that a prompt describes are a list), and what a person filled in. */
const isOwn = (key: string, member: unknown, parent: Raw): boolean =>
  !Array.isArray(member) && (key === 'arguments' || (key === 'content' && typeof parent.action === 'string'))

function cleanMeta(meta: unknown): void {
  if (!isWalked(meta, 0)) return
  const object = meta as Raw
  for (const key of Object.keys(object)) {
    if (!protocolMeta.test(key)) continue
    if (object[key] === null) delete object[key]
    else clean(object[key], 0)
  }
}

/** In a JSON schema these are values. */
const schemaValues: ReadonlySet<string> = new Set(['default', 'const', 'enum', 'examples', 'example'])
/** Its keywords whose members have names of the server's choosing: one that is called `default` holds a schema like any other. */
export const schemasByName: ReadonlySet<string> = new Set([
  'properties',
  'patternProperties',
  'dependentSchemas',
  '$defs',
  'definitions',
])

/** Null for a keyword is none; for a property, one that may be anything. */
function schemaWithoutNulls(schema: unknown, depth: number): void {
  if (!isWalked(schema, depth)) return
  if (Array.isArray(schema)) {
    for (const item of schema) schemaWithoutNulls(item, depth + 1)
    return
  }
  const object = schema as Raw
  for (const key of Object.keys(object)) {
    const member = object[key]
    if (schemaValues.has(key)) continue
    if (member === null) delete object[key]
    else if (schemasByName.has(key) && isWalked(member, depth)) {
      for (const name of Object.keys(member as Raw)) {
        const property = (member as Raw)[name]
        if (property === null) (member as Raw)[name] = {}
        else schemaWithoutNulls(property, depth + 2)
      }
    } else schemaWithoutNulls(member, depth + 1)
  }
}

/** Metadata of clients and authorization servers, in which a null is nowhere a value (RFC 7591 §2, RFC 8414 §2, RFC 9728 §2). */
export function withoutNulls<T>(value: T, depth = 0): T {
  if (!isWalked(value, depth)) return value
  if (Array.isArray(value)) for (const item of value) withoutNulls(item, depth + 1)
  else {
    const object = value as Raw
    for (const key of Object.keys(object))
      if (object[key] === null) delete object[key]
      else withoutNulls(object[key], depth + 1)
  }
  return value
}

const isWalked = (value: unknown, depth: number): boolean =>
  typeof value === 'object' && value !== null && depth <= maxDepth && !isRawNumber(value)
