import { expect, it } from 'vitest'
import { countsWords } from './finding-words.ts'

it('counts what was found, in words', () => {
  const of = (...states: ('ok' | 'warning' | 'failed' | 'skipped')[]) =>
    countsWords(states.map((state) => ({ state })))
  expect(of()).toBe('')
  expect(of('ok', 'ok')).toBe('2 fine')
  expect(of('ok', 'failed')).toBe('1 fine and 1 does not work')
  expect(of('ok', 'warning', 'failed', 'failed', 'skipped')).toBe(
    '1 fine, 1 could be better, 2 do not work and 1 not tried',
  )
})
