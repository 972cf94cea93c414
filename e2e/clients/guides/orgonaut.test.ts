import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Assistant } from '../../fixtures/assistant.ts'
import { type InProcess, startInProcess } from '../../fixtures/in-process.ts'
import { curl } from './curl.ts'
import {
  callTool,
  chatgpt,
  chatgptRedirect,
  isShutOut,
  json,
  ownDocument,
  register,
  toolNames,
} from './guide.ts'

/**
 * Orgonaut's guide "ChatGPT custom app setup (MCP + OAuth)", followed with Drawbridge in its place. A tenant there, on a
 * host of its own, is a workspace here, with an address of its own.
 *
 * Adapted everywhere: each workspace has its own endpoints, /oauth/w/{workspace}/* instead of /oauth/*, so that nothing
 * crosses even for clients that look at nothing but their issuer.
 * Not here yet: its tools, resources and prompts; names with dots are none that every client takes.
 */
describe('Orgonaut', () => {
  let at: InProcess
  let assistant: Assistant
  const url = (path: string) => at.public + path
  beforeAll(async () => {
    at = await startInProcess({ tunnel: true, notes: true })
    const sources = new Set((await at.ask('tools.list')).map((tool) => tool.sourceId))
    await at.ask('workspaces.create', { name: 'orgonaut', title: 'Acme', sources: [...sources] })
    await at.ask('workspaces.create', { name: 'globex', title: 'Globex', sources: ['npm'] })
  })
  afterAll(() => at?.stop())

  it('2: every endpoint of the checklist answers', async () => {
    expect((await at.fetch(url('/mcp/orgonaut'), { method: 'POST', body: '{}' })).status).toBe(401)
    const resource = await json(
      await curl(`curl ${url('/.well-known/oauth-protected-resource/mcp/orgonaut')}`, at.fetch),
    )
    expect(resource).toMatchObject({
      resource: url('/mcp/orgonaut'),
      authorization_servers: [url('/mcp/orgonaut')],
    })
    const server = await json(
      await curl(`curl ${url('/.well-known/oauth-authorization-server/mcp/orgonaut')}`, at.fetch),
    )
    expect(server).toMatchObject({
      issuer: url('/mcp/orgonaut'),
      registration_endpoint: url('/oauth/w/orgonaut/register'),
      authorization_endpoint: url('/oauth/w/orgonaut/authorize'),
      token_endpoint: url('/oauth/w/orgonaut/token'),
    })
    for (const endpoint of ['registration_endpoint', 'token_endpoint'])
      expect((await at.fetch(String(server[endpoint]), { method: 'POST' })).status, endpoint).toBe(400)
    // Nobody pressed Connect: there is an answer, and it says what to do.
    const authorize = await at.fetch(String(server.authorization_endpoint))
    expect(authorize.status).toBe(403)
    expect(await authorize.text()).toContain('press Connect')
  })

  it('3: the base scope is enough, and further ones narrow', async () => {
    const { scopes_supported } = await json(
      await at.fetch(url('/.well-known/oauth-protected-resource/mcp/orgonaut')),
    )
    // Adapted: its abilities (teams.read, costs.read) are the connectors here.
    expect(scopes_supported).toEqual(expect.arrayContaining(['mcp:use', 'github.read', 'npm.read']))
    const narrow = await chatgpt(
      at,
      url('/mcp/orgonaut'),
      await at.letIn({ expects: 'chatgpt' }),
      ownDocument,
      {
        scope: 'mcp:use github.read scenarios.read',
      },
    )
    expect(narrow.tokens.scope).toBe('mcp:use github.read')
    expect(await toolNames(narrow)).toEqual(['get_github_stars'])
    const refused = await callTool(narrow, 'get_npm_downloads', { package: 'vitest' })
    expect(refused.status).toBe(403)
    expect(refused.challenge).toContain('error="insufficient_scope"')
    await at.ask('grants.revoke', { id: (await at.ask('grants.list'))[0]!.id })
  })

  it('4: registration is by JSON only, and takes ChatGPT’s redirect as it is', async () => {
    const endpoint = url('/oauth/w/orgonaut/register')
    const form = await at.fetch(endpoint, {
      method: 'POST',
      body: new URLSearchParams({ redirect_uris: chatgptRedirect }),
    })
    expect(form.status).toBe(400)
    expect(await json(form)).toMatchObject({ error: 'invalid_client_metadata' })
    const made = await register(at, endpoint, { client_name: 'ChatGPT', redirect_uris: [chatgptRedirect] })
    expect(made.status).toBe(201)
  })

  it('4: redirects kept to chosen domains, ChatGPT’s still among them', async () => {
    const endpoint = url('/oauth/w/orgonaut/register')
    const status = async (redirect: string) =>
      (await register(at, endpoint, { client_name: 'App', redirect_uris: [redirect] })).status
    await at.ask('preferences.set', { redirectDomains: ['chatgpt.com'] })
    expect(await status(chatgptRedirect)).toBe(201)
    expect(await status('https://claude.ai/api/mcp/auth_callback')).toBe(400)
    await at.ask('preferences.set', { redirectDomains: null })
    expect(await status('https://claude.ai/api/mcp/auth_callback')).toBe(201)
  })

  it('5: the authorization screen shows app, organisation and redirect target; then the code is exchanged', async () => {
    const seen: object[] = []
    const browser = await at.letIn({ expects: 'chatgpt', seen: (request) => seen.push(request) })
    assistant = await chatgpt(
      at,
      url('/mcp/orgonaut'),
      browser,
      { kind: 'dynamic', name: 'ChatGPT', redirect: chatgptRedirect },
      { scope: 'mcp:use' },
    )
    // Adapted: there is one account, whose owner sits in front of the app.
    expect(seen).toMatchObject([
      { clientName: 'ChatGPT', workspace: 'orgonaut', redirectHost: 'chatgpt.com', scopes: ['mcp:use'] },
    ])
    expect(assistant.issuer).toBe(url('/mcp/orgonaut'))
    expect(assistant.tokens.scope).toBe('mcp:use')
  })

  it('6: ChatGPT calls tools', async () => {
    expect(await toolNames(assistant)).toEqual(
      expect.arrayContaining(['get_github_stars', 'get_npm_downloads', 'notes__add_note']),
    )
    const answer = await callTool(assistant, 'notes__read_notes')
    expect(answer.body.result?.content?.[0]?.text).toBe('first')
  })

  it('7 C: a token is for one tenant; for another one it is connected again', async () => {
    for (const elsewhere of [url('/mcp/globex'), url('/mcp'), `${at.local}/mcp/orgonaut`]) {
      const answer = await at.fetch(elsewhere, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${assistant.tokens.access}`,
        },
        body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}',
      })
      expect(answer.status, elsewhere).toBe(401)
    }
    const globex = await chatgpt(at, url('/mcp/globex'), await at.letIn({ expects: 'chatgpt' }), {
      kind: 'dynamic',
      name: 'ChatGPT',
      redirect: chatgptRedirect,
    })
    expect(await toolNames(globex)).toEqual(['get_npm_downloads'])
    expect((await at.ask('grants.list')).map((grant) => grant.workspace).sort()).toEqual([
      'globex',
      'orgonaut',
    ])
  })

  it('8: access is revoked, credentials are rotated, and authorizing again helps', async () => {
    const grants = await at.ask('grants.list')
    await at.ask('grants.revoke', { id: grants.find((grant) => grant.workspace === 'globex')!.id })
    expect(await toolNames(assistant)).toContain('notes__read_notes')
    await at.ask('security.rotate', {})
    await isShutOut(assistant)
    assistant = await chatgpt(at, url('/mcp/orgonaut'), await at.letIn({ expects: 'chatgpt' }))
    expect(await toolNames(assistant)).toContain('notes__read_notes')
  })

  it('9: a client without OAuth uses a bearer token', async () => {
    const { token } = await at.ask('keys.create', { name: 'Manual', workspace: 'orgonaut', access: 'look' })
    const call = (path: string, value = token) =>
      curl(
        `curl -X POST ${url(path)} -H "Authorization: Bearer ${value}" -H "X-Tenant: acme" \\
          -H "Content-Type: application/json" -d '{"jsonrpc": "2.0", "id": 1, "method": "tools/list"}'`,
        at.fetch,
      )
    const answer = await json(await call('/mcp/orgonaut'))
    expect(JSON.stringify(answer)).toContain('notes__read_notes')
    // The header names a tenant there; here the address and the key do, and no header changes that.
    expect((await call('/mcp/globex')).status).toBe(401)
    expect((await call('/mcp')).status).toBe(401)
    expect((await call('/mcp/orgonaut', `${token.slice(0, -1)}`)).status).toBe(401)
  })
})
