import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type App,
  connect,
  documentApp,
  finishAuthorization,
  isLive,
  ownerAllows,
  post,
  redeem,
  refresh,
  registerApp,
  startAuthorization,
  type Tokens,
} from './testing/app.ts'
import { openBrowser } from './testing/browser.ts'
import { openStage, type Stage } from './testing/stage.ts'

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

describe('authorization codes', () => {
  it('are redeemed once, however many try at the same moment', async () => {
    for (let round = 0; round < 5; round += 1) {
      const app = await registerApp(stage)
      const { redeem: redeemOnce } = await codeFor(app)
      const answers = await Promise.all(Array.from({ length: 100 }, redeemOnce))
      const won = answers.filter((answer) => answer.status === 200)
      expect(won.length).toBeLessThanOrEqual(1)
      for (const answer of answers.filter((one) => one.status !== 200)) expect(answer.status).toBe(400)
      // a code that was used twice takes down whatever came of it (RFC 6749 §4.1.2)
      const again = await redeemOnce()
      expect(await errorOf(again)).toBe('invalid_grant')
      for (const answer of won) {
        const tokens = (await answer.json()) as Tokens
        expect(await isLive(stage, tokens.access_token)).toBe(false)
        expect((await refreshRaw(app, tokens.refresh_token)).status).toBe(400)
      }
    }
  }, 30_000)

  it('need the verifier, the client and the redirect URI they were made for', async () => {
    const app = await registerApp(stage)
    const other = await registerApp(stage)
    const { form, started, params } = await codeFor(app)
    const attempts: Record<string, string>[] = [
      { ...form, code_verifier: 'x'.repeat(43) },
      { ...form, redirect_uri: 'https://app.example/other' },
      { ...form, client_id: other.client.client_id },
    ]
    const { code_verifier: _verifier, ...without } = form
    attempts.push(without)
    for (const attempt of attempts) {
      const answer = await post(app.as.token_endpoint!, attempt)
      expect(answer.status).toBe(400)
      expect(await errorOf(answer)).toBe('invalid_grant')
    }
    // none of these spent the code
    expect(await redeem(stage, app, started, params)).toHaveProperty('access_token')
  })

  it('expire after a minute', async () => {
    const { redeem: redeemOnce } = await codeFor(await registerApp(stage))
    stage.clock.advance(61_000)
    expect(await errorOf(await redeemOnce())).toBe('invalid_grant')
  })

  it('do not outlive their grant', async () => {
    const code = await codeFor(await registerApp(stage))
    stage.server.grants.revoke(stage.server.grants.list()[0]!.id)
    expect(await errorOf(await code.redeem())).toBe('invalid_grant')
  })
})

describe('refresh tokens', () => {
  it('recover from a lost answer: the same token gives the same successor for a minute', async () => {
    const app = await registerApp(stage)
    const first = await connect(stage, app)
    const lost = await refresh(app, first.refresh_token)
    stage.clock.advance(30_000)
    const again = await refresh(app, first.refresh_token)
    expect(again.refresh_token).toBe(lost.refresh_token)
    expect(await isLive(stage, again.access_token)).toBe(true)
    expect((await refresh(app, again.refresh_token)).refresh_token).not.toBe(again.refresh_token)
  })

  it('survive two refreshes at once, with one live successor', async () => {
    const app = await registerApp(stage)
    const first = await connect(stage, app)
    const both = await Promise.all(Array.from({ length: 20 }, () => refresh(app, first.refresh_token)))
    expect(new Set(both.map((tokens) => tokens.refresh_token)).size).toBe(1)
    const live = stage.db
      .prepare("SELECT count(*) AS n FROM oauth_records WHERE model = 'RefreshToken' AND consumed_at IS NULL")
      .get()
    expect(live).toEqual({ n: 1 })
    expect(stage.server.grants.list()).toHaveLength(1)
  })

  it('end their family when used again after the grace', async () => {
    const app = await registerApp(stage)
    const first = await connect(stage, app)
    const second = await refresh(app, first.refresh_token)
    stage.clock.advance(61_000)
    expect(await errorOf(await refreshRaw(app, first.refresh_token))).toBe('invalid_grant')
    expect(await isLive(stage, second.access_token)).toBe(false)
    expect(await errorOf(await refreshRaw(app, second.refresh_token))).toBe('invalid_grant')
    expect(stage.server.grants.list()).toEqual([])
  })

  it('end their family when used again after their successor was', async () => {
    const app = await registerApp(stage)
    const first = await connect(stage, app)
    const second = await refresh(app, first.refresh_token)
    const third = await refresh(app, second.refresh_token)
    expect(await errorOf(await refreshRaw(app, first.refresh_token))).toBe('invalid_grant')
    expect(await isLive(stage, third.access_token)).toBe(false)
    expect(await errorOf(await refreshRaw(app, third.refresh_token))).toBe('invalid_grant')
  })

  it('of one device, stolen, leave another device of the same client alone', async () => {
    const clientId = 'https://claude.ai/oauth/claude-code-client-metadata'
    const laptop = await documentApp(stage, clientId, 'http://127.0.0.1:5000/callback')
    const desktop = { ...laptop, redirectUri: 'http://localhost:6000/callback', browser: openBrowser() }
    const a = await connect(stage, laptop)
    const b = await connect(stage, desktop)
    expect(a.grant.id).toBe(b.grant.id)
    await refresh(laptop, a.refresh_token)
    stage.clock.advance(61_000)
    expect((await refreshRaw(laptop, a.refresh_token)).status).toBe(400)
    expect(await isLive(stage, a.access_token)).toBe(false)
    expect(await isLive(stage, b.access_token)).toBe(true)
    expect(await refresh(desktop, b.refresh_token)).toHaveProperty('access_token')
    expect(stage.server.grants.list()).toHaveLength(1)
  })

  it('cannot be used or revoked by another client, which changes nothing', async () => {
    const app = await registerApp(stage)
    const thief = await registerApp(stage)
    const tokens = await connect(stage, app)
    const before = stage.bytes().length
    const form = { client_id: thief.client.client_id }
    expect(await errorOf(await refreshRaw(app, tokens.refresh_token, form))).toBe('invalid_grant')
    const revoked = await post(app.as.revocation_endpoint!, { token: tokens.refresh_token, ...form })
    expect(revoked.status).toBe(200)
    const other = await post(app.as.revocation_endpoint!, { token: tokens.access_token, ...form })
    expect(other.status).toBe(200)
    expect(stage.bytes().length).toBe(before)
    expect(await isLive(stage, tokens.access_token)).toBe(true)
    const rows = stage.db.prepare("SELECT consumed_at FROM oauth_records WHERE model = 'RefreshToken'").all()
    expect(rows).toEqual([{ consumed_at: null }])
    expect(await refresh(app, tokens.refresh_token)).toHaveProperty('access_token')
  })

  it('refuse a resource outside the grant without being used up', async () => {
    const app = await registerApp(stage)
    const tokens = await connect(stage, app)
    for (const resource of [`${stage.origin}/mcp/home`, 'https://other.example/mcp', 'x'])
      expect(await errorOf(await refreshRaw(app, tokens.refresh_token, { resource }))).toBe('invalid_target')
    const rows = stage.db.prepare("SELECT consumed_at FROM oauth_records WHERE model = 'RefreshToken'").all()
    expect(rows).toEqual([{ consumed_at: null }])
    const next = await refreshRaw(app, tokens.refresh_token, { resource: stage.resource })
    expect(next.status).toBe(200)
  })

  it('end after thirty idle days, and ninety days after the approval whatever happens', async () => {
    const app = await registerApp(stage)
    const idle = await connect(stage, app)
    stage.clock.advance(31 * 86_400_000)
    expect(await errorOf(await refreshRaw(app, idle.refresh_token))).toBe('invalid_grant')
    let busy: Tokens = await connect(stage, app)
    for (let day = 0; day < 80; day += 20) {
      stage.clock.advance(20 * 86_400_000)
      busy = await refresh(app, busy.refresh_token)
    }
    stage.clock.advance(11 * 86_400_000)
    expect(await errorOf(await refreshRaw(app, busy.refresh_token))).toBe('invalid_grant')
  })
})

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
    expect(await isLive(stage, tokens.access_token)).toBe(false)
    expect(await isLive(stage, key.token)).toBe(true)
    const next = await refresh(app, tokens.refresh_token)
    expect(await isLive(stage, next.access_token)).toBe(true)
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
          access: 'everything',
          tools: null,
          scopes: null,
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
