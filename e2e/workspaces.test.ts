import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectAssistant } from './fixtures/assistant.ts'
import { type InProcess, startInProcess } from './fixtures/in-process.ts'

/** Two workspaces with a connector each, in a real host, with real keys and real sign-ins of each. */
let inProcess: InProcess
let origin: string
const places = ['default', 'code', 'packages'] as const
type Place = (typeof places)[number]
const kinds = ['key', 'client'] as const
const tokens = new Map<string, string>()
const tools: Record<Place, string[]> = { default: [], code: [], packages: [] }

interface Answer {
  result: { tools: { name: string }[]; isError: boolean; _meta: Record<string, unknown> }
}

const ask: InProcess['ask'] = (name, ...input) => inProcess.ask(name, ...input)
const urlOf = (place: Place) => (place === 'default' ? `${origin}/mcp` : `${origin}/mcp/${place}`)
const signIn = async (place: Place, scope?: string) => {
  const name = `${place} ${scope ?? ''}`
  const redirect = 'http://127.0.0.1:49152/callback'
  const client = { kind: 'dynamic' as const, name, redirect }
  const manner = scope === undefined ? {} : { scope }
  return (await connectAssistant(urlOf(place), client, await inProcess.letIn(), fetch, manner)).tokens.access
}
const post = (place: Place, token: string, method: string, params: object = {}) =>
  fetch(urlOf(place), {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  })
const namesAt = async (place: Place, token: string): Promise<string[]> => {
  const { result } = (await (await post(place, token, 'tools/list')).json()) as Answer
  return result.tools.map((tool) => tool.name)
}

beforeAll(async () => {
  // Nobody is asked anything: what passes the gateway fails here, at once.
  const nowhere = { github: 'http://127.0.0.1:1', npm: 'http://127.0.0.1:1' }
  inProcess = await startInProcess({ connectorBaseUrls: nowhere })
  origin = inProcess.local
  await ask('workspaces.create', { name: 'code', title: 'Code', sources: ['github'] })
  await ask('workspaces.create', { name: 'packages', title: 'Packages', sources: ['npm'] })
  for (const tool of await ask('tools.list')) {
    tools.default.push(tool.name)
    if (tool.sourceId === 'github') tools.code.push(tool.name)
    if (tool.sourceId === 'npm') tools.packages.push(tool.name)
  }
  for (const place of places) {
    const key = await ask('keys.create', { name: `Key of ${place}`, access: 'everything', workspace: place })
    tokens.set(`key ${place}`, key.token)
    tokens.set(`client ${place}`, await signIn(place))
  }
}, 60_000)
afterAll(() => inProcess?.stop())

describe.each(kinds)('a %s', (kind) => {
  describe.each(places)('of %s', (whose) => {
    it.each(places)('at %s', async (at) => {
      const token = tokens.get(`${kind} ${whose}`)!
      if (whose === at) expect((await namesAt(at, token)).sort()).toEqual([...tools[at]].sort())
      else {
        const list = await post(at, token, 'tools/list')
        expect(list.status).toBe(401)
        const metadata = `/.well-known/oauth-protected-resource${new URL(urlOf(at)).pathname}"`
        expect(list.headers.get('www-authenticate')).toContain(metadata)
        expect(await list.text()).not.toContain('get_')
      }
      for (const name of tools.default) {
        const answer = await post(at, token, 'tools/call', { name, arguments: {} })
        const body = await answer.text()
        if (whose !== at) expect(answer.status).toBe(401)
        else if (!tools[at].includes(name)) expect(body).toContain(`Unknown tool: ${name}`)
        // Some want to be told which; the others have no account, and answer with made-up values.
        else expect(body).toContain(/github|npm|read_mail/.test(name) ? '"isError":true' : 'DEMO')
      }
    })
  })
})

it('a sign-in for one connector is told what to ask for when it wants another', async () => {
  const token = await signIn('default', 'mcp:use npm.read')
  expect((await namesAt('default', token)).sort()).toEqual([...tools.packages].sort())
  const refused = await post('default', token, 'tools/call', { name: tools.code[0]!, arguments: {} })
  expect(refused.status).toBe(403)
  const challenge = refused.headers.get('www-authenticate')
  expect(challenge).toMatch(/^Bearer /)
  expect(challenge).toContain('error="insufficient_scope"')
  expect(challenge).toContain('scope="mcp:use mcp:read"')
  expect(challenge).toContain(`resource_metadata="${origin}/.well-known/oauth-protected-resource/mcp"`)
  const { result } = (await refused.json()) as Answer
  expect(result.isError).toBe(true)
  expect(result._meta['mcp/www_authenticate']).toEqual([challenge])
  const [row] = await ask('activity.list', { limit: 1 })
  expect(row).toMatchObject({ tool: tools.code[0], decision: 'denied', outcome: 'denied' })
})

it('listeners hear of their own workspace, and lose their stream when it is removed', async () => {
  const listening = async (place: Place) => {
    const client = new Client(
      { name: 'test', version: '1' },
      { versionNegotiation: { mode: { pin: '2026-07-28' } } },
    )
    const heard = { times: 0, client }
    client.setNotificationHandler('notifications/tools/list_changed', () => {
      heard.times += 1
    })
    const headers = { authorization: `Bearer ${tokens.get(`key ${place}`)}` }
    await client.connect(
      new StreamableHTTPClientTransport(new URL(urlOf(place)), { requestInit: { headers } }),
    )
    return { heard, ...(await client.listen({ toolsListChanged: true })) }
  }
  const [code, packages] = [await listening('code'), await listening('packages')]
  await ask('workspaces.update', { name: 'code', sources: ['github', 'npm'] })
  await expect.poll(() => code.heard.times).toBe(1)
  expect((await code.heard.client.listTools()).tools.map((tool) => tool.name).sort()).toEqual(
    [...tools.code, ...tools.packages].sort(),
  )
  expect(packages.heard.times).toBe(0)

  const grant = (await ask('grants.list')).find((one) => one.name === 'Key of packages')!
  await ask('grants.update', { id: grant.id, tools: [] })
  await expect.poll(() => packages.heard.times).toBeGreaterThan(0)
  expect((await packages.heard.client.listTools()).tools).toEqual([])

  const before = performance.now()
  await ask('workspaces.remove', { name: 'packages' })
  await packages.closed
  expect(performance.now() - before).toBeLessThan(1_000)
  expect((await post('packages', tokens.get('key packages')!, 'tools/list')).status).toBe(404)
  // One of the same name later is another one.
  await ask('workspaces.create', { name: 'packages', title: 'New', sources: ['npm', 'github'] })
  for (const kind of kinds)
    expect((await post('packages', tokens.get(`${kind} packages`)!, 'tools/list')).status).toBe(401)
  expect((await post('code', tokens.get('key code')!, 'tools/list')).status).toBe(200)
  await Promise.all([code.heard.client.close(), packages.heard.client.close()])
})
