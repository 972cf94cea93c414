import { afterEach, describe, expect, it } from 'vitest'
import type { Exchange, Raw, ToolSource } from '../../mcp/tool-source.ts'
import { principal, reads, source, startGateway, text } from '../testing/fixture-gateway.ts'
import { rpc } from '../testing/fixture-http.ts'
import { callerOf, makePipeline, principalOf, says, serverOf, tool } from '../testing/fixture-pipeline.ts'

/** MCP Apps through us: two sources with views, one of which lists no template, and a client of each kind. */
const ui = 'io.modelcontextprotocol/ui'
const draws = { [ui]: { mimeTypes: ['text/html;profile=mcp-app'] } }
const page = (html: string) => ({
  contents: [{ uri: 'ui://clock/view', mimeType: 'text/html;profile=mcp-app', text: html }],
})
const seen: Exchange[] = []
const clock = (slug: string, more: Partial<ToolSource> = {}): ToolSource =>
  serverOf(slug, {
    tools: () => [
      tool('get-time', {
        annotations: reads,
        _meta: { ui: { resourceUri: 'ui://clock/view' }, 'ui/resourceUri': 'ui://clock/view' },
      }),
      tool('tick', { annotations: reads, _meta: { ui: { visibility: ['app'] } } }),
      tool(`only-${slug}`, { annotations: reads }),
    ],
    capabilities: () => ({ resources: {}, extensions: { [ui]: {}, 'io.modelcontextprotocol/tasks': {} } }),
    call: async (name, _args, exchange) => {
      seen.push(exchange)
      return says(`${slug} ${name}`)
    },
    request: async (_method, params) => {
      const result = page(`<p>${slug}</p>`)
      const { uri } = params as { uri: string }
      const _meta = { ui: { domain: `${slug}.example`, csp: {} }, 'openai/widgetDomain': 'x' }
      return { contents: [{ ...result.contents[0], uri, _meta }] }
    },
    ...more,
  })

describe('views of sources', () => {
  let at: ReturnType<typeof makePipeline>
  afterEach(() => at?.stop())
  const call = async (name: string) => (await at.request('tools/call', { name, arguments: {} })) as Raw
  const said = async (name: string) => ((await call(name)).content as { text: string }[])[0]!.text
  const templateAt = (name: string) => {
    const items = at.catalog.list(principalOf(), 'tools', 'modern', true).items
    const meta = items.find((item) => item.name === name)!._meta as Raw
    expect(meta['ui/resourceUri']).toBe((meta.ui as Raw).resourceUri)
    return (meta.ui as Raw).resourceUri as string
  }
  const read = async (uri: string) =>
    ((await at.request('resources/read', { uri })) as { contents: Raw[] }).contents[0]!

  it.each(['listed', 'not listed'])('get each its own page, %s', async (how) => {
    const resources = () => (how === 'listed' ? [{ uri: 'ui://clock/view', name: 'view' }] : [])
    at = makePipeline([clock('one', { resources }), clock('two', { resources })])
    for (const slug of ['one', 'two']) {
      const uri = templateAt(`${slug}__get-time`)
      expect(await read(uri)).toEqual({
        uri,
        mimeType: 'text/html;profile=mcp-app',
        text: `<p>${slug}</p>`,
        // an origin computed for another address than ours is nobody's business
        _meta: { ui: { csp: {} } },
      })
    }
    expect(at.catalog.list(principalOf(), 'resources', 'modern').items).toHaveLength(how === 'listed' ? 2 : 0)
  })

  it('can call tools by the names that they know, where only one can be meant', async () => {
    at = makePipeline([clock('one'), clock('two'), serverOf('plain', { tools: () => [tool('only-plain')] })])
    expect(await said('only-one')).toBe('one only-one')
    expect(await said('two__get-time')).toBe('two get-time')
    for (const name of ['get-time', 'only-plain', 'nothing'])
      await expect(call(name), name).rejects.toMatchObject({ code: -32602 })
    // with the same rights as by its public name
    const chosen = callerOf(principalOf({ tools: new Set(['one__get-time']) }))
    const refused = await at.request('tools/call', { name: 'only-one', arguments: {} }, {}, chosen)
    expect(refused.isError).toBe(true)
  })

  it('are drawn by who draws: tools that are for views only are listed for nobody else', () => {
    at = makePipeline([clock('one')])
    const names = (yes: boolean) =>
      at.catalog.list(principalOf(), 'tools', 'legacy', yes).items.map(({ name }) => name)
    expect(names(true)).toEqual(['one__get-time', 'one__only-one', 'one__tick'])
    expect(names(false)).toEqual(['one__get-time', 'one__only-one'])
  })
})

describe('extensions', () => {
  let gateway: Awaited<ReturnType<typeof startGateway>>
  afterEach(() => gateway.stop())
  const initialize = async (capabilities: object, clientInfo = { name: 'x', version: '1' }) => {
    const got = await gateway.post(
      rpc('initialize', { protocolVersion: '2025-11-25', capabilities, clientInfo }),
    )
    const session = { 'Mcp-Session-Id': String(got.headers['mcp-session-id']) }
    const { json } = await gateway.post(rpc('tools/list'), session)
    const names = json.result.tools.map(({ name }: { name: string }) => name)
    return { said: got.json.result.capabilities.extensions, drawn: names.includes('one__tick') as boolean }
  }
  const modern = (method: string, capabilities: object, params: Raw = {}) => {
    const prefix = 'io.modelcontextprotocol/'
    const _meta = {
      [`${prefix}protocolVersion`]: '2026-07-28',
      [`${prefix}clientCapabilities`]: capabilities,
    }
    const headers = {
      'MCP-Protocol-Version': '2026-07-28',
      'Mcp-Method': method,
      ...(typeof params.name === 'string' && { 'Mcp-Name': params.name }),
    }
    return gateway.post(rpc(method, { ...params, _meta }), headers)
  }

  it('are told to a client of either era as far as they can be kept, and asked of it by what it declares', async () => {
    gateway = await startGateway({ sources: [clock('one')] })
    expect(await initialize({ extensions: draws })).toEqual({ said: { [ui]: {} }, drawn: true })
    expect(await initialize({})).toEqual({ said: { [ui]: {} }, drawn: false })
    expect((await initialize({}, { name: 'Visual Studio Code', version: '1' })).drawn).toBe(true)
    const discovered = (await modern('server/discover', {})).json.result
    expect(discovered.capabilities.extensions).toEqual({ [ui]: {} })
    const listed = async (capabilities: object) =>
      (await modern('tools/list', capabilities)).json.result.tools.map(({ name }: { name: string }) => name)
    expect(await listed({ extensions: draws })).toContain('one__tick')
    expect(await listed({})).not.toContain('one__tick')
    // after a restart a session is still one of a client that draws
    const begun = await gateway.post(
      rpc('initialize', {
        protocolVersion: '2025-11-25',
        capabilities: { extensions: draws },
        clientInfo: { name: 'x', version: '1' },
      }),
    )
    await gateway.restart()
    const again = await gateway.post(rpc('tools/list'), {
      'Mcp-Session-Id': String(begun.headers['mcp-session-id']),
    })
    expect(again.text).toContain('one__tick')
  })

  it('are told of sources that this client may read, and of no others', async () => {
    gateway = await startGateway({
      sources: [source('plain', [{ name: 'x', annotations: reads }], async () => text('x'))],
    })
    expect((await initialize({ extensions: draws })).said).toBeUndefined()
    gateway.catalog.setSources([clock('one')])
    gateway.regrant('grant_1', { tools: new Set(['one__get-time']) })
    expect((await initialize({ extensions: draws })).said).toBeUndefined()
    gateway.tokens.set('good', principal())
    expect((await initialize({ extensions: draws })).said).toEqual({ [ui]: {} })
  })

  it('of a client reach a source as far as its answers could be carried', async () => {
    gateway = await startGateway({ sources: [clock('one')] })
    seen.length = 0
    const declared = {
      extensions: { ...draws, 'io.modelcontextprotocol/tasks': {}, 'example/own': { a: 1 } },
      sampling: {},
    }
    const params = { name: 'one__get-time', arguments: {} }
    expect((await modern('tools/call', declared, params)).status).toBe(200)
    expect((await modern('tools/call', { extensions: { 'example/own': {} } }, params)).status).toBe(200)
    expect(seen.map(({ capabilities }) => capabilities)).toEqual([{ extensions: draws, sampling: {} }, {}])
  })
})
