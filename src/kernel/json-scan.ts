/** What a JSON text would make of itself, read from its bytes without building anything. */
export interface JsonLimits {
  /** Nesting of arrays and objects. */
  depth: number
  /** Entries of arrays and members of objects, all together. */
  values: number
  /** Members of objects alone. */
  members: number
  /** Members of objects by different names: each makes the parser learn another kind of object. */
  names: number
}

/** How much JSON is read at most, from clients and from servers: any more of one of them and the parser alone takes the thread for longer than it may. */
const jsonLimits = { values: 100_000, members: 60_000, names: 12_000 }

export type JsonProblem = 'depth' | 'values' | 'names'

export const quote = 0x22
export const comma = 0x2c
export const colon = 0x3a
export const openBracket = 0x5b
const backslash = 0x5c
export const closeBracket = 0x5d
export const openBrace = 0x7b
export const closeBrace = 0x7d

/** Longer texts are passed over without reading them; as a name each of them counts as another one. */
const longText = 512

/**
 * The first limit that a text passes; null: none. One pass over the bytes, 1 to 3 ns for each. The text need not be valid: whatever
 * comes out, JSON.parse has the last word.
 */
export function jsonProblem(bytes: Uint8Array, depthLimit: number, limits = jsonLimits): JsonProblem | null {
  if (bytes.length <= mostSafe(limits) && openedIn(bytes) <= depthLimit) return null
  const names = new Set<number>()
  let [depth, values, members, longNames] = [0, 0, 0, 0]
  /** Of the text that was read last; -1: it was a long one. */
  let text = 0
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at]
    if (byte === quote) {
      const start = at + 1
      text = 0x811c9dc5
      for (at = start; at < bytes.length && bytes[at] !== quote; at += 1) {
        if (bytes[at] === backslash) at += 1
        text = Math.imul(text ^ bytes[at]!, 0x01000193)
        if (at - start > longText) {
          at = endOfText(bytes, at + 1)
          text = -1
          break
        }
      }
    } else if (byte === comma) values += 1
    else if (byte === colon) {
      members += 1
      if (text === -1) longNames += 1
      else names.add(text)
      if (names.size + longNames > limits.names || members > limits.members) return 'names'
    } else if (byte === openBrace || byte === openBracket) {
      depth += 1
      values += 1
      if (depth > depthLimit) return 'depth'
      if (values > limits.values) return 'values'
    } else if (byte === closeBrace || byte === closeBracket) depth -= 1
  }
  return values > limits.values ? 'values' : null
}

/** So short a text cannot pass any limit but that of depth: each value takes a byte. */
const mostSafe = ({ values, members, names }: typeof jsonLimits): number => Math.min(values, members, names)

/** Brackets that open, those within texts too: it is nested no deeper. */
function openedIn(bytes: Uint8Array): number {
  let opened = 0
  for (let at = 0; at < bytes.length; at += 1)
    if (bytes[at] === openBrace || bytes[at] === openBracket) opened += 1
  return opened
}

/** Where the text ends whose inside `at` is: at the first quote with an even number of backslashes before it. */
export function endOfText(bytes: Uint8Array, from: number): number {
  let at = from
  for (;;) {
    // In short steps first: a text of nothing but escapes would otherwise call for every byte.
    const near = Math.min(bytes.length, at + 64)
    for (; at < near; at += 1) {
      if (bytes[at] === quote) return at
      if (bytes[at] === backslash) at += 1
    }
    if (at >= bytes.length) return bytes.length
    const end = bytes.indexOf(quote, at)
    if (end === -1) return bytes.length
    let before = end
    while (before > at && bytes[before - 1] === backslash) before -= 1
    if ((end - before) % 2 === 0) return end
    at = end + 1
  }
}
