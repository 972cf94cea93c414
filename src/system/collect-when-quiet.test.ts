import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { collectWhenQuiet } from './collect-when-quiet.ts'

/** Milliseconds. */
const every = 10_000

let used = 0
let calls = 0
let collections = 0
let stop = () => {}

beforeEach(() => {
  vi.useFakeTimers()
  used = 0
  collections = 0
  stop = collectWhenQuiet({ calls: () => calls, cpu: () => used, collect: () => (collections += 1), every })
})
afterEach(() => {
  stop()
  vi.useRealTimers()
})

/** A span in which this share of a core was used. */
const span = (share: number) => {
  used += share * every * 1_000
  vi.advanceTimersByTime(every)
  return collections
}

it('collects once after the start, when nothing goes on any more', () => {
  expect([span(0.9), span(0.1), span(0.01), span(0), span(0)]).toEqual([0, 0, 1, 1, 1])
})

it('collects again only after another spell of work', () => {
  span(0)
  expect([span(0.1), span(0), span(0.5), span(0.1), span(0), span(0)]).toEqual([1, 1, 1, 1, 2, 2])
})

it('waits until nobody calls any more, however little the calls cost', () => {
  const calledIn = (share: number) => {
    calls += 1
    return span(share)
  }
  expect([calledIn(0.01), calledIn(0), calledIn(0.001), span(0)]).toEqual([0, 0, 0, 1])
})

it('does nothing any more when it was ended', () => {
  stop()
  expect([span(0), span(0)]).toEqual([0, 0])
})

it('really gives memory back', () => {
  stop()
  vi.useRealTimers()
  const old = () => process.memoryUsage().heapUsed
  let kept: number[][] | null = Array.from({ length: 100 }, () => Array.from({ length: 50_000 }, (_, i) => i))
  const before = old()
  expect(kept).toHaveLength(100)
  kept = null
  return new Promise<void>((resolve) => {
    stop = collectWhenQuiet({ calls: () => 0, cpu: () => 0, every: 20 })
    const look = setInterval(() => {
      if (before - old() < 15_000_000) return
      clearInterval(look)
      resolve()
    }, 10)
  })
})
