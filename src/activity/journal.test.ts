import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lineOf, openJournal, readLines } from './journal.ts'

let folder: string
let file: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drawbridge journal %20#?ö '))
  file = join(folder, 'activity.journal')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const rows = [{ id: 'a', text: 'Grüße\n😀 \ud800' }, { id: 'b' }, ['c', null], { id: 'd', text: '"\\' }]
const jsons = rows.map((row) => JSON.stringify(row))
const whole = Buffer.from(jsons.map(lineOf).join(''))

it('gives back what was written, in one write or in several, and is its owner’s alone', () => {
  const { journal, values, cut } = openJournal(file)
  expect({ values, cut }).toEqual({ values: [], cut: 0 })
  journal.append(jsons.slice(0, 3))
  journal.append(jsons.slice(3))
  expect(journal.size).toBe(whole.length)
  journal.close()
  expect(readFileSync(file)).toEqual(whole)
  const again = openJournal(file)
  expect(again.values).toEqual(rows)
  again.journal.close()
  if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600)
})

it('is empty once it was cleared, and goes on from there', () => {
  const { journal } = openJournal(file)
  journal.append(jsons)
  expect(journal.epoch).toBe(0)
  expect(journal.clear()).toBe(true)
  expect([journal.epoch, journal.size, statSync(file).size]).toEqual([1, 0, 0])
  journal.append([jsons[1]!])
  journal.close()
  expect(openJournal(file).values).toEqual([rows[1]])
})

it('writes nothing after it was closed', () => {
  const { journal } = openJournal(file)
  journal.append(jsons)
  journal.close()
  journal.close()
  // Gets the number that the journal had.
  const other = openSync(join(folder, 'other'), 'w')
  expect(() => journal.append(jsons)).toThrow('closed')
  expect(journal.clear()).toBe(false)
  closeSync(other)
  expect(statSync(join(folder, 'other')).size).toBe(0)
  expect(readFileSync(file)).toEqual(whole)
})

// Reckoned by zlib elsewhere: a journal of an earlier version must still be read.
it.each([
  ['{"a":1}', '561bacaf'],
  ['{"ends":"ä"}', '1ef3074f'],
  ['{"n":40}', '08c306af'],
])('the sum of %s is eight digits, its zeros included', (json, sum) => {
  expect(lineOf(json)).toBe(`${sum} ${json}\n`)
})

describe('a damaged journal', () => {
  it('cut off at any byte holds the rows before the cut', () => {
    const ends = jsons.map((_, n) =>
      Buffer.byteLength(
        jsons
          .slice(0, n + 1)
          .map(lineOf)
          .join(''),
      ),
    )
    for (let length = 0; length <= whole.length; length += 1) {
      const { values, good } = readLines(whole.subarray(0, length))
      const expected = ends.filter((end) => end <= length).length
      expect(values).toEqual(rows.slice(0, expected))
      expect(good).toBe(expected === 0 ? 0 : ends[expected - 1])
    }
  })

  it('with any byte changed holds the rows before it', () => {
    for (let at = 0; at < whole.length; at += 1) {
      const changed = Buffer.from(whole)
      changed[at]! ^= 1 << (at % 8)
      const { values } = readLines(changed)
      const before = whole.subarray(0, at).filter((byte) => byte === 10).length
      expect(values).toEqual(rows.slice(0, before))
    }
  })

  it.each([
    ['zeros, as a power cut leaves them', Buffer.alloc(4096)],
    ['line breaks', Buffer.from('\n\n\n')],
    ['a line without its sum', Buffer.from('{"id":"x"}\n')],
    ['a sum of something that is no JSON', Buffer.from(lineOf('nonsense'))],
  ])('loses its tail of %s for good', (_name, tail) => {
    writeFileSync(file, Buffer.concat([whole, tail, whole]))
    const { journal, values, cut } = openJournal(file)
    expect(values).toEqual(rows)
    expect(cut).toBe(tail.length + whole.length)
    journal.append([jsons[0]!])
    journal.close()
    expect(openJournal(file).values).toEqual([...rows, rows[0]])
  })
})

it('says so when it cannot be opened', () => {
  expect(() => openJournal(join(folder, 'none', 'x'))).toThrow(
    expect.objectContaining({ code: 'data-folder-unwritable' }),
  )
  expect(() => openJournal(folder)).toThrow(expect.objectContaining({ code: 'data-folder-unwritable' }))
})
