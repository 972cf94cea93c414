import type { Call } from '../../contract/activity.ts'
import { quoted } from '../../storage/database/full-text.ts'

const maxWords = 8
/** As the full-text index cuts texts: by three code points. */
const gram = 3
/** Of one word, from all over it. More narrow nothing down, and each is a look-up. */
const maxGrams = 8
/** Characters of a word that the index is asked for. */
const maxLength = 40

/** A word of a search, in every spelling in which it may be stored. */
export interface Word {
  spellings: readonly string[]
}

/** The words of a search; all must occur. JSON writes quotes and control characters with a backslash, so that counts too. */
export const wordsOf = (search: string): Word[] =>
  search
    .split(/\s+/)
    .filter(Boolean)
    .slice(0, maxWords)
    .map((word) => ({ spellings: [...new Set([word, JSON.stringify(word).slice(1, -1)])] }))

/** Everything of a row that is searched. A line each, so that no word reaches from one into the next. */
export const textOf = (call: Call): string =>
  [call.tool, call.clientName, call.source, call.error, call.arguments, call.result].join('\n')

/** Every word in some field, in any case. */
export function matches(call: Call, words: readonly Word[]): boolean {
  if (words.length === 0) return true
  const text = textOf(call).toLowerCase()
  return words.every(({ spellings }) => spellings.some((one) => text.includes(one.toLowerCase())))
}

/**
 * A full-text query (FTS5, "Full-text Query Syntax", trigram tokenizer) for the rows that hold, of each word, all threes of one of its
 * spellings; null when no word is long enough to narrow anything down. What somebody typed gets into it here only, and only quoted.
 */
export function matchQuery(words: readonly (readonly (readonly string[])[])[]): string | null {
  const useful = words.filter((spellings) => spellings.every((grams) => grams.length > 0))
  if (useful.length === 0) return null
  return useful
    .map((spellings) => `(${spellings.map((grams) => `(${grams.map(quoted).join(' AND ')})`).join(' OR ')})`)
    .join(' AND ')
}

/**
 * Of what every row with all words has at least one: so that the database can leave out most rows without our reading them. The longest
 * part of a word that every spelling of it has and whose case SQLite tells as we do; failing that, a letter in all its cases. Empty: there is
 * no such thing.
 */
export function plainParts(words: readonly Word[]): string[] {
  const parts = words.flatMap(({ spellings }) => spellings[0]!.match(/[!#-[\]-~]+/g) ?? [])
  const longest = parts.reduce((best, part) => (part.length > best.length ? part : best), '')
  if (longest !== '') return [longest.slice(0, 100)]
  const letter = words.flatMap(({ spellings }) => spellings[0]!.match(/\p{L}/gu) ?? [])[0]
  return letter === undefined ? [] : [...new Set([letter, letter.toLowerCase(), letter.toUpperCase()])]
}

/** The threes by which the index knows the word. */
export function gramsOf(word: string): string[] {
  // A NUL would end the query; texts are stored with it written out.
  const points = Array.from(word.replaceAll('\0', ' ').slice(0, maxLength))
  const all = new Set<string>()
  for (let at = 0; at + gram <= points.length; at += 1) {
    const one = points.slice(at, at + gram).join('')
    if (!one.includes(' ')) all.add(one)
  }
  const every = Math.max(1, all.size / maxGrams)
  return [...all].filter((_, place) => Math.floor(place / every) !== Math.floor((place - 1) / every))
}
