import { createHash } from 'node:crypto'
import type { TimelineFilter } from '../contract/timeline.ts'
import { quoted } from '../storage/database/full-text.ts'

/** Of one event; what comes behind them is not found by. */
const maxTerms = 400
const maxWords = 8
/** Characters that hold the parts of a name together: `api-gateway`, `1.4.2`, `shop/checkout`. The index keeps them, too. */
const whole = /[\p{L}\p{N}]+(?:[._\-/:@#+]+[\p{L}\p{N}]+)*/gu
const parts = /[\p{L}\p{N}]+/gu

const wholesOf = (text: string): string[] => text.normalize('NFKC').toLowerCase().match(whole) ?? []
const partsOf = (word: string): string[] => word.match(parts) ?? []
/** `v1.4.2` is what `1.4.2` is called, too. */
const plainVersion = (word: string): string => (/^v\d/.test(word) ? word.slice(1) : word)

/** Facets by which events are found together with words. */
type Facets = Pick<TimelineFilter, 'kind' | 'environment' | 'severity' | 'source' | 'version'> & {
  metric?: string | undefined
}
const facetNames = ['kind', 'environment', 'severity', 'source', 'version', 'metric'] as const
type FacetName = (typeof facetNames)[number]

/** A word that nobody types, and that no stemmer shortens: it ends with a digit. */
const facetTerm = (name: FacetName, value: string): string =>
  `x${name[0]}${createHash('sha256').update(`${name} ${value.toLowerCase()}`).digest('hex').slice(0, 14)}0`

/** What an event can be found by, as the index is given it. */
export function termsOf(texts: readonly string[], facets: { [K in FacetName]: string | null }): string {
  const terms = new Set<string>()
  for (const name of facetNames) {
    const value = facets[name]
    if (value !== null) terms.add(facetTerm(name, value))
  }
  for (const word of texts.flatMap(wholesOf)) {
    if (terms.size >= maxTerms) break
    terms.add(plainVersion(word))
    for (const part of partsOf(word)) terms.add(part)
  }
  return [...terms].join(' ')
}

/**
 * A full-text query (FTS5, "Full-text Query Syntax") for events that have all facets and every word; null: any event has. What somebody
 * typed gets into it here only, and only quoted.
 */
export function matchOf(search: string, facets: Facets): string | null {
  const wanted = facetNames.flatMap((name) => {
    const value = facets[name]
    return value === undefined ? [] : [term(facetTerm(name, value))]
  })
  const words = wholesOf(search)
    .slice(0, maxWords)
    .map((word) => {
      const some = partsOf(word)
      const one = term(plainVersion(word))
      // The digits of a version alone are everywhere.
      const isName = some.length > 1 && some.every((part) => part.length > 1)
      return isName ? `(${one} OR (${some.map(term).join(' AND ')}))` : one
    })
  const all = [...wanted, ...words]
  return all.length === 0 ? null : all.join(' AND ')
}

/** That there is something to look for in it. */
export const hasWords = (search: string): boolean => wholesOf(search).length > 0

/** Events that are only asked for by name: measured values, of which there may be one a second. */
export const notMeasured = (match: string): string => `(${match}) NOT ${term(facetTerm('kind', 'metric'))}`

const term = (text: string): string => quoted(text.slice(0, 200))
