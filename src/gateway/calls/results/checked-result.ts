import {
  isCallToolResult,
  isInputRequiredResult,
  isSpecType,
  ProtocolError,
} from '@modelcontextprotocol/server'
import { HostError } from '../../../kernel/errors.ts'
import { checkable } from '../../../kernel/exact-json.ts'
import { isObject } from '../../../kernel/is-object.ts'
import type { Raw } from '../../../mcp/tool-source.ts'
import type { CallMethod } from '../client-request.ts'
import { mendedResult } from './mended-result.ts'

/** What a result says about us, and only we may say: our own marks, and that the client should sign in again. */
const isOurs = (name: string): boolean => name.startsWith('drawbridge/') || name === 'mcp/www_authenticate'
/** Deeper ones overflow the stack of whoever reads them. */
const maxDepth = 200

const shapes: Record<CallMethod, (result: unknown) => boolean> = {
  'tools/call': (result) =>
    isOrdinary(result) || fits(checkable(result), 'content', isSpecType.ContentBlock, isCallToolResult),
  'resources/read': (result) =>
    fits(checkable(result), 'contents', isContents, isSpecType.ReadResourceResult),
  'prompts/get': (result) =>
    fits(checkable(result), 'messages', isSpecType.PromptMessage, isSpecType.GetPromptResult),
  'completion/complete': (result) => isSpecType.CompleteResult(checkable(result)),
}

/** Parts that need a closer look each, in one result. */
const maxParts = 2_000

/** Of one result: no server has business asking more, and each would be put to a person. */
export const maxInputRequests = 10

const isContents = (part: unknown): boolean =>
  isSpecType.TextResourceContents(part) || isSpecType.BlobResourceContents(part)

/**
 * The parts one by one, and the first that is wrong ends it: a schema for the whole would collect what is wrong with each of
 * them, which takes seconds where there are many.
 */
function fits(
  result: unknown,
  list: 'content' | 'contents' | 'messages',
  isPart: (part: unknown) => boolean,
  isWhole: (result: unknown) => boolean,
): boolean {
  const parts = (result as Raw | null)?.[list]
  // The SDK takes structured content alone; clients of the official kind do not.
  if (list === 'content' && parts === undefined) return false
  if (!Array.isArray(parts)) return isWhole(result)
  if (!isWhole({ ...(result as Raw), [list]: [] })) return false
  return parts.length <= maxParts && parts.every(isPart)
}

/**
 * What nearly all tools answer, text, told apart without the schema: that puts no terms on what is structured, and of
 * `_meta` asks only that it is an object.
 */
function isOrdinary(result: unknown): boolean {
  const { content, isError, _meta } = (result ?? {}) as Raw
  if (!Array.isArray(content) || (_meta !== undefined && !isObject(_meta))) return false
  if (isError !== undefined && typeof isError !== 'boolean') return false
  for (const item of content) {
    if (item?.type !== 'text' || typeof item.text !== 'string') return false
    if (item.annotations !== undefined || item._meta !== undefined) return false
  }
  return true
}

/**
 * The result as it came, when it is one and can be passed on, or with what is odd about it mended; throws HostError otherwise. `maxSize`:
 * characters. `uri`: what was to be read.
 */
export function checkedResult(
  method: CallMethod,
  given: unknown,
  source: string,
  maxSize: number,
  uri?: unknown,
): Raw {
  const size = weigh(given, 0)
  if (size === Number.POSITIVE_INFINITY)
    throw unfit(`“${source}” gave an answer that cannot be passed on.`, 'nested too deep')
  if (size > maxSize)
    throw unfit(
      `“${source}” gave an answer of ${(size / 1_000_000).toFixed(1)} MB; ${Math.round(maxSize / 1_000_000)} MB can be passed on.`,
      `${size} characters`,
      'Ask for less at a time, or let servers send more: in Drawbridge under Settings, Limits (drawbridge settings --largest-answer).',
    )
  const kind = (given as Raw | null)?.resultType
  const isAsking = kind === 'input_required' && method !== 'completion/complete'
  // Counted first: to check each of thousands holds the thread, and to put them holds the client.
  const asked = isAsking ? Object.keys(Object((given as Raw).inputRequests)).length : 0
  if (asked > maxInputRequests)
    throw unfit(
      `“${source}” wants to ask ${asked} things at once; ${maxInputRequests} can be.`,
      'inputRequests',
    )
  let result = given
  const isFit = (one: unknown) =>
    isAsking
      ? isInputRequiredResult(checkable(one)) && asksSomething(one as Raw)
      : (kind === undefined || kind === 'complete') && shapes[method](one)
  let isResult = isFit(result)
  if (!isResult && !isAsking && isObject(given)) {
    result = mendedResult(method, given, uri)
    isResult = isFit(result)
  }
  if (!isResult) throw noResult(method, source, result)
  return withoutOurMarks(result as Raw)
}

/** Why it is none. */
function noResult(method: CallMethod, source: string, result: unknown): HostError {
  const { resultType, content, contents, messages } = (result ?? {}) as Raw
  const count = Math.max(...[content, contents, messages].map((one) => (Array.isArray(one) ? one.length : 0)))
  if (count > maxParts)
    return unfit(
      `“${source}” gave an answer of ${count} parts; ${maxParts} can be passed on where they are not all plain text.`,
      `${count} parts`,
    )
  return unfit(
    method === 'tools/call'
      ? `“${source}” gave an answer that is not a tool result.`
      : `“${source}” gave an answer that does not fit the question.`,
    `resultType ${String(resultType)}`,
  )
}

const unfit = (
  message: string,
  detail: string,
  hint = 'Ask for less at a time, or tell the maker of the tool.',
): HostError =>
  new HostError({
    code: 'answer-invalid',
    told: { message, hint },
    detail,
  })

/** MCP 2026-07-28: at least one of the two, and every entry is a request. */
function asksSomething({ inputRequests, requestState }: Raw): boolean {
  const asked = Object.values((inputRequests ?? {}) as Raw)
  return (
    asked.every((one) => typeof (one as Raw | null)?.method === 'string') &&
    (asked.length > 0 || typeof requestState === 'string')
  )
}

function withoutOurMarks(result: Raw): Raw {
  if (result._meta === undefined) return result
  const meta = withoutOurs(result._meta as Raw)
  return meta === result._meta ? result : { ...result, _meta: meta }
}

function withoutOurs(meta: Raw): Raw {
  const names = Object.keys(meta)
  if (!names.some(isOurs)) return meta
  return Object.fromEntries(names.filter((name) => !isOurs(name)).map((name) => [name, meta[name]]))
}

/** The error as the server sent it, without what only we may say. */
export function checkedError(error: ProtocolError): ProtocolError {
  const { code, message, data } = error
  return new ProtocolError(code, message, isObject(data) ? withoutOurs(data) : data)
}

/** About the length of its JSON, without making it. Infinite when it is nested too deep. */
export function weigh(value: unknown, depth: number): number {
  if (typeof value === 'string') return value.length + 2
  if (typeof value !== 'object' || value === null) return 5
  if (depth > maxDepth) return Number.POSITIVE_INFINITY
  let size = 2
  if (Array.isArray(value)) for (const item of value) size += weigh(item, depth + 1) + 1
  else for (const key in value) size += key.length + 4 + weigh((value as Raw)[key], depth + 1)
  return size
}
