import { describe, expect, it } from 'vitest'
import { answeredId, LineSplitter, type Overlong } from './line-splitter.ts'

describe('LineSplitter', () => {
  const split = (maxBytes: number, chunks: string[]) => {
    const lines: string[] = []
    const overlong: Overlong[] = []
    const splitter = new LineSplitter(
      maxBytes,
      (line) => lines.push(line),
      (line) => overlong.push(line),
    )
    for (const chunk of chunks) splitter.push(Buffer.from(chunk))
    splitter.end()
    return { lines, overlong }
  }

  it('joins what was cut, wherever it was cut', () => {
    const text = 'first\r\nsécond ü\n\nthird'
    for (let size = 1; size < 12; size += 1) {
      const bytes = Buffer.from(text)
      const lines: string[] = []
      const splitter = new LineSplitter(
        100,
        (line) => lines.push(line),
        () => {},
      )
      for (let from = 0; from < bytes.length; from += size) splitter.push(bytes.subarray(from, from + size))
      splitter.end()
      expect(lines).toEqual(['first', 'sécond ü', 'third'])
    }
  })

  it('drops a long line and reads the next', () => {
    const { lines, overlong } = split(10, ['short\n', 'x'.repeat(8), 'y'.repeat(2_000), 'z\nnext\n'])
    expect(lines).toEqual(['short', 'next'])
    expect(overlong).toHaveLength(1)
    expect(overlong[0]!.bytes).toBe(2_009)
    expect(overlong[0]!.head.startsWith('xxxxxxxxy')).toBe(true)
    expect(overlong[0]!.tail.endsWith('yz')).toBe(true)
  })

  it('tells which call an overlong line answered, and is not fooled by the content', () => {
    const overlong = (line: string) => answeredId({ head: line.slice(0, 256), tail: line.slice(-256) })
    const filler = 'x'.repeat(1_000)
    expect(overlong(`{"jsonrpc":"2.0","id":7,"result":{"t":"${filler}"}}`)).toBe(7)
    expect(overlong(`{"result":{"t":"${filler}"},"jsonrpc":"2.0","id":8}`)).toBe(8)
    expect(overlong(`{"result":{"t":"${filler}","a":{"id":9}},"jsonrpc":"2.0"}`)).toBeNull()
    expect(overlong(`{"method":"x","params":{"t":"${filler}","id":9}}`)).toBeNull()
  })
})
