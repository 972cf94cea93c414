import * as oauth from 'oauth4webapi'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  connect,
  discover,
  documentApp,
  finishAuthorization,
  insecure,
  isLive,
  ownerAllows,
  post,
  redeem,
  refresh,
  registerApp,
  startAuthorization,
} from './testing/app.ts'
import { openStage, type Stage } from './testing/stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await openStage()
})
afterEach(() => stage.close())

const claudeCode = 'https://claude.ai/oauth/claude-code-client-metadata'
const chatgpt = 'https://chatgpt.com/oauth/client.json'
const chatgptRedirect = 'https://chatgpt.com/connector_platform_oauth_redirect'

describe('an honest client', () => {
  it('registers, connects, refreshes and revokes', async () => {
    const app = await registerApp(stage, 'Test app')
    const { grant, ...first } = await connect(stage, app)
    expect(grant).toMatchObject({
      name: 'MCP — Test app',
      redirectHost: 'app.example',
      access: 'ask',
      kind: 'client',
    })
    const known = await stage.server.authenticate(`Bearer ${first.access_token}`, stage.resource)
    expect(known).toMatchObject({
      ok: true,
      principal: {
        grantId: grant.id,
        clientName: 'MCP — Test app',
        kind: 'client',
        workspace: 'default',
        access: 'ask',
      },
    })
    expect(known.ok && known.principal.scopes).toEqual(new Set(['mcp:use']))

    const second = await refresh(app, first.refresh_token)
    expect(second.refresh_token).not.toBe(first.refresh_token)
    expect(await isLive(stage, second.access_token)).toBe(true)

    const ended: string[] = []
    stage.server.events.on('grant.revoked', ({ grantId }) => void ended.push(grantId))
    const revocation = await oauth.revocationRequest(
      app.as,
      app.client,
      oauth.None(),
      second.refresh_token,
      insecure,
    )
    await oauth.processRevocationResponse(revocation)
    expect(await isLive(stage, first.access_token)).toBe(false)
    expect(await isLive(stage, second.access_token)).toBe(false)
    await expect(refresh(app, second.refresh_token)).rejects.toMatchObject({ error: 'invalid_grant' })
    expect(ended).toEqual([grant.id])
    expect(stage.server.grants.list()).toEqual([])
  })

  it('connects by a pinned metadata document, to a loopback port nobody registered', async () => {
    const app = await documentApp(stage, claudeCode, 'http://127.0.0.1:52163/callback')
    const { grant, access_token } = await connect(stage, app, { access: 'look' })
    expect(grant).toMatchObject({ name: 'MCP — Claude Code', redirectHost: '127.0.0.1', access: 'look' })
    expect(await isLive(stage, access_token)).toBe(true)
  })

  it.each([
    [chatgpt, chatgptRedirect, 'ChatGPT'],
    ['https://chatgpt.com/oauth/cb_42/client.json', 'https://chatgpt.com/connector/oauth/cb_42', 'ChatGPT'],
    [
      'https://claude.ai/oauth/mcp-oauth-client-metadata',
      'https://claude.ai/api/mcp/auth_callback',
      'Claude',
    ],
    ['https://chatgpt.com/oauth/codex/client.json', 'http://127.0.0.1:9999/callback', 'Codex'],
    ['https://chatgpt.com/oauth/codex/x1/client.json', 'http://127.0.0.1:9999/callback/x1', 'Codex'],
    ['https://vscode.dev/oauth/client-metadata.json', 'http://127.0.0.1:33418/', 'Visual Studio Code'],
    ['https://vscode.dev/oauth/client-metadata.json', 'https://vscode.dev/redirect', 'Visual Studio Code'],
  ])('knows %s without fetching', async (clientId, redirectUri, name) => {
    stage.server.window.open('other')
    const app = await documentApp(stage, clientId, redirectUri)
    const { answer } = await startAuthorization(stage, app, { resource: null, scope: null })
    expect(answer.status).toBe(200)
    expect(stage.server.connections.list()).toMatchObject([
      { clientName: name, registration: 'metadata-document', needsDigits: true },
    ])
  })

  it('registers an app scheme and a list of loopback addresses', async () => {
    const as = await discover(stage)
    for (const redirect_uris of [
      ['cursor://anysphere.cursor-mcp/oauth/callback'],
      ['http://localhost:8787/callback', 'https://www.cursor.com/agents/mcp/oauth/callback'],
      ['http://127.0.0.1:33418', 'http://127.0.0.1:33418/', 'https://vscode.dev/redirect'],
    ]) {
      const response = await oauth.dynamicClientRegistrationRequest(as, { redirect_uris }, insecure)
      const client = await oauth.processDynamicClientRegistrationResponse(response)
      expect(client).toMatchObject({
        redirect_uris,
        application_type: 'native',
        token_endpoint_auth_method: 'none',
      })
      expect(client).not.toHaveProperty('client_secret')
    }
  })

  it('asks for what clients in the field ask for: no scope, OIDC scopes, a nonce, a long state', async () => {
    const forms: Record<string, string | null>[] = [
      { scope: null, resource: null },
      { scope: 'openid profile offline_access mcp:read', nonce: 'n', prompt: 'consent' },
      { scope: 'mcp:use mcp:read mcp:write', state: 's'.repeat(4_000), prompt: 'login' },
      { scope: 'read' },
    ]
    for (const extra of forms) {
      const app = await registerApp(stage)
      stage.server.window.open('other')
      const started = await startAuthorization(stage, app, extra)
      if (extra.state) started.state = extra.state
      await ownerAllows(stage, started)
      const tokens = await redeem(stage, app, started, await finishAuthorization(app, started))
      const asked = stage.db
        .prepare("SELECT count(*) AS n FROM oauth_records WHERE model = 'RefreshToken'")
        .get()
      expect(asked).not.toEqual({ n: 0 })
      expect(tokens.scope).toBe(
        { openid: 'mcp:use mcp:read', read: 'mcp:use mcp:read', 'mcp:use': 'mcp:use mcp:read mcp:write' }[
          extra.scope?.split(' ')[0] ?? ''
        ] ?? 'mcp:use',
      )
    }
  })

  it('cannot widen its scope by refreshing', async () => {
    const app = await registerApp(stage)
    const { refresh_token } = await connect(stage, app, { extra: { scope: 'mcp:read' } })
    const ask = async (scope: string) =>
      (
        await post(app.as.token_endpoint!, {
          grant_type: 'refresh_token',
          refresh_token,
          client_id: app.client.client_id,
          scope,
        })
      ).json() as Promise<{ error?: string; scope?: string }>
    expect(await ask('mcp:write')).toMatchObject({ error: 'invalid_scope' })
    expect(await ask('mcp:read mcp:write')).toMatchObject({ error: 'invalid_scope' })
    expect(await ask('mcp:use')).toMatchObject({ scope: 'mcp:use mcp:read' })
  })

  it('is met again after a restart', async () => {
    const app = await registerApp(stage)
    const tokens = await connect(stage, app)
    await stage.restart()
    expect(await isLive(stage, tokens.access_token)).toBe(true)
    const next = await refresh(app, tokens.refresh_token)
    expect(await isLive(stage, next.access_token)).toBe(true)
    expect(stage.server.grants.list()).toHaveLength(1)
  })

  it('is told in traffic, step by step', async () => {
    await connect(stage, await registerApp(stage))
    expect(stage.traffic.map(({ kind, ok }) => `${kind} ${ok}`)).toEqual([
      'authorization-server-metadata true',
      'register true',
      'authorize true',
      'approved true',
      'token true',
    ])
    expect(stage.traffic.at(-1)).toMatchObject({ clientName: 'MCP — Test app', grantId: expect.any(String) })
  })
})
