import {
  closeBrace,
  closeBracket,
  colon,
  comma,
  endOfText,
  openBrace,
  openBracket,
  quote,
} from '../../kernel/json-scan.ts'
import type { Slices } from '../../kernel/slices.ts'

/** More are left out: neither a poll nor a command has as many. */
const mostParts = 1_000
/** A longer name is none that anybody asks for. Bytes. */
const longestName = 100
/** Between two looks at the time. */
const step = 65_536

/**
 * The members of an object, or the elements of a list by their place, each as it stands: nothing is built of what is in them. Names are as they
 * are written. The text need not be valid: whoever parses a part has the last word.
 */
export async function partsOf(bytes: Buffer, slices: Slices): Promise<Map<string, Buffer>> {
  const parts = new Map<string, Buffer>()
  let [depth, start, looked, text, name, isList] = [0, 0, 0, '', '', false]
  const take = (at: number) => {
    if (parts.size < mostParts) parts.set(isList ? String(parts.size) : name, bytes.subarray(start, at))
  }
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at]
    if (byte === quote) {
      const end = endOfText(bytes, at + 1)
      if (depth === 1 && !isList) text = end - at > longestName ? '' : bytes.toString('utf8', at + 1, end)
      at = end
    } else if (byte === openBrace || byte === openBracket) {
      depth += 1
      if (depth === 1) [isList, start] = [byte === openBracket, at + 1]
    } else if (byte === closeBrace || byte === closeBracket) {
      if (depth === 1) take(at)
      depth -= 1
    } else if (depth === 1 && byte === comma) {
      take(at)
      start = at + 1
    } else if (depth === 1 && byte === colon) [name, start] = [text, at + 1]
    if (at < looked) continue
    looked = at + step
    await slices.pause()
  }
  return parts
}

/** The first byte that is no white space; undefined: there is none before long. */
export const firstOf = (bytes: Buffer): number | undefined =>
  bytes.subarray(0, 100).find((byte) => byte > 0x20)
