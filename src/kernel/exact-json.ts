/**
 * JSON whose numbers come out again as they came in. A double holds neither 9007199254740993 nor 1e400, and forgets that somebody wrote
 * 1.0: such a number becomes a raw one (ECMAScript, `JSON.rawJSON`), which `JSON.stringify` writes as the text it was. Whoever takes an
 * object apart must know it by `isRawNumber`; whoever counts with numbers, or has a schema look at them, takes `plain`.
 */

interface RawJson {
  readonly rawJSON: string
}
/** In V8 since 11.4; not yet in TypeScript's library. */
const { rawJSON, isRawJSON } = JSON as unknown as {
  rawJSON(text: string): RawJson
  isRawJSON(value: unknown): value is RawJson
}

/** Nearly all objects are told apart by a look; to ask V8 takes ten times as long. */
export const isRawNumber = (value: unknown): value is RawJson =>
  typeof value === 'object' && value !== null && 'rawJSON' in value && isRawJSON(value)

/** An object of a message that was parsed exactly: no list, no number, and not null. */
export const isExactObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isRawNumber(value)

/**
 * Whether a text may have a number that a double does not give back: of sixteen digits or more, with an exponent, with a zero at its
 * end, very small, or −0. It may be wrong about what stands within texts, which costs time and nothing else. Not about what begins one:
 * else `"jsonrpc":"2.0"` would make it wrong about every message.
 */
const mayBeOdd =
  /(?=\d)(?<![\w.+/"])(?:\d{16}|[\d.]{17}|\d+(?:\.\d+)?[eE]|\d+\.\d*0(?![\d.])|0\.000000|(?<=-)0(?![.\d]))/

/** To make one takes half a microsecond. A text with more different ones is parsed as everybody does: it may not hold the thread. */
const mostRaw = 40_000

/** What `JSON.parse` makes of it, where exact numbers do not matter; undefined: it is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What `JSON.parse` makes of it, with raw numbers where a number would come out as another text. Throws SyntaxError. */
export const parseExact = (text: string): unknown => readExact(text).value

/** The same; `isPlain`: there is no raw number in it. */
export function readExact(text: string): { value: unknown; isPlain: boolean } {
  if (mayBeOdd.test(text)) {
    const { marked, raws } = withMarks(text)
    if (raws.length > 0 && raws.length <= mostRaw) {
      try {
        return { value: unmarked(JSON.parse(marked), raws), isPlain: false }
      } catch (error) {
        // So deep that it cannot be walked, and so is of no use to anybody.
        if (!(error instanceof RangeError)) throw error
      }
    }
  }
  return { value: JSON.parse(text), isPlain: true }
}

const quote = 0x22
const backslash = 0x5c
const minus = 0x2d
/** Unguessable, so that no text of anybody's is taken for a mark. */
const mark = `\u0001${crypto.randomUUID().slice(0, 13)}:`
const jsonMark = JSON.stringify(mark).slice(0, -1)

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39
/** Of a number: digits, `.`, `e`, `E`, `+`, `-`. */
const isPart = (code: number): boolean =>
  isDigit(code) || code === 0x2e || code === 0x65 || code === 0x45 || code === 0x2b || code === minus

/**
 * Each number that a double does not give back is replaced by a text that stands for it. By hand: a reviver of `JSON.parse` takes thirty
 * times as long as parsing, which is too long for the one thread there is.
 */
function withMarks(text: string): { marked: string; raws: RawJson[] } {
  const raws: RawJson[] = []
  const known = new Map<string, string>()
  let marked = ''
  let from = 0
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === quote) at = endOfText(text, at + 1)
    else if (code === minus || isDigit(code)) {
      const start = at
      let isWhole = code !== minus
      while (isPart(text.charCodeAt(at + 1))) {
        at += 1
        isWhole &&= isDigit(text.charCodeAt(at))
      }
      // Nearly all are: then nothing is made of them.
      if (isWhole && at - start < 15 && code !== 0x30) continue
      const found = text.slice(start, at + 1)
      let stand = known.get(found)
      if (stand === undefined) {
        if (givesBack(found)) continue
        stand = `${jsonMark}${raws.length}"`
        known.set(found, stand)
        // Throws SyntaxError for what is no number in JSON.
        raws.push(rawJSON(found))
        if (raws.length > mostRaw) break
      }
      // No number is a name, and the text that stands for it must not make it one.
      if (isName(text, at + 1)) throw new SyntaxError('A number stands where a name should.')
      marked += text.slice(from, start) + stand
      from = at + 1
    }
  }
  return { marked: marked + text.slice(from), raws }
}

/**
 * Python, and what is built on it, writes NaN and Infinity as if they were JSON: null in their places, as JavaScript writes them. Undefined:
 * the text has none, and whatever is wrong with it is something else.
 */
export function withoutNaN(text: string): string | undefined {
  if (!/[:,[]\s*-?(?:NaN|Infinity)\b/.test(text)) return undefined
  const word = /-?(?:NaN|Infinity)\b/y
  let plain = ''
  let from = 0
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === quote) at = endOfText(text, at + 1)
    else if (code === minus || code === 0x4e || code === 0x49) {
      word.lastIndex = at
      const found = word.exec(text)?.[0]
      if (found === undefined) continue
      plain += `${text.slice(from, at)}null`
      from = at + found.length
      at = from - 1
    }
  }
  return plain + text.slice(from)
}

/** Whether what ends before `from` is followed by a colon. */
function isName(text: string, from: number): boolean {
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code !== 0x20 && (code > 0x0d || code < 0x09)) return code === 0x3a
  }
  return false
}

const givesBack = (text: string): boolean => text !== '-0' && String(Number(text)) === text

/** Where the text ends whose inside `from` is. */
function endOfText(text: string, from: number): number {
  for (let at = from; ; ) {
    const end = text.indexOf('"', at)
    if (end === -1) return text.length
    let before = end
    while (before > at && text.charCodeAt(before - 1) === backslash) before -= 1
    if ((end - before) % 2 === 0) return end
    at = end + 1
  }
}

function unmarked(value: unknown, raws: readonly RawJson[]): unknown {
  if (typeof value === 'string')
    return value.startsWith(mark) ? raws[Number(value.slice(mark.length))] : value
  if (typeof value !== 'object' || value === null) return value
  const object = value as Record<string, unknown>
  for (const key of Object.keys(object)) {
    const before = object[key]
    if (typeof before !== 'string' && typeof before !== 'object') continue
    const after = unmarked(before, raws)
    if (after !== before) put(object, key, after)
  }
  return object
}

/** An assignment to `__proto__` would be another thing. */
function put(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') object[key] = value
  else Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
}

/** The same with ordinary numbers, for whoever counts with them; what has no raw ones is not copied. */
export const plain = (value: unknown): unknown => converted(value, Number)

/** The same for whoever looks at its shape: a schema takes no infinite number for one, and 1e400 is as good a number as any. */
export const checkable = (value: unknown): unknown => converted(value, finite)

const finite = (text: string): number => Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, Number(text)))

function converted(value: unknown, toNumber: (text: string) => number): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (isRawJSON(value)) return toNumber(value.rawJSON)
  if (Array.isArray(value)) {
    const items = value.map((item) => converted(item, toNumber))
    return items.some((item, at) => item !== value[at]) ? items : value
  }
  let copy: Record<string, unknown> | null = null
  const object = value as Record<string, unknown>
  for (const key of Object.keys(object)) {
    const after = converted(object[key], toNumber)
    if (after === object[key] || Object.is(after, object[key])) continue
    copy ??= { ...object }
    put(copy, key, after)
  }
  return copy ?? object
}
