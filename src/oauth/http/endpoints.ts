import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Provider } from 'oidc-provider'
import type { Clock } from '../../kernel/clock.ts'
import { errorText } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log/log.ts'
import type { Traffic } from '../../kernel/traffic.ts'
import { freshMark } from '../../mcp/fresh-address.ts'
import { withoutNulls } from '../../mcp/nulls.ts'
import { problemPage, sendPage, wantsPage } from '../../net/pages/page.ts'
import { asksForState } from '../../net/pages/page-scripts.ts'
import type { BrowserBinding } from '../authorization/browser-binding.ts'
import type { ConnectionRequests } from '../authorization/connection-requests.ts'
import { createLongPoll } from '../authorization/long-poll.ts'
import { describeError } from '../authorization/oauth-errors.ts'
import type { RememberedBrowsers } from '../authorization/remembered-browsers.ts'
import { closedPage, waitingPage } from '../authorization/waiting-page.ts'
import type { RegisteredClients } from '../clients/registered-clients.ts'
import { checkClientMetadata, maxRegistrationBytes } from '../clients/registration.ts'
import type { RegistrationBudget } from '../clients/registration-budget.ts'
import { cookieNames } from '../provider/cookies.ts'
import { type Issuer, issuerOf } from '../provider/issuers.ts'
import { authorizationServerMetadata, protectedResourceMetadata } from '../provider/metadata.ts'
import { parseOauthPath, parseWellKnown } from '../provider/paths.ts'
import { grantOf } from '../provider/records.ts'
import { parseResourcePath, resourceOf } from '../provider/resources.ts'
import type { FormBudget } from './form-budget.ts'
import { innerRequest, openToAll, readBody, sendJson, sendPreflight, sendSeeOther } from './http.ts'
import { authorizationQuery, formBody } from './parameters.ts'
import { namePublicClient } from './public-client-auth.ts'

/** Bytes of a form at the token and revocation endpoints. */
const maxFormBytes = 16 * 1024
/** `state` alone may have thousands of characters; Node's own limit for all headers is 16 kB. */
const maxUrl = 12_000

interface EndpointsDeps {
  clock: Clock
  log: Log
  /** Rejects when the keys are locked. */
  providerFor(issuer: Issuer): Promise<Provider>
  /** Whether anybody is at home at that issuer: its origin is ours and its workspace exists. */
  isServed(issuer: Issuer): boolean
  /** The origin at which people sign in for this one. */
  signsInAt(origin: string): string
  /** What can be asked for at an issuer. */
  scopesOf(issuer: Issuer): readonly string[]
  /** As documents that anybody can read say it. */
  announcedScopes(issuer: Issuer): readonly string[]
  requests: Pick<ConnectionRequests, 'waiting' | 'isBusy' | 'endOf'>
  browsers: Pick<RememberedBrowsers, 'remember'>
  browserBinding: Pick<BrowserBinding, 'started' | 'letIn'>
  windowOpen(): boolean
  onTraffic(event: Traffic): void
  registrations: Pick<RegistrationBudget, 'take'>
  forms: Pick<FormBudget, 'take'>
  redirectDomains(): readonly string[] | null
  registered: Pick<RegisteredClients, 'hasSecret'>
}

function sendProblem(res: ServerResponse, status: number, code: string): void {
  const { message, hint } = describeError(code)
  sendPage(res, status, problemPage({ title: message, text: hint }))
}

const notFound = (res: ServerResponse) => sendJson(res, 404, { error: 'not_found' })
const notAllowed = (res: ServerResponse, allow: string) =>
  sendJson(res, 405, { error: 'invalid_request', error_description: `use ${allow}` }, { allow })
const tooLarge = (res: ServerResponse) =>
  sendJson(
    res,
    413,
    { error: 'invalid_request', error_description: 'the request is too large' },
    { connection: 'close' },
  )

/** The endpoints of the authorization server; what is not named here does not exist. */
export class Endpoints {
  readonly #deps: EndpointsDeps
  readonly #longPoll = createLongPoll()

  constructor(deps: EndpointsDeps) {
    this.#deps = deps
  }

  /** For `/oauth/*` and every `/.well-known/*`; see `AuthorizationServer.handle`. */
  handle(req: IncomingMessage, res: ServerResponse, origin: string): void {
    res.setHeader('x-content-type-options', 'nosniff')
    res.setHeader('referrer-policy', 'no-referrer')
    this.#route(req, res, origin).catch((error: unknown) => {
      if (req.destroyed && !req.complete) return res.destroy() // the caller hung up half-way
      this.#deps.log.error('oauth.request-failed', { origin, error: errorText(error) })
      if (res.headersSent) res.destroy()
      else sendJson(res, 500, { error: 'server_error' })
    })
  }

  async #route(req: IncomingMessage, res: ServerResponse, origin: string): Promise<unknown> {
    const target = req.url ?? '/'
    if (target.length > maxUrl) return sendJson(res, 414, { error: 'invalid_request' })
    const mark = target.indexOf('?')
    const path = mark === -1 ? target : target.slice(0, mark)
    const query = mark === -1 ? '' : target.slice(mark + 1)
    if (path.includes('/.well-known/')) return this.#metadata(req, res, origin, target)
    const asked = parseOauthPath(path)
    if (asked === null) return notFound(res)
    const issuer = issuerOf(this.#deps.signsInAt(origin), asked.workspace)
    if (!this.#deps.isServed(issuer))
      return wantsPage(req) ? sendProblem(res, 404, 'not-here') : notFound(res)
    const { paths } = issuer
    switch (asked.endpoint) {
      case 'authorize':
        return this.#authorize(req, res, issuer, query)
      case 'wait':
        return this.#wait(req, res, issuer, asked.uid)
      case 'resume':
        return this.#resume(req, res, issuer, asked.uid)
      case 'register':
        return this.#register(req, res, issuer)
      case 'token':
        return this.#form(req, res, issuer, paths.token)
      case 'revoke':
        return this.#form(req, res, issuer, paths.revocation)
      case 'jwks':
        return req.method === 'GET' ? this.#toProvider(req, res, issuer, paths.jwks) : notAllowed(res, 'GET')
    }
  }

  async #toProvider(
    req: IncomingMessage,
    res: ServerResponse,
    issuer: Issuer,
    url: string,
    more: { body?: Buffer; cookie?: string } = {},
  ): Promise<unknown> {
    const provider = await this.#deps.providerFor(issuer)
    return provider.callback()(innerRequest(req, { origin: issuer.origin, url, ...more }), res)
  }

  #metadata(req: IncomingMessage, res: ServerResponse, origin: string, target: string): unknown {
    const [path = ''] = target.split('?', 1)
    const asked = parseWellKnown(path)
    if (asked === null) return notFound(res)
    const place = parseResourcePath(asked.suffix === '' ? '/mcp' : asked.suffix)
    if (place === null) return notFound(res)
    const { workspace, transport } = place
    const issuer = issuerOf(this.#deps.signsInAt(origin), workspace)
    if (!this.#deps.isServed(issuer)) return notFound(res)
    if (req.method === 'OPTIONS') return sendPreflight(res, 'GET')
    if (req.method !== 'GET' && req.method !== 'HEAD') return notAllowed(res, 'GET')
    const isOfResource = asked.document === 'oauth-protected-resource'
    const scopes = this.#deps.announcedScopes(issuer)
    const document = isOfResource
      ? protectedResourceMetadata(
          issuer,
          scopes,
          resourceOf(origin, workspace, transport) + freshMark(target),
        )
      : authorizationServerMetadata(issuer, scopes)
    sendJson(res, 200, document, openToAll)
    const kind = isOfResource ? 'protected-resource-metadata' : 'authorization-server-metadata'
    this.#deps.onTraffic({ at: this.#deps.clock.now(), kind, ok: true, origin })
  }

  /** Stands before oidc-provider, which would store an interaction: without a window nothing is looked at or written. */
  #authorize(req: IncomingMessage, res: ServerResponse, issuer: Issuer, query: string): unknown {
    const isOpen = this.#deps.windowOpen()
    if (req.method !== 'GET') return notAllowed(res, 'GET')
    if (asksForState(req.headers.accept)) {
      const isBusy = isOpen && this.#deps.requests.isBusy()
      return sendJson(res, 200, { state: isBusy ? 'busy' : isOpen ? 'open' : 'closed' })
    }
    if (!isOpen) return sendPage(res, 403, closedPage())
    const asked = authorizationQuery(query, this.#deps.scopesOf(issuer))
    return this.#toProvider(req, res, issuer, `${issuer.paths.authorization}?${asked}`)
  }

  async #wait(req: IncomingMessage, res: ServerResponse, issuer: Issuer, uid: string): Promise<void> {
    const { requests, browserBinding, providerFor } = this.#deps
    if (req.method !== 'GET' && req.method !== 'HEAD') return notAllowed(res, 'GET')
    if (!browserBinding.started(req, cookieNames(issuer.origin).interaction, uid))
      return asksForState(req.headers.accept)
        ? sendJson(res, 403, { error: 'other-browser' })
        : sendProblem(res, 403, 'other-browser')
    if (asksForState(req.headers.accept)) {
      const isDecided = () => requests.waiting(uid) === null
      await this.#longPoll.until(isDecided, res)
      return sendJson(res, 200, { state: isDecided() ? 'decided' : 'waiting' })
    }
    const pending = requests.waiting(uid)
    if (pending !== null && pending.asked.issuer === issuer.id) {
      const { needsDigits, ...shown } = pending.request
      return sendPage(res, 200, waitingPage({ ...shown, digits: needsDigits ? pending.digits : null }))
    }
    const interaction = await (await providerFor(issuer)).Interaction.find(uid)
    if (interaction?.result === undefined) return sendProblem(res, 410, requests.endOf(uid))
    return sendSeeOther(res, issuer.paths.resume(uid))
  }

  async #resume(req: IncomingMessage, res: ServerResponse, issuer: Issuer, uid: string): Promise<unknown> {
    const { requests, browsers, browserBinding, providerFor } = this.#deps
    if (req.method !== 'GET') return notAllowed(res, 'GET')
    const { resume, asks } = cookieNames(issuer.origin)
    if (!browserBinding.started(req, resume, uid)) {
      // Once it was answered that cookie is gone; a reload or the way back is the same browser all the same.
      return browserBinding.started(req, asks, uid)
        ? sendProblem(res, 410, requests.endOf(uid))
        : sendProblem(res, 403, 'other-browser')
    }
    const interaction = await (await providerFor(issuer)).Interaction.find(uid)
    if (interaction === undefined) return sendProblem(res, 410, requests.endOf(uid))
    // without an answer oidc-provider would ask anew
    if (interaction.result === undefined) return sendSeeOther(res, issuer.paths.wait(uid))
    const family = interaction.result.consent?.grantId
    if (family !== undefined) {
      browserBinding.letIn(req, resume, family)
      browsers.remember(res, issuer.origin, grantOf(family))
    }
    // oidc-provider knows the browser by the id alone; which one it is was seen above
    return this.#toProvider(req, res, issuer, issuer.paths.resume(uid), { cookie: `${resume}=${uid}` })
  }

  async #register(req: IncomingMessage, res: ServerResponse, issuer: Issuer): Promise<unknown> {
    const { registrations, clock, redirectDomains } = this.#deps
    if (req.method === 'OPTIONS') return sendPreflight(res, 'POST')
    if (req.method !== 'POST') return notAllowed(res, 'POST')
    // what is answered belongs to whoever asked, and no cookie counts
    for (const [name, value] of Object.entries(openToAll)) res.setHeader(name, value)
    const refuse = (error: string, description: string) => this.#refuseClient(res, issuer, error, description)
    if (!/^application\/json(?:\s*;\s*charset="?utf-8"?)?$/i.test(req.headers['content-type']?.trim() ?? ''))
      return refuse('invalid_client_metadata', 'send application/json')
    const body = await readBody(req, maxRegistrationBytes)
    if (body === null) return tooLarge(res)
    let declared: unknown
    try {
      // Null for what is not there, as some libraries write it: read once, here.
      declared = withoutNulls(JSON.parse(new TextDecoder().decode(body)))
    } catch {
      return refuse('invalid_client_metadata', 'the body is not JSON')
    }
    const check = checkClientMetadata(declared, redirectDomains())
    if (!check.ok) return refuse(check.error, check.error_description)
    const full = registrations.take(check.metadata.redirect_uris)
    if (full !== null) {
      res.setHeader('retry-after', Math.max(1, Math.ceil((full.until - clock.now()) / 1000)))
      const [since, code] = full.inWindow
        ? ['since its owner pressed Connect', 'too-many-in-window']
        : ['in the last hour', 'too-many-registered']
      const description = `too many apps were registered ${since}`
      return this.#refuseClient(res, issuer, 'temporarily_unavailable', description, { status: 429, code })
    }
    const metadata = Buffer.from(JSON.stringify(check.metadata))
    return this.#toProvider(req, res, issuer, issuer.paths.registration, { body: metadata })
  }

  /** RFC 7591 §3.2.2; `code` is the one the owner reads about. */
  #refuseClient(
    res: ServerResponse,
    { origin }: Issuer,
    error: string,
    description: string,
    { status, code } = { status: 400, code: error },
  ): void {
    const { clock, log, onTraffic } = this.#deps
    sendJson(res, status, { error, error_description: description })
    log.info('oauth.register-refused', { origin, code, description })
    onTraffic({ at: clock.now(), kind: 'register', ok: false, origin, problem: describeError(code) })
  }

  /** The token and the revocation endpoint. */
  async #form(req: IncomingMessage, res: ServerResponse, issuer: Issuer, path: string): Promise<unknown> {
    const { forms, scopesOf, registered } = this.#deps
    if (req.method === 'OPTIONS') return this.#toProvider(req, res, issuer, path)
    if (req.method !== 'POST') return notAllowed(res, 'POST')
    const body = await readBody(req, maxFormBytes)
    if (body === null) return tooLarge(res)
    if (!forms.take(req, body)) {
      const error_description = 'too many requests; try again in a minute'
      const refused = { error: 'temporarily_unavailable', error_description }
      return sendJson(res, 429, refused, { ...openToAll, 'retry-after': '60' })
    }
    const form = formBody(req.headers['content-type'], body, scopesOf(issuer))
    const named = namePublicClient(req, form, (clientId) => registered.hasSecret(clientId))
    return this.#toProvider(req, res, issuer, path, { body: named })
  }
}
