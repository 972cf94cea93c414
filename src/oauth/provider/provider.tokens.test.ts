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

describe('what a token is narrowed to', () => {
  it('stays as narrow when the server that it names is gone', async () => {
    await stage.close()
    const there = ['acme.read']
    stage = await openStage({ serverScopes: () => there })
    const app = await registerApp(stage)
    const scope = 'mcp:use acme.read'
    const tokens = await connect(stage, app, { access: 'everything', extra: { scope } })
    const scopesOf = async (token: string) => {
      const who = await stage.server.authenticate(`Bearer ${token}`, stage.resource)
      return who.ok ? [...(who.principal.scopes ?? [])].sort() : null
    }
    const narrow = ['acme.read', 'mcp:use']
    expect(await scopesOf(tokens.access_token)).toEqual(narrow)
    there.length = 0
    const next = await refresh(app, tokens.refresh_token)
    expect(await scopesOf(next.access_token)).toEqual(narrow)
  })
})
