import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ConnectionRequest } from '../../../src/contract/access.ts'
import type { Assistant, Browser, Registration } from '../../fixtures/assistant.ts'
import { type InProcess, startInProcess } from '../../fixtures/in-process.ts'
import { curl } from './curl.ts'
import {
  callbackId,
  callTool,
  chatgpt,
  chatgptRedirect,
  isShutOut,
  json,
  platformRedirect,
  register,
  rpc,
  toolNames,
} from './guide.ts'

/**
 * Radarboard's guide "ChatGPT Connector", followed with Drawbridge in its place.
 *
 * Everywhere: its paths /api/mcp and /api/oauth/* are /mcp and /oauth/* here.
 * Adapted: until its services have a key, their tools answer with made-up values that say so. Their real answers are tested in
 * src/connectors/.
 */
describe('Radarboard', () => {
  let at: InProcess
  let mcpUrl: string
  let assistant: Assistant
  let browser: Browser
  let app: Registration
  const seen: ConnectionRequest[] = []
  beforeAll(async () => {
    at = await startInProcess({ tunnel: true, notes: true })
    mcpUrl = `${at.public}/mcp`
  })
  afterAll(() => at?.stop())

  it('step 1: the public address, without a slash at its end, is what everything is made of', async () => {
    // Adapted: there are no environment variables. The address comes from the app, the signing key makes itself.
    const { bridge } = await at.ask('status.get')
    expect(bridge.publicUrl).toBe(mcpUrl)
    expect(at.public).not.toMatch(/\/$/)
    const metadata = await json(
      await curl(`curl ${at.public}/.well-known/oauth-authorization-server`, at.fetch),
    )
    expect(metadata.issuer).toBe(at.public)
  })

  it('step 2: the fields of the OAuth form are what discovery says', async () => {
    const metadata = await json(await at.fetch(`${at.public}/.well-known/oauth-authorization-server`))
    expect(metadata).toMatchObject({
      authorization_endpoint: `${at.public}/oauth/authorize`,
      token_endpoint: `${at.public}/oauth/token`,
      registration_endpoint: `${at.public}/oauth/register`,
    })
  })

  it('step 2: every field of the form, with what to enter, is there to copy', async () => {
    const metadata = await json(await at.fetch(`${at.public}/.well-known/oauth-authorization-server`))
    const { steps } = await at.ask('connect.flow', { client: 'chatgpt' })
    const { fields } = steps.find(({ id }) => id === 'paste')!
    expect(fields?.map(({ label, value }) => [label, value])).toEqual([
      ['Name', 'Drawbridge'],
      ['Description', expect.stringMatching(/^My own .{30,}/)],
      ['MCP server URL', mcpUrl],
      ['Authorization endpoint', metadata.authorization_endpoint],
      ['Token endpoint', metadata.token_endpoint],
      ['Client registration endpoint', metadata.registration_endpoint],
      // `read` is understood too.
      ['Scopes', 'mcp:use mcp:read mcp:write'],
    ])
  })

  it('step 2: both redirect URIs are accepted, and only those of OpenAI', async () => {
    // Adapted: what may be redirected to is a setting of hosts; each client still has its exact addresses.
    await at.ask('preferences.set', { redirectDomains: ['chatgpt.com', 'platform.openai.com'] })
    const endpoint = `${at.public}/oauth/register`
    const made = await register(at, endpoint, {
      client_name: 'Radarboard',
      redirect_uris: [chatgptRedirect, platformRedirect],
    })
    expect(made.status).toBe(201)
    const { client_id } = await json(made)
    app = { kind: 'by-hand', clientId: String(client_id), redirect: chatgptRedirect }

    for (const elsewhere of ['https://evil.example/cb', 'https://chatgpt.com.evil.example/connector'])
      expect(
        await json(await register(at, endpoint, { client_name: 'x', redirect_uris: [elsewhere] })),
      ).toMatchObject({ error: 'invalid_redirect_uri' })
  })

  it('step 3: an approval page opens, and Allow lets ChatGPT in, with the scope read', async () => {
    browser = await at.letIn({ expects: 'chatgpt', seen: (request) => seen.push(request) })
    assistant = await chatgpt(at, mcpUrl, browser, app, { scope: 'read' })
    expect(seen).toMatchObject([
      {
        clientName: 'Radarboard',
        redirectHost: 'chatgpt.com',
        expected: true,
        returning: false,
        needsDigits: true,
      },
    ])
    expect(assistant.tokens.scope).toBe('mcp:use mcp:read')
  })

  it('step 3: the next time is easier', async () => {
    // Adapted: there, later connections pass by themselves. Here the owner presses Allow, without digits.
    await at.letInAgain(browser, 'chatgpt')
    assistant = await chatgpt(at, mcpUrl, browser, app, { scope: 'read' })
    expect(seen.at(-1)).toMatchObject({ returning: true, needsDigits: false })
    expect(await at.ask('grants.list')).toHaveLength(1)
  })

  it('step 4: a first question to ask is there to copy', async () => {
    const { steps } = await at.ask('connect.flow', { client: 'chatgpt' })
    expect(steps.find(({ id }) => id === 'call')?.copy?.value).toMatch(
      /^Use Drawbridge to show me my revenue/,
    )
  })

  it('step 4: all seven tools have its names and parameters', async () => {
    const ranged = ['get_revenue', 'get_analytics']
    const plain = ['get_sentry_issues', 'get_health_checks', 'get_vercel_deployments']
    expect(await toolNames(assistant)).toEqual(
      expect.arrayContaining(['get_github_stars', 'get_npm_downloads', ...ranged, ...plain]),
    )
    for (const name of ranged)
      for (const range of ['7d', '30d', '3m', '1y']) {
        const { body } = await callTool(assistant, name, { range })
        expect(body.result?.structuredContent).toMatchObject({ range, demo: expect.stringMatching(/^DEMO/) })
      }
    for (const name of plain) {
      const { body } = await callTool(assistant, name)
      expect(body.result?.content?.[0]?.text).toMatch(/^DEMO.+\nDEMO: /s)
    }
    const stars = await callTool(assistant, 'get_github_stars', { repository: 'nodejs/node' })
    expect(stars.body.result?.isError ?? false).toBe(false)
    for (const range of ['last-week', 'last-month', 'last-year']) {
      const downloads = await callTool(assistant, 'get_npm_downloads', { package: 'vitest', range })
      expect(downloads.body.result?.structuredContent).toMatchObject({ range })
    }
  })

  it('security: access is for reading only', async () => {
    expect(await toolNames(assistant)).not.toContain('notes__add_note')
    const change = await callTool(assistant, 'notes__add_note', { text: 'changed' })
    expect(change.status).toBe(403)
    expect(change.challenge).toContain('error="insufficient_scope"')
    const notes = await callTool(assistant, 'notes__read_notes')
    expect(notes.body.result?.content?.[0]?.text).toBe('first')
  })

  it('security: a new signing secret ends every token at once', async () => {
    await at.ask('security.rotate', {})
    await isShutOut(assistant)
  })

  it('troubleshooting: after the 401, reconnecting authorizes again', async () => {
    await at.letInAgain(browser, 'chatgpt')
    assistant = await chatgpt(at, mcpUrl, browser, app, { scope: 'read' })
    expect(await toolNames(assistant)).toContain('get_github_stars')
    expect(await at.ask('grants.list')).toHaveLength(1)
  })

  it('security: the approval page can be had again', async () => {
    // Adapted: instead of deleting a record of the credential store, "Ask again" on the Access page.
    const [grant] = await at.ask('grants.list')
    await at.ask('grants.askAgain', { id: grant!.id })
    await isShutOut(assistant)
    await at.letInAgain(browser, 'chatgpt')
    assistant = await chatgpt(at, mcpUrl, browser, app, { scope: 'read' })
    expect(seen.at(-1)).toMatchObject({ needsDigits: true })
    expect(await toolNames(assistant)).toContain('get_github_stars')
  })

  it('troubleshooting: a redirect URI that is not the exact one is told, not followed', async () => {
    await at.ask('connect.open', { client: 'chatgpt' })
    const authorize = new URL(`${at.public}/oauth/authorize`)
    authorize.search = new URLSearchParams({
      client_id: assistant.clientId,
      redirect_uri: chatgptRedirect.replace(callbackId, 'another'),
      response_type: 'code',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
      resource: mcpUrl,
    }).toString()
    const answer = await at.fetch(authorize, { redirect: 'manual' })
    expect(answer.status).toBe(400)
    expect(answer.headers.get('location')).toBeNull()
    expect(await answer.text()).toContain('redirect_uri')
    await at.ask('connect.close')
  })

  it('troubleshooting: the address answers from outside', async () => {
    const metadata = await json(
      await curl(`curl ${at.public}/.well-known/oauth-protected-resource`, at.fetch),
    )
    expect(metadata).toMatchObject({ resource: mcpUrl, authorization_servers: [at.public] })
    expect((await rpc(assistant, 'tools/list', {}, 'expired')).status).toBe(401)
  })
})
