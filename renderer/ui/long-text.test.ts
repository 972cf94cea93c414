import { describe, expect, it } from 'vitest'
import { shownJson } from '../../src/contract/agreed/visible-text.ts'
import { chunksOf } from './long-text.tsx'

describe('long text in chunks', () => {
  it.each([
    ['', 0],
    ['short', 1],
    ['x'.repeat(1_000_000), 500],
    ['\\', 1],
    ['🙂'.repeat(4_000), 2],
    [shownJson('\u202e'.repeat(4_000)), 3],
  ])('is whole and in few pieces', (text, count) => {
    const chunks = chunksOf(text)
    expect(chunks.join('')).toBe(text)
    expect(chunks).toHaveLength(count)
  })

  it('is cut at ends of lines, and never within an escape or a letter', () => {
    const value = Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`key${at}`, at]))
    const lines = chunksOf(shownJson(value))
    expect(lines.join('')).toBe(shownJson(value))
    expect(lines.slice(0, -1).every((chunk) => chunk.endsWith('\n'))).toBe(true)
    for (const chunk of chunksOf(shownJson(`x\\${'"\u202e🙂\\'.repeat(9_000)}`)))
      expect(chunk).not.toMatch(/^(?:u[\da-f]{4}|[\udc00-\udfff])|(?<!\\)(?:\\\\)*\\$/u)
  })
})
