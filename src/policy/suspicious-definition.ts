import type { Finding } from '../contract/tools.ts'
import { isRawNumber } from '../kernel/exact-json.ts'
import type { ToolDefinition } from '../mcp/tool-source.ts'
import { suspicious } from './suspicious-text.ts'

/** Of one definition. What is longer is no better than what was found in the rest: nobody reads it, but a model does. */
const mostFindings = 12
const mostTexts = 2_000
/** Characters of all texts of one definition. */
const mostLooked = 100_000
const maxDepth = 128

/** What stands in a tool's definition that its owner should not have to look for: in its names, titles, descriptions and values; and whether there is more of it than was looked at. */
export function findingsIn({
  name,
  title,
  description,
  inputSchema,
  outputSchema,
  annotations,
}: ToolDefinition): Finding[] {
  const found: Finding[] = []
  const left = { texts: mostTexts, characters: mostLooked }
  /** Where that begins which nobody looked at, and how many characters it has. */
  let unread: { where: string; characters: number } | null = null
  const skip = (where: string, characters: number): void => {
    unread = { where: unread?.where ?? where, characters: (unread?.characters ?? 0) + characters }
  }
  const look = (where: string, text: unknown): void => {
    if (typeof text !== 'string' || text === '' || found.length >= mostFindings) return
    const looked = left.texts > 0 ? Math.min(text.length, left.characters) : 0
    left.texts -= 1
    left.characters -= looked
    if (looked < text.length) skip(where, text.length - looked)
    if (looked > 0)
      for (const one of suspicious(text.slice(0, looked), 'definition')) found.push({ ...one, where })
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
  return [...said(unread), ...found].slice(0, mostFindings)
}

const said = (unread: { where: string; characters: number } | null): Finding[] =>
  unread === null ? [] : [{ what: 'unread', where: unread.where, text: String(unread.characters) }]
