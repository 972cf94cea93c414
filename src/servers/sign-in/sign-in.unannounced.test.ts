import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Raw } from '../../mcp/tool-source.ts'
import { callText, closeAll, type SetUp, setUp, until } from '../testing/setup.ts'

let at: SetUp
const servers: Server[] = []
beforeEach(() => {
  at = setUp({ firstBackoff: 50, start: 5_000 })
})
afterEach(async () => {
  await closeAll()
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

/**
 * A server of 2025-03-26 that says 401 and nothing else: its authorization server is at the usual addresses of its own origin. `accepts`:
 * whether the tokens it gives out are any good to it.
 */
async function quiet(accepts: () => boolean) {
  const server = createServer(async (req, res) => {
    let body = ''
    for await (const chunk of req) body += chunk
    const url = new URL(req.url!, 'http://x')
    const json = (status: number, value: unknown) =>
      res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
    if (url.pathname === '/register') return void json(201, { ...JSON.parse(body), client_id: 'me' })
    if (url.pathname === '/authorize') {
      const back = new URL(url.searchParams.get('redirect_uri')!)
      back.searchParams.set('code', 'c')
      back.searchParams.set('state', url.searchParams.get('state')!)
      return void res.writeHead(302, { location: back.href }).end()
    }
    if (url.pathname === '/token') return void json(200, { access_token: 'token-1', token_type: 'Bearer' })
    if (url.pathname !== '/mcp' || req.method !== 'POST') return void json(404, {})
    if (req.headers.authorization !== 'Bearer token-1' || !accepts()) return void json(401, {})
    const { id, method } = JSON.parse(body) as Raw
    if (id === undefined) return void res.writeHead(202).end()
    const serverInfo = { name: 'quiet', version: '1' }
    const results: Record<string, Raw> = {
      initialize: { protocolVersion: '2025-03-26', capabilities: { tools: {} }, serverInfo },
      'tools/list': { tools: [{ name: 'hello', inputSchema: { type: 'object', properties: {} } }] },
      'tools/call': { content: [{ type: 'text', text: 'hello' }] },
    }
    const result = results[method as string]
    json(200, { jsonrpc: '2.0', id, ...(result ? { result } : { error: { code: -32601, message: 'no' } }) })
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`
}
const add = (url: string) => at.servers.add({ kind: 'http', name: 'Quiet', url, headers: {}, timeout: 5_000 })
const now = () => at.servers.list()[0]!
const signIn = async (id: string) => {
  const page = (await at.servers.signIn(id)).signIn.url!
  return (await fetch(page)).text()
}

describe('a server that says 401 and not where to sign in', () => {
  it('runs once its user has signed in', async () => {
    const { id, state, error } = await add(await quiet(() => true))
    expect({ state, code: error?.code }).toEqual({ state: 'failed', code: 'server-refused' })
    expect(await signIn(id)).toContain('Signed in')
    await until(() => now().state === 'running')
    expect(now().signIn).toMatchObject({ state: 'signed-in', problem: null })
    expect(await callText(at.servers, 'quiet', 'hello')).toBe('hello')
  })

  it('is not called signed in to when it takes no notice of that', async () => {
    let accepts = false
    const { id } = await add(await quiet(() => accepts))
    await signIn(id)
    await until(() => now().state === 'signed-out')
    expect(now().signIn).toMatchObject({ state: 'needed', problem: { code: 'sign-in-not-accepted' } })
    accepts = true
    await signIn(id)
    await until(() => now().state === 'running')
    expect(now().signIn).toMatchObject({ state: 'signed-in', problem: null })
  })
})
