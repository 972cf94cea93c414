/**
 * ChatGPT by OpenAI's tunnel, end to end on loopback: the whole host, a strict OAuth client and the official MCP client, and in between the
 * service as its protocol describes it (fake-openai-tunnel-service.ts). The client gets to the service's edge and to nothing else on this
 * computer; only the owner's browser does.
 */
import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { originOfTunnel } from '../src/mcp/tunnelled.ts'
import {
  type FakeOpenAiTunnel,
  startFakeOpenAiTunnel,
} from '../src/tunnel/testing/fake-openai-tunnel-service.ts'
import { type Assistant, connectAssistant } from './fixtures/assistant.ts'
import { browserByHand } from './fixtures/browser-by-hand.ts'
import { type InProcess, startInProcess } from './fixtures/in-process.ts'

const tunnelId = `tunnel_${'5a'.repeat(16)}`
const key = `sk-fake-${'tunnelkey'.repeat(4)}`
const origin = originOfTunnel(tunnelId)
const chatgpt = {
  kind: 'dynamic',
  name: 'ChatGPT',
  redirect: 'https://chatgpt.com/connector/oauth/abc123',
} as const
const listTools = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }

let service: FakeOpenAiTunnel
let world: InProcess
let assistant: Assistant

const open = async () => {
  for (let tries = 0; tries < 300; tries += 1) {
    const { bridge } = await world.ask('status.get')
    if (bridge.state === 'open') return bridge
    await sleep(50)
  }
  throw new Error(`never open: ${JSON.stringify((await world.ask('status.get')).bridge)}`)
}
const begin = (dataDir?: string) =>
  startInProcess({ notes: dataDir === undefined, openaiHost: service.base, ...(dataDir && { dataDir }) })
const post = (url: string, token: string, fetch: typeof globalThis.fetch) =>
  fetch(url, {
    method: 'POST',
    headers: {
      ...{ 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      authorization: `Bearer ${token}`,
    },
    body: JSON.stringify(listTools),
  })

beforeAll(async () => {
  service = await startFakeOpenAiTunnel({ tunnelId, key })
  world = await begin()
  await world.ask('tunnel.use', { id: 'openai', values: { tunnel: tunnelId, key } })
  await open()
}, 60_000)
afterAll(async () => {
  const folder = world?.dataDir
  await world?.stop()
  await service?.close()
  if (folder) rmSync(folder, { recursive: true, force: true })
})

it('the owner is shown the tunnel to choose, and no address to paste', async () => {
  const { bridge } = await world.ask('status.get')
  expect(bridge).toMatchObject({ state: 'open', tunnelId, hint: '' })
  expect(bridge.message).toBe('Your tunnel stands: OpenAI takes what this computer sends.')
  const flow = await world.ask('connect.open', { client: 'chatgpt' })
  const paste = flow.steps.find(({ id }) => id === 'paste')!
  expect(paste).toMatchObject({ title: 'Choose your tunnel in ChatGPT', copy: { value: tunnelId } })
  expect(JSON.stringify(flow)).not.toContain('.invalid')
  const claude = await world.ask('connect.flow', { client: 'claude' })
  expect(claude.steps[0]).toMatchObject({ state: 'failed', problem: { code: 'only-openai' } })
  expect((await world.ask('workspaces.list')).map(({ publicUrl }) => publicUrl)).toEqual([null])
  expect(await world.refusal('doctor.run', { workspace: 'default', through: 'public' })).toMatchObject({
    code: 'public-address-unseen',
  })
  const { findings } = await world.ask('doctor.run', { workspace: 'default' })
  expect(findings.find(({ id }) => id === 'way')?.problem?.message).toContain(
    'OpenAI’s tunnel has no address',
  )
  expect(findings.filter(({ state }) => state === 'failed')).toEqual([])
})

it('a strict client signs in by the tunnel alone, and calls tools', async () => {
  const browse = browserByHand(async (digits) => {
    const [request] = await world.ask('connections.list')
    await world.ask('connections.approve', { id: request!.id, digits, access: 'everything' })
  })
  assistant = await connectAssistant(service.resource, chatgpt, browse, service.fetch)
  expect(service.called).toEqual([
    'GET oauth-auth-server-metadata-0',
    'POST oauth-registration-endpoint-0',
    'POST oauth-token-endpoint-0',
  ])
  for (const era of ['legacy', 'modern'] as const) {
    const client = await assistant.mcp(era)
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain('notes__read_notes')
    const { content } = await client.callTool({ name: 'notes__read_notes', arguments: {} })
    expect(content).toEqual([{ type: 'text', text: expect.stringContaining('first') }])
    await client.close()
  }
  const flow = await world.ask('connect.flow', { client: 'chatgpt' })
  expect(flow.steps.filter(({ state }) => state !== 'done')).toEqual([])
  expect((await world.grantOf('MCP — ChatGPT')).lastOrigin).toBe(origin)
})

describe('a token', () => {
  it('of the tunnel opens nothing at the address of this computer, and one from there nothing by the tunnel', async () => {
    expect((await assistant.post(listTools)).status).toBe(200)
    expect((await post(`${world.local}/mcp`, assistant.tokens.access, fetch)).status).toBe(401)
    const here = await world.connect({ kind: 'dynamic', name: 'Editor', redirect: 'http://127.0.0.1:7/back' })
    expect((await here.post(listTools)).status).toBe(200)
    expect((await post(service.resource, here.tokens.access, service.fetch)).status).toBe(401)
  })

  it('is needed: by whoever comes through OpenAI', async () => {
    for (const token of ['', 'made-up', key]) {
      const refused = await post(service.resource, token, service.fetch)
      expect(refused.status).toBe(401)
      expect(refused.headers.get('www-authenticate')).toContain(
        'resource_metadata="https://tunnel-service.fake-gateway.openai.org/.well-known/',
      )
    }
  })

  it('is for the tunnel it was asked for: another one’s resource is refused', async () => {
    const other = service.resource.replace(tunnelId, `tunnel_${'77'.repeat(16)}`)
    const body = new URLSearchParams({
      ...{ grant_type: 'refresh_token', refresh_token: assistant.tokens.refresh },
      ...{ client_id: assistant.clientId, resource: other },
    })
    const answer = await fetch(`${world.local}/oauth/token`, { method: 'POST', body })
    expect(await answer.json()).toMatchObject({ error: 'invalid_target' })
    await assistant.refresh()
    expect((await assistant.post(listTools)).status).toBe(200)
  })
})

it('nothing can be approved through it, and none of our pages is reached', async () => {
  const { targets } = (await service.harpoon('list_targets', {})) as { targets: { label: string }[] }
  expect(targets.map(({ label }) => label).toSorted()).toEqual([
    'oauth-auth-server-metadata-0',
    'oauth-issuer-0',
    'oauth-jwks-uri-0',
    'oauth-prmd-auth-server-0',
    'oauth-prmd-source-0',
    'oauth-registration-endpoint-0',
    'oauth-revocation-endpoint-0',
    'oauth-token-endpoint-0',
  ])
  for (const label of ['oauth-authorization-endpoint-0', '../health', 'http://127.0.0.1:1/'])
    await expect(service.harpoon('call_target', { label, method: 'GET' })).rejects.toThrow('unknown target')
  await expect(
    service.harpoon('call_target', { label: 'oauth-token-endpoint-0', method: 'DELETE' }),
  ).rejects.toThrow('invalid method')
  // What has an origin but no endpoint is our listener's word for nothing.
  expect(await service.harpoon('call_target', { label: 'oauth-issuer-0', method: 'GET' })).toMatchObject({
    status_code: 404,
  })
})

it('whoever is revoked is out at once, and its refresh token with it', async () => {
  const { id } = await world.grantOf('MCP — ChatGPT')
  await world.ask('grants.askAgain', { id })
  expect((await assistant.post(listTools)).status).toBe(401)
  await expect(assistant.refresh()).rejects.toThrow()
})

it('after a restart, and while OpenAI was away, the same entry goes on without a new sign-in', async () => {
  await world.ask('connect.open', { client: 'chatgpt', again: true })
  const browse = browserByHand(async (digits) => {
    const [request] = await world.ask('connections.list')
    const typed = digits === '' ? {} : { digits }
    await world.ask('connections.approve', { id: request!.id, ...typed, access: 'everything' })
  })
  assistant = await connectAssistant(service.resource, chatgpt, browse, service.fetch)
  const { dataDir } = world
  await world.stop()
  world = await begin(dataDir)
  await open()
  expect((await assistant.post(listTools)).status).toBe(200)
  await assistant.refresh()
  service.isDown = true
  service.drop()
  await sleep(1_000)
  service.isDown = false
  await expect.poll(async () => (await assistant.post(listTools)).status, { timeout: 20_000 }).toBe(200)
}, 60_000)

it('the key is in no log, no argument and no answer', async () => {
  const said = JSON.stringify([await world.ask('tunnel.list'), await world.ask('status.get')])
  expect(said).not.toContain(key)
  const { readFileSync } = await import('node:fs')
  expect(readFileSync(`${world.dataDir}/drawbridge.log`, 'utf8')).not.toContain(key)
})
