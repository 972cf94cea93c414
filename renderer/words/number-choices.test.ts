import { expect, it } from 'vitest'
import { fromChoice, numberChoices } from './number-choices.ts'

it('offers the usual numbers and the one in use, in order, no limit last', () => {
  const words = (value: number | null) => (value === null ? 'No limit' : `${value} a minute`)
  const choices = numberChoices([null, 100, 30], 42, words)
  expect(choices.map((one) => one.label)).toEqual(['30 a minute', '42 a minute', '100 a minute', 'No limit'])
  expect(choices.map((one) => fromChoice(one.value))).toEqual([30, 42, 100, null])
  expect(numberChoices([100], 100, words)).toHaveLength(1)
})
