import { ProtocolError } from '@modelcontextprotocol/client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Exchange, InputRequest, LogMessage, Raw } from '../../mcp/tool-source.ts'
import {
  closeAll,
  exchange,
  full,
  type SetUp,
  setUp,
  sourceOf,
  stdio,
  textOf,
  until,
} from '../testing/setup.ts'

const extra = { 'x-unknown': { deep: [1, { kept: true }] } }
const form = { mode: 'form', message: 'Name?', requestedSchema: { type: 'object', properties: {} } }

let at: SetUp
beforeEach(() => {
  at = setUp({ call: 1_000, firstBackoff: 20 })
})
afterEach(closeAll)

const call = (tool: string, args: Raw = {}, more: Partial<Exchange> = {}) =>
  sourceOf(at.servers, 'full').call(tool, args, exchange(more))
const heard = async () => JSON.parse(textOf(await call('heard'))) as [string, unknown][]

describe.each(['2025-11-25', '2026-07-28'])('a server of %s', (protocol) => {
  const isModern = protocol === '2026-07-28'
  const add = () => at.servers.add(stdio('Full', isModern ? [full, '--modern'] : [full]))

  it('passes lists and results on with every field', async () => {
    expect(await add()).toMatchObject({
      state: 'running',
      protocol,
      transport: 'stdio',
      tools: 12,
      resources: 4,
      prompts: 1,
      slug: 'full',
      prefixed: true,
      timeout: 30_000,
    })
    const source = sourceOf(at.servers, 'full')
    expect(source.tools()[0]).toEqual({
      name: 'heard',
      inputSchema: { type: 'object', properties: {} },
      ...extra,
    })
    expect(source.resources()).toEqual(
      ['a', 'b', 'c'].map((name) => ({ uri: `test://${name}`, name, ...extra })),
    )
    expect(source.resourceTemplates()).toEqual([{ uriTemplate: 'test://t/{id}', name: 't', ...extra }])
    expect(source.prompts()).toEqual([{ name: 'greet', ...extra }])
    expect(source.capabilities()).toMatchObject({ completions: {}, resources: { subscribe: true } })
    expect(source.instructions()).toBe('Be kind.')
    expect(await call('pid')).toMatchObject({ content: [{ type: 'text', ...extra }], ...extra })
  })

  it('reads, prompts and completes', async () => {
    await add()
    const source = sourceOf(at.servers, 'full')
    expect(await source.request('resources/read', { uri: 'test://a' }, exchange())).toMatchObject({
      contents: [{ uri: 'test://a', text: 'hello', ...extra }],
      ttlMs: 5,
      ...extra,
    })
    expect(await source.request('prompts/get', { name: 'greet' }, exchange())).toMatchObject(extra)
    const ref = { type: 'ref/prompt', name: 'greet' }
    expect(
      await source.request(
        'completion/complete',
        { ref, argument: { name: 'who', value: 'Jo' } },
        exchange(),
      ),
    ).toMatchObject({ completion: { values: ['Jo!'], ...extra } })
    // What the server refuses is passed on as it is.
    await expect(source.request('resources/read', { uri: 'no://a' }, exchange())).rejects.toMatchObject({
      name: 'ProtocolError',
      code: -32002,
      data: { uri: 'no://a' },
    })
    await expect(call('url')).rejects.toMatchObject({ code: -32042, data: { elicitations: [] } })
  })

  it('tells the server when a request is taken back', async () => {
    await add()
    const abort = new AbortController()
    const hanging = call('hang', {}, { signal: abort.signal })
    await call('pid')
    abort.abort()
    await expect(hanging).rejects.toMatchObject({ code: 'call-cancelled' })
    await expect(call('hang')).rejects.toMatchObject({ code: 'server-timeout' })
    const cancelled = (await heard()).filter(([method]) => method === 'notifications/cancelled')
    expect(cancelled).toHaveLength(2)
    for (const [, id] of cancelled) expect(id).toBeGreaterThan(1_000_000)
  })

  it('says who is behind a request, in the words of the era', async () => {
    await add()
    const capabilities = { elicitation: { form: {} } }
    const meta = JSON.parse(
      textOf(
        await call(
          'meta',
          {},
          { capabilities, meta: { traceparent: '00-1' }, logLevel: 'info', onProgress: () => {} },
        ),
      ),
    ) as Raw
    const { progressToken, ...rest } = meta
    expect(progressToken).toBeTypeOf('number')
    expect(rest).toEqual({
      traceparent: '00-1',
      ...(isModern && {
        'io.modelcontextprotocol/protocolVersion': protocol,
        'io.modelcontextprotocol/clientInfo': { name: 'drawbridge', title: 'Drawbridge', version: '1.2.3' },
        'io.modelcontextprotocol/clientCapabilities': capabilities,
        'io.modelcontextprotocol/logLevel': 'info',
      }),
    })
    if (!isModern) expect(textOf(await call('meta'))).toBe('null')
  })

  it('gives a client the log lines of its own requests, as many as it wants', async () => {
    await add()
    const said: LogMessage[] = []
    const onLog = (message: LogMessage) => void said.push(message)
    await call('log', {}, { logLevel: 'info', onLog })
    expect(said).toEqual([{ level: 'warning', logger: 'full', data: { said: 'warning' } }])
    await call('log', {}, { logLevel: 'debug', onLog })
    expect(said).toHaveLength(3)
    if (!isModern) {
      const levels = (await heard()).filter(([method]) => method === 'logging/setLevel')
      expect(levels).toEqual([
        ['logging/setLevel', 'info'],
        ['logging/setLevel', 'debug'],
      ])
    }
    // While two clients have something under way, nobody can tell whose it is: it stays here.
    const slow = call('sleep', { ms: 200 }, { client: 'two', logLevel: 'debug', onLog })
    await call('log', {}, { client: 'one', logLevel: 'debug', onLog })
    await slow
    expect(said).toHaveLength(3)
    expect(at.servers.list()[0]!.log).toContain('(full, warning) {"said":"warning"}')
  })

  it('fetches lists again when they changed, and hears of watched resources', async () => {
    await add()
    const source = sourceOf(at.servers, 'full')
    let changes = 0
    at.servers.events.on('lists.changed', () => {
      changes += 1
    })
    if (isModern) await untilAsync(async () => (await listens()).length === 1)
    await call('more-prompts')
    await until(() => source.prompts().length === 2)
    expect(changes).toBe(1)

    const updated: string[] = []
    source.watch(new Set(['test://a', 'test://b']), (uri) => updated.push(uri))
    const told = isModern ? 'subscriptions/listen' : 'resources/subscribe'
    await untilAsync(async () => (await heard()).filter(([method]) => method === told).length === 2)
    await call('touch', { uri: 'test://a' })
    await call('touch', { uri: 'test://c' })
    await call('touch', { uri: 'test://b/part' })
    expect(updated).toEqual(['test://a', 'test://b'])

    source.watch(new Set(['test://a']), (uri) => updated.push(uri))
    const untold = isModern ? 'notifications/cancelled' : 'resources/unsubscribe'
    await untilAsync(async () => (await heard()).some(([method]) => method === untold))
    // In another life of the server it is told again.
    const pid = Number(textOf(await call('pid')))
    process.kill(pid, 'SIGKILL')
    await until(() => at.servers.list()[0]!.state === 'waiting')
    await until(() => at.servers.list()[0]!.state === 'running')
    await untilAsync(async () => (await heard()).filter(([method]) => method === told).length === 1)
    await call('touch', { uri: 'test://a' })
    expect(updated).toHaveLength(3)
  })

  const listens = async () => (await heard()).filter(([method]) => method === 'subscriptions/listen')
})

describe('lists', () => {
  it('have an end, whatever the server says', async () => {
    expect(await at.servers.add(stdio('Full', [full, '--endless']))).toMatchObject({
      state: 'running',
      tools: 2_000,
      // No template can be used.
      resources: 5_000,
      prompts: 2,
    })
  })

  it('are not fetched all the time, however often they change', async () => {
    await at.servers.add(stdio('Full', [full, '--restless']))
    const before = Number(textOf(await call('lists')))
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    const fetched = Number(textOf(await call('lists'))) - before
    expect(fetched).toBeGreaterThanOrEqual(1)
    expect(fetched).toBeLessThanOrEqual(3)
  })
})

describe('questions', () => {
  it('of the 2025 era go to the client behind the request, and time stands still meanwhile', async () => {
    await at.servers.add(stdio('Full', [full]))
    const asked: InputRequest[] = []
    const ask = async (question: InputRequest) => {
      asked.push(question)
      await new Promise((resolve) => setTimeout(resolve, 1_300))
      return { action: 'accept', content: { name: 'Jo' } }
    }
    expect(JSON.parse(textOf(await call('ask', {}, { ask })))).toEqual({
      action: 'accept',
      content: { name: 'Jo' },
    })
    expect(asked).toEqual([{ method: 'elicitation/create', params: form }])
  })

  it('that send the user to a page are told to be done to the client that was sent there, once', async () => {
    await at.servers.add(stdio('Full', [full]))
    const heard: string[] = []
    const client = (name: string) => ({
      ...{ client: name, ask: async () => ({ action: 'accept' }) },
      onVisited: (id: string) => void heard.push(`${name} ${id}`),
    })
    expect(JSON.parse(textOf(await call('visit', { mode: 'ask', id: 'e1' }, client('one'))))).toEqual({
      action: 'accept',
    })
    await expect(call('visit', { mode: 'refuse', id: 'e2' }, client('two'))).rejects.toMatchObject({
      code: -32042,
    })
    await call('visit', { mode: 'ask', id: 'e3' }, { ask: async () => ({ action: 'cancel' }) })
    await until(() => heard.length === 2)
    await new Promise((resolve) => setTimeout(resolve, 150))
    expect(heard).toEqual(['one e1', 'two e2'])
  })

  it('are refused when it is not clear whom to ask, or nobody can be asked', async () => {
    await at.servers.add(stdio('Full', [full]))
    const ask = async () => ({ action: 'accept' })
    expect(JSON.parse(textOf(await call('ask')))).toMatchObject({ error: { code: -32601 } })
    const slow = call('sleep', { ms: 300 }, { client: 'two', ask })
    expect(JSON.parse(textOf(await call('ask', {}, { client: 'one', ask })))).toMatchObject({
      error: {
        code: -32603,
        message: expect.stringMatching(/not clear.*several clients.*a workspace of their own/),
      },
    })
    // and whoever looks for the reason on the server's page finds it there
    expect(at.servers.list()[0]!.log.join('\n')).toMatch(
      /elicitation\/create: several clients are using this server/,
    )
    await slow
    // Two requests of one client are no riddle.
    const mine = call('sleep', { ms: 300 }, { ask })
    expect(JSON.parse(textOf(await call('ask', {}, { ask })))).toEqual({ action: 'accept' })
    await mine
    const refuse = async () => {
      throw new ProtocolError(-32000, 'no', { why: 'because' })
    }
    expect(JSON.parse(textOf(await call('ask', {}, { ask: refuse })))).toEqual({
      error: { code: -32000, message: 'no', data: { why: 'because' } },
    })
    expect(JSON.parse(textOf(await call('ask-twice', {}, { ask })))).toEqual([
      { action: 'accept' },
      { action: 'accept' },
    ])
  })

  it('end with the request they belong to', async () => {
    await at.servers.add(stdio('Full', [full]))
    const abort = new AbortController()
    const gone = Promise.withResolvers<unknown>()
    const ask = (_: InputRequest, signal?: AbortSignal) =>
      new Promise<Raw>((_, reject) => {
        signal!.addEventListener('abort', () => {
          gone.resolve(signal!.reason)
          reject(signal!.reason as Error)
        })
        setTimeout(() => abort.abort(), 50)
      })
    await expect(call('ask', {}, { ask, signal: abort.signal })).rejects.toMatchObject({
      code: 'call-cancelled',
    })
    expect(await gone.promise).toMatchObject({ message: 'The request has ended.' })
  })

  it('of the 2026 era come as a result, and are answered by asking again', async () => {
    await at.servers.add(stdio('Full', [full, '--modern']))
    expect(await call('ask')).toEqual({
      resultType: 'input_required',
      inputRequests: { name: { method: 'elicitation/create', params: form } },
      requestState: 'state-1',
    })
    const inputResponses = { name: { action: 'accept', content: {} } }
    const again = await call('ask', {}, { inputResponses, requestState: 'state-1' })
    expect(JSON.parse(textOf(again))).toEqual([inputResponses, 'state-1'])
  })
})

async function untilAsync(check: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 5_000; !(await check()); ) {
    if (Date.now() > end) throw new Error('it did not happen in time')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
