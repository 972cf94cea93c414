import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type App,
  connect,
  finishAuthorization,
  isLive,
  ownerAllows,
  post,
  refresh,
  registerApp,
  startAuthorization,
} from '../testing/app.ts'
import { openBrowser } from '../testing/browser.ts'
import { openStage, type Stage } from '../testing/stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await openStage()
})
afterEach(() => stage.close())

const refreshRaw = (app: App, refresh_token: string, more: Record<string, string> = {}) =>
  post(app.as.token_endpoint!, {
    grant_type: 'refresh_token',
    refresh_token,
    client_id: app.client.client_id,
    ...more,
  })
const errorOf = async (response: Response) => ((await response.json()) as { error?: string }).error

/** A connected-but-not-yet-redeemed app: the code is in the caller's hand. */
async function codeFor(app: App) {
  stage.server.window.open('other')
  const started = await startAuthorization(stage, app)
  await ownerAllows(stage, started)
  const params = await finishAuthorization(app, started)
  const form = {
    grant_type: 'authorization_code',
    code: params.get('code')!,
    redirect_uri: app.redirectUri,
    code_verifier: started.verifier,
    client_id: app.client.client_id,
  }
  return { started, params, form, redeem: () => post(app.as.token_endpoint!, form) }
}

describe('access', () => {
  it('ends for an access token after an hour', async () => {
    const { access_token } = await connect(stage, await registerApp(stage))
    expect(await isLive(stage, access_token)).toBe(true)
    stage.clock.advance(60 * 60_000)
    expect(await isLive(stage, access_token)).toBe(false)
  })

  it('ends at once when the grant is revoked, and is told', async () => {
    const app = await registerApp(stage)
    const { grant, access_token, refresh_token } = await connect(stage, app)
    expect(await isLive(stage, access_token)).toBe(true)
    const ended: string[] = []
    stage.server.events.on('grant.revoked', ({ grantId }) => void ended.push(grantId))
    stage.server.grants.revoke(grant.id)
    expect(await isLive(stage, access_token)).toBe(false)
    expect(await errorOf(await refreshRaw(app, refresh_token))).toBe('invalid_grant')
    expect(ended).toEqual([grant.id])
    expect(() => stage.server.grants.revoke(grant.id)).toThrow(/does not exist/)
  })

  it('follows what the owner changes, at the next call', async () => {
    const { grant, access_token } = await connect(stage, await registerApp(stage))
    await isLive(stage, access_token)
    stage.server.grants.update(grant.id, { access: 'look', name: 'My app' })
    expect(await stage.server.authenticate(`Bearer ${access_token}`, stage.resource)).toMatchObject({
      principal: { access: 'look', clientName: 'My app' },
    })
  })

  it('revoked by its client ends the tokens of that approval only', async () => {
    const app = await registerApp(stage)
    const { access_token, refresh_token } = await connect(stage, app)
    expect(await isLive(stage, access_token)).toBe(true) // remembered from now on
    await post(app.as.revocation_endpoint!, { token: access_token, client_id: app.client.client_id })
    expect(await isLive(stage, access_token)).toBe(false)
    expect((await refreshRaw(app, refresh_token)).status).toBe(400)
    expect(stage.server.grants.list()).toHaveLength(1)
  })

  it('comes back after the panic switch without a new consent', async () => {
    const app = await registerApp(stage)
    const tokens = await connect(stage, app)
    const key = stage.server.grants.createKey({ name: 'Script', access: 'look', workspace: 'default' })
    stage.server.window.open('other')
    const asking = await registerApp(stage)
    const started = await startAuthorization(stage, asking)
    stage.server.grants.suspendAll()
    expect(stage.server.window.state().open).toBe(false)
    expect(stage.server.connections.list()).toEqual([])
    await expect(finishAuthorization(asking, started)).rejects.toMatchObject({ error: 'access_denied' })
    // who refreshes by the clock has nothing else for the next hour
    expect(await isLive(stage, tokens.access_token)).toBe(true)
    expect(await isLive(stage, key.token)).toBe(true)
    const next = await refresh(app, tokens.refresh_token)
    expect(await isLive(stage, next.access_token)).toBe(true)
  })

  it('is not refused because the disk takes no note of it, which is logged once', async () => {
    const app = await connect(stage, await registerApp(stage))
    const { token } = stage.server.grants.createKey({ name: 'Full', access: 'look', workspace: 'default' })
    stage.db.exec('PRAGMA query_only = 1')
    for (const minutes of [0, 2, 4]) {
      stage.clock.advance(minutes * 60_000)
      expect(await isLive(stage, token)).toBe(true)
      expect(await isLive(stage, app.access_token)).toBe(true)
      expect(await isLive(stage, app.access_token)).toBe(true)
    }
    expect(stage.log.filter(({ event }) => event === 'oauth.use-not-noted')).toHaveLength(1)
    stage.db.exec('PRAGMA query_only = 0')
    stage.clock.advance(2 * 60_000)
    await isLive(stage, token)
    const { lastSeenAt } = stage.server.grants.list().find(({ name }) => name === 'Full')!
    expect(stage.clock.now() - lastSeenAt!).toBeLessThan(60_000)
  })

  it('by key belongs to its workspace, whatever the address', async () => {
    const { token, grant } = stage.server.grants.createKey({
      name: 'Script',
      access: 'everything',
      workspace: 'home',
    })
    expect(token).toMatch(/^db_key_[\w-]{43}$/)
    for (const origin of [stage.origin, stage.publicOrigin])
      expect(await stage.server.authenticate(`bearer ${token}`, `${origin}/mcp/home`)).toEqual({
        ok: true,
        principal: {
          grantId: grant.id,
          clientName: 'Script',
          kind: 'key',
          workspace: 'home',
          address: null,
          access: 'everything',
          tools: null,
          scopes: null,
          pausedUntil: null,
        },
      })
    expect(await stage.server.authenticate(`Bearer ${token}`, `${stage.origin}/mcp`)).toMatchObject({
      ok: false,
    })
    const create = (name: string, workspace: string) =>
      stage.server.grants.createKey({ name, access: 'ask', workspace })
    expect(() => create('script', 'home')).toThrow(/already an entry/)
    expect(() => create('Other', 'nowhere')).toThrow(/no workspace/)
    stage.server.grants.revoke(grant.id)
    expect(await stage.server.authenticate(`Bearer ${token}`, `${stage.origin}/mcp/home`)).toMatchObject({
      ok: false,
    })
    expect(create('Script', 'home').token).not.toBe(token)
  })

  it.each<[string | undefined, string]>([
    [undefined, 'missing'],
    ['', 'missing'],
    ['Basic dXNlcjpwYXNz', 'invalid_token'],
    ['Bearer', 'invalid_token'],
    ['Bearer a b', 'invalid_token'],
    ['Bearer db_key_', 'invalid_token'],
    ['Bearer \u0000', 'invalid_token'],
  ])('needs a bearer token: %s', async (header, error) => {
    expect(await stage.server.authenticate(header, stage.resource)).toMatchObject({ ok: false, error })
  })

  it('needs a bearer token of a length we could have made', async () => {
    const header = `Bearer ${'x'.repeat(100_000)}`
    expect(await stage.server.authenticate(header, stage.resource)).toMatchObject({ ok: false })
  })

  it('keeps "last seen", to the minute', async () => {
    const { access_token } = await connect(stage, await registerApp(stage))
    expect(stage.server.grants.list()[0]?.lastSeenAt).toBeNull()
    await isLive(stage, access_token)
    const [seen] = stage.server.grants.list()
    expect(seen?.lastSeenAt).toBeGreaterThan(Date.now() - 5_000)
  })
})

describe('at rest', () => {
  it('no token, code, key or cookie is in the database files', async () => {
    const app = await registerApp(stage)
    const first = await connect(stage, app)
    const second = await refresh(app, first.refresh_token)
    const key = stage.server.grants.createKey({ name: 'Script', access: 'look', workspace: 'default' })
    await isLive(stage, second.access_token)
    stage.server.window.open('other')
    const asking = await registerApp(stage)
    await startAuthorization(stage, asking)
    const pending = await codeFor({ ...app, browser: openBrowser() }).catch(() => null)
    expect(pending).toBeNull() // one at a time: the asking app above still waits
    const secrets = [
      first.access_token,
      first.refresh_token,
      first.code,
      second.access_token,
      second.refresh_token,
      key.token,
      key.token.slice('db_key_'.length),
      ...app.browser.cookies().map((cookie) => cookie.value),
      ...asking.browser.cookies().map((cookie) => cookie.value),
    ]
    expect(secrets.length).toBeGreaterThan(10)
    expect(secrets.every((secret) => secret.length >= 20)).toBe(true)
    const logged = JSON.stringify(stage.log) + JSON.stringify(stage.traffic)
    const bytes = stage.bytes()
    expect(bytes.includes(app.client.client_id)).toBe(true) // the search finds what is there
    for (const secret of secrets) {
      expect(bytes.includes(secret)).toBe(false)
      expect(logged.includes(secret)).toBe(false)
    }
  })

  it('what expired is swept; an approved registration never is', async () => {
    const approved = await registerApp(stage, 'Approved')
    await registerApp(stage, 'Never approved')
    await connect(stage, approved)
    const clients = () =>
      (
        stage.db.prepare("SELECT payload FROM oauth_records WHERE model = 'Client'").all() as {
          payload: string
        }[]
      ).map(({ payload }) => (JSON.parse(payload) as { client_name: string }).client_name)
    expect(clients().sort()).toEqual(['Approved', 'Never approved'])
    stage.clock.advance(25 * 60 * 60_000)
    stage.server.sweep()
    expect(clients()).toEqual(['Approved'])
    stage.clock.advance(400 * 86_400_000)
    stage.server.sweep()
    expect(clients()).toEqual(['Approved'])
    expect(stage.counts().oauth_records).toBe(1)
  })
})
