import { Client, SSEClientTransport } from '@modelcontextprotocol/client'
import { afterEach, expect, it } from 'vitest'
import { principal, reads, source, startGateway, text } from '../../testing/fixture-gateway.ts'
import { type Events, openEvents, rpc } from '../../testing/fixture-http.ts'

/** The transport of 2024-11-05: one stream for all answers, and POSTs beside it. */
type Gateway = Awaited<ReturnType<typeof startGateway>>
let gateway: Gateway
const open: Events[] = []
const running = new Set<string>()
afterEach(async () => {
  for (const stream of open.splice(0)) stream.close()
  await gateway?.stop()
  running.clear()
})

const begin = async (options: Parameters<typeof startGateway>[0] = {}) => {
  const made = source(
    'demo',
    ['echo', 'wait', 'ask'].map((name) => ({ name, annotations: reads })),
    async (tool, args, exchange) => {
      if (tool === 'wait') {
        running.add(String(args.say))
        await new Promise<void>((resolve) => exchange.signal.addEventListener('abort', () => resolve()))
        running.delete(String(args.say))
      }
      for (let step = 1; step <= 3; step += 1) exchange.onProgress?.({ progress: step, total: 3 })
      // the official client forgets whom progress is for when the result comes with it in one piece
      if (tool === 'echo') await new Promise((resolve) => setTimeout(resolve, 20))
      if (tool === 'ask') return text(JSON.stringify(await exchange.ask!({ method: 'roots/list' })))
      return text(String(args.say))
    },
    { workspaces: ['default', 'home'] },
  )
  gateway = await startGateway({ sources: [made], workspaces: ['default', 'home'], ...options })
  gateway.tokens.set('other', principal({ grantId: 'grant_2' }))
  gateway.tokens.set('home', principal({ workspace: 'home' }))
}
const come = async (token = 'good', path = '/sse') => {
  const headers = { Host: gateway.host, Authorization: `Bearer ${token}`, Accept: 'text/event-stream' }
  const stream = await openEvents(gateway.port, { path, headers })
  open.push(stream)
  await expect.poll(() => stream.events.length).toBe(1)
  const { event, data } = stream.events[0]!
  expect(event).toBe('endpoint')
  return { stream, postTo: data as string }
}
const call = (tool: string, say: string, id: unknown = 1) =>
  rpc('tools/call', { name: `demo__${tool}`, arguments: { say } }, id)

it.each([
  ['/sse', 'good'],
  ['/sse/home', 'home'],
])('the official client connects, calls, sees progress and is asked at %s', async (path, token) => {
  await begin()
  const client = new Client(
    { name: 'test', version: '1' },
    { capabilities: { roots: {} }, versionNegotiation: { mode: 'legacy' } },
  )
  client.setRequestHandler('roots/list', async () => ({ roots: [{ uri: 'file:///x' }] }))
  const headers = { Authorization: `Bearer ${token}` }
  const transport = new SSEClientTransport(new URL(gateway.origin + path), {
    requestInit: { headers },
    eventSourceInit: {
      fetch: (url, init) => fetch(url, { ...init, headers: { ...init?.headers, ...headers } }),
    },
  })
  await client.connect(transport)
  expect(client.getServerVersion()).toMatchObject({ name: 'Drawbridge' })
  expect((await client.listTools()).tools.map(({ name }) => name)).toContain('demo__echo')
  const seen: number[] = []
  const result = await client.callTool(
    { name: 'demo__echo', arguments: { say: 'x' } },
    { onprogress: ({ progress }) => void seen.push(progress) },
  )
  expect([result.content, seen]).toEqual([[{ type: 'text', text: 'x' }], [1, 2, 3]])
  const asked = await client.callTool({ name: 'demo__ask', arguments: {} })
  expect((asked.content as { text: string }[])[0]!.text).toContain('file:///x')
  const changed = Promise.withResolvers<void>()
  client.setNotificationHandler('notifications/tools/list_changed', () => changed.resolve())
  gateway.catalog.setSources([])
  await changed.promise
  await client.close()
})

it('posts are for whoever opened the stream: everybody else gets 401 or 404', async () => {
  await begin()
  const { stream, postTo } = await come()
  expect(postTo).toMatch(/^\/messages\?sessionId=[\w-]{32}$/)
  const post = (path: string, token: string) =>
    gateway.post(call('echo', 'x'), { Authorization: `Bearer ${token}` }, path)
  expect((await post(postTo, 'nobody')).status).toBe(401)
  const challenge = (await gateway.send({ method: 'POST', path: postTo })).headers['www-authenticate']
  expect(challenge).toBe(`Bearer resource_metadata="${gateway.origin}/sse"`)
  expect((await gateway.send({ path: '/sse/home' })).headers['www-authenticate']).toBe(
    `Bearer resource_metadata="${gateway.origin}/sse/home"`,
  )
  for (const [path, token, status] of [
    [postTo, 'other', 404],
    [postTo, 'home', 401],
    [postTo.replace('/messages', '/messages/home'), 'home', 404],
    ['/messages', 'good', 404],
    ['/messages?sessionId=', 'good', 404],
    [`${postTo}x`, 'good', 404],
    [`/mcp${postTo.slice('/messages'.length)}`, 'other', 200],
  ] as const)
    expect([path, token, (await post(path, token)).status]).toEqual([path, token, status])
  expect(stream.events.length).toBe(1)
  const good = await post(postTo, 'good')
  expect([good.status, good.text]).toEqual([202, ''])
  await expect.poll(() => stream.events[1]?.data.result.content[0].text).toBe('x')
})

it('two answers with one id cannot be told apart on one stream, so the second request is refused', async () => {
  await begin()
  const [{ stream, postTo }, other] = [await come(), await come('other')]
  const post = (body: unknown) => gateway.post(body, {}, postTo)
  expect((await post(call('wait', 'a', 'same'))).status).toBe(202)
  await expect.poll(() => running.size).toBe(1)
  const second = await post(call('echo', 'b', 'same'))
  expect([second.status, second.json.error.code, second.json.id]).toEqual([400, -32600, 'same'])
  const theirs = await gateway.post(
    call('echo', 'c', 'same'),
    { Authorization: 'Bearer other' },
    other.postTo,
  )
  expect(theirs.status).toBe(202)
  await expect.poll(() => other.stream.events[1]?.data.result.content[0].text).toBe('c')
  await post({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'same' } })
  await expect.poll(() => running.size).toBe(0)
  expect((await post(call('echo', 'd', 'same'))).status).toBe(202)
  await expect
    .poll(() => stream.events.map(({ data }) => data.result?.content[0].text))
    .toEqual([undefined, 'd'])
})

it('everything ends with the stream, and the stream with the grant', async () => {
  await begin()
  const [mine, theirs] = [await come(), await come('other')]
  await gateway.post(call('wait', 'mine'), {}, mine.postTo)
  await gateway.post(call('wait', 'theirs'), { Authorization: 'Bearer other' }, theirs.postTo)
  await expect.poll(() => running.size).toBe(2)
  mine.stream.close()
  await expect.poll(() => [...running]).toEqual(['theirs'])
  await expect.poll(async () => (await gateway.post(rpc('ping'), {}, mine.postTo)).status).toBe(404)
  gateway.listener.closeGrant('grant_2')
  await theirs.stream.ended
  await expect.poll(() => running.size).toBe(0)
})

it('posts keep to the limits of every other, and to its own era', async () => {
  await begin({ requestsPerMinute: 3 })
  const { postTo } = await come()
  const post = (body: unknown, headers = {}) => gateway.post(body, headers, postTo)
  expect((await post('['.repeat(100) + ']'.repeat(100))).status).toBe(400)
  expect((await post([rpc('ping')])).status).toBe(400)
  expect((await post({ jsonrpc: '2.0', id: 1, Method: 'ping' })).status).toBe(400)
  expect((await post('x', { 'Content-Type': 'text/plain' })).status).toBe(415)
  expect((await post('x'.repeat(5_000_000))).status).toBe(413)
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': {},
  }
  const modern = { 'MCP-Protocol-Version': '2026-07-28', 'Mcp-Method': 'tools/list' }
  expect((await post(rpc('tools/list', { _meta }), modern)).status).toBe(400)
  expect((await post(rpc('ping', {}, 1))).status).toBe(202)
  expect((await post(rpc('ping', {}, 2))).status).toBe(202)
  expect((await post(rpc('ping', {}, 3))).status).toBe(429)
})

it('one grant cannot hold all connections with its streams', async () => {
  await begin()
  for (let count = 0; count < 64; count += 1) await come()
  const headers = { Host: gateway.host, Authorization: 'Bearer good' }
  const refused = await gateway.send({ path: '/sse', headers })
  expect([refused.status, refused.headers['retry-after']]).toEqual([429, '60'])
  await come('other')
  open[0]!.close()
  await expect
    .poll(async () => {
      const stream = await openEvents(gateway.port, { path: '/sse', headers })
      open.push(stream)
      return stream.status
    })
    .toBe(200)
})
