import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { TimelineFilter } from '../../../src/contract/timeline.ts'
import { ask, keyOf, usePipe } from '../../pipe/host.tsx'

const PAGE_SIZE = 50

/** The events that pass, newest first, loaded further back when asked to. Asked anew when there are others (live.ts). */
export function useEvents(search: string, filter: TimelineFilter) {
  const pipe = usePipe()
  const input = { limit: PAGE_SIZE, filter, ...(search ? { search } : {}) }
  const query = useInfiniteQuery({
    queryKey: keyOf('timeline.list', input),
    queryFn: ({ pageParam }) =>
      ask(pipe, 'timeline.list', { ...input, ...(pageParam ? { before: pageParam } : {}) }),
    initialPageParam: '',
    getNextPageParam: (last) => (last.length < PAGE_SIZE ? undefined : last.at(-1)?.id),
    placeholderData: keepPreviousData,
  })
  const all = useMemo(() => query.data?.pages.flat() ?? [], [query.data])
  return { ...query, all }
}
