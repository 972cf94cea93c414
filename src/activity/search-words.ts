import type { Call } from '../contract/activity.ts'

const maxWords = 8
/** As the full-text index cuts texts: by three code points. */
const gram = 3
/** Of one word. More narrow nothing down, and each is a look-up. */
const maxGrams = 16

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
 * The longest part of a word that every spelling of it has and whose case SQLite tells as we do; null when there is none. What has all
 * words has it, so that the database can leave out most rows without our reading them.
 */
export function plainPart(words: readonly Word[]): string | null {
  const parts = words.flatMap(({ spellings }) => spellings[0]!.match(/[!#-[\]-~]+/g) ?? [])
  const longest = parts.reduce((best, part) => (part.length > best.length ? part : best), '')
  return longest === '' ? null : longest.slice(0, 100)
}

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`

/** The threes by which the index knows the word. */
export function gramsOf(word: string): string[] {
  // A NUL would end the query; texts are stored with it written out.
  const points = Array.from(word.replaceAll('\0', ' ').slice(0, 2 * (maxGrams + gram)))
  const grams = new Set<string>()
  for (let at = 0; at + gram <= points.length && grams.size < maxGrams; at += 1) {
    const one = points.slice(at, at + gram).join('')
    if (!one.includes(' ')) grams.add(one)
  }
  return [...grams]
}
