import { expect, it } from 'vitest'
import { createBackOff } from './back-off.ts'

it('holds a client back after three refusals within a minute, twice as long each time, until a yes', () => {
  let now = 1_000_000
  const backOff = createBackOff({ now: () => now })
  const decline = () => {
    backOff.declined('a')
    return backOff.left('a')
  }
  expect([decline(), decline(), decline()]).toEqual([0, 0, 30_000])
  expect(backOff.left('b'), 'another client').toBe(0)
  const spans: number[] = []
  for (let n = 0; n < 7; n += 1) {
    now += backOff.left('a')
    expect(backOff.left('a')).toBe(0)
    spans.push(decline() / 1_000)
  }
  expect(spans).toEqual([60, 120, 240, 480, 600, 600, 600])
  backOff.approved('a')
  expect([backOff.left('a'), decline(), decline(), decline()]).toEqual([0, 0, 0, 30_000])
})

it('forgets refusals that are far apart, and a clock that was set back locks nobody out', () => {
  let now = 100_000_000
  const backOff = createBackOff({ now: () => now })
  for (let n = 0; n < 10; n += 1) {
    backOff.declined('a')
    expect(backOff.left('a')).toBe(0)
    now += 31_000
  }
  now += 60_000
  for (let n = 0; n < 3; n += 1) backOff.declined('a')
  expect(backOff.left('a')).toBe(30_000)
  now -= 3_600_000
  expect(backOff.left('a')).toBe(0)
  now += 3 * 3_600_000
  backOff.declined('a')
  expect(backOff.left('a'), 'after half an hour it is the first again').toBe(0)
})
