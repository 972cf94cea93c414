import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type App,
  connect,
  discover,
  documentApp,
  finishAuthorization,
  isLive,
  ownerAllows,
  post,
  refresh,
  registerApp,
  startAuthorization,
} from '../testing/app.ts'
import { openStage, type Stage } from '../testing/stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await openStage({
    connectorScopes: (workspace) => (workspace === 'home' ? ['npm.read'] : connectors),
  })
})
afterEach(() => stage.close())

const connectors = ['github.read', 'npm.read']
const errorOf = async (response: Response) => ((await response.json()) as { error?: string }).error
const asked = async (path: string, init?: RequestInit) => (await fetch(stage.origin + path, init)).status
const json = async (path: string) =>
  (await (await fetch(stage.origin + path)).json()) as Record<string, unknown>

/** Both issuers, with the same client connected to each; `claude.ai` is known by its document, without registering. */
async function both() {
  const clientId = 'https://claude.ai/oauth/mcp-oauth-client-metadata'
  const open = async (workspace: string) => {
    stage.use(workspace)
    const app = await documentApp(stage, clientId, 'https://claude.ai/api/mcp/auth_callback')
    return { workspace, resource: stage.resource, issuer: stage.issuer, app }
  }
  const main = await open('default')
  const home = await open('home')
  return { main, home }
}
type Side = Awaited<ReturnType<typeof both>>['main']

async function codeAt(side: Side) {
  stage.use(side.workspace)
  stage.server.window.open('other')
  const started = await startAuthorization(stage, side.app)
  await ownerAllows(stage, started)
  const params = await finishAuthorization(side.app, started)
  return {
    grant_type: 'authorization_code',
    code: params.get('code')!,
    redirect_uri: side.app.redirectUri,
    code_verifier: started.verifier,
    client_id: side.app.client.client_id,
  }
}
const refreshForm = (app: App, refresh_token: string) => ({
  grant_type: 'refresh_token',
  refresh_token,
  client_id: app.client.client_id,
})

describe('workspaces', () => {
  it('have a grant each, named by their issuer in every answer', async () => {
    const { main, home } = await both()
    for (const { app, workspace, issuer } of [main, home]) {
      stage.use(workspace)
      const { grant } = await connect(stage, app)
      expect(grant.workspace).toBe(workspace)
      // `iss` was compared by the client library; once more by hand, on an error too
      stage.server.window.open('other')
      const { answer } = await startAuthorization(stage, app, { resource: 'https://other.example/mcp' })
      const said = new URL(answer.location!).searchParams
      expect(said.get('iss')).toBe(issuer)
      expect(said.get('error')).toBe('invalid_target')
    }
    expect(stage.server.grants.list().map((grant) => grant.workspace)).toEqual(['default', 'home'])
  })

  it('do not share access tokens', async () => {
    const { main, home } = await both()
    for (const [here, there] of [
      [main, home],
      [home, main],
    ] as const) {
      stage.use(here.workspace)
      const { access_token } = await connect(stage, here.app)
      expect(await isLive(stage, access_token)).toBe(true)
      stage.use(there.workspace)
      expect(await stage.server.authenticate(`Bearer ${access_token}`, there.resource)).toMatchObject({
        ok: false,
        error: 'invalid_token',
      })
    }
  })

  it('do not share codes, and a code tried elsewhere is still good at home', async () => {
    const { main, home } = await both()
    for (const [here, there] of [
      [main, home],
      [home, main],
    ] as const) {
      const form = await codeAt(here)
      for (const resource of [undefined, here.resource, there.resource]) {
        const answer = await post(there.app.as.token_endpoint!, { ...form, ...(resource && { resource }) })
        expect(answer.status).toBe(400)
        expect(await errorOf(answer)).toBe('invalid_grant')
      }
      expect((await post(here.app.as.token_endpoint!, form)).status).toBe(200)
    }
  })

  it('do not share refresh tokens, and nothing is rotated or revoked by trying', async () => {
    const { main, home } = await both()
    for (const [here, there] of [
      [main, home],
      [home, main],
    ] as const) {
      stage.use(here.workspace)
      const tokens = await connect(stage, here.app)
      const before = stage.counts()
      for (const resource of [undefined, here.resource, there.resource]) {
        const form = { ...refreshForm(here.app, tokens.refresh_token), ...(resource && { resource }) }
        const answer = await post(there.app.as.token_endpoint!, form)
        expect(answer.status).toBe(400)
        expect(await errorOf(answer)).toBe('invalid_grant')
      }
      for (const token of [tokens.refresh_token, tokens.access_token]) {
        const form = { token, client_id: here.app.client.client_id }
        expect((await post(there.app.as.revocation_endpoint!, form)).status).toBe(200)
      }
      expect(stage.counts()).toEqual(before)
      expect(await isLive(stage, tokens.access_token)).toBe(true)
      const next = await refresh(here.app, tokens.refresh_token)
      expect(await isLive(stage, next.access_token)).toBe(true)
    }
  })

  it('do not let in clients that were registered for another', async () => {
    const there = await (async () => {
      stage.use('home')
      return { as: await discover(stage), resource: stage.resource, issuer: stage.issuer }
    })()
    stage.use('default')
    const here = { as: await discover(stage), resource: stage.resource }
    const { clientId, clientSecret, issuer } = await stage.server.clients.register(
      {
        name: 'Nightly',
        redirectUris: [],
        grantTypes: ['client_credentials'],
        scopes: [],
        confidential: true,
        workspace: 'home',
        access: 'look',
      },
      stage.origin,
    )
    expect(issuer).toBe(there.issuer)
    const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret! }
    for (const resource of [undefined, here.resource, there.resource]) {
      const answer = await post(here.as.token_endpoint!, { ...form, ...(resource && { resource }) })
      expect(answer.status).toBe(401)
      expect(await errorOf(answer)).toBe('invalid_client')
    }
    expect(await errorOf(await post(there.as.token_endpoint!, { ...form, resource: here.resource }))).toBe(
      'invalid_target',
    )
    const answer = await post(there.as.token_endpoint!, form)
    const { access_token } = (await answer.json()) as { access_token: string }
    const at = (resource: string) => stage.server.authenticate(`Bearer ${access_token}`, resource)
    expect((await at(there.resource)).ok).toBe(true)
    expect((await at(here.resource)).ok).toBe(false)
    // somebody else's workspace cannot end it either
    const revocation = { token: access_token, client_id: clientId, client_secret: clientSecret! }
    expect((await post(here.as.revocation_endpoint!, revocation)).status).toBe(401)
    expect((await at(there.resource)).ok).toBe(true)
  })

  it('keep tokens of before there were several where they were', async () => {
    const { main, home } = await both()
    stage.use('default')
    const tokens = await connect(stage, main.app)
    stage.db.prepare("UPDATE oauth_records SET payload = json_remove(payload, '$.issuer')").run()
    const form = refreshForm(main.app, tokens.refresh_token)
    expect(await errorOf(await post(home.app.as.token_endpoint!, form))).toBe('invalid_target')
    expect(await refresh(main.app, tokens.refresh_token)).toHaveProperty('access_token')
  })

  it('do not take up one another’s authorizations', async () => {
    const { main, home } = await both()
    stage.use('home')
    stage.server.window.open('other')
    const started = await startAuthorization(stage, home.app)
    const uid = started.answer.url.split('/').at(-1)!
    expect(started.answer.url).toBe(`${stage.origin}/oauth/w/home/wait/${uid}`)
    expect(started.answer.body).toContain('It wants to use <strong>home</strong> only.')
    const secret = home.app.browser.cookies().find(({ name }) => name === 'db_wait')!.value
    const waiting = await fetch(`${stage.origin}/oauth/wait/${uid}`, {
      headers: { cookie: `db_wait=${secret}` },
    })
    expect(waiting.status).toBe(410)
    const grant = await ownerAllows(stage, started)
    expect(grant.workspace).toBe('home')
    const cookie = `db_wait=${secret}; db_resume=${secret}`
    for (const path of [`/oauth/wait/${uid}`, `/oauth/authorize/${uid}`]) {
      const answer = await fetch(stage.origin + path, { headers: { cookie }, redirect: 'manual' })
      expect(answer.status, path).toBe(410)
    }
    expect(main.app.as.issuer).not.toBe(home.app.as.issuer)
    const params = await finishAuthorization(home.app, started)
    expect(params.get('iss')).toBe(`${stage.origin}/mcp/home`)
  })

  it('are open to a client that took the document of the root, which is then bound to that one', async () => {
    const { main, home } = await both()
    stage.use('default')
    const atRoot = main.app
    const codeForm = async () => {
      stage.server.window.open('other')
      const started = await startAuthorization(stage, atRoot, { resource: home.resource })
      expect(started.answer.body).toContain('It wants to use <strong>home</strong> only.')
      expect((await ownerAllows(stage, started)).workspace).toBe('home')
      const params = await finishAuthorization(atRoot, started)
      expect(params.get('iss')).toBe(main.issuer)
      return {
        grant_type: 'authorization_code',
        code: params.get('code')!,
        redirect_uri: atRoot.redirectUri,
        code_verifier: started.verifier,
        client_id: atRoot.client.client_id,
      }
    }
    const form = { ...(await codeForm()), resource: main.resource }
    expect(await errorOf(await post(main.app.as.token_endpoint!, form))).toBe('invalid_target')
    const right = { ...(await codeForm()), resource: home.resource }
    const answer = await post(main.app.as.token_endpoint!, right)
    const tokens = (await answer.json()) as { access_token: string; refresh_token: string }
    const at = async (resource: string, token = tokens.access_token) =>
      (await stage.server.authenticate(`Bearer ${token}`, resource)).ok
    expect([await at(home.resource), await at(main.resource)]).toEqual([true, false])

    const refreshing = refreshForm(atRoot, tokens.refresh_token)
    const wider = await post(main.app.as.token_endpoint!, { ...refreshing, resource: main.resource })
    expect(await errorOf(wider)).toBe('invalid_target')
    // what the root's issuer gave out does not exist for the workspace's own
    expect(await errorOf(await post(home.app.as.token_endpoint!, refreshing))).toBe('invalid_grant')
    const again = await post(main.app.as.token_endpoint!, { ...refreshing, resource: home.resource })
    const next = (await again.json()) as { access_token: string; refresh_token: string }
    expect(await at(home.resource, next.access_token)).toBe(true)

    stage.workspaces.splice(stage.workspaces.indexOf('home'), 1)
    const gone = await post(main.app.as.token_endpoint!, refreshForm(atRoot, next.refresh_token))
    expect(await errorOf(gone)).toBe('invalid_target')
  })

  it('are not open by the root to a client that was registered for another', async () => {
    stage.use('home')
    const { resource } = stage
    stage.use('default')
    const as = await discover(stage)
    const { clientId, clientSecret } = await stage.server.clients.register(
      {
        ...{ name: 'Root only', redirectUris: [], grantTypes: ['client_credentials'], scopes: [] },
        ...{ confidential: true, workspace: 'default', access: 'look' },
      },
      stage.origin,
    )
    const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret! }
    expect(await errorOf(await post(as.token_endpoint!, { ...form, resource }))).toBe('invalid_target')
    expect((await post(as.token_endpoint!, form)).status).toBe(200)
  })

  it('end with their issuer, at once', async () => {
    stage.use('home')
    const app = await registerApp(stage)
    await connect(stage, app)
    stage.server.window.open('other')
    const started = await startAuthorization(stage, app)
    const [request] = stage.server.connections.list()
    stage.workspaces.splice(stage.workspaces.indexOf('home'), 1)

    for (const path of [
      '/.well-known/oauth-protected-resource/mcp/home',
      '/.well-known/oauth-authorization-server/mcp/home',
      '/.well-known/openid-configuration/mcp/home',
      '/mcp/home/.well-known/openid-configuration',
      '/oauth/w/home/jwks',
      '/oauth/w/home/authorize',
    ])
      expect(await asked(path), path).toBe(404)
    for (const name of ['token', 'register', 'revoke'])
      expect(await asked(`/oauth/w/home/${name}`, { method: 'POST', body: 'x=1' }), name).toBe(404)
    const page = await app.browser.get(started.answer.url)
    expect(page.status).toBe(404)
    expect(page.body).toContain('There is nothing to connect to at this address any more.')

    // whoever was waiting for it cannot be let in any more
    const choice = { digits: /id="digits">(\d{3})</.exec(started.answer.body)?.[1], access: 'ask' as const }
    const before = stage.server.grants.list().length
    await expect(
      stage.server.connections.approve(request!.id, { ...choice, tools: null, expiresAt: null }),
    ).rejects.toMatchObject({ code: 'request-gone' })
    expect(stage.server.grants.list()).toHaveLength(before)
    stage.use('default')
    await connect(stage, await registerApp(stage))
  })

  it('offer the scopes of their connectors, everywhere the same', async () => {
    for (const [suffix, scopes] of [
      ['/mcp', ['mcp:use', 'mcp:read', 'mcp:write', 'github.read', 'npm.read']],
      ['/mcp/home', ['mcp:use', 'mcp:read', 'mcp:write', 'npm.read']],
    ] as const)
      for (const name of ['oauth-protected-resource', 'oauth-authorization-server', 'openid-configuration'])
        expect((await json(`/.well-known/${name}${suffix}`)).scopes_supported, name + suffix).toEqual(scopes)
  })

  it.each([
    ['github.read', 'mcp:use github.read'],
    ['read npm.read slack.read', 'mcp:use mcp:read npm.read'],
    ['github.write', 'mcp:use'],
    ['npm.read github.read mcp:use', 'mcp:use github.read npm.read'],
  ])('give tokens of %j the scope %j, which a refresh can only narrow', async (scope, given) => {
    const app = await registerApp(stage)
    const tokens = await connect(stage, app, { extra: { scope } })
    expect(tokens.scope).toBe(given)
    const answer = await stage.server.authenticate(`Bearer ${tokens.access_token}`, stage.resource)
    expect(answer).toMatchObject({ principal: { scopes: new Set(given.split(' ')) } })
    const form = refreshForm(app, tokens.refresh_token)
    const wider = await post(app.as.token_endpoint!, { ...form, scope: 'mcp:write' })
    expect(await errorOf(wider)).toBe('invalid_scope')
    const least = await post(app.as.token_endpoint!, { ...form, scope: 'mcp:use' })
    expect(await least.json()).toMatchObject({ scope: given })
  })

  it('are found by a client that starts from the resource', async () => {
    for (const workspace of ['default', 'home']) {
      stage.use(workspace)
      const { pathname } = new URL(stage.resource)
      const about = await json(`/.well-known/oauth-protected-resource${pathname}`)
      expect(about).toMatchObject({ resource: stage.resource, authorization_servers: [stage.issuer] })
      expect((await discover(stage)).issuer).toBe(stage.issuer)
    }
  })
})
