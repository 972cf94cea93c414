import { useInfiniteQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { ActivityFilter } from '../../../src/contract/activity.ts'
import { passes } from '../../../src/contract/agreed/passes.ts'
import { ask, keyOf, usePipe } from '../../pipe/host.tsx'

/** More than a window shows, and no more than is parsed and filtered without being felt. */
const PAGE_SIZE = 80

const NO_FILTER: ActivityFilter = {}

/** The log, newest first, loaded further back as it is scrolled. Live rows are put in by live.ts. */
export function useActivity(search: string, filter = NO_FILTER, size = PAGE_SIZE) {
  const pipe = usePipe()
  const isFiltered = Object.keys(filter).length > 0
  const input = { limit: size, ...(search ? { search } : {}), ...(isFiltered ? { filter } : {}) }
  const query = useInfiniteQuery({
    queryKey: keyOf('activity.list', input),
    queryFn: ({ pageParam }) =>
      ask(pipe, 'activity.list', { ...input, ...(pageParam ? { before: pageParam } : {}) }),
    initialPageParam: '',
    getNextPageParam: (last) => (last.length < size ? undefined : last.at(-1)?.id),
  })
  const calls = useMemo(() => {
    const seen = new Set<string>()
    // A row pushed over a page's edge by live rows may come again with the next page; one that changed may pass no more.
    return (query.data?.pages.flat() ?? []).filter(
      (call) => !seen.has(call.id) && seen.add(call.id) && passes(call, filter),
    )
  }, [query.data, filter])
  return { ...query, calls }
}
