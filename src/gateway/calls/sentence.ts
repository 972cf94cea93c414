import { quotedLine } from '../../contract/agreed/visible-text.ts'
import { isRawNumber } from '../../kernel/exact-json.ts'
import type { Raw } from '../../mcp/tool-source.ts'

/** Characters of a value in the sentence; the arguments stand whole below it. */
const longest = 60

/**
 * A tool's own sentence about what a call does, with values of its arguments in our quotes. Null where it has none, or names something
 * that the call leaves out or that is no plain value: half a sentence says something else.
 */
export function sentenceOf(template: string | undefined, args: Raw): string | null {
  if (template === undefined) return null
  let isWhole = true
  const sentence = template.replace(/\{(\w+)\}/g, (_match, name: string) => {
    const value = Object.hasOwn(args, name) ? args[name] : undefined
    const isPlain = ['string', 'number', 'boolean'].includes(typeof value) || isRawNumber(value)
    if (!isPlain) isWhole = false
    return typeof value === 'string' ? quotedLine(value, longest) : JSON.stringify(value ?? null)
  })
  return isWhole ? sentence : null
}
