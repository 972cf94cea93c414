import { afterEach, describe, expect, it } from 'vitest'
import { HostError } from '../../kernel/errors.ts'
import { principal, reads, source, startGateway, text } from '../testing/fixture-gateway.ts'
import { rpc } from '../testing/fixture-http.ts'

type Gateway = Awaited<ReturnType<typeof startGateway>>
let gateway: Gateway
afterEach(() => gateway?.stop())

const echo = () =>
  source(
    'demo',
    [
      {
        name: 'echo',
        title: 'Echo',
        annotations: reads,
        inputSchema: {
          type: 'object',
          properties: { say: { type: 'string' } },
          required: ['say'],
        },
        'x-unknown': { kept: true },
      },
      {
        name: 'sum',
        annotations: reads,
        outputSchema: { type: 'object', properties: { sum: { type: 'number' } }, required: ['sum'] },
      },
      { name: 'list', annotations: reads, outputSchema: { type: 'array', items: { type: 'number' } } },
      { name: 'slow', annotations: reads },
      { name: 'steps', annotations: reads },
      { name: 'fails', annotations: reads },
      { name: 'says_no', annotations: reads },
    ],
    async (tool, args, { signal, onProgress }) => {
      switch (tool) {
        case 'echo':
          return {
            ...text(String(args.say)),
            _meta: { 'example.com/kept': true, 'drawbridge/code': 'scope' },
          }
        case 'sum':
          return { ...text('3'), structuredContent: { sum: 3 } }
        case 'list':
          return { ...text('[1]'), structuredContent: [1] as never }
        case 'steps':
          for (let progress = 1; progress <= 3; progress += 1) onProgress?.({ progress, total: 3 })
          return text('done')
        case 'fails':
          throw new HostError({ code: 'server-died', told: { message: 'It died.', hint: 'Start it again.' } })
        case 'says_no':
          return { ...text('No such file'), isError: true }
        default:
          await new Promise((resolve) => signal.addEventListener('abort', () => resolve(undefined)))
          throw new Error('aborted')
      }
    },
  )

const firstText = (result: unknown) => (result as { content: { text: string }[] }).content[0]!.text

describe.each(['legacy', 'modern'] as const)('a %s client', (era) => {
  it('connects, learns who we are, lists and calls', async () => {
    gateway = await startGateway({ sources: [echo()] })
    const client = await gateway.connect(era)
    expect(client.getServerVersion()).toMatchObject({ name: 'Drawbridge', version: '0.0.0' })
    expect(client.getInstructions()!.length).toBeLessThan(512)
    expect(client.getServerCapabilities()?.tools).toEqual({ listChanged: true })
    const { tools } = await client.listTools()
    expect(tools.map((tool) => tool.name)).toEqual(
      ['echo', 'fails', 'list', 'says_no', 'slow', 'steps', 'sum'].map((name) => `demo__${name}`),
    )
    expect(tools[0]).toMatchObject({
      title: 'Echo',
      annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
    })
    const result = await client.callTool({ name: 'demo__echo', arguments: { say: 'hello' } })
    expect(firstText(result)).toBe('hello')
    expect(result._meta).toMatchObject({ 'example.com/kept': true })
    expect(result._meta).not.toHaveProperty('drawbridge/code')
    expect(await client.callTool({ name: 'demo__sum' })).toMatchObject({ structuredContent: { sum: 3 } })
    expect(await client.callTool({ name: 'demo__list' })).toMatchObject({
      structuredContent: era === 'modern' ? [1] : { result: [1] },
    })
    expect(gateway.traffic.map((event) => event.kind)).toEqual([
      'discover',
      'tools-list',
      'tools-call',
      'tools-call',
      'tools-call',
    ])
    for (const event of gateway.traffic)
      expect(event).toMatchObject({ ok: true, origin: gateway.origin, grantId: 'grant_1' })
  })

  it('gets empty lists of what is not offered', async () => {
    gateway = await startGateway({ sources: [echo()] })
    const client = await gateway.connect(era)
    expect(await client.request({ method: 'resources/list' })).toMatchObject({ resources: [] })
    expect(await client.request({ method: 'resources/templates/list' })).toMatchObject({
      resourceTemplates: [],
    })
    expect(await client.request({ method: 'prompts/list' })).toMatchObject({ prompts: [] })
    if (era === 'legacy') expect(await client.ping()).toEqual({})
  })

  it('reads what went wrong in the result', async () => {
    gateway = await startGateway({ sources: [echo()] })
    const client = await gateway.connect(era)
    const call = (name: string, args: Record<string, unknown> = {}) =>
      client.callTool({ name, arguments: args })
    expect(await call('demo__fails')).toMatchObject({
      isError: true,
      content: [{ text: 'It died. Start it again.' }],
    })
    expect(await call('demo__says_no')).toMatchObject({ isError: true, content: [{ text: 'No such file' }] })
    await expect(call('nothing')).rejects.toMatchObject({
      code: -32602,
      message: expect.stringMatching(/Unknown tool: nothing/),
    })
    expect(gateway.activity.list({ limit: 10 }).map((row) => [row.tool, row.decision, row.outcome])).toEqual([
      ['nothing', 'refused', 'failed'],
      ['demo__says_no', 'allowed', 'failed'],
      ['demo__fails', 'allowed', 'failed'],
    ])
  })

  it('sees progress when it asks for it', async () => {
    gateway = await startGateway({ sources: [echo()] })
    const client = await gateway.connect(era)
    const seen: number[] = []
    const result = await client.callTool(
      { name: 'demo__steps' },
      { onprogress: (progress) => void seen.push(progress.progress) },
    )
    expect(firstText(result)).toBe('done')
    expect(seen).toEqual([1, 2, 3])
  })

  it('stops a call by leaving', async () => {
    gateway = await startGateway({ sources: [echo()] })
    const client = await gateway.connect(era)
    const leave = new AbortController()
    const call = client.callTool({ name: 'demo__slow' }, { signal: leave.signal })
    setTimeout(() => leave.abort(), 50)
    await expect(call).rejects.toThrow()
    if (era === 'legacy') gateway.listener.closeAll() // the 2025 client keeps its connection and sends a notification
    await expect
      .poll(() => gateway.activity.list({ limit: 1 })[0]?.outcome, { timeout: 2_000 })
      .toBe('cancelled')
  })

  it('never gets another client’s answer: 50 at once, with the same ids', async () => {
    gateway = await startGateway({ sources: [echo()] })
    const clients = await Promise.all(
      Array.from({ length: 50 }, (_, index) => {
        gateway.tokens.set(`token${index}`, principal({ grantId: `grant${index}` }))
        return gateway.connect(era, `token${index}`)
      }),
    )
    const answers = await Promise.all(
      clients.map(async (client, index) => {
        const right: boolean[] = []
        for (let round = 0; round < 6; round += 1) {
          const say = `canary-${index}-${round}`
          const answer = await client.callTool({ name: 'demo__echo', arguments: { say } })
          right.push(firstText(answer) === say)
        }
        return right
      }),
    )
    expect(answers.flat().length).toBe(300)
    expect(answers.flat().filter((right) => !right).length).toBe(0)
    for (const row of gateway.activity.list({ limit: 500 }))
      expect(row.arguments).toContain(`canary-${row.grantId.slice(5)}-`)
  })
})

describe('both eras', () => {
  it('see the same tools in the same bytes', async () => {
    gateway = await startGateway({ sources: [echo()] })
    const [legacy, modern] = [await gateway.connect('legacy'), await gateway.connect('modern')]
    expect((await legacy.listTools()).tools.filter((tool) => !tool.outputSchema)).toEqual(
      (await modern.listTools()).tools.filter((tool) => !tool.outputSchema),
    )
  })

  it('passes on fields of tools that nobody here knows', async () => {
    gateway = await startGateway({ sources: [echo()] })
    const { json } = await gateway.post(rpc('tools/list'))
    expect(json.result.tools[0]).toMatchObject({
      name: 'demo__echo',
      'x-unknown': { kept: true },
    })
    const second = await gateway.post(rpc('tools/list', { cursor: 'x' }))
    expect(second.json.error.code).toBe(-32602)
  })

  it('answers discovery in full', async () => {
    gateway = await startGateway({ sources: [echo()] })
    const meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': {},
    }
    const { status, json, headers } = await gateway.post(rpc('server/discover', { _meta: meta }), {
      'MCP-Protocol-Version': '2026-07-28',
      'Mcp-Method': 'server/discover',
    })
    expect(status).toBe(200)
    expect(headers['cache-control']).toBe('no-store')
    expect(headers['content-length']).toBeDefined()
    expect(json.result).toMatchObject({
      resultType: 'complete',
      supportedVersions: ['2026-07-28'],
      capabilities: { tools: { listChanged: true } },
      instructions: expect.any(String),
      ttlMs: 60_000,
      cacheScope: 'private',
    })
    expect(json.result._meta['io.modelcontextprotocol/serverInfo']).toMatchObject({ name: 'Drawbridge' })
  })

  it('answers a 2025 call without an initialize before it, as plain JSON', async () => {
    gateway = await startGateway({ sources: [echo()] })
    const { status, json, headers } = await gateway.post(
      rpc('tools/call', { name: 'demo__echo', arguments: { say: 'x' } }, 'same-id'),
    )
    expect([status, headers['content-type'], json.id]).toEqual([200, 'application/json', 'same-id'])
    expect(json.result.content[0].text).toBe('x')
  })

  it('answers an initialize of 2024-11-05 that says nothing of the client', async () => {
    gateway = await startGateway({ sources: [echo()] })
    const greeting = { protocolVersion: '2024-11-05', capabilities: {} }
    const { status, json } = await gateway.post(rpc('initialize', greeting))
    expect([status, json.result.protocolVersion]).toEqual([200, '2024-11-05'])
    for (const params of [undefined, null, [], 'x'])
      expect(
        (await gateway.post(rpc('initialize', params as never))).json.error,
        String(params),
      ).toBeDefined()
  })

  it('tells listening clients that the tools changed, and those only', async () => {
    gateway = await startGateway({ sources: [echo()] })
    const client = await gateway.connect('modern')
    let told = 0
    client.setNotificationHandler('notifications/tools/list_changed', () => {
      told += 1
    })
    const subscription = await client.listen({ toolsListChanged: true })
    expect(told).toBe(0)
    gateway.regrant('grant_1', { tools: new Set() })
    await expect.poll(() => told).toBe(1)
    gateway.listener.closeGrant('grant_other')
    // Of what is the same for it nothing is said: another grant, and another name of its own.
    gateway.listener.toolsChanged()
    gateway.regrant('grant_1', { clientName: 'Renamed' })
    gateway.regrant('grant_1', { tools: null })
    await expect.poll(() => told).toBe(2)
    gateway.catalog.setSources([])
    await expect.poll(() => told).toBe(3)
    gateway.listener.closeGrant('grant_1')
    await expect(subscription.closed).resolves.toBeDefined()
  })
})
