import { expect, it } from 'vitest'
import type { Call } from '../../src/contract/models.ts'
import { mergeCalls } from './live.ts'

const call = (id: string, at: number, outcome: Call['outcome'] = 'answered') => ({ id, at, outcome }) as Call
const ids = (pages: Call[][]) => pages.map((page) => page.map((one) => one.id))

it('puts new calls on top, newest first', () => {
  const pages = mergeCalls([[call('b', 2), call('a', 1)]], [call('c', 3), call('d', 4)])
  expect(ids(pages)).toEqual([['d', 'c', 'b', 'a']])
})

it('replaces a call where it stands, on any page', () => {
  const pages = mergeCalls(
    [[call('b', 2, 'running')], [call('a', 1, 'running')]],
    [call('a', 1), call('b', 2)],
  )
  expect(ids(pages)).toEqual([['b'], ['a']])
  expect(pages.flat().map((one) => one.outcome)).toEqual(['answered', 'answered'])
})

it('keeps the last word on a call told twice in one beat', () => {
  const [page] = mergeCalls([[]], [call('a', 1, 'running'), call('a', 1, 'failed')])
  expect(page).toEqual([call('a', 1, 'failed')])
})

it('does not put an old row on top that belongs to a page not loaded', () => {
  expect(ids(mergeCalls([[call('z', 9)]], [call('old', 1)]))).toEqual([['z']])
})
