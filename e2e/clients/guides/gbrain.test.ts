import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ClientCredentials } from '../../../src/contract/access.ts'
import type { Call } from '../../../src/contract/activity.ts'
import type { Assistant } from '../../fixtures/assistant.ts'
import { type InProcess, startInProcess } from '../../fixtures/in-process.ts'
import { callTool, chatgpt, json, olderRedirect, toolNames } from './guide.ts'

/**
 * GBrain's guide "Connect GBrain to ChatGPT", followed with Drawbridge in its place.
 *
 * Adapted: the app itself is the admin page, so there is no bootstrap token; the tunnel is built in, so ngrok is not
 * started. The same registration from a terminal (`drawbridge client register`) is tested with the command line.
 * Searching one's own notes, and what is for this computer only: `gbrain-local.test.ts`. The server itself: `gbrain-server.test.ts`.
 */
describe('GBrain', () => {
  let at: InProcess
  let mcpUrl: string
  let credentials: ClientCredentials
  let assistant: Assistant
  beforeAll(async () => {
    at = await startInProcess({ tunnel: true, notes: true })
    mcpUrl = `${at.public}/mcp`
  })
  afterAll(() => at?.stop())

  const byHand = () => ({ kind: 'by-hand', clientId: credentials.clientId, redirect: olderRedirect }) as const

  it('step 2: the client is registered by a form', async () => {
    credentials = await at.ask('clients.register', {
      name: 'chatgpt',
      grantTypes: ['authorization_code'],
      scopes: ['read', 'write'],
      redirectUris: [olderRedirect],
    })
    expect(credentials.clientId).not.toBe('')
    expect(credentials.clientSecret, 'a public client has none').toBeNull()
    // *Download JSON* has all that the other side may ask for.
    expect(JSON.parse(JSON.stringify(credentials))).toMatchObject({
      name: 'chatgpt',
      redirectUris: [olderRedirect],
      resource: mcpUrl,
      issuer: at.public,
    })
    expect(await at.ask('clients.list')).toMatchObject([{ clientId: credentials.clientId, name: 'chatgpt' }])
    // Registering lets nobody in yet.
    expect(await at.ask('grants.list')).toEqual([])
  })

  it('step 3: the issuer is the public address, and its metadata are found', async () => {
    const metadata = await json(await at.fetch(`${at.public}/.well-known/oauth-authorization-server`))
    expect(metadata).toMatchObject({
      issuer: at.public,
      authorization_endpoint: credentials.authorizationEndpoint,
      token_endpoint: credentials.tokenEndpoint,
    })
  })

  it('step 4: with the address and the client id, ChatGPT connects after consent', async () => {
    const browser = await at.letIn({
      expects: 'chatgpt',
      seen: (request) =>
        expect(request).toMatchObject({ registration: 'manual', redirectHost: 'chat.openai.com' }),
    })
    // Scopes: whatever it asks for beyond read and write is not there to be had.
    assistant = await chatgpt(at, mcpUrl, browser, byHand(), { scope: 'read write admin' })
    expect(assistant.tokens.scope).toBe('mcp:use mcp:read mcp:write')
  })

  it('step 4: calls show up while they are made', async () => {
    const live: Call[] = []
    const stop = at.host.on((name, payload) => {
      if (name === 'activity.added') live.push(payload as Call)
    })
    await callTool(assistant, 'notes__read_notes')
    stop()
    expect(live.at(-1)).toMatchObject({ tool: 'notes__read_notes', outcome: 'answered' })
  })

  it('scopes: what was granted is enforced on every call', async () => {
    const added = await callTool(assistant, 'notes__add_note', { text: 'second' })
    expect(added.body.result?.content?.[0]?.text).toBe('first second')

    const narrow = await chatgpt(at, mcpUrl, await at.letIn({ expects: 'chatgpt' }), byHand(), {
      scope: 'read',
    })
    expect(narrow.tokens.scope).toBe('mcp:use mcp:read')
    expect(await toolNames(narrow)).not.toContain('notes__add_note')
    const refused = await callTool(narrow, 'notes__add_note', { text: 'third' })
    expect(refused.status).toBe(403)
    expect(refused.challenge).toMatch(/error="insufficient_scope".*scope="mcp:use mcp:write"/)
    const after = await callTool(narrow, 'notes__read_notes')
    expect(after.body.result?.content?.[0]?.text).toBe('first second')
  })

  it('scopes: a client gets no more than it was registered for', async () => {
    credentials = await at.ask('clients.register', {
      name: 'reader',
      scopes: ['read'],
      redirectUris: [olderRedirect],
    })
    const letIn = () => at.letIn({ expects: 'chatgpt' })
    await expect(chatgpt(at, mcpUrl, await letIn(), byHand(), { scope: 'read write' })).rejects.toMatchObject(
      { error: 'invalid_scope' },
    )
    // Asking for nothing does not get around it.
    for (const scope of ['read', null]) {
      const reader = await chatgpt(at, mcpUrl, await letIn(), byHand(), { scope })
      expect(await toolNames(reader)).not.toContain('notes__add_note')
      expect((await callTool(reader, 'notes__add_note', { text: 'x' })).status).toBe(403)
    }
  })

  it('troubleshooting: a redirect URI that differs is refused, and registering the right one helps', async () => {
    const browser = await at.letIn({ expects: 'chatgpt' })
    const other = { ...byHand(), redirect: 'https://chatgpt.com/connector/oauth/new' }
    await expect(chatgpt(at, mcpUrl, browser, other)).rejects.toThrow(/authorize → 400/)
    credentials = await at.ask('clients.register', { name: 'again', redirectUris: [other.redirect] })
    const again = await chatgpt(at, mcpUrl, await at.letIn({ expects: 'chatgpt' }), {
      ...byHand(),
      redirect: other.redirect,
    })
    expect(await toolNames(again)).toContain('notes__read_notes')
  })

  it('troubleshooting: the log has the exact error of a call', async () => {
    const failed = await callTool(assistant, 'get_github_stars', { repository: 'no/missing' })
    expect(failed.body.result?.isError).toBe(true)
    const [call] = await at.ask('activity.list', { limit: 1 })
    expect(call).toMatchObject({ tool: 'get_github_stars', outcome: 'failed' })
    expect(call!.error).not.toBeNull()
    expect(failed.body.result?.content?.[0]?.text).toContain(call!.error)
  })

  it('troubleshooting: the token endpoint says which grant it does not take', async () => {
    const token = async (form: Record<string, string>) =>
      json(await at.fetch(credentials.tokenEndpoint, { method: 'POST', body: new URLSearchParams(form) }))
    const { clientId: client_id } = credentials
    expect(await token({ grant_type: 'password', client_id })).toMatchObject({
      error: 'unsupported_grant_type',
    })
    expect(await token({ grant_type: 'client_credentials', client_id })).toMatchObject({
      error: 'invalid_request',
      error_description: expect.stringContaining('grant type'),
    })
  })
})
