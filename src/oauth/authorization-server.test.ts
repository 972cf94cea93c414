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
import { digitsOn, openBrowser } from './testing/browser.ts'
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

describe('the decision of the owner', () => {
  it('shows claimed name, redirect host and digits, and nothing that could load or act', async () => {
    stage.server.window.open('chatgpt')
    const app = await registerApp(stage, '<b>ChatGPT\u202e</b>', 'https://evil.example/cb')
    const { answer } = await startAuthorization(stage, app)
    expect(answer.status).toBe(200)
    expect(answer.body).toContain('&lt;b&gt;ChatGPT&lt;/b&gt;')
    expect(answer.body).toContain('<p class="host">evil.example</p>')
    expect(answer.body).toContain('http-equiv="refresh"')
    expect(answer.body).not.toMatch(/<(?:form|script|iframe|input|button|a|img)\b/)
    expect(answer.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    )
    expect(answer.headers.get('cache-control')).toBe('no-store')
    const [request] = stage.server.connections.list()
    expect(request).toMatchObject({ expected: false, redirectHost: 'evil.example', registration: 'dynamic' })
    expect(JSON.stringify(request)).not.toContain(digitsOn(answer.body)!)
  })

  it('knows whom the owner expects by the redirect host', async () => {
    stage.server.window.open('chatgpt')
    await startAuthorization(stage, await documentApp(stage, chatgpt, chatgptRedirect))
    expect(stage.server.connections.list()[0]).toMatchObject({ expected: true })
  })

  it('declines after three wrong digits', async () => {
    stage.server.window.open('other')
    const app = await registerApp(stage)
    const started = await startAuthorization(stage, app)
    const right = digitsOn(started.answer.body)!
    const wrong = right === '000' ? '001' : '000'
    const [request] = stage.server.connections.list()
    const approve = (digits?: string) =>
      stage.server.connections.approve(request!.id, {
        ...(digits ? { digits } : {}),
        access: 'ask',
        tools: null,
      })
    await expect(approve()).rejects.toMatchObject({ code: 'digits-needed' })
    await expect(approve(wrong)).rejects.toMatchObject({ code: 'wrong-digits' })
    await expect(approve(wrong)).rejects.toMatchObject({ code: 'wrong-digits' })
    await expect(approve(wrong)).rejects.toMatchObject({ code: 'wrong-digits' })
    await expect(approve(right)).rejects.toMatchObject({ code: 'request-gone' })
    await expect(finishAuthorization(app, started)).rejects.toMatchObject({ error: 'access_denied' })
    expect(stage.server.grants.list()).toEqual([])
  })

  it('declines with the issuer in the answer (RFC 9207)', async () => {
    stage.server.window.open('other')
    const app = await registerApp(stage)
    const started = await startAuthorization(stage, app)
    stage.server.connections.deny(stage.server.connections.list()[0]!.id)
    const { location } = await app.browser.follow(started.answer.url)
    const said = new URL(location!).searchParams
    expect(Object.fromEntries(said)).toMatchObject({
      error: 'access_denied',
      iss: stage.origin,
      state: started.state,
    })
  })

  it('is asked for by one app at a time', async () => {
    stage.server.window.open('other')
    const first = await registerApp(stage, 'First')
    const second = await registerApp(stage, 'Second')
    const started = await startAuthorization(stage, first)
    const before = stage.counts()
    const refused = await startAuthorization(stage, second)
    expect(refused.answer.status).toBe(409)
    expect(refused.answer.body).toContain('Another app is asking')
    expect(stage.counts()).toEqual(before)
    expect(stage.server.connections.list()).toMatchObject([{ clientName: 'First' }])
    await ownerAllows(stage, started)
    await redeem(stage, first, started, await finishAuthorization(first, started))
  })

  it('gives the place of a closed page to the next app', async () => {
    stage.server.window.open('other')
    await startAuthorization(stage, await registerApp(stage, 'Left alone'))
    stage.clock.advance(91_000)
    const next = await startAuthorization(stage, await registerApp(stage, 'Next'))
    expect(next.answer.status).toBe(200)
    expect(stage.server.connections.list()).toMatchObject([{ clientName: 'Next' }])
  })

  it('belongs to the browser that asked', async () => {
    stage.server.window.open('other')
    const app = await registerApp(stage)
    const started = await startAuthorization(stage, app)
    await ownerAllows(stage, started)
    const thief = openBrowser()
    const uid = new URL(started.answer.url).pathname.split('/').at(-1)!
    expect((await thief.get(started.answer.url)).status).toBe(403)
    expect((await thief.get(`${stage.origin}/oauth/authorize/${uid}`)).status).toBe(403)
    const forged = await thief.get(`${stage.origin}/oauth/authorize/${uid}`, { cookie: 'db_resume=other' })
    expect(forged.status).toBe(403)
    expect((await finishAuthorization(app, started)).get('code')).toMatch(/^[\w-]{43}$/)
  })

  it('asks a returning client for one click, never for none, and keeps one entry', async () => {
    const app = await documentApp(stage, chatgpt, chatgptRedirect)
    const { grant } = await connect(stage, app)
    stage.server.window.open('chatgpt')
    const again = await startAuthorization(stage, app)
    expect(digitsOn(again.answer.body)).toBeUndefined()
    expect(stage.server.connections.list()).toMatchObject([{ returning: true, needsDigits: false }])
    const second = await ownerAllows(stage, again, 'everything')
    expect(second).toMatchObject({ id: grant.id, access: 'everything' })
    await redeem(stage, app, again, await finishAuthorization(app, again))
    expect(stage.server.grants.list()).toHaveLength(1)
    // the window closed with the decision: the next visit needs the owner again
    const third = await startAuthorization(stage, app)
    expect(third.answer.status).toBe(403)
  })

  it('asks for digits again when the same app comes back in a browser it was never let in from', async () => {
    const app = await documentApp(stage, chatgpt, chatgptRedirect)
    const { grant } = await connect(stage, app)
    stage.server.window.open('chatgpt')
    const stranger = { ...app, browser: openBrowser() }
    const started = await startAuthorization(stage, stranger)
    expect(digitsOn(started.answer.body)).toMatch(/^\d{3}$/)
    expect(stage.server.connections.list()).toMatchObject([{ returning: true, needsDigits: true }])
    expect(await ownerAllows(stage, started)).toMatchObject({ id: grant.id })
    stage.server.grants.revoke(grant.id)
    stage.server.window.open('chatgpt')
    await startAuthorization(stage, app)
    expect(stage.server.connections.list()).toMatchObject([{ returning: false, needsDigits: true }])
  })

  it('refuses tools that are not there, and keeps the app waiting', async () => {
    await stage.close()
    stage = await openStage({ toolNames: () => ['get_stars'] })
    stage.server.window.open('other')
    const app = await registerApp(stage)
    const started = await startAuthorization(stage, app)
    const { id } = stage.server.connections.list()[0]!
    const approve = (tools: string[]) =>
      stage.server.connections.approve(id, { digits: digitsOn(started.answer.body)!, access: 'look', tools })
    await expect(approve(['rm_rf'])).rejects.toMatchObject({ code: 'unknown-tool' })
    expect(await approve(['get_stars'])).toMatchObject({ tools: ['get_stars'] })
    const tokens = await redeem(stage, app, started, await finishAuthorization(app, started))
    const known = await stage.server.authenticate(`Bearer ${tokens.access_token}`, stage.resource)
    expect(known.ok && known.principal.tools).toEqual(new Set(['get_stars']))
  })

  it('cannot be skipped with prompt=none', async () => {
    const app = await registerApp(stage)
    await connect(stage, app)
    stage.server.window.open('other')
    const { answer } = await startAuthorization(stage, app, { prompt: 'none' })
    expect(new URL(answer.location!).searchParams.get('error')).toBe('interaction_required')
    expect(stage.server.connections.list()).toEqual([])
    expect((await startAuthorization(stage, app)).answer.status).toBe(200)
  })

  it('ends with the window', async () => {
    stage.server.window.open('other')
    const app = await registerApp(stage)
    const started = await startAuthorization(stage, app)
    stage.server.window.close()
    expect(stage.server.connections.list()).toEqual([])
    await expect(finishAuthorization(app, started)).rejects.toMatchObject({ error: 'access_denied' })
  })

  it('does not outlive a restart: restart means no', async () => {
    stage.server.window.open('other')
    const app = await registerApp(stage)
    const started = await startAuthorization(stage, app)
    await stage.restart()
    expect(stage.server.connections.list()).toEqual([])
    expect((await app.browser.follow(started.answer.url)).status).toBe(410)
  })
})

describe('outside the window', () => {
  it('writes nothing, asks nobody and fetches nothing', async () => {
    const app = await registerApp(stage)
    const { refresh_token } = await connect(stage, app)
    stage.clock.advance(11 * 60_000)
    const before = stage.counts()
    const asked: unknown[] = []
    stage.server.events.on('connections.asked', (request) => void asked.push(request))
    stage.traffic.length = 0
    for (const client_id of [
      app.client.client_id,
      chatgpt,
      'https://stranger.example/client.json',
      'nobody',
    ]) {
      const { answer } = await startAuthorization(stage, app, { client_id })
      expect(answer.status).toBe(403)
      expect(answer.body).toContain('press Connect')
      expect(answer.setCookies).toEqual([])
      expect(answer.location).toBeNull()
    }
    expect(stage.counts()).toEqual(before)
    expect(asked).toEqual([])
    expect(stage.traffic).toEqual([])
    expect((await refresh(app, refresh_token)).access_token).toBeTruthy()
  })
})

describe('the wire', () => {
  it('serves metadata in every place clients look, with one issuer', async () => {
    const documents = ['oauth-authorization-server', 'openid-configuration']
    for (const suffix of ['', '/mcp', '/mcp/home'])
      for (const url of documents.flatMap((name) => [
        `${stage.origin}/.well-known/${name}${suffix}`,
        `${stage.origin}${suffix}/.well-known/${name}`,
      ])) {
        const response = await fetch(url)
        expect(response.status, url).toBe(200)
        expect(response.headers.get('access-control-allow-origin')).toBe('*')
        expect(response.headers.get('content-type')).toBe('application/json')
        expect(await response.json()).toMatchObject({
          issuer: stage.origin,
          authorization_endpoint: `${stage.origin}/oauth/authorize`,
          token_endpoint: `${stage.origin}/oauth/token`,
          registration_endpoint: `${stage.origin}/oauth/register`,
          revocation_endpoint: `${stage.origin}/oauth/revoke`,
          scopes_supported: ['mcp:use', 'mcp:read', 'mcp:write'],
          response_types_supported: ['code'],
          code_challenge_methods_supported: ['S256'],
          token_endpoint_auth_methods_supported: ['none'],
          authorization_response_iss_parameter_supported: true,
          client_id_metadata_document_supported: true,
        })
      }
    for (const [suffix, resource] of [
      ['', '/mcp'],
      ['/mcp', '/mcp'],
      ['/mcp/home', '/mcp/home'],
    ] as const) {
      const response = await fetch(`${stage.origin}/.well-known/oauth-protected-resource${suffix}`)
      const document = (await response.json()) as { authorization_servers: string[] }
      expect(document).toMatchObject({
        resource: stage.origin + resource,
        authorization_servers: [stage.origin],
        scopes_supported: ['mcp:use', 'mcp:read', 'mcp:write'],
      })
      expect(JSON.stringify(document)).not.toContain('offline_access')
    }
    for (const path of [
      '/.well-known/oauth-protected-resource/mcp/nowhere',
      '/.well-known/other',
      '/oauth/me',
    ])
      expect((await fetch(stage.origin + path)).status, path).toBe(404)
    expect(
      (await fetch(`${stage.origin}/.well-known/openid-configuration`, { method: 'OPTIONS' })).status,
    ).toBe(204)
    const keys = (await (await fetch(`${stage.origin}/oauth/jwks`)).json()) as { keys: object[] }
    expect(keys.keys).toHaveLength(1)
    expect(keys.keys[0]).not.toHaveProperty('d')
  })

  it('says in metadata what the library really does', async () => {
    // the same document as oidc-provider would serve, as far as both have a field
    const { createProvider } = await import('./provider.ts')
    const { generateKeyPair, exportJWK } = await import('jose')
    const signing = await exportJWK((await generateKeyPair('ES256', { extractable: true })).privateKey)
    const provider = createProvider({
      origin: stage.origin,
      keys: { signing, refresh: '' },
      workspaces: () => [],
      windowOpen: () => false,
      place: { reserve: () => false, begin() {}, settle() {} },
    } as never)
    const { createServer } = await import('node:http')
    const http = createServer(provider.callback())
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    const { port } = http.address() as { port: number }
    const theirs = (await (
      await fetch(`http://127.0.0.1:${port}/.well-known/oauth-authorization-server`, {
        headers: { 'x-forwarded-host': new URL(stage.origin).host, 'x-forwarded-proto': 'http' },
      })
    ).json()) as Record<string, unknown>
    http.close()
    const ours = (await discover(stage)) as Record<string, unknown>
    const filtered = new Set(['scopes_supported', 'response_modes_supported'])
    for (const [name, value] of Object.entries(theirs))
      if (name in ours && !filtered.has(name)) expect(ours[name], name).toEqual(value)
  })

  it('gives every origin its own issuer and secure cookies, whatever forwarding headers claim', async () => {
    const headers = {
      'x-test-host': 'bridge.example',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'http',
      forwarded: 'host=evil.example;proto=http',
    }
    const response = await fetch(`${stage.origin}/.well-known/oauth-authorization-server`, { headers })
    expect(await response.json()).toMatchObject({
      issuer: stage.publicOrigin,
      token_endpoint: `${stage.publicOrigin}/oauth/token`,
    })
    stage.server.window.open('other')
    const app = await registerApp(stage)
    const url = new URL(`${stage.origin}/oauth/authorize`)
    url.search = new URLSearchParams({
      client_id: app.client.client_id,
      redirect_uri: app.redirectUri,
      response_type: 'code',
      code_challenge: 'a'.repeat(43),
      code_challenge_method: 'S256',
      resource: `${stage.publicOrigin}/mcp`,
    }).toString()
    const answer = await app.browser.get(url.href, headers)
    expect(answer.status).toBe(303)
    expect(answer.location).toMatch(new RegExp(`^${stage.origin}/oauth/wait/[\\w-]+$`))
    expect(answer.setCookies).toHaveLength(2)
    for (const line of answer.setCookies) {
      expect(line).toMatch(/^__Secure-db_(?:wait|resume)=/)
      expect(line).toMatch(/; secure/i)
      expect(line).toMatch(/; httponly/i)
      expect(line).toMatch(/; samesite=lax/i)
      expect(line).toMatch(/path=\/oauth\/(?:wait|authorize)\/[\w-]+/)
    }
    expect(JSON.stringify(answer.setCookies)).not.toContain('evil')
  })

  it('refuses a resource of another origin or workspace', async () => {
    const app = await registerApp(stage)
    await connect(stage, app) // an approved app gets its errors by redirect
    for (const resource of [
      'https://other.example/mcp',
      `${stage.publicOrigin}/mcp`,
      `${stage.origin}/mcp/nowhere`,
      `${stage.origin}/mcp/`,
      `${stage.origin}/mcp/default`,
      stage.origin,
      'nonsense',
    ]) {
      stage.server.window.open('other')
      const { answer } = await startAuthorization(stage, app, { resource })
      const said = new URL(answer.location ?? 'none:').searchParams
      expect(said.get('error'), resource).toBe('invalid_target')
      expect(said.get('iss')).toBe(stage.origin)
    }
  })

  it('binds a token to the one resource it was asked for', async () => {
    const app = await registerApp(stage)
    stage.resource = `${stage.origin}/mcp/home`
    const { access_token, grant } = await connect(stage, app)
    expect(grant.workspace).toBe('home')
    expect(await isLive(stage, access_token)).toBe(true)
    for (const resource of [
      `${stage.origin}/mcp`,
      `${stage.publicOrigin}/mcp/home`,
      `${stage.origin}/mcp/home/`,
    ])
      expect(await stage.server.authenticate(`Bearer ${access_token}`, resource)).toMatchObject({
        ok: false,
        error: 'invalid_token',
      })
  })

  it.each([
    ['no challenge', { code_challenge: null, code_challenge_method: null }],
    ['plain', { code_challenge_method: 'plain' }],
    ['no method', { code_challenge_method: null }],
    ['another response type', { response_type: 'token' }],
    ['a request object', { request: 'x.y.z' }],
    ['form_post', { response_mode: 'form_post' }],
  ])('refuses PKCE downgrades and other flows: %s', async (_name, extra) => {
    stage.server.window.open('other')
    const app = await registerApp(stage)
    const before = stage.counts()
    const { answer } = await startAuthorization(stage, app, extra)
    // nobody approved this app yet: told on a page, so that we redirect nobody for strangers
    expect(answer.status).toBe(400)
    expect(answer.location).toBeNull()
    expect(stage.counts()).toEqual(before)
    expect(stage.server.connections.list()).toEqual([])
  })

  it('never redirects to an address that was not registered', async () => {
    const app = await registerApp(stage, 'App', 'http://127.0.0.1:1000/cb')
    for (const redirect_uri of [
      'https://evil.example/cb',
      'http://127.0.0.1:1000/cb/more',
      'http://127.0.0.1:1000/cb?x=1',
      'http://127.0.0.1:1000/cb#x',
      'http://user@127.0.0.1:1000/cb',
      'http://127.0.0.1@evil.example/cb',
      'http://0x7f.1:1000/cb',
      'http://localhost:1000/cb',
      'http://[::1]:1000/cb',
      'http://127.0.0.1.evil.example:1000/cb',
      'javascript:alert(1)',
      '//evil.example/cb',
    ]) {
      stage.server.window.open('other')
      const { answer } = await startAuthorization(stage, app, { redirect_uri })
      expect(answer.location, redirect_uri).toBeNull()
      expect(answer.status).toBe(400)
    }
    stage.server.window.open('other')
    const { answer } = await startAuthorization(stage, app, { redirect_uri: 'http://127.0.0.1:40000/cb' })
    expect(answer.status).toBe(200)
  })

  it('challenges with the metadata address and the base scope', () => {
    expect(stage.server.challenge('https://b.example/mcp')).toBe(
      'Bearer realm="Drawbridge", resource_metadata="https://b.example/.well-known/oauth-protected-resource/mcp", scope="mcp:use"',
    )
    expect(
      stage.server.challenge('https://b.example/mcp/home', {
        error: 'insufficient_scope',
        description: 'needs "write"\r\nX: y',
        scope: 'mcp:use mcp:write',
      }),
    ).toBe(
      'Bearer realm="Drawbridge", error="insufficient_scope", error_description="needs \\"write\\"  X: y", resource_metadata="https://b.example/.well-known/oauth-protected-resource/mcp/home", scope="mcp:use mcp:write"',
    )
  })
})
