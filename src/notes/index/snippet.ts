import { plain, stemOf } from './words.ts'

const length = 320
/** How much of a document is looked through for the best place. */
const lookedAt = 200_000

/** The part of a text in which most of the words are, and which section it is in. */
export function snippetOf(sections: readonly { label: string; text: string }[], words: readonly string[]) {
  const stems = words.map((word) => stemOf(word))
  let best = { section: 0, at: 0, score: -1 }
  let left = lookedAt
  for (const [section, { text }] of sections.entries()) {
    if (left <= 0) break
    const part = plainSame(text.slice(0, left))
    left -= part.length
    const found = bestPlace(part, stems)
    if (found.score > best.score) best = { section, ...found }
  }
  const text = sections[best.section]?.text ?? ''
  const from = Math.max(0, best.at - 80)
  const start = from === 0 ? 0 : text.indexOf(' ', from) + 1 || from
  const piece = text
    .slice(start, start + length)
    .replace(/\s+/g, ' ')
    .trim()
  const more = start + length < text.length ? '…' : ''
  return { section: best.section, text: `${start > 0 ? '…' : ''}${piece}${more}` }
}

/** As `plain`, with everything at the same place, or left as it is. */
function plainSame(text: string): string {
  const other = plain(text)
  return other.length === text.length ? other : text.toLowerCase()
}

function bestPlace(text: string, stems: readonly string[]): { at: number; score: number } {
  const places: { at: number; stem: number }[] = []
  for (const [stem, word] of stems.entries())
    for (
      let at = text.indexOf(word), n = 0;
      at >= 0 && n < 50;
      at = text.indexOf(word, at + word.length), n += 1
    )
      places.push({ at, stem })
  places.sort((a, b) => a.at - b.at)
  let best = { at: 0, score: 0 }
  for (const [n, { at }] of places.entries()) {
    const seen = new Set<number>()
    for (let next = n; next < places.length && places[next]!.at < at + length - 80; next += 1)
      seen.add(places[next]!.stem)
    if (seen.size > best.score) best = { at, score: seen.size }
  }
  return best
}
