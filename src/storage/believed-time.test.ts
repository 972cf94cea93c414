import { expect, it } from 'vitest'
import { BelievedTime } from './believed-time.ts'

const day = 24 * 3_600_000

it('goes on with the clock, also back', () => {
  const time = new BelievedTime(100 * day, () => 0)
  for (const now of [101, 107, 114, 90, 97]) expect(time.at(now * day)).toBe(now * day)
  expect(new BelievedTime(null).at(5_000 * day)).toBe(5_000 * day)
})

it('stays behind a clock that leapt, until that has gone on for a day of running', () => {
  let running = 0
  const time = new BelievedTime(100 * day, () => running)
  expect(time.at(220 * day)).toBe(100 * day)
  running += 23 * 3_600_000
  expect(time.at(221 * day)).toBe(100 * day)
  running += 3_600_000
  expect(time.at(221 * day)).toBe(221 * day)
  expect(time.at(222 * day)).toBe(222 * day)
})

it('begins again with each leap', () => {
  let running = 0
  const time = new BelievedTime(100 * day, () => running)
  for (let n = 0; n < 10; n += 1) {
    expect(time.at(220 * day)).toBe((100 + n) * day)
    running += day / 2
    expect(time.at((101 + n) * day)).toBe((101 + n) * day)
    running += day
  }
})
