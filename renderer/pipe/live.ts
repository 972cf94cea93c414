import type { InfiniteData, Query, QueryClient } from '@tanstack/react-query'
import type { ActivityFilter, Call } from '../../src/contract/activity.ts'
import { passes } from '../../src/contract/agreed/passes.ts'
import type { EventName, Payload } from '../../src/contract/api.ts'
import { keyOf } from './host.tsx'
import { revisionsOf } from './revisions.ts'
import type { ShellPipe } from './shell-pipe.ts'

/** Calls arriving within one beat are put into the list together: a busy client must not redraw the page per call. */
const BEAT_MS = 100
/** A search is asked again at most this often while calls arrive: the host has to look through the log for it. */
const SEARCH_MS = 5_000
const SEEN_MS = 1_000

type Handlers = { [K in EventName]: (payload: Payload<K>, revision: number) => void }

/** Maps the host's events to what the pages show. Returns the function that stops it. */
export function goLive(pipe: ShellPipe, client: QueryClient): () => void {
  const revisions = revisionsOf(client)
  const put = (key: readonly unknown[], value: unknown, revision: number) =>
    revisions.put(key, value, revision)
  const stale = (name: string, revision: number) => revisions.announce(name, revision)
  const log = liveCalls(client)
  let publicUrl: string | null | undefined

  const handlers: Handlers = {
    'status.changed': (status, revision) => {
      put(keyOf('status.get'), status, revision)
      // Every workspace's address begins with it.
      if (publicUrl !== status.bridge.publicUrl) stale('workspaces.list', revision)
      stale('tunnel.moved', revision)
      publicUrl = status.bridge.publicUrl
    },
    'notices.added': (_notice, revision) => stale('status.get', revision),
    'connections.changed': (list, revision) => {
      put(keyOf('connections.list'), list, revision)
      // Who asks again at the new address has entered it.
      stale('tunnel.moved', revision)
    },
    'approvals.changed': (list, revision) => put(keyOf('approvals.list'), list, revision),
    'connections.asked': (_request, revision) => stale('connections.list', revision),
    'approvals.asked': (_approval, revision) => stale('approvals.list', revision),
    'rules.changed': (_nothing, revision) => stale('rules.list', revision),
    'grants.changed': (_nothing, revision) => {
      stale('grants.list', revision)
      stale('tunnel.moved', revision)
    },
    'servers.changed': (_nothing, revision) => {
      stale('servers.list', revision)
      stale('tools.list', revision)
    },
    'clients.changed': (_nothing, revision) => stale('clients.list', revision),
    'workspaces.changed': (_nothing, revision) => stale('workspaces.list', revision),
    'preferences.changed': (preferences, revision) => put(keyOf('preferences.get'), preferences, revision),
    'helpers.changed': (downloads, revision) => {
      put(keyOf('helpers.downloads'), downloads, revision)
      // One that ended well is no download any more.
      if (downloads.length === 0) stale('tunnel.list', revision)
    },
    'tunnel.cloudflareSignInChanged': (now, revision) => put(keyOf('tunnel.cloudflareSignIn'), now, revision),
    'folders.changed': (_nothing, revision) => stale('folders.list', revision),
    'changes.changed': (_nothing, revision) => stale('changes.of', revision),
    'connectors.changed': (_nothing, revision) => stale('connectors.list', revision),
    'tools.changed': (_nothing, revision) => {
      stale('tools.list', revision)
      // Whether a rule sleeps depends on its tool.
      stale('rules.list', revision)
      // Who has an old list is told with the grants.
      stale('grants.list', revision)
    },
    'connect.changed': (flow, revision) =>
      put(keyOf('connect.flow', { client: flow.client }), flow, revision),
    'activity.added': (call, revision) => log.add(call, revision),
    'timeline.changed': (_nothing, revision) => {
      stale('timeline.overview', revision)
      stale('timeline.list', revision)
    },
  }

  const stopEvents = pipe.on((name, payload, number) => {
    const revision = revisions.told(number)
    // A host newer than this page may tell more than the page knows.
    if (Object.hasOwn(handlers, name))
      (handlers as Record<string, (payload: unknown, revision: number) => void>)[name]?.(payload, revision)
  })
  const stopBegin = pipe.onBegin?.((revision) => revisions.begin(revision))
  const stopLink = pipe.onLink((link) => {
    // What happened while the link was lost is not told again.
    if (link === 'up') void client.invalidateQueries()
  })
  return () => {
    stopEvents()
    stopBegin?.()
    stopLink()
    log.stop()
  }
}

/** Puts the calls that are told into the lists that are shown. */
function liveCalls(client: QueryClient) {
  const revisions = revisionsOf(client)
  let arrived: { call: Call; revision: number }[] = []
  let beat: ReturnType<typeof setTimeout> | null = null
  let seen: ReturnType<typeof setTimeout> | null = null
  let searching: ReturnType<typeof setTimeout> | null = null
  /** Told while a list was asked for: its answer may be older. By query. */
  const meanwhile = new Map<string, Call[]>()

  const searchAgain = () => {
    searching = null
    void client.invalidateQueries(
      {
        queryKey: ['activity.list'],
        predicate: ({ queryKey }) => Boolean((queryKey[1] as { search?: string } | null)?.search),
      },
      { cancelRefetch: false },
    )
  }
  const merge = (query: Query, calls: readonly Call[]) => {
    const input = query.queryKey[1] as { search?: string; filter?: ActivityFilter } | null
    // A search is the host's to answer, a little later; the plain list is simply what arrived, on top.
    if (input?.search) searching ??= setTimeout(searchAgain, SEARCH_MS)
    else
      client.setQueryData<InfiniteData<Call[]>>(
        query.queryKey,
        (old) => old && { ...old, pages: mergeCalls(old.pages, calls, input?.filter) },
      )
  }
  const flush = () => {
    beat = null
    const told = arrived
    arrived = []
    const calls = told.map(({ call }) => call)
    for (const query of client.getQueryCache().findAll({ queryKey: ['activity.list'] })) {
      const { queryHash: id } = query
      if (query.state.fetchStatus === 'fetching') meanwhile.set(id, [...(meanwhile.get(id) ?? []), ...calls])
      merge(query, calls)
    }
    for (const { call, revision } of told)
      revisions.put(keyOf('activity.get', { id: call.id }), call, revision)
    const newest = told.at(-1)?.revision ?? 0
    // When somebody was last seen is shown on every page, to the minute: a busy client must not have it asked all the time.
    seen ??= setTimeout(() => {
      seen = null
      revisions.announce('grants.list', newest)
    }, SEEN_MS)
  }
  const stopWatching = client.getQueryCache().subscribe((event) => {
    if (event.type !== 'updated' || !['success', 'error'].includes(event.action.type)) return
    if ('manual' in event.action && event.action.manual) return
    const calls = meanwhile.get(event.query.queryHash)
    if (!calls) return
    meanwhile.delete(event.query.queryHash)
    // Not within the change that is being told of.
    setTimeout(() => merge(event.query, calls), 0)
  })

  return {
    add(call: Call, revision: number): void {
      arrived.push({ call, revision })
      beat ??= setTimeout(flush, BEAT_MS)
    },
    stop(): void {
      stopWatching()
      if (seen) clearTimeout(seen)
      if (beat) clearTimeout(beat)
      if (searching) clearTimeout(searching)
    },
  }
}

/** A call that is over does not run again: what says so is older. */
const isOver = (call: Call) => call.outcome !== 'running' && call.outcome !== 'pending'

/**
 * New calls that pass on top of the first page, newest first. A call already shown is replaced where it stands, also when it passes
 * no more: by how many a page has it is known whether there are others.
 */
export function mergeCalls(
  pages: readonly Call[][],
  arrived: readonly Call[],
  filter: ActivityFilter = {},
): Call[][] {
  const latest = new Map(arrived.map((call) => [call.id, call]))
  const merged = pages.map((page) =>
    page.map((call) => {
      const newer = latest.get(call.id)
      if (newer) latest.delete(call.id)
      return newer && (isOver(newer) || !isOver(call)) ? newer : call
    }),
  )
  const oldest = merged.at(-1)?.at(-1)?.at ?? 0
  // An update of a row further down than what is loaded belongs to a page not asked for yet.
  const fresh = [...latest.values()].reverse().filter((call) => call.at >= oldest && passes(call, filter))
  const [first = [], ...rest] = merged
  return [[...fresh, ...first].sort((a, b) => b.at - a.at), ...rest]
}
