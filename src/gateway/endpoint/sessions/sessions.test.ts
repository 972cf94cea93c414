import { afterEach, describe, expect, it, vi } from 'vitest'
import { principal, reads, source, startGateway, text } from '../../testing/fixture-gateway.ts'
import { type Events, rpc } from '../../testing/fixture-http.ts'
import { openSession } from '../../testing/fixture-session.ts'
import { createSessionIds } from './session-id.ts'
import { Sessions } from './sessions.ts'

type Gateway = Awaited<ReturnType<typeof startGateway>>
let gateway: Gateway
const open: Events[] = []
afterEach(async () => {
  for (const stream of open.splice(0)) stream.close()
  await gateway?.stop()
})

const demo = () => {
  const running = new Set<string>()
  const release = new Map<string, () => void>()
  const made = source(
    'demo',
    ['echo', 'wait', 'tell', 'ask'].map((name) => ({ name, annotations: reads })),
    async (tool, args, exchange) => {
      if (tool === 'wait') {
        const key = String(args.say)
        running.add(key)
        await new Promise<void>((resolve) => {
          release.set(key, resolve)
          exchange.signal.addEventListener('abort', () => resolve())
        })
        running.delete(key)
      }
      if (tool === 'tell')
        for (const level of ['debug', 'warning'] as const) exchange.onLog?.({ level, data: level })
      if (tool === 'ask') {
        const question = { method: 'elicitation/create', params: { message: String(args.say) } }
        return text(JSON.stringify(await exchange.ask!(question)))
      }
      return text(String(args.say))
    },
    { capabilities: () => ({ logging: {} }) },
  )
  return { made, running, release }
}
const call = (tool: string, say: string, id: unknown = 1) =>
  rpc('tools/call', { name: `demo__${tool}`, arguments: { say } }, id)
const begin = async (options: Parameters<typeof startGateway>[0] = {}) => {
  const { made, ...rest } = demo()
  gateway = await startGateway({ sources: [made], ...options })
  gateway.tokens.set('other', principal({ grantId: 'grant_2' }))
  return rest
}
const listen = async (session: Awaited<ReturnType<typeof openSession>>) => {
  const stream = await session.listen()
  open.push(stream)
  return stream
}

interface Part {
  id: unknown
  error?: { code: number }
  result?: { content: { text: string }[] }
}
const xs = (length: number) => 'x'.repeat(length)

describe('a session id', () => {
  const ids = createSessionIds(Buffer.alloc(32, 7))
  const owner = { grantId: 'grant_1', workspace: 'default' }
  const capabilities = {
    elicitation: { form: {}, url: {} },
    sampling: { tools: {} },
    roots: { listChanged: true },
  }

  it('is never the same and has nothing in common with another: 10,000', () => {
    const made = Array.from({ length: 10_000 }, () =>
      ids.make({ version: '2025-06-18', capabilities }, owner),
    )
    expect(new Set(made).size).toBe(10_000)
    const counts = Array.from({ length: 48 }, (_, place) => {
      const letters = Map.groupBy(made, (id) => id[place])
      return { letters: letters.size, most: Math.max(...[...letters.values()].map(({ length }) => length)) }
    })
    expect(Math.min(...counts.map(({ letters }) => letters))).toBe(64)
    // 156 of each are expected; this is six standard deviations more
    expect(Math.max(...counts.map(({ most }) => most))).toBeLessThan(232)
  })

  it('carries what has to survive, and is good for its owner only', () => {
    const id = ids.make({ version: '2025-06-18', capabilities }, owner)
    expect(ids.read(id, owner)).toEqual({ version: '2025-06-18', capabilities })
    const bare = ids.make({ version: '2024-11-05', capabilities: {} }, owner)
    expect(ids.read(bare, owner)).toEqual({ version: '2024-11-05', capabilities: {} })
    expect(ids.read(id, { ...owner, grantId: 'grant_2' })).toBeNull()
    expect(ids.read(id, { ...owner, workspace: 'home' })).toBeNull()
    expect(ids.read(id, { grantId: 'grant_1d', workspace: 'efault' })).toBeNull()
    expect(createSessionIds(Buffer.alloc(32, 8)).read(id, owner)).toBeNull()
    for (let place = 0; place < id.length; place += 1) {
      const changed = id.slice(0, place) + (id[place] === 'A' ? 'B' : 'A') + id.slice(place + 1)
      expect(ids.read(changed, owner), changed).toBeNull()
    }
    // 68 is how long ids of earlier versions are
    for (const odd of ['', id.slice(1), `${id}A`, `${id}=`, id.replace(/.$/, '\n'), ...[48, 68].map(xs)])
      expect(ids.read(odd, owner), odd).toBeNull()
  })
})

describe('a session', () => {
  it('belongs to one grant and one workspace: everybody else gets 404', async () => {
    await begin({ workspaces: ['default', 'home'] })
    gateway.tokens.set('home', principal({ workspace: 'home' }))
    const session = await openSession(gateway)
    expect(session.initialized.json.result.protocolVersion).toBe('2025-11-25')
    expect((await session.post(rpc('ping'))).status).toBe(200)
    const stolen = { 'Mcp-Session-Id': session.id }
    for (const [token, path] of [
      ['other', '/mcp'],
      ['home', '/mcp/home'],
    ] as const) {
      const headers = { ...stolen, Authorization: `Bearer ${token}` }
      for (const message of [
        call('echo', 'x'),
        { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } },
        { jsonrpc: '2.0', id: 'q1', result: { action: 'accept' } },
      ]) {
        const { status, json } = await gateway.post(message, headers, path)
        expect([status, json.error.code]).toEqual([404, -32001])
      }
      for (const method of ['GET', 'DELETE'])
        expect((await gateway.send({ method, path, headers })).status).toBe(404)
    }
    // Nobody ended it meanwhile.
    expect((await session.post(rpc('ping'))).status).toBe(200)
  })

  it('goes on after a restart, and ends when its client or its owner says so', async () => {
    await begin()
    const session = await openSession(gateway, { capabilities: { elicitation: {} } })
    await gateway.restart()
    expect((await session.post(call('echo', 'again'))).json.result.content[0].text).toBe('again')
    expect(
      (
        await session.post(rpc('ping'), {
          'Mcp-Session-Id': session.id.replace(/^./, (first) => (first === '-' ? '_' : '-')),
        })
      ).status,
    ).toBe(404)
    // What the client can do is known as well.
    const asked = await session.open(call('ask', 'who?'))
    open.push(asked)
    await expect.poll(() => asked.events[0]?.data.method).toBe('elicitation/create')
    expect((await session.end()).status).toBe(204)
    for (const body of [rpc('ping'), call('echo', 'x')]) expect((await session.post(body)).status).toBe(404)
    expect((await session.end()).status).toBe(404)
    expect((await session.listen()).status).toBe(404)
    expect((await openSession(gateway)).id).not.toBe(session.id)
  })

  it('is not needed: without one everything is answered, but there is nothing to hear or to end', async () => {
    await begin()
    expect((await gateway.post(call('echo', 'x'))).json.result.content[0].text).toBe('x')
    expect((await gateway.post(rpc('logging/setLevel', { level: 'error' }))).json.result).toEqual({})
    expect((await gateway.post(rpc('resources/subscribe', { uri: 'test://x' }))).json.error.code).toBe(-32602)
    expect((await gateway.post({ jsonrpc: '2.0', id: 'q1', result: {} })).status).toBe(202)
    const bad = await gateway.post(rpc('ping'), { 'MCP-Protocol-Version': '1999-01-01' })
    expect([bad.status, bad.json.error.code]).toEqual([400, -32000])
  })

  it('hears that lists changed on its one stream; a second stream takes the place of the first', async () => {
    await begin()
    const [session, other] = [await openSession(gateway), await openSession(gateway, { token: 'other' })]
    const first = await listen(session)
    expect([first.status, first.headers['content-type'], first.headers['x-accel-buffering']]).toEqual([
      200,
      'text/event-stream',
      'no',
    ])
    gateway.catalog.setSources([])
    await expect
      .poll(() => first.events.map(({ data }) => data.method))
      .toContain('notifications/tools/list_changed')
    const heard = first.events.length
    const second = await listen(session)
    await first.ended
    const others = await listen(other)
    gateway.catalog.setSources([demo().made])
    await expect.poll(() => second.events.length).toBe(1)
    await expect.poll(() => others.events.length).toBe(1)
    expect(first.events.length).toBe(heard)
    gateway.listener.closeGrant('grant_1')
    await second.ended
    gateway.catalog.setSources([])
    await expect.poll(() => others.events.length).toBe(2)
    const wrong = await gateway.send({
      path: '/mcp',
      headers: { ...session.headers, Accept: 'application/json' },
    })
    expect(wrong.status).toBe(406)
  })

  it('hears of a list only when what it sees of it is another one', async () => {
    const prompts = [{ name: 'hello' }]
    const resources = [{ uri: 'test://a', name: 'a' }]
    const { made } = demo()
    const full = { ...made, prompts: () => prompts, resources: () => resources, request: async () => ({}) }
    gateway = await startGateway({ sources: [full] })
    const hear = async (grantId: string, more: Parameters<typeof principal>[0] = {}) => {
      gateway.tokens.set(grantId, principal({ grantId, ...more }))
      const stream = await listen(await openSession(gateway, { token: grantId }))
      return () => stream.events.map(({ data }) => data.method.split('/')[1])
    }
    const all = await hear('grant_all')
    const one = await hear('grant_one', { tools: new Set(['demo__echo']) })
    const none = await hear('grant_none', { tools: new Set() })
    const heard = () => [all(), one(), none()]

    // a key is made, a client renamed, another one narrowed: nobody's list is another one
    gateway.listener.toolsChanged()
    gateway.regrant('grant_one', { clientName: 'Renamed' })
    gateway.regrant('grant_none', { access: 'ask' })
    // of this one only, and of the list that it concerns
    gateway.settings.set('demo__wait', { enabled: false })
    gateway.catalog.refresh()
    await expect.poll(heard).toEqual([['tools'], [], []])
    prompts.push({ name: 'again' })
    gateway.catalog.setSources([{ ...full }])
    await expect.poll(heard).toEqual([['tools', 'prompts'], [], []])
    resources.pop()
    gateway.catalog.setSources([{ ...full }])
    await expect.poll(heard).toEqual([['tools', 'prompts', 'resources'], [], []])
    // and by its rights
    gateway.regrant('grant_one', { tools: new Set(['demo__echo', 'demo__ask']) })
    await expect.poll(heard).toEqual([['tools', 'prompts', 'resources'], ['tools'], []])
    gateway.regrant('grant_none', { tools: null })
    await expect.poll(heard).toEqual([['tools', 'prompts', 'resources'], ['tools'], ['tools', 'prompts']])
  })

  it('hears at once, when it has its stream, of what changed since it looked', async () => {
    await begin()
    const session = await openSession(gateway)
    await gateway.post(rpc('tools/list'), session.headers)
    gateway.catalog.setSources([])
    const stream = await listen(session)
    await expect
      .poll(() => stream.events.map(({ data }) => data.method))
      .toEqual(['notifications/tools/list_changed'])
  })

  it('keeps over a restart what it asked for, until it or its owner ends it', async () => {
    const { made } = demo()
    let updated: (uri: string) => void = () => {}
    let watched: string[] = []
    const full = {
      ...made,
      resources: () => ['test://a', 'test://b'].map((uri) => ({ uri, name: uri })),
      request: async () => ({}),
      capabilities: () => ({ logging: {}, resources: { subscribe: true } }),
      watch: (uris: ReadonlySet<string>, onUpdated: (uri: string) => void) => {
        watched = [...uris]
        updated = onUpdated
      },
    }
    gateway = await startGateway({ sources: [full] })
    const session = await openSession(gateway)
    for (const uri of ['test://a', 'test://b'])
      expect((await session.post(rpc('resources/subscribe', { uri }))).json.result).toEqual({})
    await session.post(rpc('resources/unsubscribe', { uri: 'test://b' }))
    await session.post(rpc('logging/setLevel', { level: 'warning' }))
    await gateway.restart()
    expect(watched).toEqual([])
    const stream = await listen(session)
    expect(watched).toEqual(['test://a'])
    updated('test://a')
    await expect.poll(() => stream.events.map(({ data }) => data.params)).toEqual([{ uri: 'test://a' }])
    const answer = await session.open(call('tell', 'done'))
    open.push(answer)
    await answer.ended
    expect(answer.events.map(({ data }) => data.params?.level)).toEqual(['warning', undefined])
    const kept = () => gateway.db.prepare('SELECT count(*) AS n FROM session_wishes').get()?.n
    const other = await openSession(gateway)
    await other.post(rpc('logging/setLevel', { level: 'error' }))
    expect(kept()).toBe(3)
    await session.end()
    expect(kept()).toBe(1)
    gateway.listener.closeGrant('grant_1')
    expect(kept()).toBe(0)
  })

  it('hears after a restart of the lists that it looked at and that are others now, and of no others', async () => {
    await begin()
    const looked = await openSession(gateway)
    const never = await openSession(gateway, { token: 'other' })
    await gateway.post(rpc('tools/list'), looked.headers)
    await gateway.post(rpc('prompts/list'), looked.headers)
    const expectTold = async (told: readonly number[]) => {
      const streams = [await listen(looked), await listen(never)]
      // Whatever is told at once stands before this.
      gateway.settings.set('demo__wait', { enabled: gateway.settings.get('demo__wait')?.enabled === false })
      gateway.catalog.refresh()
      await expect.poll(() => streams.map(({ events }) => events.length)).toEqual(told)
    }
    await gateway.restart()
    await expectTold([1, 1])
    await gateway.restart()
    await expectTold([2, 1])
  })

  it('decides what it hears of the log', async () => {
    await begin()
    const session = await openSession(gateway)
    const heard = async () => {
      const answer = await session.open(call('tell', 'done'))
      open.push(answer)
      await answer.ended
      return answer.events.map(({ data }) => data.params?.level ?? data.result.content[0].text)
    }
    expect(await heard()).toEqual(['debug', 'warning', 'done'])
    expect((await session.post(rpc('logging/setLevel', { level: 'loud' }))).json.error.code).toBe(-32602)
    expect((await session.post(rpc('logging/setLevel', { level: 'warning' }))).json.result).toEqual({})
    expect(await heard()).toEqual(['warning', 'done'])
    const json = await session.post(call('tell', 'plain'), { Accept: 'application/json' })
    expect([json.headers['content-type'], json.json.result.content[0].text]).toEqual([
      'application/json',
      'plain',
    ])
  })

  it('takes an empty list of arguments for none, as PHP writes it', async () => {
    await begin()
    const session = await openSession(gateway)
    const { json } = await session.post(rpc('tools/call', { name: 'demo__echo', arguments: [] }))
    expect(json.result.content[0].text).toBe('undefined')
  })

  it('of 2025-03-26 has its batches answered, one message after the other, with the checks of each', async () => {
    await begin()
    const session = await openSession(gateway, { version: '2025-03-26' })
    const told = { jsonrpc: '2.0', method: 'notifications/roots/list_changed' }
    const { status, json } = await session.post([
      ...[call('echo', 'one', 1), told, rpc('initialize', { protocolVersion: '2025-03-26' }, 2)],
      ...[{ jsonrpc: '1.0', id: 3, method: 'ping' }, [], call('echo', 'two', 4)],
    ])
    expect(status).toBe(200)
    const shown = json.map(({ id, error, result }: Part) => [id, error?.code ?? result?.content[0]?.text])
    expect(shown).toEqual([
      ...[
        [1, 'one'],
        [2, -32600],
        [3, -32600],
      ],
      ...[
        [null, -32600],
        [4, 'two'],
      ],
    ])
    expect((await session.post([told, told])).status).toBe(202)
    for (const refused of [[], Array.from({ length: 9 }, (_, id) => rpc('ping', {}, id))])
      expect((await session.post(refused)).json.error.code).toBe(-32600)
    const later = await openSession(gateway)
    expect((await later.post([rpc('ping')])).json.error.code).toBe(-32600)
    await session.end()
    const ended = await session.post([rpc('ping'), told])
    expect([ended.status, ended.json.error.code], 'so that its client begins another').toEqual([404, -32001])
  })

  it('understands in a batch what it understands alone, however it is written', async () => {
    await begin()
    const session = await openSession(gateway, { version: '2025-03-26' })
    for (const written of [
      '{"jsonrpc":"2.0","id":null,"method":"ping"}',
      '{"jsonrpc":"2.0","id":1.0,"method":"tools/call","params":{"name":"demo__echo","arguments":{"say":1.0}}}',
      '{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"demo__echo","arguments":{"say":null},"_meta":null}}',
      '{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"demo__echo","_meta":{"progressToken":true}}}',
      '{"jsonrpc":"2.0","id":4,"method":"tools/list","params":[]}',
    ]) {
      const alone = await session.post(written)
      expect((await session.post(`[${written}]`)).json, written).toEqual([alone.json])
    }
  })

  it('takes back one request of a batch alone', async () => {
    const { running } = await begin()
    const session = await openSession(gateway, { version: '2025-03-26' })
    const batch = session.post([call('wait', 'a', 1), call('echo', 'b', 2)])
    await expect.poll(() => running.size).toBe(1)
    await session.post({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } })
    expect((await batch).json.map(({ id }: Part) => id)).toEqual([2])
  })

  it('of 2025-03-26 keeps its client waiting no longer for a batch than for one request', async () => {
    const { running } = await begin({ patience: { running: 300 } })
    const session = await openSession(gateway, { version: '2025-03-26' })
    const began = performance.now()
    const { json } = await session.post(
      ['a', 'b', 'c', 'd', 'e', 'f'].map((say, id) => call('wait', say, id)),
    )
    expect(performance.now() - began).toBeLessThan(900)
    expect(json.map(({ result }: { result: { _meta: object } }) => Object.keys(result._meta))).toEqual(
      Array.from({ length: 6 }, () => expect.arrayContaining(['drawbridge/handle'])),
    )
    expect([...running]).toHaveLength(6)
  })

  it('takes back one whose turn has not come', async () => {
    const { running, release } = await begin()
    const session = await openSession(gateway, { version: '2025-03-26' })
    const batch = session.post([call('wait', 'a', 1), call('echo', 'b', 2), call('echo', 'c', 3)])
    await expect.poll(() => running.size).toBe(1)
    await session.post({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 2 } })
    release.get('a')!()
    expect((await batch).json.map(({ id }: Part) => id)).toEqual([1, 3])
    expect(gateway.activity.list({ limit: 9 })).toHaveLength(2)
  })

  it('leaves nothing of a batch under way where its grant cannot be looked up', async () => {
    await begin()
    const session = await openSession(gateway, { version: '2025-03-26' })
    const found = vi.spyOn(Sessions.prototype, 'find')
    const looked = vi.spyOn(gateway.tokens, 'values').mockImplementation(() => {
      throw new Error('disk I/O error')
    })
    expect(
      (await session.post([call('echo', 'a', 1), call('echo', 'b', 2), call('echo', 'c', 3)])).status,
    ).toBe(500)
    looked.mockRestore()
    expect(found.mock.results.at(-1)!.value.running.size).toBe(0)
    found.mockRestore()
  })

  it('looks up for each message of a batch what its grant may do, and whether the session is there', async () => {
    const { running, release } = await begin()
    const session = await openSession(gateway, { version: '2025-03-26' })
    const batch = [call('wait', 'a', 1), call('echo', 'b', 2), rpc('logging/setLevel', { level: 'error' }, 3)]
    const whileItWaits = async (change: () => unknown) => {
      const answer = session.post(batch)
      await expect.poll(() => running.size).toBe(1)
      await change()
      release.get('a')!()
      return (await answer).json as (Part & { result?: { isError?: boolean } })[]
    }
    const narrowed = await whileItWaits(() => gateway.regrant('grant_1', { tools: new Set() }))
    expect(narrowed.map(({ id, result }) => [id, result?.isError])).toEqual([
      ...[
        [1, undefined],
        [2, true],
      ],
      [3, undefined],
    ])
    gateway.regrant('grant_1', { tools: null })
    const before = gateway.activity.list({ limit: 9 }).length
    expect(await whileItWaits(() => session.end()), 'all of it is taken back').toBeUndefined()
    expect(gateway.activity.list({ limit: 9 })).toHaveLength(before + 1)
    expect(gateway.db.prepare('SELECT * FROM session_wishes').all()).toEqual([])
  })

  it('has after a batch what its grant may do by then, also where an answer came last', async () => {
    const { running, release } = await begin()
    const session = await openSession(gateway, { version: '2025-03-26' })
    const found = vi.spyOn(Sessions.prototype, 'find')
    const answer = session.post([call('wait', 'a', 1), { jsonrpc: '2.0', id: 'q0', result: {} }])
    await expect.poll(() => running.size).toBe(1)
    gateway.regrant('grant_1', { tools: new Set() })
    release.get('a')!()
    await answer
    expect(found.mock.results.at(-1)!.value.principal.tools).toEqual(new Set())
    found.mockRestore()
  })

  it('takes requests back, its own only', async () => {
    const { running } = await begin()
    const [mine, theirs] = [await openSession(gateway), await openSession(gateway, { token: 'other' })]
    const calls = [mine, theirs].map((session, index) => session.post(call('wait', String(index), 'same')))
    await expect.poll(() => running.size).toBe(2)
    const cancel = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'same' } }
    expect((await mine.post({ ...cancel, params: { requestId: 'another' } })).status).toBe(202)
    expect(running.size).toBe(2)
    expect((await mine.post(cancel)).status).toBe(202)
    await expect.poll(() => [...running]).toEqual(['1'])
    const dropped = await calls[0]!
    expect([dropped.status, dropped.text]).toEqual([202, ''])
    expect((await theirs.post(cancel)).status).toBe(202)
    expect((await calls[1]!).status).toBe(202)
    await expect
      .poll(() => gateway.activity.list({ limit: 5 }).map(({ outcome }) => outcome))
      .toEqual(['cancelled', 'cancelled'])
  })

  it('answers each of many requests with the same id to the one that asked', async () => {
    const { running, release } = await begin()
    const session = await openSession(gateway)
    const says = Array.from({ length: 20 }, (_, index) => `canary-${index}`)
    const answers = says.map((say) => session.post(call('wait', say, 7)))
    await expect.poll(() => running.size).toBe(20)
    for (const say of [...says].reverse()) release.get(say)!()
    const got = (await Promise.all(answers)).map(({ json }) => [json.id, json.result.content[0].text])
    expect(got).toEqual(says.map((say) => [7, say]))
  })
})
