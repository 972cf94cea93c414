import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { connect, discover, isLive, post, registerApp, startAuthorization } from '../testing/app.ts'
import { openStage, type Stage } from '../testing/stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await openStage()
})
afterEach(() => stage.close())

const _claudeCode = 'https://claude.ai/oauth/claude-code-client-metadata'
const _chatgpt = 'https://chatgpt.com/oauth/client.json'
const _chatgptRedirect = 'https://chatgpt.com/connector_platform_oauth_redirect'

describe('the protocol', () => {
  it('serves metadata in every place clients look, with one issuer', async () => {
    const documents = ['oauth-authorization-server', 'openid-configuration']
    for (const [suffix, issuer, base] of [
      ['', stage.origin, '/oauth'],
      ['/mcp', stage.origin, '/oauth'],
      ['/mcp/home', `${stage.origin}/mcp/home`, '/oauth/w/home'],
    ] as const)
      for (const url of documents.flatMap((name) => [
        `${stage.origin}/.well-known/${name}${suffix}`,
        `${stage.origin}${suffix}/.well-known/${name}`,
      ])) {
        const response = await fetch(url)
        expect(response.status, url).toBe(200)
        expect(response.headers.get('access-control-allow-origin')).toBe('*')
        expect(response.headers.get('content-type')).toBe('application/json')
        expect(await response.json()).toMatchObject({
          issuer,
          authorization_endpoint: `${stage.origin}${base}/authorize`,
          token_endpoint: `${stage.origin}${base}/token`,
          registration_endpoint: `${stage.origin}${base}/register`,
          revocation_endpoint: `${stage.origin}${base}/revoke`,
          jwks_uri: `${stage.origin}${base}/jwks`,
          scopes_supported: ['mcp:use', 'mcp:read', 'mcp:write'],
          response_types_supported: ['code'],
          code_challenge_methods_supported: ['S256'],
          token_endpoint_auth_methods_supported: ['none', 'client_secret_basic', 'client_secret_post'],
          authorization_response_iss_parameter_supported: true,
          client_id_metadata_document_supported: true,
        })
      }
    for (const [suffix, resource, issuer, resource_name] of [
      ['', '/mcp', '', 'Drawbridge'],
      ['/mcp', '/mcp', '', 'Drawbridge'],
      ['/mcp/home', '/mcp/home', '/mcp/home', 'Drawbridge (home)'],
    ] as const) {
      const response = await fetch(`${stage.origin}/.well-known/oauth-protected-resource${suffix}`)
      const document = (await response.json()) as { authorization_servers: string[] }
      expect(document).toMatchObject({
        resource: stage.origin + resource,
        authorization_servers: [stage.origin + issuer],
        resource_name,
        scopes_supported: ['mcp:use', 'mcp:read', 'mcp:write'],
      })
      expect(JSON.stringify(document)).not.toContain('offline_access')
    }
    for (const path of [
      '/.well-known/oauth-protected-resource/mcp/nowhere',
      '/.well-known/other',
      '/oauth/me',
      '/oauth/w/nowhere/authorize',
      '/oauth/w/default/authorize',
      '/oauth/w/home/me',
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
    const { issuerOf } = await import('./issuers.ts')
    const provider = createProvider({
      issuer: issuerOf(stage.origin, 'default'),
      keys: { signing, refresh: '' },
      workspaces: () => [],
      windowOpen: () => false,
      slot: { reserve: () => false, begin() {}, settle() {} },
      registered: {},
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
    expect(answer.setCookies).toHaveLength(3)
    for (const line of answer.setCookies) {
      expect(line).toMatch(/^__Secure-db_(?:wait|resume|asks)=/)
      expect(line).toMatch(/; secure/i)
      expect(line).toMatch(/; httponly/i)
      expect(line).toMatch(/; samesite=lax/i)
      expect(line).toMatch(/path=\/oauth\/(?:(?:wait|authorize)\/[\w-]+|authorize;)/i)
    }
    expect(JSON.stringify(answer.setCookies)).not.toContain('evil')
  })

  it('refuses a resource of another origin or workspace', async () => {
    const app = await registerApp(stage)
    await connect(stage, app) // an approved app gets its errors by redirect
    for (const resource of [
      'https://other.example/mcp',
      `${stage.publicOrigin}/mcp`,
      `${stage.publicOrigin}/mcp/home`,
      `${stage.origin}/mcp/nowhere`,
      `${stage.origin}/mcp//`,
      `${stage.origin}/mcp/?`,
      `${stage.origin}/`,
      `${stage.origin}/mcp/default`,
      `${stage.origin}/mcp/default/`,
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

  it('takes a slash at the end of a resource for nothing, in every request, and gives no other token for it', async () => {
    const app = await registerApp(stage)
    const resource = `${stage.origin}/mcp/`
    const tokens = await connect(stage, app, { extra: { resource } })
    const asked = (token: string, at: string) => stage.server.authenticate(`Bearer ${token}`, at)
    expect(asked(tokens.access_token, `${stage.origin}/mcp`)).toMatchObject({ ok: true })
    expect(asked(tokens.access_token, `${stage.origin}/mcp/`)).toMatchObject({ ok: false })
    const renewed = await post(app.as.token_endpoint!, {
      ...{ grant_type: 'refresh_token', refresh_token: tokens.refresh_token },
      ...{ client_id: app.client.client_id, resource },
    })
    expect(renewed.status).toBe(200)
    const { access_token } = (await renewed.json()) as { access_token: string }
    expect(asked(access_token, `${stage.origin}/mcp`)).toMatchObject({ ok: true })
    expect(asked(access_token, `${stage.origin}/mcp/home`)).toMatchObject({ ok: false })
  })

  it('binds a token to the one resource it was asked for', async () => {
    stage.resource = `${stage.origin}/mcp/home`
    stage.issuer = stage.resource
    const { access_token, grant } = await connect(stage, await registerApp(stage))
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

  it('lets pages register, as it lets them read the metadata', async () => {
    const url = `${stage.origin}/oauth/register`
    const asked = await fetch(url, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://chatgpt.com',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      },
    })
    expect(asked.status).toBe(204)
    expect(Object.fromEntries(asked.headers)).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': '*',
    })
    for (const [redirect, status] of [
      ['https://app.example/cb', 201],
      ['http://app.example/cb', 400],
    ] as const) {
      const answer = await fetch(url, {
        method: 'POST',
        headers: { origin: 'https://chatgpt.com', 'content-type': 'application/json' },
        body: JSON.stringify({ redirect_uris: [redirect] }),
      })
      expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([status, '*'])
    }
  })
})
