import * as oauth from 'oauth4webapi'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ClientCredentials } from '../../contract/access.ts'
import type { Parsed } from '../../contract/api.ts'
import {
  type App,
  discover,
  finishAuthorization,
  insecure,
  isLive,
  ownerAllows,
  post,
  startAuthorization,
} from '../testing/app.ts'
import { openBrowser } from '../testing/browser.ts'
import { basic, signIn as getToken, machine, person } from '../testing/registered.ts'
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
const refusal = async (input: Partial<Parsed<'clients.register'>>) =>
  register(input).then(
    () => 'accepted',
    (error: { code: string }) => error.code,
  )

/** The code flow as an app does it whose id and secret a person typed in. */
async function codeFlow(made: ClientCredentials, auth: oauth.ClientAuth) {
  const app: App = {
    as: await discover(stage),
    client: { client_id: made.clientId },
    redirectUri: 'https://own.example/cb',
    browser: openBrowser(),
  }
  stage.server.window.open('other')
  const started = await startAuthorization(stage, app)
  const [request] = stage.server.connections.list()
  const grant = await ownerAllows(stage, started)
  const params = await finishAuthorization(app, started)
  const redeem = async (way: oauth.ClientAuth) =>
    oauth.processAuthorizationCodeResponse(
      app.as,
      app.client,
      await oauth.authorizationCodeGrantRequest(
        app.as,
        app.client,
        way,
        params,
        app.redirectUri,
        started.verifier,
        insecure,
      ),
    )
  return { app, request, grant, redeem, answer: await redeem(auth) }
}

describe('an app that people sign in with', () => {
  it.each([
    ['basic', oauth.ClientSecretBasic],
    ['post', oauth.ClientSecretPost],
  ])('with a secret needs window, digits, PKCE and the secret (%s)', async (_name, way) => {
    const made = await register(person)
    const auth = way(made.clientSecret!)
    const { app, request, answer } = await codeFlow(made, auth)
    expect(request).toMatchObject({ registration: 'manual', clientName: 'Own app', needsDigits: true })
    expect(await isLive(stage, answer.access_token)).toBe(true)
    const refreshed = async (one: oauth.ClientAuth) =>
      oauth.processRefreshTokenResponse(
        app.as,
        app.client,
        await oauth.refreshTokenGrantRequest(app.as, app.client, one, answer.refresh_token!, insecure),
      )
    await expect(refreshed(oauth.None())).rejects.toMatchObject({ error: 'invalid_client' })
    await expect(refreshed(way('db_secret_wrong'))).rejects.toMatchObject({ status: 401 })
    expect(await isLive(stage, (await refreshed(auth)).access_token)).toBe(true)
    await expect(signIn(made, auth)).rejects.toMatchObject({ error: 'invalid_request' })
  })

  it('without a secret is an app like any other, with a refresh token though only the code was registered', async () => {
    const made = await register({ ...person, confidential: false, grantTypes: ['authorization_code'] })
    expect(made.clientSecret).toBeNull()
    const { answer, grant } = await codeFlow(made, oauth.None())
    expect(made.grantTypes).toEqual(['authorization_code', 'refresh_token'])
    expect(answer.refresh_token).toBeDefined()
    expect(await isLive(stage, answer.access_token)).toBe(true)
    expect(stage.server.grants.list()[0]).toMatchObject({ id: grant.id, name: 'MCP — Own app' })
    stage.server.clients.remove(made.clientId)
    expect(await isLive(stage, answer.access_token)).toBe(false)
  })

  it('may say who it is by Basic with an empty password when it has no secret', async () => {
    const made = await register({ ...person, confidential: false })
    const { answer } = await codeFlow(made, oauth.None())
    const form = { grant_type: 'refresh_token', refresh_token: answer.refresh_token! }
    const response = await post(made.tokenEndpoint, form, { authorization: basic(made.clientId, '') })
    expect(response.status).toBe(200)
    const withSecret = await post(made.tokenEndpoint, form, { authorization: basic(made.clientId, 'guess') })
    expect(withSecret.status).toBe(401)
  })
})

describe('registering', () => {
  it.each([
    [{ confidential: false }, 'secret-needed'],
    [{ grantTypes: ['refresh_token' as const] }, 'grant-types-invalid'],
    [{ grantTypes: ['authorization_code' as const] }, 'redirect-needed'],
    [{ ...person, redirectUris: ['javascript:alert(1)'] }, 'redirect-invalid'],
    [{ ...person, redirectUris: ['https://u@own.example/cb'] }, 'redirect-invalid'],
    [{ ...person, redirectUris: ['https://own.example/cb#x'] }, 'redirect-invalid'],
    [{ ...person, redirectUris: ['file:///etc/passwd'] }, 'redirect-invalid'],
    [{ ...person, redirectUris: ['http://own.example/cb'] }, 'redirect-invalid'],
    [{ scopes: ['admin'] }, 'unknown-scope'],
    [{ workspace: 'nowhere' }, 'workspace-unknown'],
    [{ ...person, redirectUris: ['cursor://anysphere.cursor-mcp/oauth/callback'] }, 'accepted'],
    [{ ...person, redirectUris: ['http://127.0.0.1/callback'] }, 'accepted'],
  ])('%j is %s', async (input, outcome) => {
    expect(await refusal(input)).toBe(outcome)
    expect(stage.server.clients.list()).toHaveLength(outcome === 'accepted' ? 1 : 0)
  })

  it('twice under one name is refused', async () => {
    await register()
    expect(await refusal({ name: 'NIGHTLY job' })).toBe('name-taken')
    expect(stage.server.grants.list()).toHaveLength(1)
  })

  it('leaves the secret nowhere: not in the database, the log or the traffic', async () => {
    const made = await register({
      grantTypes: ['client_credentials', 'authorization_code'],
      ...{ redirectUris: person.redirectUris },
    })
    const secret = made.clientSecret!
    await signIn(made, oauth.ClientSecretBasic(secret))
    await signIn(made, oauth.ClientSecretPost(secret))
    await signIn(made, oauth.ClientSecretPost(`${secret}x`)).catch(() => undefined)
    const seen = `${stage.bytes().toString('latin1')}${JSON.stringify([stage.log, stage.traffic, stage.server.clients.list(), stage.server.grants.list()])}`
    expect(seen).toContain(made.clientId) // the search works
    for (const form of [
      secret,
      secret.slice(10),
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64'),
    ])
      expect(seen).not.toContain(form)
  })

  it('survives a restart', async () => {
    const made = await register()
    await stage.restart()
    const { access_token } = await signIn(made, oauth.ClientSecretBasic(made.clientSecret!))
    expect(await isLive(stage, access_token)).toBe(true)
  })
})
