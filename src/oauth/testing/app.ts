import * as oauth from 'oauth4webapi'
import type { Access, Grant } from '../../contract/access.ts'
import { type Answer, type Browser, digitsOn, openBrowser } from './browser.ts'
import type { Stage } from './stage.ts'

/** oauth4webapi refuses plain http unless told: here the listener is on loopback. */
export const insecure = { [oauth.allowInsecureRequests]: true }

export interface Tokens {
  access_token: string
  refresh_token: string
  scope: string | undefined
}

/** An app that connects, played by an independent and strict client library. */
export interface App {
  as: oauth.AuthorizationServer
  client: oauth.Client
  redirectUri: string
  browser: Browser
}

export async function discover(stage: Stage): Promise<oauth.AuthorizationServer> {
  const issuer = new URL(stage.issuer)
  const response = await oauth.discoveryRequest(issuer, {
    algorithm: 'oauth2',
    ...insecure,
  })
  return oauth.processDiscoveryResponse(issuer, response)
}

export async function registerApp(
  stage: Stage,
  name = 'Test app',
  redirectUri = 'https://app.example/callback',
): Promise<App> {
  const as = await discover(stage)
  const response = await oauth.dynamicClientRegistrationRequest(
    as,
    { client_name: name, redirect_uris: [redirectUri], token_endpoint_auth_method: 'none' },
    insecure,
  )
  const client = await oauth.processDynamicClientRegistrationResponse(response)
  return { as, client: { client_id: client.client_id }, redirectUri, browser: openBrowser() }
}

export const documentApp = async (stage: Stage, clientId: string, redirectUri: string): Promise<App> => ({
  as: await discover(stage),
  client: { client_id: clientId },
  redirectUri,
  browser: openBrowser(),
})

export interface Started {
  verifier: string
  state: string
  url: string
  answer: Answer
}

export async function startAuthorization(
  stage: Stage,
  app: App,
  extra: Record<string, string | null> = {},
): Promise<Started> {
  const verifier = oauth.generateRandomCodeVerifier()
  const state = oauth.generateRandomState()
  const url = new URL(app.as.authorization_endpoint!)
  const params: Record<string, string | null> = {
    client_id: app.client.client_id,
    redirect_uri: app.redirectUri,
    response_type: 'code',
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    resource: stage.resource,
    ...extra,
  }
  for (const [name, value] of Object.entries(params)) if (value !== null) url.searchParams.set(name, value)
  return { verifier, state, url: url.href, answer: await app.browser.follow(url.href) }
}

/** The owner looks at the page, types its digits and presses Allow. */
export async function ownerAllows(stage: Stage, started: Started, access: Access = 'ask'): Promise<Grant> {
  const [request] = stage.server.connections.list()
  if (request === undefined) throw new Error(`nobody asks: ${started.answer.status} ${started.answer.body}`)
  const digits = digitsOn(started.answer.body)
  return stage.server.connections.approve(request.id, { ...(digits ? { digits } : {}), access, tools: null })
}

/** What the redirect back to the app says, checked as RFC 9207 demands. */
export async function finishAuthorization(app: App, started: Started): Promise<URLSearchParams> {
  const { location, status } = await app.browser.follow(started.answer.url)
  if (location === null) throw new Error(`no redirect: ${status}`)
  if (!location.startsWith(app.redirectUri)) throw new Error(`a foreign redirect: ${location}`)
  return oauth.validateAuthResponse(app.as, app.client, new URL(location), started.state)
}

export async function redeem(
  stage: Stage,
  app: App,
  started: Started,
  params: URLSearchParams,
): Promise<Tokens> {
  const response = await oauth.authorizationCodeGrantRequest(
    app.as,
    app.client,
    oauth.None(),
    params,
    app.redirectUri,
    started.verifier,
    { ...insecure, additionalParameters: { resource: stage.resource } },
  )
  return tokens(await oauth.processAuthorizationCodeResponse(app.as, app.client, response))
}

export async function refresh(app: App, refreshToken: string): Promise<Tokens> {
  const response = await oauth.refreshTokenGrantRequest(
    app.as,
    app.client,
    oauth.None(),
    refreshToken,
    insecure,
  )
  return tokens(await oauth.processRefreshTokenResponse(app.as, app.client, response))
}

const tokens = (answer: oauth.TokenEndpointResponse): Tokens => {
  if (answer.refresh_token === undefined) throw new Error('no refresh token')
  return { access_token: answer.access_token, refresh_token: answer.refresh_token, scope: answer.scope }
}

/** The whole way from pressing Connect to tokens. */
export async function connect(
  stage: Stage,
  app: App,
  options: { access?: Access; extra?: Record<string, string | null> } = {},
): Promise<Tokens & { grant: Grant; code: string }> {
  stage.server.window.open('other')
  const started = await startAuthorization(stage, app, options.extra)
  const grant = await ownerAllows(stage, started, options.access)
  const params = await finishAuthorization(app, started)
  return { ...(await redeem(stage, app, started, params)), grant, code: params.get('code')! }
}

/** A raw form post, for what an honest library refuses to send. */
export const post = (url: string, form: Record<string, string>, headers: Record<string, string> = {}) =>
  fetch(url, { method: 'POST', body: new URLSearchParams(form), headers })

export const isLive = async (stage: Stage, accessToken: string): Promise<boolean> =>
  (await stage.server.authenticate(`Bearer ${accessToken}`, stage.resource)).ok
