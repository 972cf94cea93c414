import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as z from 'zod'
import type { Parsed } from '../../contract/api.ts'
import { callText, closeAll, type SetUp, setUp, until } from '../testing/setup.ts'

type Handle = (req: IncomingMessage, res: ServerResponse) => void

let at: SetUp
const open: Server[] = []
beforeEach(() => {
  at = setUp({ firstBackoff: 50, start: 3_000 })
})
afterEach(async () => {
  await closeAll()
  await Promise.all(open.splice(0).map(shut))
})
const shut = (server: Server) =>
  new Promise<void>((resolve) => {
    server.closeAllConnections()
    server.close(() => resolve())
  })

async function serve(handle: Handle, port = 0): Promise<{ url: string; port: number; server: Server }> {
  const server = createServer(handle)
  open.push(server)
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const { port: actual } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${actual}/mcp`, port: actual, server }
}

const http = (url: string, headers: Record<string, string> = {}): Parsed<'servers.add'> => ({
  kind: 'http',
  name: 'Web',
  url,
  headers,
  timeout: 30_000,
})

/** A real MCP server in both eras; `seen` collects the headers of every request. */
function mcp(seen: IncomingMessage['headers'][] = []): Handle {
  const node = toNodeHandler(
    createMcpHandler(() => {
      const server = new McpServer({ name: 'web', version: '1' }, { capabilities: { logging: {} } })
      server.registerTool('add', { inputSchema: z.object({ a: z.number(), b: z.number() }) }, ({ a, b }) => ({
        content: [{ type: 'text', text: String(a + b) }],
      }))
      server.registerTool('slow', {}, async (ctx) => {
        await ctx.mcpReq.notify({ method: 'notifications/message', params: { level: 'info', data: 'begun' } })
        await new Promise((resolve) => setTimeout(resolve, 60_000).unref())
        return { content: [] }
      })
      server.registerTool('huge', {}, () => ({ content: [{ type: 'text', text: 'x'.repeat(5_000_000) }] }))
      return server
    }),
  )
  return (req, res) => {
    seen.push(req.headers)
    void node(req, res)
  }
}

describe('a server at an address', () => {
  it.each(['2025-11-25', '2026-07-28'])(
    'of %s is told that views can be drawn, before it lists',
    async (era) => {
      const told: unknown[] = []
      const key = 'io.modelcontextprotocol/clientCapabilities'
      const { url } = await serve(async (req, res) => {
        let body = ''
        for await (const chunk of req) body += chunk
        const { id, method, params } = JSON.parse(body || '{}')
        if (id === undefined) return void res.writeHead(202).end()
        if (method === 'initialize') told.push(params.capabilities.extensions)
        if (method === 'tools/list' && era === '2026-07-28') told.push(params._meta[key].extensions)
        const common = { capabilities: { tools: {} }, serverInfo: { name: 'views', version: '1' } }
        const results: Record<string, object | undefined> = {
          initialize: { protocolVersion: '2025-11-25', ...common },
          'server/discover':
            era === '2026-07-28'
              ? { resultType: 'complete', supportedVersions: [era], ...common }
              : undefined,
          'tools/list': { resultType: 'complete', tools: [], ttlMs: 0, cacheScope: 'private' },
        }
        const result = results[method]
        res.writeHead(200, { 'content-type': 'application/json' })
        res.end(
          JSON.stringify({
            jsonrpc: '2.0',
            id,
            ...(result ? { result } : { error: { code: -32601, message: 'no' } }),
          }),
        )
      })
      const server = await at.servers.add(http(url))
      expect(server).toMatchObject({ state: 'running', protocol: era })
      expect(told).toEqual([{ 'io.modelcontextprotocol/ui': { mimeTypes: ['text/html;profile=mcp-app'] } }])
    },
  )

  it('is spoken to in the newest protocol, with the headers out of the vault', async () => {
    const seen: IncomingMessage['headers'][] = []
    const { url } = await serve(mcp(seen))
    const server = await at.servers.add(http(url, { Authorization: 'Bearer top-secret-1', 'X-Tenant': 't1' }))
    expect(server).toMatchObject({ state: 'running', protocol: '2026-07-28', tools: 3, command: null })
    expect(server.headers).toEqual(['Authorization', 'X-Tenant'])
    expect(await callText(at.servers, 'web', 'add', { a: 2, b: 3 })).toBe('5')
    expect(seen.every((one) => one.authorization === 'Bearer top-secret-1' && one['x-tenant'] === 't1')).toBe(
      true,
    )
    expect(at.secrets.get(`server/${server.id}/header/Authorization`)).toBe('Bearer top-secret-1')
    await at.servers.remove(server.id)
    expect(at.secrets.size).toBe(0)
  })

  it('drops an answer that is too large, and goes on', async () => {
    const { url } = await serve(mcp())
    await at.servers.add(http(url))
    await expect(callText(at.servers, 'web', 'huge')).rejects.toMatchObject({ name: 'HostError' })
    await until(() => at.servers.list()[0]!.state === 'running')
    expect(await callText(at.servers, 'web', 'add', { a: 1, b: 1 })).toBe('2')
  })

  it('answers calls at once when the server dies, and finds it again', async () => {
    const { url, port, server } = await serve(mcp())
    await at.servers.add(http(url))
    const slow = callText(at.servers, 'web', 'slow')
    const failed = expect(slow).rejects.toMatchObject({ name: 'HostError' })
    await new Promise((resolve) => setTimeout(resolve, 200))
    const begun = performance.now()
    await shut(server)
    await failed
    expect(performance.now() - begun).toBeLessThan(1_000)
    await until(() => at.servers.list()[0]!.error?.code === 'server-unreachable')
    // Longer than five attempts take: being offline is no crash.
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(at.servers.list()[0]!.state).not.toBe('failed')
    await serve(mcp(), port)
    await until(() => at.servers.list()[0]!.state === 'running')
    expect(await callText(at.servers, 'web', 'add', { a: 20, b: 22 })).toBe('42')
  })

  it('follows no redirect to another origin, and tells nobody its secrets', async () => {
    let canary = 0
    const inside = await serve((_req, res) => {
      canary += 1
      res.end('{}')
    })
    for (const status of [301, 302, 307, 308]) {
      const { url } = await serve((_req, res) => void res.writeHead(status, { location: inside.url }).end())
      const server = await at.servers.add(http(url, { Authorization: 'Bearer top-secret-1' }))
      expect(server).toMatchObject({ state: 'failed', error: { code: 'server-moved' } })
      await at.servers.remove(server.id)
    }
    expect(canary).toBe(0)
  })

  it('follows a redirect within its origin', async () => {
    const handle = mcp()
    const { url } = await serve((req, res) => {
      if (req.url === '/old') res.writeHead(307, { location: '/mcp' }).end()
      else handle(req, res)
    })
    expect((await at.servers.add(http(url.replace('/mcp', '/old')))).state).toBe('running')
  })

  it.each([
    ['refuses us', 401, 'application/json', '{}', 'server-refused'],
    ['is no MCP server', 200, 'text/html', '<h1>hello</h1>', 'server-not-mcp'],
    ['knows no such page', 404, 'text/html', 'not found', 'server-not-mcp'],
    ['answers nonsense', 200, 'application/json', '{"a":1', 'server-not-mcp'],
    ['is broken', 502, 'text/html', 'bad gateway', 'server-unreachable'],
  ])('says in words when it %s', async (_what, status, type, body, code) => {
    const { url } = await serve((_req, res) => void res.writeHead(status, { 'content-type': type }).end(body))
    const server = await at.servers.add(http(url))
    expect(server).toMatchObject({ state: 'failed', error: { code } })
    expect(server.error!.hint).not.toBe('')
  })

  it('gives up on one that cannot be reached or never answers', async () => {
    const { url, server } = await serve(() => {})
    at = setUp({ start: 500 })
    const mute = await at.servers.add(http(url))
    expect(mute).toMatchObject({ state: 'failed', error: { code: 'server-unreachable' } })
    expect(mute.error!.message).toMatch(/within one second/)
    await shut(server)
    expect(await at.servers.restart(mute.id)).toMatchObject({
      state: 'failed',
      error: { code: 'server-unreachable', message: expect.stringContaining('cannot be reached') },
    })
  })

  it('takes no addresses and headers that would leak or break', async () => {
    for (const input of [
      http('http://me:pw@127.0.0.1:1/mcp'),
      http('http://127.0.0.1:1/mcp', { Host: 'evil.example' }),
      http('http://127.0.0.1:1/mcp', { 'A B': 'x' }),
      http('http://127.0.0.1:1/mcp', { A: 'x\r\nB: y' }),
    ])
      await expect(at.servers.add(input)).rejects.toMatchObject({ code: 'server-invalid' })
    expect(at.servers.list()).toEqual([])
  })
})
