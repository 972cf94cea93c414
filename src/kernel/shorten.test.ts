import { describe, expect, it } from 'vitest'
import { shorten } from './shorten.ts'

describe('shorten', () => {
  it('never cuts a character in half', () => {
    const text = '😀'.repeat(10)
    for (let max = 1; max < 20; max += 1) {
      const short = shorten(text, max)
      expect(short.isWellFormed()).toBe(true)
      expect(short).toContain('20 characters')
    }
    expect(shorten(text, 20)).toBe(text)
    expect(shorten('abc', 3)).toBe('abc')
  })
})
