import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Call } from '../contract/activity.ts'
import { errorText } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'
import type { SearchIndex } from './search-index.ts'
import { matches, matchQuery, plainPart, type Word } from './search-words.ts'
import type { createCallStore } from './store.ts'

/** How long a search holds the thread at a time. Milliseconds. */
const sliceMs = 6
/** Rows that are gone over in one step of the index, which cannot be broken off: more where it is quick. */
const spans = { first: 1_024, least: 1_024, most: 32_768 }
/** Rows that one search looks at and finds nothing in; then it gives what it has. */
export const mostLooked = 50_000

/**
 * Searches the table from the newest row on, a few milliseconds at a time: the index names candidates, and each is looked at. Rows
 * that are not in the index yet, and all rows when no word is long enough for it, are candidates.
 */
export function createSearch(deps: {
  store: ReturnType<typeof createCallStore>
  index: SearchIndex
  log: Log
  isStopped(): boolean
}) {
  const { store, index, log, isStopped } = deps
  /** One after the other: ten at once would hold the thread as long as one of ten times the size. */
  let last: Promise<unknown> = Promise.resolve()

  function candidates(words: readonly Word[], from: number, to: number): readonly number[] {
    const query = matchQuery(words)
    const part = plainPart(words)
    if (query === null || !index.isUsable) return store.seqs(from, to, 'all', part)
    try {
      const seqs = index.find(query, from, to)
      const behind = store.seqs(from, to, 'unindexed', part)
      return behind.length === 0 ? seqs : [...new Set([...seqs, ...behind])].sort((a, b) => b - a)
    } catch (error) {
      log.warn('activity.search', { error: errorText(error) })
      return store.seqs(from, to, 'all', part)
    }
  }

  async function run(words: readonly Word[], before: number, limit: number): Promise<Call[]> {
    const found: Call[] = []
    const first = store.firstSeq()
    let looked = 0
    let began = performance.now()
    let span = spans.first
    for (let to = before, from = to; to > first; to = from) {
      from = Math.max(first, to - span)
      const asked = performance.now()
      const seqs = candidates(words, from, to)
      const took = performance.now() - asked
      if (took < 2) span = Math.min(spans.most, 2 * span)
      else if (took > 6) span = Math.max(spans.least, span >> 1)
      for (const seq of seqs) {
        const call = store.at(seq)
        if (call && matches(call, words)) {
          found.push(call)
          if (found.length === limit) return found
        } else if (++looked === mostLooked) return found
        if (performance.now() - began < sliceMs) continue
        await nextTurn()
        if (isStopped()) return found
        began = performance.now()
      }
      if (performance.now() - began < sliceMs) continue
      await nextTurn()
      if (isStopped()) return found
      began = performance.now()
    }
    return found
  }

  /** `before`: only rows with a smaller seq. */
  return (words: readonly Word[], before: number, limit: number): Promise<Call[]> => {
    const turn = last.then(() => (isStopped() ? [] : run(words, before, limit)))
    last = turn.catch(() => {})
    return turn
  }
}
