import { QueryClient, QueryObserver } from '@tanstack/react-query'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Call } from '../../src/contract/activity.ts'
import type { Listen, Reply } from '../../src/contract/pipe.ts'
import type { Status } from '../../src/contract/status.ts'
import { callOptions, keyOf } from './host.tsx'
import { goLive } from './live.ts'
import { revisionsOf } from './revisions.ts'
import type { ShellPipe } from './shell-pipe.ts'

/** A host whose answers arrive when the test says so. */
function hostByHand() {
  const listeners = new Set<Listen>()
  const begins = new Set<(revision: number) => void>()
  const asked: { name: string; answer(value: unknown, revision?: number): Promise<void> }[] = []
  const pipe: ShellPipe = {
    call: (name) =>
      new Promise<Reply>((resolve) =>
        asked.push({
          name,
          answer: async (value, revision) => {
            resolve({ ok: true, value, ...(revision === undefined ? {} : { revision }) })
            await vi.advanceTimersByTimeAsync(5)
          },
        }),
      ),
    on: (listen) => {
      listeners.add(listen)
      return () => listeners.delete(listen)
    },
    onBegin: (listen) => {
      begins.add(listen)
      return () => begins.delete(listen)
    },
    link: () => 'up',
    onLink: () => () => {},
    close: () => {},
  }
  const tell: Listen = (...event) => {
    for (const listen of listeners) listen(...event)
  }
  const begin = (revision: number) => {
    for (const listen of begins) listen(revision)
  }
  return { pipe, asked, tell, begin }
}

let client: QueryClient
let host: ReturnType<typeof hostByHand>
let stops: (() => void)[]
beforeEach(() => {
  vi.useFakeTimers()
  client = new QueryClient({ defaultOptions: { queries: { staleTime: 30_000, retry: false } } })
  host = hostByHand()
  stops = [goLive(host.pipe, client)]
})
afterEach(() => {
  for (const stop of stops) stop()
  client.clear()
  vi.useRealTimers()
})

const pairs = [
  ['status.get', undefined, 'status.changed'],
  ['connections.list', undefined, 'connections.changed'],
  ['approvals.list', undefined, 'approvals.changed'],
  ['preferences.get', undefined, 'preferences.changed'],
  ['connect.flow', { client: 'chatgpt' }, 'connect.changed'],
] as const
/** Told of by an event that does not say what they are now. */
const lists = [
  ['grants.list', 'grants.changed'],
  ['servers.list', 'servers.changed'],
  ['tools.list', 'tools.changed'],
  ['clients.list', 'clients.changed'],
  ['workspaces.list', 'workspaces.changed'],
  ['connections.list', 'connections.asked'],
  ['approvals.list', 'approvals.asked'],
] as const

const state = (word: string) => ({ word, client: 'chatgpt', bridge: { publicUrl: null } })
function look(name: string, input?: unknown) {
  const options = callOptions(host.pipe, name as 'status.get', input as undefined)
  stops.push(new QueryObserver(client, options as never).subscribe(() => {}))
  return () =>
    (client.getQueryData(keyOf(name as 'status.get', input as undefined)) as { word: string })?.word
}
/** Long enough for whatever is asked again by itself. */
const settle = () => vi.advanceTimersByTimeAsync(200)

describe.each(pairs)('%s', (name, input, event) => {
  it('the first answer does not replace what was told meanwhile', async () => {
    const shown = look(name, input)
    host.tell(event, state('new'), 8)
    expect(shown()).toBe('new')
    await host.asked[0]!.answer(state('old'), 7)
    await settle()
    expect(shown()).toBe('new')
  })

  it('a late event does not replace a newer answer', async () => {
    const shown = look(name, input)
    await host.asked[0]!.answer(state('new'), 9)
    host.tell(event, state('old'), 8)
    await settle()
    expect(shown()).toBe('new')
    host.tell(event, state('newest'), 10)
    expect(shown()).toBe('newest')
  })

  it('an answer that is newer than what was told is taken', async () => {
    const shown = look(name, input)
    host.tell(event, state('old'), 8)
    await host.asked[0]!.answer(state('new'), 8)
    expect(shown()).toBe('new')
  })

  it('a host that counts nothing is served as well', async () => {
    const shown = look(name, input)
    host.tell(event, state('told'))
    await host.asked[0]!.answer(state('old'))
    await settle()
    expect(shown()).toBe('told')
  })
})

describe.each(lists)('%s after %s', (name, event) => {
  it('an answer from before is asked again, the first one too', async () => {
    const shown = look(name)
    host.tell(event, {}, 8)
    await host.asked[0]!.answer(state('old'), 7)
    expect(shown(), 'better than nothing').toBe('old')
    await settle()
    expect(host.asked).toHaveLength(2)
    await host.asked[1]!.answer(state('new'), 8)
    await settle()
    expect(shown()).toBe('new')
    expect(host.asked).toHaveLength(2)
  })

  it('however often it changes, answers are shown', async () => {
    const shown = look(name)
    await host.asked[0]!.answer(state('first'), 1)
    for (let n = 2; n < 30; n++) {
      host.tell(event, {}, n)
      await vi.advanceTimersByTimeAsync(50)
      if (n % 5 === 0) await host.asked.at(-1)!.answer(state(`of ${n}`), n - 3)
    }
    expect(shown()).toBe('of 25')
    expect(host.asked.length).toBeLessThan(12)
  })
})

describe('streams of events', () => {
  it('what was asked before one began, and may have missed something, is asked again', async () => {
    const shown = look('connect.flow', { client: 'chatgpt' })
    await host.asked[0]!.answer(state('opening'), 4)
    host.begin(6)
    await settle()
    await host.asked[1]!.answer(state('open'), 6)
    expect(shown()).toBe('open')
    host.begin(6)
    await settle()
    expect(host.asked, 'nothing was missed').toHaveLength(2)
  })

  it('a host that was started anew counts anew', async () => {
    const shown = look('status.get')
    await host.asked[0]!.answer(state('before'), 500)
    host.begin(2)
    await settle()
    await host.asked[1]!.answer(state('after'), 2)
    expect(shown()).toBe('after')
    host.tell('status.changed', state('told'), 3)
    expect(shown()).toBe('told')
  })
})

describe('wishes', () => {
  const key = keyOf('status.get')
  const wish = () => revisionsOf(client).wish(key, (old: object) => ({ ...old, word: 'wished' }))
  const begin = async () => {
    const shown = look('status.get')
    await host.asked[0]!.answer({ ...state('before'), version: 'a' }, 5)
    return shown
  }

  it('stay while older states arrive, which show through', async () => {
    const shown = await begin()
    const wished = wish()
    host.tell('status.changed', { ...state('before'), version: 'b' }, 6)
    expect(shown()).toBe('wished')
    expect(client.getQueryData<Status>(key)?.version).toBe('b')
    wished.granted(7)
    host.tell('status.changed', state('late'), 6)
    expect(shown(), 'told before it was granted').toBe('wished')
    host.tell('status.changed', state('really'), 8)
    expect(shown()).toBe('really')
  })

  it('are replaced by what the host says, and asked again', async () => {
    const shown = await begin()
    const wished = wish()
    host.tell('status.changed', state('really'), 7)
    wished.granted(7)
    expect(shown()).toBe('really')
    await settle()
    expect(host.asked).toHaveLength(2)
  })

  it('are taken back to what is known by now', async () => {
    const shown = await begin()
    const wished = wish()
    host.tell('status.changed', state('meanwhile'), 7)
    wished.refused()
    expect(shown()).toBe('meanwhile')
  })

  it('an answer asked for before a command was done does not take it back', async () => {
    const shown = await begin()
    void client.invalidateQueries({ queryKey: key })
    await settle()
    const wished = wish()
    revisionsOf(client).commandDone()
    wished.granted(5)
    await host.asked[1]!.answer(state('before'), 5)
    expect(shown()).toBe('wished')
    await settle()
    await host.asked.at(-1)!.answer(state('really'), 5)
    expect(shown()).toBe('really')
  })
})

describe('calls', () => {
  const call = (id: string, at: number, outcome: Call['outcome'] = 'answered') =>
    ({ id, at, outcome }) as Call
  const list = { limit: 200 }
  const rows = () =>
    client
      .getQueryData<{ pages: Call[][] }>(keyOf('activity.list', list))
      ?.pages.flat()
      .map(({ id, outcome }) => `${id} ${outcome}`)

  it('told while the list was asked for are in it, and what is over stays over', async () => {
    let answer: (calls: Call[]) => void = () => {}
    void client.fetchInfiniteQuery({
      queryKey: keyOf('activity.list', list),
      queryFn: () => new Promise<Call[]>((resolve) => (answer = resolve)),
      initialPageParam: '',
    })
    await settle()
    host.tell('activity.added', call('b', 2), 2)
    host.tell('activity.added', call('a', 1), 3)
    await settle()
    answer([call('a', 1, 'running')])
    await settle()
    expect(rows()).toEqual(['b answered', 'a answered'])
    host.tell('activity.added', call('a', 1, 'running'), 1)
    await settle()
    expect(rows()).toEqual(['b answered', 'a answered'])
  })
})
