import type { InfiniteData, QueryClient } from '@tanstack/react-query'
import type { EventName, Payload } from '../../src/contract/api.ts'
import type { Call, Status } from '../../src/contract/models.ts'
import { keyOf } from './host.tsx'
import type { ShellPipe } from './shell-pipe.ts'

/** Calls arriving within one beat are put into the list together: a busy client must not redraw the page per call. */
const BEAT_MS = 100
/** A search is asked again at most this often while calls arrive: the host has to look through the log for it. */
const SEARCH_MS = 5_000

type Handlers = { [K in EventName]: (payload: Payload<K>) => void }

/** Maps the host's events to what the pages show. Returns the function that stops it. */
export function goLive(pipe: ShellPipe, client: QueryClient): () => void {
  let calls: Call[] = []
  let beat: ReturnType<typeof setTimeout> | null = null
  let searching: ReturnType<typeof setTimeout> | null = null
  const put = (key: readonly unknown[], value: unknown) => {
    // An answer still under way is older than what is told now, and must not overwrite it.
    void client.cancelQueries({ queryKey: key, exact: true })
    client.setQueryData(key, value)
  }
  const stale = (name: string) => void client.invalidateQueries({ queryKey: [name] })

  const searchAgain = () => {
    searching = null
    void client.invalidateQueries({
      queryKey: ['activity.list'],
      predicate: ({ queryKey }) => Boolean((queryKey[1] as { search?: string } | null)?.search),
    })
  }
  const flush = () => {
    beat = null
    const arrived = calls
    calls = []
    for (const query of client.getQueryCache().findAll({ queryKey: ['activity.list'] })) {
      const input = query.queryKey[1] as { search?: string } | null
      // A search is the host's to answer, a little later; the plain list is simply what arrived, on top.
      if (input?.search) searching ??= setTimeout(searchAgain, SEARCH_MS)
      else
        client.setQueryData<InfiniteData<Call[]>>(
          query.queryKey,
          (old) => old && { ...old, pages: mergeCalls(old.pages, arrived) },
        )
    }
    for (const call of arrived) client.setQueryData(keyOf('activity.get', { id: call.id }), call)
    stale('grants.list')
  }

  const handlers: Handlers = {
    'status.changed': (status) => {
      const before = client.getQueryData<Status>(keyOf('status.get'))
      put(keyOf('status.get'), status)
      // Every workspace's address begins with it.
      if (before?.bridge.publicUrl !== status.bridge.publicUrl) stale('workspaces.list')
    },
    'notices.added': () => stale('status.get'),
    'connections.changed': (list) => put(keyOf('connections.list'), list),
    'approvals.changed': (list) => put(keyOf('approvals.list'), list),
    'connections.asked': () => stale('connections.list'),
    'approvals.asked': () => stale('approvals.list'),
    'grants.changed': () => stale('grants.list'),
    'servers.changed': () => {
      stale('servers.list')
      stale('tools.list')
    },
    'clients.changed': () => stale('clients.list'),
    'workspaces.changed': () => stale('workspaces.list'),
    'preferences.changed': (preferences) => put(keyOf('preferences.get'), preferences),
    'tools.changed': () => {
      stale('tools.list')
      // Who has an old list is told with the grants.
      stale('grants.list')
    },
    'connect.changed': (flow) => client.setQueryData(keyOf('connect.flow', { client: flow.client }), flow),
    'activity.added': (call) => {
      calls.push(call)
      beat ??= setTimeout(flush, BEAT_MS)
    },
  }

  const stopEvents = pipe.on((name, payload) => {
    // A host newer than this page may tell more than the page knows.
    if (Object.hasOwn(handlers, name))
      (handlers as Record<string, (payload: unknown) => void>)[name]?.(payload)
  })
  const stopLink = pipe.onLink((link) => {
    // What happened while the link was lost is not told again.
    if (link === 'up') void client.invalidateQueries()
  })
  return () => {
    stopEvents()
    stopLink()
    if (beat) clearTimeout(beat)
    if (searching) clearTimeout(searching)
  }
}

/** New calls on top of the first page, newest first; a call already shown is replaced where it stands. */
export function mergeCalls(pages: readonly Call[][], arrived: readonly Call[]): Call[][] {
  const latest = new Map(arrived.map((call) => [call.id, call]))
  const merged = pages.map((page) =>
    page.map((call) => {
      const newer = latest.get(call.id)
      if (newer) latest.delete(call.id)
      return newer ?? call
    }),
  )
  const oldest = merged.at(-1)?.at(-1)?.at ?? 0
  // An update of a row further down than what is loaded belongs to a page not asked for yet.
  const fresh = [...latest.values()].reverse().filter((call) => call.at >= oldest)
  const [first = [], ...rest] = merged
  return [[...fresh, ...first].sort((a, b) => b.at - a.at), ...rest]
}
