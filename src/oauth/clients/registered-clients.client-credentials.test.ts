import * as oauth from 'oauth4webapi'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ClientCredentials } from '../../contract/access.ts'
import type { Parsed } from '../../contract/api.ts'
import { discover, insecure, isLive, post } from '../testing/app.ts'
import { basic, errorOf, signIn as getToken, machine } from '../testing/registered.ts'
import { openStage, type Stage } from '../testing/stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await openStage({ connectorScopes: () => ['github.read', 'npm.read'] })
})
afterEach(() => stage.close())

const register = (input: Partial<Parsed<'clients.register'>> = {}) =>
  stage.server.clients.register({ ...machine, ...input }, stage.origin)
const signIn = (who: ClientCredentials, auth: oauth.ClientAuth, more?: Record<string, string>) =>
  getToken(stage, who, auth, more)
/** How the library tells of a 401 that came with WWW-Authenticate. */
const challenged = { status: 401, cause: [{ scheme: 'basic', parameters: { error: 'invalid_client' } }] }
const principal = async (token: string, resource = stage.resource) => {
  const found = await stage.server.authenticate(`Bearer ${token}`, resource)
  return found.ok ? found.principal : null
}

describe('an app that signs in by itself', () => {
  it('gets tokens for its secret, sent either way, and stands on the Access page', async () => {
    const changes: unknown[] = []
    stage.server.events.on('clients.changed', (event) => void changes.push(event))
    const made = await register()
    expect(made).toMatchObject({
      issuer: stage.origin,
      resource: stage.resource,
      tokenEndpoint: `${stage.origin}/oauth/token`,
      authorizationEndpoint: `${stage.origin}/oauth/authorize`,
      registrationEndpoint: `${stage.origin}/oauth/register`,
      confidential: true,
    })
    expect(made.clientSecret).toMatch(/^db_secret_[\w-]{43}$/)
    expect(changes).toHaveLength(1)
    for (const auth of [oauth.ClientSecretBasic, oauth.ClientSecretPost]) {
      const answer = await signIn(made, auth(made.clientSecret!), { resource: stage.resource })
      expect(answer).toMatchObject({ token_type: 'bearer', expires_in: 3600, scope: 'mcp:use' })
      expect(answer).not.toHaveProperty('refresh_token')
      expect(await principal(answer.access_token)).toMatchObject({
        clientName: 'MCP — Nightly job',
        kind: 'client',
        workspace: 'default',
        access: 'look',
        tools: null,
      })
    }
    const [grant] = stage.server.grants.list()
    expect(grant).toMatchObject({ clientId: made.clientId, kind: 'client', lastOrigin: stage.origin })
    expect(grant!.sessions).toMatchObject([{ origin: stage.origin, lastUsedAt: expect.any(Number) }])
    const { clientSecret: _secret, issuer: _issuer, resource: _resource, ...listed } = made
    expect(listed).toMatchObject(stage.server.clients.list()[0]!)
    // without a resource it is the workspace's, and an hour is an hour
    const { access_token } = await signIn(made, oauth.ClientSecretBasic(made.clientSecret!))
    expect(await isLive(stage, access_token)).toBe(true)
    stage.clock.advance(60 * 60_000)
    expect(await isLive(stage, access_token)).toBe(false)
  })

  it('understands URL-encoded Basic, and says invalid_client to every wrong secret', async () => {
    const made = await register()
    const other = await register({ name: 'Other job' })
    const { access_token } = await signIn(made, oauth.ClientSecretBasic(made.clientSecret!))
    const url = `${stage.origin}/oauth/token`
    const form = { grant_type: 'client_credentials' }
    // RFC 6749 §2.3.1: both parts are form-encoded first; here every character is
    const encode = (text: string) => text.replace(/./g, (c) => `%${c.charCodeAt(0).toString(16)}`)
    const whole = Buffer.from(`${encode(made.clientId)}:${encode(made.clientSecret!)}`).toString('base64')
    expect((await post(url, form, { authorization: `Basic ${whole}` })).status).toBe(200)

    const wrong = ['', 'x', made.clientSecret!.slice(0, -1), other.clientSecret!]
    for (const secret of wrong) {
      const byBasic = await post(url, form, { authorization: basic(made.clientId, secret) })
      if (secret !== '') {
        expect([byBasic.status, secret]).toEqual([401, secret])
        expect(byBasic.headers.get('www-authenticate')).toMatch(/^Basic realm=/)
        expect(await byBasic.json()).toMatchObject({ error: 'invalid_client' })
      } else expect(byBasic.status).toBe(400)
      const byForm = await post(url, { ...form, client_id: made.clientId, client_secret: secret })
      expect([byForm.status, await errorOf(byForm)]).toEqual([401, 'invalid_client'])
    }
    await expect(signIn(made, oauth.ClientSecretBasic(other.clientSecret!))).rejects.toMatchObject(challenged)
    // the stored hash is not a secret either
    const { secret_hash } = stage.db
      .prepare('SELECT secret_hash FROM registered_clients WHERE client_id = ?')
      .get(made.clientId) as { secret_hash: string }
    await expect(signIn(made, oauth.ClientSecretPost(secret_hash))).rejects.toThrow()
    // two ways at once are refused (RFC 6749 §2.3)
    const both = await post(
      url,
      { ...form, client_id: made.clientId, client_secret: made.clientSecret! },
      { authorization: basic(made.clientId, made.clientSecret!) },
    )
    expect(both.status).toBe(400)
    expect(await isLive(stage, access_token)).toBe(true)
  })

  it('is one workspace’s, and of no other issuer', async () => {
    const made = await register({ workspace: 'home' })
    expect(made).toMatchObject({
      issuer: `${stage.origin}/mcp/home`,
      tokenEndpoint: `${stage.origin}/oauth/w/home/token`,
    })
    const form = {
      grant_type: 'client_credentials',
      client_id: made.clientId,
      client_secret: made.clientSecret!,
    }
    const elsewhere = await post(`${stage.origin}/oauth/token`, form)
    expect([elsewhere.status, await errorOf(elsewhere)]).toEqual([401, 'invalid_client'])
    const foreign = await post(made.tokenEndpoint, { ...form, resource: stage.resource })
    expect(await errorOf(foreign)).toBe('invalid_target')
    const { access_token } = (await (await post(made.tokenEndpoint, form)).json()) as { access_token: string }
    expect(await principal(access_token)).toBeNull()
    expect(await principal(access_token, `${stage.origin}/mcp/home`)).toMatchObject({ workspace: 'home' })
    stage.server.grants.revokeWorkspace('home')
    expect(await principal(access_token, `${stage.origin}/mcp/home`)).toBeNull()
    expect(stage.server.clients.list()).toEqual([])
  })

  it('has no wider scope than it was registered with', async () => {
    const made = await register({ scopes: ['read', 'npm.read'] })
    expect(made.scopes).toEqual(['mcp:use', 'mcp:read', 'npm.read'])
    const auth = oauth.ClientSecretPost(made.clientSecret!)
    const scopesOf = async (scope?: string) => {
      const { access_token } = await signIn(made, auth, scope === undefined ? {} : { scope })
      return [...((await principal(access_token))?.scopes ?? [])].sort().join(' ')
    }
    expect(await scopesOf()).toBe('mcp:read mcp:use npm.read')
    expect(await scopesOf('mcp:use')).toBe('mcp:read mcp:use npm.read')
    expect(await scopesOf('mcp:read')).toBe('mcp:read mcp:use')
    expect(await scopesOf('github.read')).toBe('github.read mcp:use')
    await expect(signIn(made, auth, { scope: 'mcp:write' })).rejects.toMatchObject({ error: 'invalid_scope' })
  })

  it('ends when its grant is revoked or it is removed, and nothing of it comes back', async () => {
    const kept = await register({ name: 'Kept' })
    const first = await signIn(kept, oauth.ClientSecretBasic(kept.clientSecret!))
    const [grant] = stage.server.grants.list()
    stage.server.grants.revoke(grant!.id)
    expect(await isLive(stage, first.access_token)).toBe(false)
    await expect(signIn(kept, oauth.ClientSecretBasic(kept.clientSecret!))).rejects.toMatchObject({
      error: 'unauthorized_client',
    })

    const gone = await register()
    const { access_token } = await signIn(gone, oauth.ClientSecretBasic(gone.clientSecret!))
    const ended: string[] = []
    stage.server.events.on('grant.revoked', ({ grantId }) => void ended.push(grantId))
    stage.server.clients.remove(gone.clientId)
    expect(ended).toHaveLength(1)
    expect(await isLive(stage, access_token)).toBe(false)
    await expect(signIn(gone, oauth.ClientSecretBasic(gone.clientSecret!))).rejects.toMatchObject(challenged)
    expect(() => stage.server.clients.remove(gone.clientId)).toThrow(/not registered/)
    expect(stage.server.grants.list()).toEqual([])
  })

  it('revokes its own tokens only', async () => {
    const made = await register()
    const other = await register({ name: 'Other job' })
    const { access_token } = await signIn(made, oauth.ClientSecretBasic(made.clientSecret!))
    const as = await discover(stage)
    const revoke = async (who: ClientCredentials) =>
      oauth.processRevocationResponse(
        await oauth.revocationRequest(
          as,
          { client_id: who.clientId },
          oauth.ClientSecretBasic(who.clientSecret!),
          access_token,
          insecure,
        ),
      )
    await revoke(other)
    expect(await isLive(stage, access_token)).toBe(true)
    await revoke(made)
    expect(await isLive(stage, access_token)).toBe(false)
    expect(stage.server.grants.list()).toHaveLength(2)
  })

  it('has its token still after the bridge was raised, and can get another by itself', async () => {
    const made = await register()
    const auth = oauth.ClientSecretBasic(made.clientSecret!)
    const { access_token } = await signIn(made, auth)
    stage.server.grants.suspendAll()
    expect(await isLive(stage, access_token)).toBe(true)
    expect(await isLive(stage, (await signIn(made, auth)).access_token)).toBe(true)
  })

  it('cannot fill the database with tokens', async () => {
    const made = await register()
    const form = {
      grant_type: 'client_credentials',
      client_id: made.clientId,
      client_secret: made.clientSecret!,
    }
    const tokens: string[] = []
    for (let n = 0; n < 120; n += 1)
      tokens.push(
        ((await (await post(made.tokenEndpoint, form)).json()) as { access_token: string }).access_token,
      )
    expect(stage.counts().oauth_records).toBeLessThanOrEqual(102)
    expect(await isLive(stage, tokens[0]!)).toBe(false)
    expect(await isLive(stage, tokens[119]!)).toBe(true)
  })
})
