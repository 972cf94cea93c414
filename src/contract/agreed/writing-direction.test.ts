import { expect, it } from 'vitest'
import { directionRuns, turnsRound } from './writing-direction.ts'

it.each([
  ['plain /a/../b', false],
  ['/home/אבג/../דהו', true],
  ['١/٢', true],
  ['نص', true],
  ['日本 ελληνικά кириллица', false],
  ['\u{1e900}', true],
])('knows that %j is drawn in another order: %j', (text, turned) => expect(turnsRound(text)).toBe(turned))

it('takes what is written from right to left apart from what stands around it', () => {
  expect(directionRuns('/home/אבג דה/../١')).toEqual([
    { text: '/home/', rightToLeft: false },
    { text: 'אבג דה', rightToLeft: true },
    { text: '/../', rightToLeft: false },
    { text: '١', rightToLeft: true },
  ])
  expect(directionRuns('')).toEqual([])
})
