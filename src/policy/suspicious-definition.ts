import type { Finding } from '../contract/tools.ts'
import { isRawNumber } from '../kernel/exact-json.ts'
import type { ToolDefinition } from '../mcp/tool-source.ts'
import { suspicious } from './suspicious-text.ts'

/** Of one definition: as much as anybody reads. */
const mostFindings = 12
const mostTexts = 2_000
/** Characters of all texts of one definition. */
const mostLooked = 100_000
const maxDepth = 128

/** What stands in a tool's definition that its owner should not have to look for: in its names, titles, descriptions and values. */
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
  const look = (where: string, text: unknown): void => {
    if (typeof text !== 'string' || text === '' || found.length >= mostFindings) return
    if (left.texts <= 0 || left.characters <= 0) return
    left.texts -= 1
    left.characters -= text.length
    for (const one of suspicious(text, 'definition')) found.push({ ...one, where })
  }
  const walk = (where: string, value: unknown, depth: number): void => {
    if (typeof value === 'string') look(where, value)
    if (typeof value !== 'object' || value === null || isRawNumber(value) || depth > maxDepth) return
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
  return found.slice(0, mostFindings)
}
