import { expect, it } from 'vitest'
import { ago, countdown, dayAndTime, moment, took } from './time.ts'

const noon = new Date(2026, 10, 21, 12, 0, 0).getTime()
const min = 60_000
const hour = 60 * min

it.each([
  [noon + 5_000, 'just now'],
  [noon - 59_999, 'just now'],
  [noon - min, '1 min ago'],
  [noon - hour + 1, '59 min ago'],
  [noon - 3 * hour, '3 h ago'],
  [noon - 13 * hour, '13 h ago'],
  [noon - 30 * hour, 'yesterday'],
  [noon - 3 * 24 * hour, '3 days ago'],
  [new Date(2026, 2, 12).getTime(), '12 Mar 2026'],
])('ago(%i) is %s', (at, words) => expect(ago(at, noon)).toBe(words))

it.each([
  [600_000, '10:00'],
  [581_000, '9:41'],
  [1, '0:01'],
  [0, '0:00'],
  [-5_000, '0:00'],
])('countdown with %i ms left is %s', (left, words) => expect(countdown(noon + left, noon)).toBe(words))

it.each([
  [0, '<1 ms'],
  [8.4, '8 ms'],
  [999, '999 ms'],
  [999.7, '1.0 s'],
  [1_440, '1.4 s'],
  [59_940, '59.9 s'],
  [59_960, '1 min 0 s'],
  [125_000, '2 min 5 s'],
])('took(%d) is %s', (ms, words) => expect(took(ms)).toBe(words))

it('shows the time of today and the day of others', () => {
  expect(moment(new Date(2026, 10, 21, 9, 5, 7).getTime(), noon)).toBe('09:05:07')
  expect(moment(new Date(2026, 10, 20, 23, 59, 59).getTime(), noon)).toBe('20 Nov 23:59')
})

it('tells a time within a sentence', () => {
  expect(dayAndTime(new Date(2026, 10, 21, 9, 5).getTime(), noon)).toBe('today at 09:05')
  expect(dayAndTime(new Date(2026, 10, 20, 23, 59).getTime(), noon)).toBe('yesterday at 23:59')
  expect(dayAndTime(new Date(2026, 10, 12, 8, 0).getTime(), noon)).toBe('on 12 Nov 2026')
})
