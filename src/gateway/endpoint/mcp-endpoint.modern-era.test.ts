import { afterEach, describe, expect, it } from 'vitest'
import type { Principal } from '../../mcp/principal.ts'
import { principal, reads, source, startGateway, text } from '../testing/fixture-gateway.ts'
import { type Events, openEvents, rpc } from '../testing/fixture-http.ts'

/** What 2026-07-28 asks of every request and result, by hand. Long because it follows the revision from request to stream in one place. */
type Gateway = Awaited<ReturnType<typeof startGateway>>
let gateway: Gateway
const open: Events[] = []
afterEach(async () => {
  for (const stream of open.splice(0)) stream.close()
  await gateway?.stop()
})

const prefix = 'io.modelcontextprotocol/'
const envelope = {
  [`${prefix}protocolVersion`]: '2026-07-28',
  [`${prefix}clientCapabilities`]: {},
}
const headersFor = (method: string, params: { name?: string; uri?: string }) => ({
  'MCP-Protocol-Version': '2026-07-28',
  'Mcp-Method': method,
  ...((params.name ?? params.uri) && { 'Mcp-Name': (params.name ?? params.uri)! }),
})
const ask = (
  method: string,
  params: Record<string, unknown> = {},
  more: Record<string, string> = {},
  meta: object = {},
) =>
  gateway.post(rpc(method, { ...params, _meta: { ...envelope, ...meta } }), {
    ...headersFor(method, params),
    ...more,
  })
const without = (method: string, params: Record<string, unknown>, header: string) => {
  const headers: Record<string, string> = headersFor(method, params)
  delete headers[header]
  return gateway.post(rpc(method, { ...params, _meta: envelope }), headers)
}

const schema = {
  type: 'object',
  properties: {
    region: { type: 'string', 'x-mcp-header': 'Region' },
    inner: { type: 'object', properties: { count: { type: 'integer', 'x-mcp-header': 'Count' } } },
  },
}
let seen: { tool: string; args: unknown; exchange: Record<string, unknown> }[] = []
const begin = async (options: Parameters<typeof startGateway>[0] = {}) => {
  seen = []
  const updated: ((uri: string) => void)[] = []
  const made = source(
    'demo',
    [
      { name: 'echo', annotations: reads },
      { name: 'here', annotations: reads, inputSchema: schema },
      { name: 'signed', annotations: reads },
      { name: 'list', annotations: reads },
    ],
    async (tool, args, exchange) => {
      seen.push({ tool, args, exchange: { ...exchange } })
      exchange.onLog?.({ level: 'info', data: 'in the log' })
      if (tool === 'list') return { content: [], structuredContent: [1, 2] }
      if (tool === 'signed')
        return {
          ...text('x'),
          resultType: 'complete',
          'x-unknown': [1],
          _meta: { [`${prefix}serverInfo`]: { name: 'them', version: '1' }, 'a/b': 1 },
        }
      return text('ok')
    },
    {
      capabilities: () => ({ logging: {}, resources: { subscribe: true }, prompts: {} }),
      resources: () => [{ uri: 'test://x', name: 'x' }],
      request: async (method) =>
        method === 'resources/read'
          ? { contents: [{ uri: 'test://x', text: 'x' }], ttlMs: 5, cacheScope: 'public' }
          : {},
      watch: (_uris, onUpdated) => void updated.push(onUpdated),
    },
  )
  const second = source('second', [], async () => text('x'), {
    capabilities: () => ({ resources: {} }),
    resources: () => [{ uri: 'second://y', name: 'y' }],
    request: async () => ({ contents: [] }),
  })
  gateway = await startGateway({ sources: [made, second], ...options })
  return { updated }
}

describe('a request of 2026-07-28', () => {
  it('needs its headers, and they say what the body says', async () => {
    await begin()
    const call = { name: 'demo__echo', arguments: {} }
    expect((await ask('tools/call', call)).status).toBe(200)
    for (const header of ['MCP-Protocol-Version', 'Mcp-Method', 'Mcp-Name']) {
      const { status, json } = await without('tools/call', call, header)
      expect([header, status, json.error.code, json.id]).toEqual([header, 400, -32020, 1])
    }
    for (const name of ['demo__here', '=?base64?!!?=', '=?base64?ZGVtb19fZWNobw?=']) {
      const { status, json } = await ask('tools/call', call, { 'Mcp-Name': name })
      expect([name, status, json.error.code]).toEqual([name, 400, -32020])
    }
    const encoded = `=?base64?${Buffer.from('demo__echo').toString('base64')}?=`
    expect((await ask('tools/call', call, { 'Mcp-Name': encoded })).status).toBe(200)
    const other = await ask(
      'tools/list',
      {},
      { 'MCP-Protocol-Version': '2999-01-01' },
      {
        [`${prefix}protocolVersion`]: '2999-01-01',
      },
    )
    expect([other.status, other.json.error]).toMatchObject([
      400,
      { code: -32022, data: { supported: ['2026-07-28'], requested: '2999-01-01' } },
    ])
    const bare = await ask('tools/list', {}, {}, { [`${prefix}clientCapabilities`]: 'all' })
    expect([bare.status, bare.json.error.code]).toEqual([400, -32602])
  })

  it.each([
    [{ region: 'north' }, {}, false],
    [{ region: 'north' }, { 'Mcp-Param-Region': 'north' }, true],
    [{ region: 'north' }, { 'Mcp-Param-Region': 'south' }, false],
    [{ region: 'nørd' }, { 'Mcp-Param-Region': '=?base64?bsO4cmQ=?=' }, true],
    [{ region: 'nørd' }, { 'Mcp-Param-Region': '=?base64?bsO4cmQ?=' }, false],
    [{ inner: { count: 42 } }, { 'Mcp-Param-Count': '42.0' }, true],
    [{ inner: { count: 42 } }, { 'Mcp-Param-Count': '0x2a' }, false],
    [{ inner: { count: 42 } }, {}, false],
    [{}, { 'Mcp-Param-Region': 'north' }, true],
  ])('repeats arguments in headers where the tool says so: %j with %j', async (args, more, good) => {
    await begin()
    const { status, json } = await ask('tools/call', { name: 'demo__here', arguments: args }, more as never)
    if (good) expect(json.result.content[0].text).toBe('ok')
    else expect([status, json.error.code, typeof json.error.data.mismatch]).toEqual([400, -32020, 'object'])
    expect(seen.length).toBe(good ? 1 : 0)
  })

  it('has no methods of older revisions, and older ones have none of its', async () => {
    await begin()
    for (const method of ['ping', 'initialize', 'logging/setLevel', 'resources/subscribe', 'constructor']) {
      const { status, json } = await ask(method, { level: 'info', uri: 'x' })
      expect([method, status, json.error.code]).toEqual([method, 404, -32601])
    }
    for (const method of ['server/discover', 'subscriptions/listen', 'constructor', '__proto__']) {
      const { status, json } = await gateway.post(rpc(method))
      expect([method, status, json.error.code]).toEqual([method, 200, -32601])
    }
  })

  it.each([
    ['tools/call', { name: 3 }],
    ['tools/call', { name: 'demo__echo', arguments: ['a'] }],
    ['tools/call', { name: 'demo__echo', inputResponses: 'yes' }],
    ['tools/call', { name: 'demo__echo', requestState: {} }],
    ['prompts/get', { name: 'x', arguments: { a: 1 } }],
    ['resources/read', { uri: ['x'] }],
    ['completion/complete', { ref: { type: 'x' }, argument: { name: 'a', value: '' } }],
    ['completion/complete', { ref: { type: 'ref/prompt', name: 'x' }, argument: { name: 'a' } }],
    ['tools/list', { cursor: 'next' }],
    ['subscriptions/listen', {}],
    ['subscriptions/listen', { notifications: { toolsListChanged: 'yes' } }],
    ['subscriptions/listen', { notifications: { resourceSubscriptions: [1] } }],
  ])('says what is wrong with its parameters: %s %j', async (method, params) => {
    await begin()
    const { status, json } = await ask(method, params as never)
    expect([status, json.error.code]).toEqual([200, -32602])
    expect(seen).toEqual([])
  })

  it('brings its source what the client said, without what is between the client and us', async () => {
    await begin()
    const meta = { traceparent: '00-1', 'x/y': 1, 'drawbridge/scope': 'all', progressToken: 5 }
    await ask('tools/call', { name: 'demo__echo', arguments: { a: 1 } }, {}, meta)
    await gateway.post(
      rpc('tools/call', { name: 'demo__echo', arguments: {}, requestState: 'x', _meta: meta }),
    )
    const [first, second] = seen
    expect([first!.args, first!.exchange.meta]).toEqual([{ a: 1 }, { traceparent: '00-1', 'x/y': 1 }])
    expect(second!.exchange.requestState).toBeUndefined()
    expect(first!.exchange.client).not.toBe(second!.exchange.client)
  })

  it('gets log messages only when it asks for them', async () => {
    await begin()
    const call = { name: 'demo__echo', arguments: {} }
    expect((await ask('tools/call', call)).headers['content-type']).toBe('application/json')
    const levels = async (level: string) => {
      const { text: body } = await ask('tools/call', call, {}, { [`${prefix}logLevel`]: level })
      return body.includes('notifications/message')
    }
    expect([await levels('info'), await levels('error')]).toEqual([true, false])
  })
})

describe('a result of 2026-07-28', () => {
  it('is complete, signed and passed on as it came', async () => {
    await begin()
    const plain = (await ask('tools/call', { name: 'demo__echo', arguments: {} })).json.result
    expect(plain).toEqual({
      resultType: 'complete',
      content: [{ type: 'text', text: 'ok' }],
      _meta: { [`${prefix}serverInfo`]: { name: 'Drawbridge', title: 'Drawbridge', version: '0.0.0' } },
    })
    const signed = (await ask('tools/call', { name: 'demo__signed', arguments: {} })).json.result
    expect(signed).toEqual({
      resultType: 'complete',
      content: [{ type: 'text', text: 'x' }],
      'x-unknown': [1],
      _meta: { [`${prefix}serverInfo`]: { name: 'them', version: '1' }, 'a/b': 1 },
    })
    const list = (await ask('tools/call', { name: 'demo__list', arguments: {} })).json.result
    expect([list.structuredContent, list.content]).toEqual([[1, 2], [{ type: 'text', text: '[1,2]' }]])
    const read = (await ask('resources/read', { uri: 'test://x' })).json.result
    expect(read).toMatchObject({ resultType: 'complete', ttlMs: 5, cacheScope: 'public' })
    // The 2025 era knows none of that.
    const old = (await gateway.post(rpc('tools/call', { name: 'demo__signed', arguments: {} }))).json.result
    expect(old).toEqual({ content: [{ type: 'text', text: 'x' }], 'x-unknown': [1], _meta: { 'a/b': 1 } })
    const oldList = (await gateway.post(rpc('tools/call', { name: 'demo__list', arguments: {} }))).json.result
    expect(oldList.structuredContent).toEqual({ result: [1, 2] })
    const oldRead = (await gateway.post(rpc('resources/read', { uri: 'test://x' }))).json.result
    expect(oldRead).toEqual({ contents: [{ uri: 'test://x', text: 'x' }] })
  })

  it('that is a list says how long it is good for, and who got it is noted', async () => {
    await begin()
    for (const [method, field, kind] of [
      ['tools/list', 'tools', 'tools'],
      ['resources/list', 'resources', 'resources'],
      ['resources/templates/list', 'resourceTemplates', 'resourceTemplates'],
      ['prompts/list', 'prompts', 'prompts'],
    ] as const) {
      const { json } = await ask(method)
      const { hash, items } = gateway.catalog.list(principal(), kind, 'modern')
      expect(json.result).toMatchObject({ resultType: 'complete', ttlMs: 60_000, cacheScope: 'private' })
      expect(json.result[field]).toEqual(JSON.parse(JSON.stringify(items)))
      expect(gateway.state.served.at(-1)).toEqual(['grant_1', kind, hash])
      const old = (await gateway.post(rpc(method))).json.result
      expect(Object.keys(old)).toEqual([field])
    }
  })
})

describe('listening', () => {
  const listen = async (notifications: object, who: Partial<Principal> = {}, id: unknown = 'sub') => {
    const token = `token ${gateway.tokens.size}`
    gateway.tokens.set(token, principal(who))
    const body = rpc('subscriptions/listen', { notifications, _meta: envelope }, id)
    const stream = await openEvents(gateway.port, {
      method: 'POST',
      path: '/mcp',
      headers: {
        Host: gateway.host,
        Authorization: `Bearer ${token}`,
        'Content-Type': 'application/json',
        Accept: 'application/json, text/event-stream',
        ...headersFor('subscriptions/listen', {}),
      },
      body: JSON.stringify(body),
    })
    open.push(stream)
    await expect.poll(() => stream.events.length).toBeGreaterThan(0)
    return stream
  }

  it('begins with what was accepted and brings that, marked with its id', async () => {
    const { updated } = await begin()
    const stream = await listen({
      toolsListChanged: true,
      promptsListChanged: false,
      resourceSubscriptions: ['test://x', 'ftp://unknown'],
    })
    const meta = { [`${prefix}subscriptionId`]: 'sub' }
    expect(stream.events[0]!.data).toEqual({
      jsonrpc: '2.0',
      method: 'notifications/subscriptions/acknowledged',
      params: {
        notifications: { toolsListChanged: true, resourceSubscriptions: ['test://x'] },
        _meta: meta,
      },
    })
    updated.at(-1)!('test://x')
    await expect
      .poll(() => stream.events[1]?.data)
      .toEqual({
        jsonrpc: '2.0',
        method: 'notifications/resources/updated',
        params: { uri: 'test://x', _meta: meta },
      })
    gateway.listener.toolsChanged()
    gateway.regrant('grant_1', { tools: new Set(['demo__echo']) })
    await expect
      .poll(() => stream.events.slice(2).map(({ data }) => data.method))
      .toEqual(['notifications/tools/list_changed'])
    gateway.listener.closeGrant('grant_1')
    await stream.ended
  })

  it('keeps streams with the same id apart, and ends at once where nothing can come', async () => {
    await begin({ workspaces: ['default', 'home'] })
    const [mine, theirs] = [
      await listen({ toolsListChanged: true }, {}, 1),
      await listen({ toolsListChanged: true }, { grantId: 'grant_2' }, 1),
    ]
    gateway.listener.closeGrant('grant_2')
    await theirs.ended
    gateway.catalog.setSources([])
    await expect.poll(() => mine.events.length).toBe(2)
    expect(theirs.events.length).toBe(1)
    const nothing = await listen({ resourceSubscriptions: ['ftp://unknown'] }, {}, 9)
    await nothing.ended
    expect(nothing.events.map(({ data }) => data.params?.notifications ?? data)).toEqual([
      {},
      {
        jsonrpc: '2.0',
        id: 9,
        result: {
          resultType: 'complete',
          _meta: {
            [`${prefix}subscriptionId`]: 9,
            [`${prefix}serverInfo`]: { name: 'Drawbridge', title: 'Drawbridge', version: '0.0.0' },
          },
        },
      },
    ])
  })
})

describe('the rate limit', () => {
  it('is for each grant, counts what asks for something, and says when to come back', async () => {
    await begin({ requestsPerMinute: 5 })
    gateway.tokens.set('other', principal({ grantId: 'grant_2' }))
    const initialized = { jsonrpc: '2.0', method: 'notifications/initialized' }
    for (let count = 0; count < 20; count += 1) expect((await gateway.post(initialized)).status).toBe(202)
    for (let count = 0; count < 5; count += 1) expect((await gateway.post(rpc('ping'))).status).toBe(200)
    const { status, headers, json } = await gateway.post(rpc('ping', {}, 'mine'))
    expect([status, json.id, json.error.code]).toEqual([429, 'mine', -32000])
    expect(Number(headers['retry-after'])).toBeGreaterThan(0)
    expect(Number(headers['retry-after'])).toBeLessThanOrEqual(12)
    expect(json.error.message).toContain(`${headers['retry-after']} s`)
    expect((await ask('tools/list')).status).toBe(429)
    expect((await gateway.post(rpc('ping'), { Authorization: 'Bearer other' })).status).toBe(200)
    gateway.state.requestsPerMinute = 1_000_000
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect((await gateway.post(rpc('ping'))).status).toBe(200)
    gateway.state.requestsPerMinute = null
    expect((await gateway.post(rpc('ping'))).status).toBe(200)
  })
})
