import { describe, expect, it } from 'vitest'
import { CrashHistory } from './backoff.ts'

describe('crash history', () => {
  it('waits 1, 2, 4, 8 s and gives up at the fifth in ten minutes', () => {
    const history = new CrashHistory(1_000, 5)
    expect([1, 2, 3, 4, 5].map((minute) => history.add(minute * 60_000))).toEqual([
      1_000,
      2_000,
      4_000,
      8_000,
      null,
    ])
  })

  it('forgets what is ten minutes old, and never waits longer than 30 s', () => {
    const history = new CrashHistory(1_000, 5)
    expect([0, 11, 22, 33, 44, 55].map((minute) => history.add(minute * 60_000))).toEqual(
      Array(6).fill(1_000),
    )
    const patient = new CrashHistory(1_000, null)
    expect([1, 2, 3, 4, 5, 6, 7].map((second) => patient.add(second)).at(-1)).toBe(30_000)
  })
})
