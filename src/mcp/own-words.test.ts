import { expect, it } from 'vitest'
import { counted, lasting } from './own-words.ts'

it('counts one and several', () => {
  expect(counted(1, 'star')).toBe('1 star')
  expect(counted(0, 'star')).toBe('0 stars')
  expect(counted(1_204, 'star')).toBe('1,204 stars')
})

it('says how long in the unit that tells most', () => {
  const minute = 60_000
  const lengths = [0, minute, 89 * minute, 90 * minute, 35 * 60 * minute, 36 * 60 * minute]
  expect(lengths.map(lasting)).toEqual([
    '0 minutes',
    '1 minute',
    '89 minutes',
    '2 hours',
    '35 hours',
    '2 days',
  ])
})
