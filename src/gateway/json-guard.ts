import { type JsonProblem, jsonProblem } from '../kernel/json-scan.ts'

const quote = 0x22
const backslash = 0x5c
const openBrace = 0x7b
const closeBrace = 0x7d
const openBracket = 0x5b
const closeBracket = 0x5d

/**
 * How deep the arrays and objects of a JSON text are nested, read from its bytes without building anything. Stops as
 * soon as `limit` is passed. The text need not be valid: whatever comes out, JSON.parse has the last word.
 */
export function jsonDepth(bytes: Uint8Array, limit: number): number {
  let depth = 0
  let deepest = 0
  let inString = false
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index]
    if (inString) {
      if (byte === backslash) index += 1
      else if (byte === quote) inString = false
    } else if (byte === quote) inString = true
    else if (byte === openBrace || byte === openBracket) {
      depth += 1
      if (depth > deepest) deepest = depth
      if (deepest > limit) return deepest
    } else if (byte === closeBrace || byte === closeBracket) depth -= 1
  }
  return deepest
}

export type ParsedBody = { ok: true; value: unknown } | { ok: false; message: string }

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Parses a body, or says why not. Nothing is parsed before it is known how much it makes of itself. */
export function parseJson(bytes: Uint8Array, maxDepth: number): ParsedBody {
  if (bytes.length === 0) return { ok: false, message: 'The request has no body.' }
  const problem = jsonProblem(bytes, maxDepth)
  if (problem !== null) return { ok: false, message: problems[problem](maxDepth) }
  try {
    return { ok: true, value: JSON.parse(utf8.decode(bytes)) }
  } catch {
    return { ok: false, message: 'The request body is not valid JSON in UTF-8.' }
  }
}

const problems: Record<JsonProblem, (maxDepth: number) => string> = {
  depth: (maxDepth) => `The JSON is nested more than ${maxDepth} levels deep.`,
  values: () => 'The JSON has too many values.',
  names: () => 'The JSON has too many fields.',
}
