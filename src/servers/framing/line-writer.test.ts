import { Writable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { beforeEach, expect, it } from 'vitest'
import { LineWriter } from './line-writer.ts'

let writes: string[]
let stream: Writable
let writer: LineWriter
beforeEach(() => {
  writes = []
  stream = new Writable({
    write(chunk, _encoding, done) {
      writes.push(String(chunk))
      done()
    },
  })
  writer = new LineWriter(stream)
})

it('a line that may not wait goes out at once', async () => {
  for (const line of ['a', 'b', 'c']) {
    writer.write(line, false)
    expect(writes.at(-1)).toBe(`${line}\n`)
  }
  await nextTurn()
  expect(writes).toEqual(['a\n', 'b\n', 'c\n'])
})

it('lines that may wait go out together at the end of the turn, and none passes another', async () => {
  for (const line of ['a', 'b']) writer.write(line, true)
  writer.write('c', false)
  expect(writes).toEqual([])
  await nextTurn()
  expect(writes).toEqual(['a\nb\nc\n'])
  writer.write('d', false)
  writer.write('e', true)
  await nextTurn()
  expect(writes.slice(1)).toEqual(['d\n', 'e\n'])
})

it('counts what waits as unread, and can be told not to wait', async () => {
  writer.write('b'.repeat(1_000), true)
  expect(writer.unread).toBe(1_001)
  writer.flush()
  expect(writes).toEqual([`${'b'.repeat(1_000)}\n`])
  expect(writer.unread).toBe(0)
  await nextTurn()
  expect(writes).toHaveLength(1)
})

it('writes nothing to a stream that was closed in the same turn', async () => {
  writer.write('a', true)
  stream.destroy()
  await nextTurn()
  expect([writes, writer.isOpen]).toEqual([[], false])
})
