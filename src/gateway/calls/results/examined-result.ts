import { withoutSmuggled } from '../../../contract/agreed/visible-text.ts'
import type { Finding } from '../../../contract/tools.ts'
import { isRawNumber } from '../../../kernel/exact-json.ts'
import { isObject } from '../../../kernel/is-object.ts'
import { createSlices } from '../../../kernel/slices.ts'
import type { Raw } from '../../../mcp/tool-source.ts'

type Found = Omit<Finding, 'where'>
/** `policy/suspicious-text.ts`, for results. */
export type Suspicious = (text: string) => readonly Found[]

/** Characters of one result that are looked at for words aimed at assistants. */
const longestLooked = 100_000
/** What takes no more than a moment; more is looked at a piece at a time. */
const atOnce = 24_000
/** Of a piece, and what of it is seen again in the next, so that nothing is divided. */
const piece = 16_000
const overlap = 400
/** Shorter texts say nothing. */
const shortest = 12
const mostFound = 5

/** Kept beside the results, whatever stands in them. */
const findings = new WeakMap<Raw, readonly Found[]>()

/** What was found in a result that was examined. */
export const foundIn = (result: Raw): readonly Found[] | undefined => findings.get(result)

/**
 * A result as the assistant gets it: without what only a model would see. What in it is aimed at assistants is noted (`foundIn`). The
 * same object when there is nothing to leave out; a promise when there is more than can be looked at in a moment.
 */
export function examinedResult(result: Raw, suspicious: Suspicious): Raw | Promise<Raw> {
  const texts: string[] = []
  const size = collect(result, texts)
  if (size > atOnce) return examinedSlowly(result, texts, suspicious)
  const found = texts.length === 1 ? lookAt(texts[0]!, suspicious) : lookAtAll(texts, suspicious)
  return told(result, found)
}

const lookAt = (text: string, suspicious: Suspicious): readonly Found[] =>
  text.length < shortest ? [] : suspicious(text)

const lookAtAll = (texts: readonly string[], suspicious: Suspicious): readonly Found[] => {
  const found: Found[] = []
  for (const text of texts) if (found.length < mostFound) found.push(...lookAt(text, suspicious))
  return found
}

function told(result: Raw, found: readonly Found[]): Raw {
  const shown = cleaned(result) as Raw
  if (found.length > 0) findings.set(shown, found)
  return shown
}

async function examinedSlowly(result: Raw, texts: readonly string[], suspicious: Suspicious): Promise<Raw> {
  const slices = createSlices()
  const found: Found[] = []
  let left = longestLooked
  for (const text of texts)
    for (let at = 0; at < text.length && left > 0 && found.length < mostFound; at += piece) {
      found.push(...lookAt(text.slice(at, at + Math.min(piece + overlap, left)), suspicious))
      left -= Math.min(piece, text.length - at)
      await slices.pause()
    }
  const clean = new Map<string, string>()
  for (const text of texts) {
    const shown = await cleanedSlowly(text, slices)
    if (shown !== text) clean.set(text, shown)
    await slices.pause()
  }
  const shown = clean.size === 0 ? result : (cleaned(result, clean) as Raw)
  if (found.length > 0) findings.set(shown, found)
  return shown
}

/** Cut where a word ends, so that nothing that belongs together is divided. */
const longestCleaned = 64_000
async function cleanedSlowly(text: string, slices: ReturnType<typeof createSlices>): Promise<string> {
  if (text.length <= longestCleaned) return withoutSmuggled(text)
  const parts: string[] = []
  for (let from = 0; from < text.length; ) {
    const end = from + longestCleaned
    const space = end < text.length ? Math.max(text.lastIndexOf(' ', end), text.lastIndexOf('\n', end)) : -1
    const to = space > from + longestCleaned / 2 ? space : end
    parts.push(withoutSmuggled(text.slice(from, to)))
    from = to
    await slices.pause()
  }
  return parts.join('')
}

/** Bytes, and what is no text for anybody. */
const isOpaque = (key: string) => key === 'data' || key === 'blob'

/** The program of an MCP App (SEP-1865), which a browser runs and no assistant reads: a character less makes another program of it. */
const isApp = (value: object): boolean =>
  'mimeType' in value && typeof value.mimeType === 'string' && value.mimeType.includes('profile=mcp-app')

/** All texts of a result but `_meta`, which no assistant reads; gives their length. */
function collect(value: unknown, into: string[]): number {
  if (typeof value === 'string') {
    into.push(value)
    return value.length
  }
  if ((!isObject(value) && !Array.isArray(value)) || isApp(value)) return 0
  let size = 0
  if (Array.isArray(value)) for (const item of value) size += collect(item, into)
  else if (!isRawNumber(value)) {
    const isBytes = typeof value.mimeType === 'string'
    for (const key in value)
      if (key !== '_meta' && key !== 'type' && key !== 'mimeType' && !(isBytes && isOpaque(key)))
        size += collect(value[key], into)
  }
  return size
}

/** The same value where nothing is left out of it. `clean`: texts that were cleaned before; then all others stay. */
function cleaned(value: unknown, clean?: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string')
    return clean === undefined ? withoutSmuggled(value) : (clean.get(value) ?? value)
  if (Array.isArray(value)) {
    let copy: unknown[] | null = null
    for (const [at, item] of value.entries()) {
      const shown = cleaned(item, clean)
      if (shown === item) continue
      copy ??= [...value]
      copy[at] = shown
    }
    return copy ?? value
  }
  if (!isObject(value) || isRawNumber(value) || isApp(value)) return value
  const isBytes = typeof value.mimeType === 'string'
  let copy: Raw | null = null
  for (const key in value) {
    // An address is asked for byte for byte.
    if (key === '_meta' || key === 'uri' || key === '__proto__' || (isBytes && isOpaque(key))) continue
    const name = withoutSmuggled(key)
    const shown = cleaned(value[key], clean)
    if (shown === value[key] && name === key) continue
    copy ??= { ...value }
    if (name !== key) delete copy[key]
    copy[name] = shown
  }
  return copy ?? value
}
