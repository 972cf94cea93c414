import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Call } from '../contract/activity.ts'
import { errorText } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'
import type { CallTable } from './call-table.ts'
import type { SearchIndex } from './search-index.ts'
import { gramsOf, matches, matchQuery, plainPart, type Word, wordsOf } from './search-words.ts'

/** How long a search holds the thread at a time. Milliseconds. */
const sliceMs = 6
/** Rows that are gone over in one step of the index, which cannot be broken off: more where it is quick. */
const spans = { first: 1_024, least: 1_024, most: 262_144 }
/** Rows that one search looks at and finds nothing in; then it gives what it has. */
export const mostLooked = 50_000
/** Threes of a word that are looked up: the rarest. More narrow little down, and each is gone through. */
const rarest = 3
/** The newest rows of the index, by which it is told how rare a three is. */
const sampled = 2_048

/** What a search needs to know of what is searched for. */
interface Asked {
  words: readonly Word[]
  /** For the full-text index; null: it is of no use. */
  query: string | null
  /** What has all words has this part. */
  part: string | null
  before: number
  limit: number
}

/** Lets other work have the thread once it was held for long enough. */
class Slice {
  #began = performance.now()

  async rest(): Promise<void> {
    if (performance.now() - this.#began < sliceMs) return
    await nextTurn()
    this.#began = performance.now()
  }
}

/**
 * Searches the table from the newest row on, a few milliseconds at a time: the index names candidates, and each is looked at. Rows
 * that are not in the index yet, and all rows when no word is long enough for it, are candidates.
 */
export class CallSearch {
  readonly #table: CallTable
  readonly #index: SearchIndex
  readonly #log: Log
  #isStopped = false
  /** One after the other: ten at once would hold the thread as long as one of ten times the size. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(table: CallTable, index: SearchIndex, log: Log) {
    this.#table = table
    this.#index = index
    this.#log = log
  }

  /** Newest first: rows whose seq is below `before` and in which all words of `text` occur. */
  find(text: string, before: number, limit: number): Promise<Call[]> {
    const turn = this.#last.then(() => this.#find(wordsOf(text), before, limit))
    this.#last = turn.catch(() => {})
    return turn
  }

  stop(): void {
    this.#isStopped = true
  }

  async #find(words: readonly Word[], before: number, limit: number): Promise<Call[]> {
    const found: Call[] = []
    if (this.#isStopped) return found
    const slice = new Slice()
    const query = await this.#query(words, slice)
    const asked: Asked = { words, query, part: plainPart(words), before, limit }
    const top = Math.min(before, this.#table.lastSeq() + 1)
    const first = this.#table.firstSeq()
    let looked = 0
    let span = spans.first
    for (let to = top, from = to; to > first && !this.#isStopped; to = from) {
      from = Math.max(first, to - span)
      const began = performance.now()
      const seqs = this.#candidates(asked, from, to)
      const took = performance.now() - began
      if (took < 2) span = Math.min(spans.most, 2 * span)
      else if (took > 6) span = Math.max(spans.least, span >> 1)
      for (const seq of seqs) {
        const call = this.#table.at(seq)
        if (call && matches(call, words)) found.push(call)
        else looked += 1
        if (found.length === limit || looked === mostLooked) return found
        await slice.rest()
        if (this.#isStopped) return found
      }
      await slice.rest()
    }
    return found
  }

  /** The rarest threes of each spelling of each word, as a query. */
  async #query(words: readonly Word[], slice: Slice): Promise<string | null> {
    if (!this.#index.isUsable) return null
    const chosen: string[][][] = []
    for (const { spellings } of words) {
      const grams: string[][] = []
      for (const one of spellings) grams.push(await this.#rarest(gramsOf(one), slice))
      chosen.push(grams)
    }
    return matchQuery(chosen)
  }

  async #rarest(grams: readonly string[], slice: Slice): Promise<string[]> {
    if (grams.length <= rarest) return [...grams]
    const counted: { gram: string; rows: number }[] = []
    const { last } = this.#index
    for (const gram of grams) {
      if (this.#isStopped) break
      const query = matchQuery([[[gram]]])!
      counted.push({ gram, rows: this.#index.find(query, last - sampled, last + 1).length })
      await slice.rest()
    }
    counted.sort((a, b) => a.rows - b.rows)
    return counted.slice(0, rarest).map(({ gram }) => gram)
  }

  #candidates({ query, part }: Asked, from: number, to: number): readonly number[] {
    if (query === null) return this.#table.seqs(from, to, part)
    const end = Math.min(to, this.#index.last + 1)
    try {
      const fresh = end < to ? this.#table.seqs(Math.max(from, end), to, part) : []
      const seqs = end > from ? this.#index.find(query, from, end) : []
      const behind = this.#table.changedSeqs(from, end, part)
      const older = behind.length === 0 ? seqs : [...new Set([...seqs, ...behind])].sort((a, b) => b - a)
      return fresh.length === 0 ? older : [...fresh, ...older]
    } catch (error) {
      this.#log.warn('activity.search', { error: errorText(error) })
      return this.#table.seqs(from, to, part)
    }
  }
}
