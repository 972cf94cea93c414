import { withoutSmuggled } from '../../../contract/agreed/visible-text.ts'
import type { Finding } from '../../../contract/tools.ts'
import { isRawNumber } from '../../../kernel/exact-json.ts'
import { isObject } from '../../../kernel/is-object.ts'
import { createSlices } from '../../../kernel/slices.ts'
import type { Raw } from '../../../mcp/tool-source.ts'
import type { CallMethod } from '../client-request.ts'

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
 * same object when there is nothing to leave out; a promise when there is more than can be looked at in a moment. `method`: whose result
 * it is, checked before; absent: what else a source said.
 */
export function examinedResult(result: Raw, suspicious: Suspicious, method?: CallMethod): Raw | Promise<Raw> {
  const texts: string[] = []
  const place = method ?? 'anywhere'
  const size = collect(result, place, texts)
  if (size > atOnce) return examinedSlowly(result, place, texts, suspicious)
  const found = texts.length === 1 ? lookAt(texts[0]!, suspicious) : lookAtAll(texts, suspicious)
  return told(result, place, found)
}

const lookAt = (text: string, suspicious: Suspicious): readonly Found[] =>
  text.length < shortest ? [] : suspicious(text)

const lookAtAll = (texts: readonly string[], suspicious: Suspicious): readonly Found[] => {
  const found: Found[] = []
  for (const text of texts) if (found.length < mostFound) found.push(...lookAt(text, suspicious))
  return found
}

function told(result: Raw, place: Place, found: readonly Found[]): Raw {
  const shown = cleaned(result, place) as Raw
  if (found.length > 0) findings.set(shown, found)
  return shown
}

async function examinedSlowly(
  result: Raw,
  place: Place,
  texts: readonly string[],
  suspicious: Suspicious,
): Promise<Raw> {
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
  const shown = clean.size === 0 ? result : (cleaned(result, place, clean) as Raw)
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

/**
 * Where in a result one is. Only at places of the protocol something is bytes, an address or a program: whatever else calls itself so is
 * read by assistants as the text it is.
 */
type Place = CallMethod | 'message' | 'block' | 'contents' | 'anywhere'

const lists: Readonly<Record<CallMethod, readonly [member: string, place: Place]>> = {
  'tools/call': ['content', 'block'],
  'resources/read': ['contents', 'contents'],
  'prompts/get': ['messages', 'message'],
  'completion/complete': ['completion', 'anywhere'],
}

/** The place of a member; null: it is no text for anybody. */
function placeOf(place: Place, holder: Raw, member: string): Place | null {
  if (place === 'anywhere') return place
  if (member === '_meta') return null
  switch (place) {
    case 'block':
      // One of a few words, or it would be no block.
      if (member === 'type') return null
      if (member === 'resource' && holder.type === 'resource') return 'contents'
      return member === 'data' && hasBytes(holder) && isBytes(holder.data) ? null : 'anywhere'
    case 'contents':
      return (member === 'blob' && holder.text === undefined && isBytes(holder.blob)) ||
        (member === 'text' && isApp(holder))
        ? null
        : 'anywhere'
    case 'message':
      return member === 'content' ? 'block' : 'anywhere'
    default:
      return member === lists[place][0] ? lists[place][1] : 'anywhere'
  }
}

/** Only there `data` is checked to be base64. */
const hasBytes = ({ type }: Raw): boolean => type === 'image' || type === 'audio'

/**
 * The check lets words pass for base64, which are told by what stands between them: base64 has at most the ends of lines there, which are
 * longer than words. Further in, nobody would come upon them.
 */
const isBytes = (value: unknown): boolean =>
  typeof value === 'string' && !/(?<!\S)\S{1,39}\s+\S/.test(value.slice(0, 4_000))

/** The program of an MCP App (SEP-1865), which a browser runs and no assistant reads: a character less makes another program of it. */
const isApp = ({ mimeType, uri }: Raw): boolean =>
  typeof mimeType === 'string' &&
  mimeType.includes('profile=mcp-app') &&
  typeof uri === 'string' &&
  /^(?:drawbridge:[^/]*\/)?ui:\/\//i.test(uri)

/** An address of the protocol is asked for byte for byte. */
const isAddress = (place: Place, { type }: Raw, member: string): boolean =>
  member === 'uri' && (place === 'contents' || (place === 'block' && type === 'resource_link'))

/** Names are seldom more than one word, and say nothing then. */
const maySay = (name: string): boolean => name.length >= shortest && (name.length > 60 || name.includes(' '))

/** All texts of a result but `_meta`, which no assistant reads; gives their length. */
function collect(value: unknown, place: Place, into: string[]): number {
  if (typeof value === 'string') {
    into.push(value)
    return value.length
  }
  let size = 0
  if (Array.isArray(value)) for (const item of value) size += collect(item, place, into)
  else if (isObject(value) && !isRawNumber(value))
    for (const key in value) {
      const inside = placeOf(place, value, key)
      if (inside === null) continue
      if (maySay(key)) size += collect(key, inside, into)
      size += collect(value[key], inside, into)
    }
  return size
}

/** The same value where nothing is left out of it. `clean`: texts that were cleaned before; then all others stay. */
function cleaned(value: unknown, place: Place, clean?: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string')
    return clean === undefined ? withoutSmuggled(value) : (clean.get(value) ?? value)
  if (Array.isArray(value)) {
    let copy: unknown[] | null = null
    for (const [at, item] of value.entries()) {
      const shown = cleaned(item, place, clean)
      if (shown === item) continue
      copy ??= [...value]
      copy[at] = shown
    }
    return copy ?? value
  }
  if (!isObject(value) || isRawNumber(value)) return value
  let copy: Raw | null = null
  for (const key in value) {
    const inside = isAddress(place, value, key) ? null : placeOf(place, value, key)
    if (inside === null) continue
    const name = withoutSmuggled(key)
    const shown = cleaned(value[key], inside, clean)
    if (shown === value[key] && name === key) continue
    copy ??= { ...value }
    if (name !== key || name === '__proto__') delete copy[key]
    // An assignment to it would be another thing.
    if (name !== '__proto__') copy[name] = shown
  }
  return copy ?? value
}
