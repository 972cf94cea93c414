import { useInfiniteQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { ask, keyOf, usePipe } from '../../pipe/host.tsx'

const PAGE_SIZE = 200

/** The log, newest first, loaded further back as it is scrolled. Live rows are put in by live.ts. */
export function useActivity(search: string, size = PAGE_SIZE) {
  const pipe = usePipe()
  const input = { limit: size, ...(search ? { search } : {}) }
  const query = useInfiniteQuery({
    queryKey: keyOf('activity.list', input),
    queryFn: ({ pageParam }) =>
      ask(pipe, 'activity.list', { ...input, ...(pageParam ? { before: pageParam } : {}) }),
    initialPageParam: '',
    getNextPageParam: (last) => (last.length < size ? undefined : last.at(-1)?.id),
  })
  const calls = useMemo(() => {
    const seen = new Set<string>()
    // A row pushed over a page's edge by live rows may come again with the next page.
    return (query.data?.pages.flat() ?? []).filter((call) => !seen.has(call.id) && seen.add(call.id))
  }, [query.data])
  return { ...query, calls }
}
