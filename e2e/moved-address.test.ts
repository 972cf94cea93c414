import { get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ConnectionRequest, Grant } from '../src/contract/access.ts'
import { type Assistant, connectAssistant } from './fixtures/assistant.ts'
import { type InProcess, startInProcess } from './fixtures/in-process.ts'

/** The public address changes under a connected client, through a real tunnel. What carries over is what the owner decided. */
let world: InProcess
let before: string
let after: string
let assistant: Assistant
let entry: Grant
let key: string

const claude = {
  kind: 'metadata-document',
  clientId: 'https://claude.ai/oauth/mcp-oauth-client-metadata',
  redirect: 'https://claude.ai/api/mcp/auth_callback',
} as const
const listTools = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }
const clients = async () => (await world.ask('grants.list')).filter(({ kind }) => kind === 'client')

beforeAll(async () => {
  world = await startInProcess({ tunnel: true })
  before = world.public
  const browse = await world.letIn({ access: 'look' })
  assistant = await connectAssistant(`${before}/mcp`, claude, browse, world.fetch)
  expect((await assistant.post(listTools)).status).toBe(200)
  entry = (await clients())[0]!
  key = (await world.ask('keys.create', { name: 'Script' })).token
  await world.ask('bridge.newAddress')
  for (let tries = 0; tries < 200; tries += 1) {
    const { state, publicUrl } = (await world.ask('status.get')).bridge
    after = publicUrl === null ? before : new URL(publicUrl).origin
    if (state === 'open' && after !== before) return
    await sleep(50)
  }
  throw new Error('no new address')
}, 60_000)
afterAll(() => world?.stop())

describe('after the public address changed', () => {
  it('metadata is of the new one, and the old one answers nothing', async () => {
    const about = await world.fetch(`${after}/.well-known/oauth-protected-resource/mcp`)
    expect(await about.json()).toMatchObject({ resource: `${after}/mcp`, authorization_servers: [after] })
    const server = await world.fetch(`${after}/.well-known/oauth-authorization-server`)
    expect(await server.json()).toMatchObject({ issuer: after, token_endpoint: `${after}/oauth/token` })
    // whoever the tunnel should still bring under the old name is not heard
    for (const path of ['/.well-known/oauth-authorization-server', '/oauth/jwks', '/mcp'])
      expect(await statusAt(path, new URL(before).host), path).toBe(421)
    expect(await statusAt('/oauth/jwks', new URL(after).host)).toBe(200)
  })

  it('nothing that was issued there is left', async () => {
    const [client] = await clients()
    expect(client?.id).toBe(entry.id)
    expect(client?.sessions).toEqual([])
  })

  it('its tokens open nothing at the new one', async () => {
    expect((await world.fetch(`${after}/mcp`, as(assistant.tokens.access))).status).toBe(401)
    const answer = await world.fetch(`${after}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        refresh_token: assistant.tokens.refresh,
        client_id: claude.clientId,
      }),
    })
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ error: 'invalid_grant' })
  })

  it('keys go on', async () => {
    expect((await world.fetch(`${after}/mcp`, as(key))).status).toBe(200)
  })

  it('the same client finds its entry again, after a click and the digits', async () => {
    let shown: ConnectionRequest | undefined
    const browse = await world.letIn({
      access: 'look',
      seen: (request) => {
        shown = request
      },
    })
    const again = await connectAssistant(`${after}/mcp`, claude, browse, world.fetch)
    expect(shown).toMatchObject({ returning: true, needsDigits: true })
    expect((await again.post(listTools)).status).toBe(200)
    expect(await clients()).toEqual([expect.objectContaining({ id: entry.id, lastOrigin: after })])
  })
})

/** Asks the listener itself, by another name. */
const statusAt = (path: string, host: string) =>
  new Promise<number | undefined>((resolve, reject) => {
    const request = get(world.local + path, { headers: { host } }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    request.on('error', reject)
  })

const as = (token: string): RequestInit => ({
  method: 'POST',
  headers: {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    authorization: `Bearer ${token}`,
  },
  body: JSON.stringify(listTools),
})
