import * as oauth from 'oauth4webapi'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { ClientCredentials } from '../../../src/contract/access.ts'
import type { Assistant } from '../../fixtures/assistant.ts'
import { type InProcess, startInProcess } from '../../fixtures/in-process.ts'
import { curl } from './curl.ts'
import { callTool, chatgpt, json, toolNames } from './guide.ts'

/**
 * MCP Host's "ChatGPT Integration Guide", followed with Drawbridge in its place. Its curl commands stand as they are,
 * but for the host and its paths /auth/*, which are /oauth/* here.
 *
 * Its address /sse, its admin REST interface and its limits are followed in mcp-host-servers.test.ts; certificates belong
 * to whoever runs the tunnel.
 */
describe('MCP Host', () => {
  const redirect = 'https://your-domain.com/auth/callback'
  const webOrigins = ['https://chat.openai.com', 'https://chatgpt.com']
  let at: InProcess
  let credentials: ClientCredentials
  let assistant: Assistant
  beforeAll(async () => {
    at = await startInProcess({ tunnel: true, notes: true })
  })
  afterAll(() => at?.stop())

  const run = (line: string) => curl(line.replaceAll('https://your-domain.com', at.public), at.fetch)
  const bearer = () => `-H "Authorization: Bearer ${assistant.tokens.access}"`

  it('OAuth 1: a client id and a secret', async () => {
    // Adapted: both are made by the app, with the redirect and the scopes that the guide puts into the environment.
    credentials = await at.ask('clients.register', {
      name: 'My MCP Host',
      redirectUris: [redirect],
      scopes: ['mcp:read', 'mcp:write'],
      confidential: true,
    })
    expect(credentials.clientSecret).not.toBeNull()
  })

  it('OAuth 3: the metadata are as expected', async () => {
    const metadata = await json(
      await run('curl https://your-domain.com/.well-known/oauth-authorization-server'),
    )
    expect(metadata).toMatchObject({
      issuer: at.public,
      authorization_endpoint: `${at.public}/oauth/authorize`,
      token_endpoint: `${at.public}/oauth/token`,
      response_types_supported: ['code'],
      grant_types_supported: expect.arrayContaining(['authorization_code', 'refresh_token']),
      scopes_supported: expect.arrayContaining(['mcp:read', 'mcp:write']),
    })
  })

  it.each(webOrigins)('OAuth 2: pages of %s may call', async (origin) => {
    const paths = ['/.well-known/oauth-authorization-server', '/.well-known/oauth-protected-resource/mcp']
    for (const path of paths) {
      const answer = await at.fetch(at.public + path, { headers: { origin } })
      expect(['*', origin], path).toContain(answer.headers.get('access-control-allow-origin'))
    }
    for (const [path, headers] of [
      ['/oauth/register', 'content-type'],
      ['/oauth/token', 'content-type,authorization'],
      ['/mcp', 'authorization,content-type,mcp-protocol-version'],
    ] as const) {
      const preflight = await at.fetch(at.public + path, {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': headers,
        },
      })
      expect(preflight.status, path).toBe(204)
      expect(['*', origin], path).toContain(preflight.headers.get('access-control-allow-origin'))
    }
    const stranger = await at.fetch(`${at.public}/mcp`, {
      method: 'POST',
      headers: { origin: 'https://evil.example', 'content-type': 'application/json' },
      body: '{}',
    })
    expect(stranger.status).toBe(403)
  })

  it('connector: id, authorization URL, token URL and scopes are enough for ChatGPT', async () => {
    // Adapted: /mcp; /sse is tried for itself.
    assistant = await chatgpt(
      at,
      `${at.public}/mcp`,
      await at.letIn({ expects: 'other' }),
      { kind: 'by-hand', clientId: credentials.clientId, redirect },
      { scope: 'mcp:read mcp:write', clientAuth: oauth.ClientSecretPost(credentials.clientSecret!) },
    )
    expect(assistant.tokens.scope).toBe('mcp:use mcp:read mcp:write')
    expect(await toolNames(assistant)).toEqual(
      expect.arrayContaining(['get_github_stars', 'notes__add_note']),
    )
  })

  const initialize = `-X POST https://your-domain.com/mcp \\
    -H "Content-Type: application/json" \\
    -d '{
      "jsonrpc": "2.0",
      "id": 1,
      "method": "initialize",
      "params": {
        "protocolVersion": "2024-11-05",
        "capabilities": {}
      }
    }'`
  it('configuring 3: the endpoint answers an initialize of 2024-11-05', async () => {
    // Adapted: nobody is answered without a token.
    const stranger = await run(`curl ${initialize}`)
    expect(stranger.status).toBe(401)
    expect(stranger.headers.get('www-authenticate')).toContain('resource_metadata=')
    const answer = await run(`curl ${bearer()} ${initialize}`)
    expect(answer.status).toBe(200)
    expect(await json(answer)).toMatchObject({
      id: 1,
      result: {
        protocolVersion: '2024-11-05',
        serverInfo: { name: 'Drawbridge' },
        capabilities: { tools: {} },
      },
    })
  })

  it('testing 3: the session and what it did are seen', async () => {
    await callTool(assistant, 'notes__read_notes')
    const grant = await at.grantOf('MCP — My MCP Host')
    expect(grant.sessions).toMatchObject([{ origin: at.public }])
    expect(grant.callsToday).toBe(1)
    const [call] = await at.ask('activity.list', {})
    expect(call).toMatchObject({ clientName: 'MCP — My MCP Host', tool: 'notes__read_notes' })
    expect(call!.duration).toBeGreaterThan(0)
  })

  it('troubleshooting: the health check by its headers alone', async () => {
    const answer = await run('curl -I https://your-domain.com/health')
    expect(answer.status).toBe(200)
    expect(await answer.text()).toBe('')
  })

  it('troubleshooting: tools/list without initialize', async () => {
    const list = `-X POST https://your-domain.com/mcp \\
      -H "Content-Type: application/json" \\
      -d '{
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/list"
      }'`
    expect((await run(`curl ${list}`)).status).toBe(401)
    const answer = await run(`curl ${bearer()} ${list}`)
    expect(await json(answer)).toMatchObject({ result: { tools: expect.any(Array) } })
  })

  it('testing OAuth by hand: authorize, exchange, use', async () => {
    const { clientId } = await at.ask('clients.register', { name: 'By hand', redirectUris: [redirect] })
    const browser = await at.letIn()
    // The redirect stays, it is the client's own.
    const authorizeLine = (more: string) =>
      `curl -v "${at.public}/oauth/authorize?client_id=${clientId}&redirect_uri=${redirect}&response_type=code&scope=mcp:read%20mcp:write${more}"`
    const literal = await curl(authorizeLine(''), at.fetch)
    const refusal = new URL(literal.headers.get('location')!)
    expect(refusal.searchParams.get('error_description')).toContain('PKCE')
    expect(refusal.searchParams.has('code')).toBe(false)

    // Adapted: OAuth 2.1 wants PKCE, so a challenge is added here and its verifier below.
    const verifier = oauth.generateRandomCodeVerifier()
    const challenge = await oauth.calculatePKCECodeChallenge(verifier)
    const first = await curl(
      authorizeLine(`&code_challenge=${challenge}&code_challenge_method=S256`),
      at.fetch,
    )
    expect(first.status).toBe(303)
    await at.ask('connect.close')

    // curl shows no pages and keeps no cookies: the same address again, in a browser.
    await at.letInAgain(browser)
    const authorize = new URL(/"(.+)"/.exec(authorizeLine(''))![1]!)
    authorize.searchParams.set('code_challenge', challenge)
    authorize.searchParams.set('code_challenge_method', 'S256')
    const back = await browser(authorize, redirect)
    const exchange = await curl(
      `curl -X POST ${at.public}/oauth/token \\
      -H "Content-Type: application/x-www-form-urlencoded" \\
      -d "grant_type=authorization_code&code=${back.searchParams.get('code')}&client_id=${clientId}&redirect_uri=${redirect}&code_verifier=${verifier}"`,
      at.fetch,
    )
    const tokens = await json(exchange)
    expect(tokens).toMatchObject({ token_type: 'Bearer', scope: 'mcp:use mcp:read mcp:write' })

    const answer = await run(`curl -X POST https://your-domain.com/mcp \\
      -H "Authorization: Bearer ${tokens.access_token}" \\
      -H "Content-Type: application/json" \\
      -d '{"jsonrpc": "2.0", "id": 1, "method": "tools/list"}'`)
    expect(await json(answer)).toMatchObject({ result: { tools: expect.any(Array) } })
  })

  it('best practices: secrets are rotated', async () => {
    // Adapted: a new secret is a new registration; removing the old one ends what it had.
    await at.ask('clients.remove', { clientId: credentials.clientId })
    const before = credentials.clientId
    credentials = await at.ask('clients.register', {
      name: 'My MCP Host',
      redirectUris: [redirect],
      confidential: true,
    })
    expect(credentials.clientId).not.toBe(before)
    expect((await assistant.post({ jsonrpc: '2.0', id: 1, method: 'tools/list' })).status).toBe(401)
    await expect(assistant.refresh()).rejects.toMatchObject({ error: 'invalid_client' })
    assistant = await chatgpt(
      at,
      `${at.public}/mcp`,
      await at.letIn(),
      { kind: 'by-hand', clientId: credentials.clientId, redirect },
      { clientAuth: oauth.ClientSecretBasic(credentials.clientSecret!) },
    )
    expect(await toolNames(assistant)).toContain('get_github_stars')
  })

  it('best practices: access for sixty minutes, refreshing for thirty days', async () => {
    const alive = async () => (await assistant.post({ jsonrpc: '2.0', id: 1, method: 'tools/list' })).status
    const minute = 60_000
    const day = 24 * 60 * minute
    const move = (ms: number) => vi.setSystemTime(Date.now() + ms)
    await assistant.refresh()
    // Only what the clock says changes, for the host and the client alike.
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
    try {
      move(59 * minute)
      expect(await alive()).toBe(200)
      move(2 * minute)
      expect(await alive()).toBe(401)
      move(29 * day)
      await assistant.refresh()
      expect(await alive()).toBe(200)
      move(31 * day)
      await expect(assistant.refresh()).rejects.toMatchObject({ error: 'invalid_grant' })
    } finally {
      vi.useRealTimers()
    }
  })
})
