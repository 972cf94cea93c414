import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { connect, documentApp, registerApp, startAuthorization } from '../testing/app.ts'
import { person } from '../testing/registered.ts'
import { openStage, type Stage } from '../testing/stage.ts'
import { isListedRedirect } from './redirect-domains.ts'

describe('the list of redirect hosts', () => {
  const list = ['claude.ai', '*.example.com']

  it.each([
    'https://claude.ai/api/mcp/auth_callback',
    'https://claude.ai:8443/cb',
    'https://a.example.com/cb',
    'https://a.b.example.com/cb',
    // what never leaves this computer is not on it
    'http://127.0.0.1:33418/',
    'http://localhost/callback',
    'http://[::1]:1/cb',
    'cursor://anysphere.cursor-mcp/oauth/callback',
    'com.example.app:/oauth2redirect',
  ])('lets %s pass', (uri) => expect(isListedRedirect(uri, list)).toBe(true))

  it.each([
    'https://chatgpt.com/cb',
    'https://www.claude.ai/cb',
    'https://claude.ai.evil.example/cb',
    'https://notclaude.ai/cb',
    'https://example.com/cb',
    'https://evilexample.com/cb',
    'https://evil.example/?u=https://claude.ai/',
    'https://evil.example/claude.ai',
  ])('stops %s', (uri) => expect(isListedRedirect(uri, list)).toBe(false))

  it('means any host when there is none, and no host when it is empty', () => {
    expect(isListedRedirect('https://evil.example/cb', null)).toBe(true)
    expect(isListedRedirect('https://claude.ai/cb', [])).toBe(false)
  })
})

describe('with a list in the settings', () => {
  let stage: Stage
  let list: string[] | null
  beforeEach(async () => {
    list = ['claude.ai', '*.example']
    stage = await openStage({ redirectDomains: () => list })
  })
  afterEach(() => stage.close())

  const register = (...redirect_uris: string[]) =>
    fetch(`${stage.origin}/oauth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ redirect_uris }),
    })

  it('registering is for listed hosts, whichever of the addresses is not', async () => {
    expect((await register('https://app.example/cb', 'http://127.0.0.1/cb')).status).toBe(201)
    const refused = await register('https://app.example/cb', 'https://chatgpt.com/cb')
    expect(refused.status).toBe(400)
    expect(await refused.json()).toMatchObject({ error: 'invalid_redirect_uri' })
    const byHand = stage.server.clients.register(
      { ...person, redirectUris: ['https://chatgpt.com/cb'] },
      stage.origin,
    )
    await expect(byHand).rejects.toMatchObject({ code: 'redirect-not-allowed' })
    await stage.server.clients.register({ ...person, redirectUris: ['cursor://x/cb'] }, stage.origin)
  })

  it('nobody is sent to another host, and the refusal is a page of ours', async () => {
    stage.server.window.open('other')
    const chatgpt = await documentApp(
      stage,
      'https://chatgpt.com/oauth/client.json',
      'https://chatgpt.com/connector_platform_oauth_redirect',
    )
    const { answer } = await startAuthorization(stage, chatgpt)
    expect([answer.status, answer.location]).toEqual([400, null])
    expect(answer.body).toContain('invalid_redirect_uri')
    // its errors are not delivered there either
    const broken = await startAuthorization(stage, chatgpt, { code_challenge: null })
    expect([broken.answer.status, broken.answer.location]).toEqual([400, null])
    const claude = await documentApp(
      stage,
      'https://claude.ai/oauth/mcp-oauth-client-metadata',
      'https://claude.ai/api/mcp/auth_callback',
    )
    expect((await startAuthorization(stage, claude)).answer.status).toBe(200)
  })

  it('a list that becomes shorter stops the next connection, also one that is being decided', async () => {
    const app = await registerApp(stage)
    await connect(stage, app)
    stage.server.window.open('other')
    await startAuthorization(stage, app)
    const [request] = stage.server.connections.list()
    list = ['claude.ai']
    await expect(
      stage.server.connections.approve(request!.id, { access: 'look', tools: null }),
    ).rejects.toMatchObject({ code: 'request-gone' })
    stage.server.window.open('other')
    expect((await startAuthorization(stage, app)).answer.status).toBe(400)
    // what is connected stays connected: the list says where people are sent, not who may call
    expect(stage.server.grants.list()[0]!.sessions).toHaveLength(1)
    list = null
    expect((await startAuthorization(stage, app)).answer.status).toBe(200)
  })
})
