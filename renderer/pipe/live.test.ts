import { QueryClient, QueryObserver } from '@tanstack/react-query'
import { afterEach, expect, it, vi } from 'vitest'
import type { Call } from '../../src/contract/activity.ts'
import { keyOf } from './host.tsx'
import { goLive, mergeCalls } from './live.ts'
import type { ShellPipe } from './shell-pipe.ts'

afterEach(() => vi.useRealTimers())

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

it('asks for a search again only now and then while calls arrive, and never for the plain list', async () => {
  vi.useFakeTimers()
  const client = new QueryClient()
  let tell: (name: string, payload: unknown) => void = () => {}
  const pipe = {
    on: (listen: typeof tell) => {
      tell = listen
      return () => {}
    },
    onLink: () => () => {},
  } as unknown as ShellPipe
  const stop = goLive(pipe, client)
  const asked = { search: 0, plain: 0 }
  const watch = (kind: 'search' | 'plain', input: object) =>
    new QueryObserver(client, {
      queryKey: keyOf('activity.list', input as never),
      queryFn: () => {
        asked[kind] += 1
        return { pages: [[]], pageParams: [''] }
      },
      staleTime: Number.POSITIVE_INFINITY,
    }).subscribe(() => {})
  watch('search', { limit: 200, search: 'x' })
  watch('plain', { limit: 200 })
  await vi.advanceTimersByTimeAsync(0)
  expect(asked).toEqual({ search: 1, plain: 1 })
  for (let n = 0; n < 300; n += 1) {
    tell('activity.added', call(`c${n}`, n))
    await vi.advanceTimersByTimeAsync(50)
  }
  // 15 seconds of calls.
  expect(asked.plain).toBe(1)
  expect(asked.search).toBeGreaterThanOrEqual(3)
  expect(asked.search).toBeLessThanOrEqual(4)
  stop()
})
