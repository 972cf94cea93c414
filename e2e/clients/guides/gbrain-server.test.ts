import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as oauth from 'oauth4webapi'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { ClientCredentials } from '../../../src/contract/access.ts'
import type { TunnelWay } from '../../../src/contract/tunnel.ts'
import type { Assistant } from '../../fixtures/assistant.ts'
import { type RunningHost, startHost } from '../../fixtures/host.ts'
import { type InProcess, startInProcess } from '../../fixtures/in-process.ts'
import { callTool, chatgpt, olderRedirect, toolNames } from './guide.ts'

/**
 * GBrain's guide "Connect GBrain to ChatGPT", from a terminal: the server and its page, registering by a script, addresses of one's own;
 * and what it is for, searching one's notes. Signing in and scopes are in `gbrain.test.ts`.
 */
describe('GBrain', () => {
  let host: RunningHost
  let port: number
  beforeAll(async () => {
    port = await freePort()
    host = await startHost({ args: ['--port', String(port)] })
  })
  afterAll(() => host?.stop())

  it('step 1: the server is started at the port of one’s choice', () => {
    expect(new URL(host.mcp).port).toBe(String(port))
  })

  it('step 1: its page is opened by what was printed at the start, once', async () => {
    // Adapted: a link in place of a token to paste.
    const first = await fetch(host.ui, { redirect: 'manual' })
    expect(first.status).toBe(303)
    const cookie = first.headers.getSetCookie()[0]!.split(';')[0]!
    const page = await fetch(new URL('/', host.ui), { headers: { cookie } })
    expect(await page.text()).toContain('<title>Drawbridge')
    const again = await fetch(host.ui, { redirect: 'manual' })
    expect(again.status).toBe(401)
    // And it is not to be had at the address that is made public.
    expect((await fetch(new URL('/', host.mcp))).status).toBe(404)
  })

  it('step 2: a script registers a client, and gets its id', async () => {
    const made = await host.json<ClientCredentials>(
      ...['client', 'register', '--name', 'chatgpt', '--redirect', olderRedirect],
      ...['--scope', 'read', '--scope', 'write'],
    )
    expect(made).toMatchObject({ name: 'chatgpt', redirectUris: [olderRedirect], clientSecret: null })
    const clients = await host.json<{ clientId: string }[]>('client', 'registered')
    expect(clients).toMatchObject([{ clientId: made.clientId }])
  })

  it('step 3 and "see also": ngrok, Tailscale and an address of a server of one’s own, each with what it costs and who reads along', async () => {
    const ways = await host.json<TunnelWay[]>('tunnel', 'list')
    // Adapted: Fly and the like lead an address of the user's here, `own-address`.
    for (const id of ['ngrok', 'tailscale', 'own-address', 'cloudflare', 'ssh']) {
      const way = ways.find((one) => one.id === id)!
      for (const words of [way.about, way.price, way.account, way.reads, way.restart])
        expect(words, id).toMatch(/\w{3}/)
    }
    // Adapted: `--url` is not typed; the address is the one that the account has, and stays.
    expect(ways.find(({ id }) => id === 'ngrok')).toMatchObject({ lasts: true, fields: [{ kind: 'secret' }] })
  })
})

describe('GBrain: searching the brain', () => {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'drawbridge-brain-')))
  let at: InProcess
  let assistant: Assistant
  beforeAll(async () => {
    mkdirSync(join(home, 'Brain'))
    writeFileSync(join(home, 'Brain', 'ferry.md'), '# Ferry\n\nThe ferry to Föhr leaves at 9:40.\n')
    at = await startInProcess({ tunnel: true })
    await at.ask('folders.add', { path: join(home, 'Brain') })
    await vi.waitFor(
      async () => expect(await at.ask('folders.list')).toMatchObject([{ documents: 1 }]),
      10_000,
    )
    assistant = await chatgpt(at, `${at.public}/mcp`, await at.letIn({ expects: 'chatgpt', access: 'look' }))
  })
  afterAll(async () => {
    await at?.stop()
    rmSync(home, { recursive: true, force: true })
  })

  it('step 4: ChatGPT searches the brain in a new conversation, and reads what it found', async () => {
    expect(await toolNames(assistant)).toEqual(expect.arrayContaining(['search', 'fetch']))
    const { body } = await callTool(assistant, 'search', { query: 'when does the ferry leave' })
    const { results } = body.result!.structuredContent as { results: { id: string; title: string }[] }
    expect(results).toMatchObject([{ title: 'Ferry' }])
    const read = await callTool(assistant, 'fetch', { id: results[0]!.id })
    expect(read.body.result?.structuredContent).toMatchObject({
      text: expect.stringContaining('leaves at 9:40'),
      url: expect.stringContaining('ferry.md'),
    })
  })

  it('a program that signs in by itself (client_credentials) reads within its scopes', async () => {
    const made = await at.ask('clients.register', {
      ...{ name: 'nightly', grantTypes: ['client_credentials'], scopes: ['read'], access: 'look' },
      confidential: true,
    })
    const insecure = { [oauth.allowInsecureRequests]: true, [oauth.customFetch]: at.fetch } as const
    const as = { issuer: made.issuer, token_endpoint: made.tokenEndpoint }
    const client = { client_id: made.clientId }
    const answer = await oauth.processClientCredentialsResponse(
      as,
      client,
      await oauth.clientCredentialsGrantRequest(
        as,
        client,
        oauth.ClientSecretPost(made.clientSecret!),
        { resource: made.resource },
        insecure,
      ),
    )
    const { post } = assistant
    const call = { name: 'search', arguments: { query: 'ferry' } }
    const found = await post(
      { jsonrpc: '2.0', id: 1, method: 'tools/call', params: call },
      answer.access_token,
    )
    expect(await found.text()).toContain('Ferry')
  })
})

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as { port: number }
  await new Promise((resolve) => probe.close(resolve))
  return port
}
