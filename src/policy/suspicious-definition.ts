import type { Finding } from '../contract/tools.ts'
import { isRawNumber } from '../kernel/exact-json.ts'
import { pinnedPart } from '../mcp/pinned.ts'
import type { ToolDefinition } from '../mcp/tool-source.ts'
import { suspicious } from './suspicious-text.ts'

/** Of one definition. What is longer is no better than what was found in the rest: nobody reads it, but a model does. */
const mostFindings = 12
/** Characters of all texts of one definition, and of all that is gone over to find in which of them something stands. */
const mostLooked = 100_000
const mostGoneOver = 200_000
/** Characters of short texts that are looked at together: thousands of values cost no more than one text of their length. */
const together = 8_000
/** Characters from which on a text is looked at by itself: what stands in it would otherwise be looked for again in half of the others. */
const long = 500
/** What a look costs beside its length, in characters. */
const oneLook = 50
const maxDepth = 128

interface Text {
  where: string
  text: string
}

/** What stands in a tool's definition that its owner should not have to look for: in its names, titles, descriptions and values; and whether there is more of it than was looked at. */
export function findingsIn(tool: ToolDefinition): Finding[] {
  const { name, title, description, inputSchema, outputSchema, annotations } = pinnedPart(tool)
  const found: Finding[] = []
  let [left, work, size] = [mostLooked, mostGoneOver, 0]
  const waiting: Text[] = []
  /** Where that begins which nobody looked at, and how many characters it has. */
  let unread: { where: string; characters: number } | null = null
  const skip = (where: string, characters: number): void => {
    unread = { where: unread?.where ?? where, characters: (unread?.characters ?? 0) + characters }
  }
  const judge = (texts: readonly Text[]): void => {
    if (texts.length === 0 || found.length >= mostFindings) return
    const all = texts.map(({ text }) => text).join('\n')
    work -= all.length + oneLook
    if (work < 0) return void skip(texts[0]!.where, all.length)
    const said = suspicious(all, 'definition')
    if (said.length === 0) return
    if (texts.length === 1) return void found.push(...said.map((one) => ({ ...one, where: texts[0]!.where })))
    const half = Math.ceil(texts.length / 2)
    judge(texts.slice(0, half))
    judge(texts.slice(half))
  }
  const look = (where: string, text: unknown): void => {
    if (typeof text !== 'string' || text === '') return
    const looked = Math.min(text.length, left)
    left -= looked
    if (looked < text.length) skip(where, text.length - looked)
    if (looked === 0) return
    if (looked >= long) {
      // In the order in which they stand: what is found first must not keep what stands before it from being said.
      judge(waiting.splice(0))
      size = 0
      return void judge([{ where, text: text.slice(0, looked) }])
    }
    waiting.push({ where, text: text.slice(0, looked) })
    size += looked
    if (size < together) return
    judge(waiting.splice(0))
    size = 0
  }
  const walk = (where: string, value: unknown, depth: number): void => {
    if (typeof value === 'string') look(where, value)
    if (typeof value !== 'object' || value === null || isRawNumber(value)) return
    if (depth > maxDepth) return void skip(where, (JSON.stringify(value) ?? '').length)
    for (const [key, member] of Object.entries(value)) {
      const place = Array.isArray(value) ? where : where === '' ? key : `${where}.${key}`
      if (!Array.isArray(value)) look(`${place} (name)`, key)
      walk(place, member, depth + 1)
    }
  }
  look('name', name)
  look('title', title)
  look('description', description)
  look('annotations.title', annotations?.title)
  walk('inputSchema', inputSchema, 0)
  walk('outputSchema', outputSchema, 0)
  judge(waiting)
  return [...said(unread), ...found].slice(0, mostFindings)
}

const said = (unread: { where: string; characters: number } | null): Finding[] =>
  unread === null ? [] : [{ what: 'unread', where: unread.where, text: String(unread.characters) }]
