import type { ActivityFilter, Call } from '../../contract/activity.ts'
import { passes } from '../../contract/agreed/passes.ts'
import { errorText } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log/log.ts'
import { Turns } from '../../kernel/turns.ts'
import type { CallTable, Wanted } from '../call-table.ts'
import { Slice } from '../slice.ts'
import { facetValues, facetWords } from './call-filter.ts'
import type { SearchIndex } from './search-index.ts'
import { gramsOf, matches, matchQuery, plainParts, type Word, wordsOf } from './search-words.ts'

/** Rows that are gone over in one step of the index, which cannot be broken off: more where it is quick. */
const spans = { least: 1_024, most: 2_097_152 }
/** Rows that one search looks at and finds nothing in; then it gives what it has. */
export const mostLooked = 50_000
/** Threes of a word that are looked up: the rarest. More narrow little down. */
const rarest = 6
/** Of a word of one or two letters: one with more of them is in so many rows that it is found without. */
const mostThrees = 200
/** In no text, and no facet's word. */
const nowhere = '\uf8ff\uf8ff\uf8ff'
/** By so many rows at so many places of the index it is told how rare a three is; rows that came together are alike. */
const sample = { places: 2, rows: 256, valid: 5_000 }
/** Shares of the rows: a three in more is of no use beside a rarer one, or at all. */
const mostShares = 5_000
const shares = { common: 1 / 4, useless: 1 / 2, everywhere: 0.9 }
/** What the index goes through in a step, about: rows that have one of the threes. */
const stepRows = 5_000
/** So few in a step are not what it took its time for. */
const fewRows = 500

/** What a search needs to know of what is searched for. */
interface Asked extends Wanted {
  /** For the full-text index; null: it is of no use. */
  query: string | null
}

interface Rarity {
  gram: string
  share: number
}

/**
 * Searches the table from the newest row on, a few milliseconds at a time: the index names candidates, and each is looked at. Rows
 * that are not in the index yet, and all rows when no word is long enough for it, are candidates.
 */
export class CallSearch {
  readonly #table: CallTable
  readonly #index: SearchIndex
  readonly #log: Log
  /** Of what the index was asked for, for as long as not many rows come. */
  readonly #shares = new Map<string, number>()
  #sharesUntil = 0
  #isStopped = false
  /** One after the other: ten at once would hold the thread as long as one of ten times the size. */
  readonly #turns = new Turns()

  constructor(table: CallTable, index: SearchIndex, log: Log) {
    this.#table = table
    this.#index = index
    this.#log = log
  }

  /** Newest first: rows whose seq is below `before`, that pass the filter, and in which all words of `text` occur. */
  find(text: string, filter: ActivityFilter, before: number, limit: number): Promise<Call[]> {
    return this.#turns.take(() => this.#find(wordsOf(text), filter, before, limit))
  }

  stop(): void {
    this.#isStopped = true
  }

  async #find(
    words: readonly Word[],
    filter: ActivityFilter,
    before: number,
    limit: number,
  ): Promise<Call[]> {
    const found: Call[] = []
    if (this.#isStopped) return found
    const slice = new Slice()
    const { query, span: firstSpan } = await this.#query(words, facetWords(filter), slice)
    const asked: Asked = { query, parts: plainParts(words), facets: facetValues(filter) }
    let looked = 0
    let span = firstSpan
    const left = this.#table.ranges(filter).map(({ from, to }) => ({ from, to: Math.min(before, to) }))
    for (let range = left.at(-1); range !== undefined && !this.#isStopped; range = left.at(-1)) {
      const { to } = range
      const from = Math.max(range.from, to - span)
      range.to = from
      if (from <= range.from) left.pop()
      if (from >= to) continue
      const began = performance.now()
      const seqs = this.#candidates(asked, from, to)
      const took = performance.now() - began
      // The index reads all of a three's list however few rows are asked for: smaller steps without rows only do that more often.
      if (took < 2 || (query !== null && seqs.length < fewRows)) span = Math.min(spans.most, 2 * span)
      else if (took > 6) span = Math.max(spans.least, span >> 1)
      for (const seq of seqs) {
        const call = this.#table.at(seq)
        if (call && passes(call, filter) && matches(call, words)) found.push(call)
        else looked += 1
        if (found.length === limit || looked === mostLooked) return found
        await slice.rest()
        if (this.#isStopped) return found
      }
      await slice.rest()
    }
    return found
  }

  /** The rarest threes of each spelling of each word, as a query, and over how many rows at a time to ask it. */
  async #query(
    words: readonly Word[],
    facets: readonly string[],
    slice: Slice,
  ): Promise<{ query: string | null; span: number }> {
    const nothing = { query: null, span: spans.least }
    if (!this.#index.isUsable) return nothing
    const chosen: string[][][] = []
    let share = 0
    for (const word of words) {
      const narrowed = await this.#narrowed(word, slice)
      // What is in most rows, or too much to be asked for, is left to those who look.
      if (narrowed === null || narrowed.share >= shares.useless) continue
      chosen.push(narrowed.alternatives)
      share += narrowed.share
    }
    for (const facet of facets) {
      const one = this.#shareOf([[facet]])
      await slice.rest()
      if (one >= shares.everywhere) continue
      chosen.push([[facet]])
      share = chosen.length === 1 ? one : Math.min(share, one)
    }
    const span = Math.min(spans.most, Math.max(spans.least, Math.floor(stepRows / share)))
    return chosen.length === 0 ? nothing : { query: matchQuery(chosen), span }
  }

  /** Rows with the word have all threes of one of the alternatives; null: the index is of no use for it. */
  async #narrowed(
    { spellings }: Word,
    slice: Slice,
  ): Promise<{ alternatives: string[][]; share: number } | null> {
    const alternatives: string[][] = []
    let share = 0
    for (const one of spellings) {
      const grams = gramsOf(one)
      const rarest = await this.#rarest(grams, slice)
      const threes = grams.length === 0 ? await this.#beginningWith(one, slice) : null
      if (threes !== null) {
        const any = threes.length === 0 ? [[nowhere]] : threes.map((three) => [three])
        alternatives.push(...any)
        share += this.#shareOf(any)
      } else if (rarest[0] !== undefined) {
        alternatives.push(rarest.map(({ gram }) => gram))
        share += rarest[0].share
      } else return null
    }
    return { alternatives, share }
  }

  /**
   * The threes of the index that begin with a word too short to have one: behind each of its letters more follows in the index, the
   * facets at least. Null: so many that it is nothing rare, and is found soon without.
   */
  async #beginningWith(word: string, slice: Slice): Promise<string[] | null> {
    if (word.includes('\0')) return null
    // As the index folds them, each letter by itself: µ is μ to it, and ς is σ.
    const folded = Array.from(word, (letter) => letter.toUpperCase().toLowerCase()).join('')
    const found = new Set<string>()
    for (const begin of new Set([word.toLowerCase(), word.toUpperCase(), word, folded]))
      for (
        let three = this.#index.three(begin);
        three?.startsWith(begin);
        three = this.#index.three(`${three}\u0001`)
      ) {
        found.add(three)
        if (found.size > mostThrees) return null
        await slice.rest()
        if (this.#isStopped) return null
      }
    return [...found]
  }

  async #rarest(grams: readonly string[], slice: Slice): Promise<Rarity[]> {
    const known: Rarity[] = []
    for (const gram of grams) {
      if (this.#isStopped) break
      known.push({ gram, share: this.#shareOf([[gram]]) })
      await slice.rest()
    }
    known.sort((a, b) => a.share - b.share)
    return known.filter(({ share }, place) => place === 0 || (place < rarest && share < shares.common))
  }

  /** The share of the rows that have all threes of one of the alternatives, by a sample; never quite nothing. */
  #shareOf(alternatives: readonly (readonly string[])[]): number {
    const { last } = this.#index
    if (last > this.#sharesUntil || this.#shares.size > mostShares) {
      this.#shares.clear()
      this.#sharesUntil = last + sample.valid
    }
    const query = matchQuery([alternatives])!
    const known = this.#shares.get(query)
    if (known !== undefined) return known
    let rows = 1
    // Not at round numbers, at which what is counted up is alike.
    for (let place = 0.618; place < sample.places; place += 1) {
      const to = Math.ceil((last * place) / sample.places) + 1
      rows += this.#index.find(query, to - sample.rows, to).length
    }
    const share = rows / (sample.places * sample.rows)
    this.#shares.set(query, share)
    return share
  }

  #candidates(asked: Asked, from: number, to: number): readonly number[] {
    const { query } = asked
    if (query === null) return this.#table.seqs(from, to, asked)
    const end = Math.min(to, this.#index.last + 1)
    try {
      const fresh = end < to ? this.#table.seqs(Math.max(from, end), to, asked) : []
      const seqs = end > from ? this.#index.find(query, from, end) : []
      const behind = this.#table.changedSeqs(from, end, asked)
      const older = behind.length === 0 ? seqs : [...new Set([...seqs, ...behind])].sort((a, b) => b - a)
      return fresh.length === 0 ? older : [...fresh, ...older]
    } catch (error) {
      this.#log.warn('activity.search', { error: errorText(error) })
      return this.#table.seqs(from, to, asked)
    }
  }
}
