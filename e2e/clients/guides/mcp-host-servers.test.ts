import { Client, SSEClientTransport } from '@modelcontextprotocol/client'
import * as oauth from 'oauth4webapi'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Server } from '../../../src/contract/servers.ts'
import { createPrivateListener } from '../../../src/control/private-listener.ts'
import { systemClock } from '../../../src/kernel/clock.ts'
import { type InProcess, startInProcess } from '../../fixtures/in-process.ts'
import { curl } from './curl.ts'
import { chatgpt, json } from './guide.ts'

/**
 * The rest of MCP Host's "ChatGPT Integration Guide": its address /sse, adding servers by its admin REST interface, looking
 * after them, and its limits. The admin interface is at an address of its own, which never leaves the computer.
 */
describe('MCP Host: /sse, servers and limits', () => {
  const redirect = 'https://your-domain.com/auth/callback'
  let at: InProcess
  let admin: string
  let closeAdmin = async () => {}
  let apiKey = ''
  beforeAll(async () => {
    at = await startInProcess({ tunnel: true, notes: true })
    const { dispatch, on, dataDir, log, isAdminKey } = at.host
    const listener = createPrivateListener({
      ...{ port: 0, clock: systemClock },
      ...{ dispatch, on, dataDir, log, isAdminKey },
    })
    admin = (await listener.listen()).url
    closeAdmin = () => listener.close()
    apiKey = (await at.ask('adminKey.create')).key
  })
  afterAll(async () => {
    await closeAdmin()
    await at?.stop()
  })

  const run = (line: string) => curl(line.replaceAll('https://your-domain.com', at.public), at.fetch)
  const runAdmin = (line: string) =>
    curl(line.replaceAll('https://your-domain.com', admin).replaceAll('your-api-key', apiKey))

  it('connector: the server URL ends with /sse', async () => {
    const { clientId, clientSecret } = await at.ask('clients.register', {
      name: 'My MCP Host',
      redirectUris: [redirect],
      scopes: ['mcp:read', 'mcp:write'],
      confidential: true,
    })
    const { tokens, post } = await chatgpt(
      at,
      `${at.public}/sse`,
      await at.letIn({ expects: 'other' }),
      { kind: 'by-hand', clientId, redirect },
      { scope: 'mcp:read mcp:write', clientAuth: oauth.ClientSecretPost(clientSecret!) },
    )
    // Only a stream can be opened there; what is said goes elsewhere.
    expect((await post({ jsonrpc: '2.0', id: 1, method: 'ping' })).status).toBe(405)
    // A token is good at the address it was given for, and at no other.
    const elsewhere = `curl -X POST -H "Authorization: Bearer ${tokens.access}" -d '{}' https://your-domain.com/mcp`
    expect((await run(elsewhere)).status).toBe(401)

    // "Test SSE endpoint (primary for ChatGPT)"
    const line = 'curl -H "Accept: text/event-stream" https://your-domain.com/sse'
    const stranger = await run(line)
    expect(stranger.status).toBe(401)
    expect(stranger.headers.get('www-authenticate')).toContain(
      `resource_metadata="${at.public}/.well-known/oauth-protected-resource/sse"`,
    )
    const opened = await run(line.replace('-H', `-H "Authorization: Bearer ${tokens.access}" -H`))
    expect([opened.status, opened.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
    const reader = opened.body!.pipeThrough(new TextDecoderStream()).getReader()
    expect((await reader.read()).value).toMatch(
      /^event: endpoint\ndata: \/messages\?sessionId=[\w-]{20,}\n\n/,
    )
    await reader.cancel()

    // What a client of that time does with it.
    const client = new Client({ name: 'ChatGPT', version: '2024' })
    await client.connect(
      new SSEClientTransport(new URL(`${at.public}/sse`), {
        fetch: (url, init) => {
          const headers = new Headers(init?.headers)
          headers.set('authorization', `Bearer ${tokens.access}`)
          return at.fetch(url, { ...init, headers })
        },
      }),
    )
    const { tools } = await client.listTools()
    expect(tools.map((tool) => tool.name)).toContain('notes__read_notes')
    const answer = await client.callTool({ name: 'notes__read_notes', arguments: {} })
    expect(answer.content).toEqual([{ type: 'text', text: 'first' }])
    await client.close()
    const [call] = await at.ask('activity.list', {})
    expect(call).toMatchObject({ tool: 'notes__read_notes', outcome: 'answered' })
  })

  const add = (body: string) => `curl -X POST https://your-domain.com/api/v1/servers \\
    -H "Authorization: Bearer your-api-key" \\
    -H "Content-Type: application/json" \\
    -d '${body}'`

  it('adding servers is nothing that can be done from outside', async () => {
    for (const line of [
      'curl https://your-domain.com/api/v1/servers',
      'curl -X POST https://your-domain.com/api/v1/servers/1/start',
      add('{}').replace('your-api-key', apiKey),
    ])
      expect((await run(line)).status, line).toBe(404)
    // Adapted: nor without the key, which the guide leaves out when it looks.
    expect((await runAdmin('curl https://your-domain.com/api/v1/servers')).status).toBe(401)
  })

  const n8n = {
    name: 'n8n-automation',
    command: process.execPath,
    args: ['-e', "require('http')"],
    env: { N8N_API_URL: 'https://your-n8n-instance.com', N8N_API_KEY: 'your-n8n-secret' },
  }
  const theirs = { description: 'n8n workflow automation', transport_type: 'stdio', auto_restart: true }

  it('adding 1 and 3: a server from a command', async () => {
    const literal = await runAdmin(add(JSON.stringify({ ...n8n, ...theirs })))
    expect(literal.status).toBe(400)
    expect(await json(literal)).toMatchObject({ error: { hint: expect.any(String) } })

    // Adapted: `kind` for transport_type; every server is restarted by itself.
    const added = await runAdmin(add(JSON.stringify({ ...n8n, kind: 'stdio' })))
    expect(added.status).toBe(201)
    const server = (await added.json()) as Server
    expect(server).toMatchObject({ name: 'n8n-automation', slug: 'n8n-automation', state: 'draft' })
    expect(JSON.stringify(server)).not.toContain('your-n8n-secret')

    // Adapted: a program can add it, but only its owner, having looked at it, can start it for the first time.
    const start = `curl -X POST https://your-domain.com/api/v1/servers/${server.slug}/start -H "Authorization: Bearer your-api-key"`
    const refused = await runAdmin(start)
    expect(refused.status).toBe(409)
    expect(await json(refused)).toMatchObject({ error: { code: 'needs-owner' } })
  })

  it('adding 2: from GitHub', async () => {
    // Adapted: no code is fetched and run by itself. The command that starts it is added instead.
    const literal = await runAdmin(`curl -X POST https://your-domain.com/api/v1/servers/from-github \\
      -H "Authorization: Bearer your-api-key" \\
      -H "Content-Type: application/json" \\
      -d '{"github_url": "https://github.com/modelcontextprotocol/servers", "name": "mcp-official-servers"}'`)
    expect([404, 405]).toContain(literal.status)
  })

  it('troubleshooting 3 and 4: status, start, health and logs', async () => {
    const byKey = (line: string) => runAdmin(`${line} -H "Authorization: Bearer your-api-key"`)
    const listed = await byKey('curl https://your-domain.com/api/v1/servers')
    const { servers } = (await listed.json()) as { servers: Server[] }
    expect(servers.map(({ slug, state }) => [slug, state])).toEqual([
      ['notes', 'running'],
      ['n8n-automation', 'draft'],
    ])
    // Adapted: its short name for its number.
    const one = 'https://your-domain.com/api/v1/servers/notes'
    expect(await json(await byKey(`curl -X POST ${one}/stop`))).toMatchObject({ state: 'stopped' })
    expect(await json(await byKey(`curl -X POST ${one}/start`))).toMatchObject({ state: 'running', tools: 2 })
    expect(await json(await byKey(`curl ${one}/health`))).toMatchObject({ state: 'running', error: null })
    expect(await json(await byKey(`curl ${one}/logs`))).toMatchObject({ lines: expect.any(Array) })
    expect(await json(await byKey('curl https://your-domain.com/api/v1/activity'))).toMatchObject({
      calls: [expect.objectContaining({ tool: 'notes__read_notes' })],
    })
  })

  it('configuration: at most twenty servers, half a minute each, a hundred requests a minute', async () => {
    expect(await at.ask('preferences.set', { maxServers: 20 })).toMatchObject({
      maxServers: 20,
      // RATE_LIMIT_PER_MINUTE=100 and SERVER_TIMEOUT=30 are what is set anyway.
      requestsPerMinute: 100,
    })
    expect((await at.ask('servers.list')).map((server) => server.timeout)).toEqual([30_000, 30_000])
    const { token } = await at.ask('keys.create', { name: 'Busy', access: 'look' })
    const ping = () =>
      at.fetch(`${at.public}/mcp`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
        },
        body: '{"jsonrpc":"2.0","id":1,"method":"ping"}',
      })
    const answers: Response[] = []
    for (let sent = 0; sent < 130 && answers.at(-1)?.status !== 429; sent += 1) answers.push(await ping())
    expect(answers.length).toBeGreaterThan(100)
    const last = answers.at(-1)!
    expect(last.status).toBe(429)
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    expect(await json(last)).toMatchObject({
      id: 1,
      error: { message: expect.stringMatching(/minute|many/) },
    })
    expect(answers.slice(0, 100).every((answer) => answer.status === 200)).toBe(true)
  })
})
