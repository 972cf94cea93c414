import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { silentLog } from './log.ts'
import { createSampledLog } from './sampled-log.ts'
import { createSampler } from './sampler.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())
const clock = { now: () => Date.now() }

it('lets so many of a kind through in a minute, and says how many more there were', () => {
  const told: [string, number][] = []
  const sampler = createSampler<string>({
    clock,
    perMinute: 3,
    told: (last, more) => told.push([last, more]),
  })
  const taken = Array.from({ length: 4_315 }, (_, n) => sampler.take('a', `a${n}`)).filter(Boolean)
  expect(taken).toHaveLength(3)
  expect(sampler.take('b', 'b'), 'another kind').toBe(true)
  expect(told).toEqual([])
  vi.advanceTimersByTime(60_000)
  expect(told).toEqual([['a4314', 4_312]])
  // it went on, so the next span is two minutes, then four …
  const spans: number[] = []
  for (let round = 0; round < 9; round += 1) {
    for (let n = 0; n < 10; n += 1) sampler.take('a', 'again')
    const began = Date.now()
    while (told.length === round + 1) vi.advanceTimersByTime(60_000)
    spans.push((Date.now() - began) / 60_000)
  }
  expect(spans).toEqual([2, 4, 8, 16, 32, 60, 60, 60, 60])
  vi.advanceTimersByTime(3_600_000)
  sampler.take('a', 'quiet again')
  vi.advanceTimersByTime(3_600_000)
  for (let n = 0; n < 4; n += 1) sampler.take('a', 'after quiet')
  vi.advanceTimersByTime(60_000)
  expect(told.at(-1)).toEqual(['after quiet', 1])
})

it('tells the rest at the end, and forgets kinds that are too many', () => {
  const told: [string, number][] = []
  const sampler = createSampler<string>({
    clock,
    perMinute: 1,
    told: (last, more) => told.push([last, more]),
  })
  for (let n = 0; n < 1_001; n += 1) for (let twice = 0; twice < 2; twice += 1) sampler.take(`k${n}`, `${n}`)
  expect(told).toEqual([['0', 1]])
  sampler.close()
  expect(told).toHaveLength(1_001)
})

it('keeps a log from being filled by what comes from outside, and nothing of its own back', () => {
  const lines: string[] = []
  const log = {
    ...silentLog,
    info: (event: string, fields?: object) => lines.push(`${event} ${JSON.stringify(fields)}`),
  }
  const sampled = createSampledLog(log as never, clock)
  for (let n = 0; n < 5_000; n += 1) sampled.info('oauth.token-refused', { n })
  for (let n = 0; n < 100; n += 1) sampled.info('tunnel.state', { n })
  expect(lines.filter((line) => line.startsWith('oauth'))).toHaveLength(20)
  expect(lines.filter((line) => line.startsWith('tunnel'))).toHaveLength(100)
  for (let n = 0; n < 100; n += 1) sampled.info('tunnel.helper', { n })
  expect(lines.filter((line) => line.startsWith('tunnel.helper'))).toHaveLength(20)
  vi.advanceTimersByTime(60_000)
  expect(lines).toContain('oauth.token-refused {"more":4980,"said":"… and 4,980 more like this"}')
})
