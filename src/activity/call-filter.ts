import { hash } from 'node:crypto'
import type { ActivityFilter, Call } from '../contract/activity.ts'
import { facets as names } from '../contract/agreed/passes.ts'

/** By which letter the index knows what of a row. */
const facets: Record<(typeof names)[number], string> = {
  grantId: 'a',
  tool: 'b',
  source: 'c',
  risk: 'd',
  decision: 'e',
  outcome: 'f',
}
type Facet = keyof typeof facets

/** Private characters, which nobody's text has: a value becomes three of them, one word of the full-text index. */
const first = 0xe000
const second = 0xe100
const many = 0xf8ff - second
const known = new Map<string, string>()
/** Tools, clients and sources of one host; beyond them all are worked out anew. */
const mostKnown = 5_000

/** Two values with the same word are told apart when the row is looked at. */
function wordOf(facet: Facet, value: string): string {
  const key = `${facets[facet]} ${value}`
  const before = known.get(key)
  if (before !== undefined) return before
  const sum = hash('sha256', key, 'buffer')
  const codes = [facets[facet].charCodeAt(0), sum.readUInt32LE(0) % many, sum.readUInt32LE(4) % many]
  const word = String.fromCharCode(first + codes[0]!, second + codes[1]!, second + codes[2]!)
  if (known.size >= mostKnown) known.clear()
  known.set(key, word)
  return word
}

/** Added to a row's text in the index. */
export const facetText = (call: Pick<Call, Facet>): string =>
  names.map((name) => wordOf(name, call[name])).join('\n')

/** What rows that pass have in the index, a word each. */
export const facetWords = (filter: ActivityFilter): string[] =>
  names.flatMap((name) => {
    const value = filter[name]
    return value === undefined ? [] : [wordOf(name, value)]
  })

/** What the database asks of rows that are in no index: a value each, or null. */
export const facetValues = (filter: ActivityFilter): (string | null)[] =>
  names.map((name) => filter[name] ?? null)
