import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Provider } from 'oidc-provider'
import type { Clock } from '../../kernel/clock.ts'
import { errorText } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import type { Traffic } from '../../kernel/traffic.ts'
import { withoutNulls } from '../../mcp/nulls.ts'
import type { createFormBudget } from './form-budget.ts'
import { createHeldLooks } from '../authorization/long-poll.ts'
import type { KnownBrowsers } from '../authorization/remembered-browsers.ts'
import { asksForState } from '../authorization/page-scripts.ts'
import { problemOf } from '../authorization/oauth-errors.ts'
import type { WaitingBrowsers } from '../authorization/browser-binding.ts'
import { closedPage, problemPage, waitingPage } from '../authorization/waiting-page.ts'
import { checkClientMetadata, maxRegistrationBytes } from '../clients/registration.ts'
import type { createRegistrationBudget } from '../clients/registration-budget.ts'
import type { Connections } from '../authorization/connection-requests.ts'
import { type Issuer, issuerOf } from '../provider/issuers.ts'
import { authorizationServerMetadata, protectedResourceMetadata } from '../provider/metadata.ts'
import { type Endpoint, parseOauthPath, parseWellKnown } from '../provider/paths.ts'
import { grantOf } from '../provider/records.ts'
import { defaultWorkspace, placeOfPath, resourceOf } from '../provider/resources.ts'
import { cookieNames } from './cookie-names.ts'
import {
  innerRequest,
  openToAll,
  readBody,
  sendJson,
  sendPage,
  sendPreflight,
  sendSeeOther,
  wantsPage,
} from './http.ts'
import { authorizationQuery, formBody } from './parameters.ts'
import { namePublicClient } from './public-client-auth.ts'

/** Bytes of a form at the token and revocation endpoints. */
const maxFormBytes = 16 * 1024
/** `state` alone may have thousands of characters; Node's own limit for all headers is 16 kB. */
const maxUrl = 12_000

export interface HandlerDeps {
  clock: Clock
  log: Log
  /** Rejects when the keys are locked. */
  providerFor(issuer: Issuer): Promise<Provider>
  /** Whether anybody is at home at that issuer: its origin is ours and its workspace exists. */
  isServed(issuer: Issuer): boolean
  /** What can be asked for at an issuer. */
  scopesOf(issuer: Issuer): readonly string[]
  connections: Pick<Connections, 'waiting'>
  browsers: Pick<KnownBrowsers, 'remember'>
  waitingBrowsers: Pick<WaitingBrowsers, 'started' | 'letIn'>
  windowOpen(): boolean
  onTraffic(event: Traffic): void
  registrations: Pick<ReturnType<typeof createRegistrationBudget>, 'take'>
  forms: Pick<ReturnType<typeof createFormBudget>, 'take'>
  redirectDomains(): readonly string[] | null
  /** Whether a client was given a secret. */
  hasSecret(clientId: string): boolean
}

/** The routes of the authorization server; what is not named here does not exist. */
export function createHandler(deps: HandlerDeps) {
  const { clock, log, providerFor } = deps
  const heldLooks = createHeldLooks()

  const problem = (res: ServerResponse, status: number, code: string) => {
    const { message, hint } = problemOf(code)
    sendPage(res, status, problemPage({ title: message, text: hint }))
  }
  const notFound = (res: ServerResponse) => sendJson(res, 404, { error: 'not_found' })
  const notAllowed = (res: ServerResponse, allow: string) =>
    sendJson(res, 405, { error: 'invalid_request', error_description: `use ${allow}` }, { allow })
  const toProvider = async (
    req: IncomingMessage,
    res: ServerResponse,
    issuer: Issuer,
    url: string,
    more: { body?: Buffer; cookie?: string } = {},
  ) => {
    const provider = await providerFor(issuer)
    return provider.callback()(innerRequest(req, { origin: issuer.origin, url, ...more }), res)
  }

  const metadata = (req: IncomingMessage, res: ServerResponse, origin: string, path: string) => {
    const asked = parseWellKnown(path)
    if (asked === null) return notFound(res)
    const place =
      asked.suffix === ''
        ? ({ workspace: defaultWorkspace, door: 'mcp' } as const)
        : placeOfPath(asked.suffix)
    if (place === null) return notFound(res)
    const { workspace, door } = place
    const issuer = issuerOf(origin, workspace)
    if (!deps.isServed(issuer)) return notFound(res)
    if (req.method === 'OPTIONS') return sendPreflight(res, 'GET')
    if (req.method !== 'GET' && req.method !== 'HEAD') return notAllowed(res, 'GET')
    const about = asked.document === 'oauth-protected-resource'
    const scopes = deps.scopesOf(issuer)
    const document = about
      ? protectedResourceMetadata(issuer, scopes, resourceOf(origin, workspace, door))
      : authorizationServerMetadata(issuer, scopes)
    sendJson(res, 200, document, openToAll)
    const kind = about ? 'protected-resource-metadata' : 'authorization-server-metadata'
    deps.onTraffic({ at: clock.now(), kind, ok: true, origin })
  }

  /** Stands before oidc-provider, which would store an interaction: without a window nothing is looked at or written. */
  const authorize = (req: IncomingMessage, res: ServerResponse, issuer: Issuer, query: string) => {
    if (req.method !== 'GET') return notAllowed(res, 'GET')
    if (asksForState(req.headers.accept))
      return sendJson(res, 200, { state: deps.windowOpen() ? 'open' : 'closed' })
    if (!deps.windowOpen()) return sendPage(res, 403, closedPage())
    const asked = authorizationQuery(query, deps.scopesOf(issuer))
    return toProvider(req, res, issuer, `${issuer.paths.authorization}?${asked}`)
  }

  const wait = async (req: IncomingMessage, res: ServerResponse, issuer: Issuer, uid: string) => {
    if (req.method !== 'GET' && req.method !== 'HEAD') return notAllowed(res, 'GET')
    if (!deps.waitingBrowsers.started(req, cookieNames(issuer.origin).interaction, uid))
      return problem(res, 403, 'other-browser')
    if (asksForState(req.headers.accept)) {
      const isDecided = () => deps.connections.waiting(uid) === null
      await heldLooks.until(isDecided, res)
      return sendJson(res, 200, { state: isDecided() ? 'decided' : 'waiting' })
    }
    const pending = deps.connections.waiting(uid)
    if (pending !== null && pending.asking.issuer === issuer.id) {
      const { needsDigits, ...shown } = pending.request
      return sendPage(res, 200, waitingPage({ ...shown, digits: needsDigits ? pending.digits : null }))
    }
    const interaction = await (await providerFor(issuer)).Interaction.find(uid)
    if (interaction?.result === undefined) return problem(res, 410, 'expired')
    return sendSeeOther(res, issuer.paths.resume(uid))
  }

  const finish = async (req: IncomingMessage, res: ServerResponse, issuer: Issuer, uid: string) => {
    if (req.method !== 'GET') return notAllowed(res, 'GET')
    const { resume } = cookieNames(issuer.origin)
    if (!deps.waitingBrowsers.started(req, resume, uid)) return problem(res, 403, 'other-browser')
    const interaction = await (await providerFor(issuer)).Interaction.find(uid)
    if (interaction === undefined) return problem(res, 410, 'expired')
    // without an answer oidc-provider would ask anew
    if (interaction.result === undefined) return sendSeeOther(res, issuer.paths.wait(uid))
    const family = interaction.result.consent?.grantId
    if (family !== undefined) {
      deps.waitingBrowsers.letIn(req, resume, family)
      deps.browsers.remember(res, issuer.origin, grantOf(family))
    }
    // oidc-provider knows the browser by the id alone; which one it is was seen above
    return toProvider(req, res, issuer, issuer.paths.resume(uid), { cookie: `${resume}=${uid}` })
  }

  const tooLarge = (res: ServerResponse) =>
    sendJson(
      res,
      413,
      { error: 'invalid_request', error_description: 'the request is too large' },
      { connection: 'close' },
    )

  const register = async (req: IncomingMessage, res: ServerResponse, issuer: Issuer) => {
    const { origin, paths } = issuer
    if (req.method === 'OPTIONS') return sendPreflight(res, 'POST')
    if (req.method !== 'POST') return notAllowed(res, 'POST')
    // what is answered belongs to whoever asked, and no cookie counts
    for (const [name, value] of Object.entries(openToAll)) res.setHeader(name, value)
    const invalid = (error: string, error_description: string, status = 400, code = error) => {
      sendJson(res, status, { error, error_description })
      log.info('oauth.register-refused', { origin, code, description: error_description })
      deps.onTraffic({ at: clock.now(), kind: 'register', ok: false, origin, problem: problemOf(code) })
    }
    if (!/^application\/json(?:\s*;\s*charset="?utf-8"?)?$/i.test(req.headers['content-type']?.trim() ?? ''))
      return invalid('invalid_client_metadata', 'send application/json')
    const body = await readBody(req, maxRegistrationBytes)
    if (body === null) return tooLarge(res)
    let declared: unknown
    try {
      // Null for what is not there, as some libraries write it: read once, here.
      declared = withoutNulls(JSON.parse(new TextDecoder().decode(body)))
    } catch {
      return invalid('invalid_client_metadata', 'the body is not JSON')
    }
    const check = checkClientMetadata(declared, deps.redirectDomains())
    if (!check.ok) return invalid(check.error, check.error_description)
    const full = deps.registrations.take(check.metadata.redirect_uris)
    if (full !== null) {
      res.setHeader('retry-after', Math.max(1, Math.ceil((full.until - clock.now()) / 1000)))
      const [since, code] = full.inWindow
        ? ['since its owner pressed Connect', 'too-many-in-window']
        : ['in the last hour', 'too-many-registered']
      return invalid('temporarily_unavailable', `too many apps were registered ${since}`, 429, code)
    }
    return toProvider(req, res, issuer, paths.registration, {
      body: Buffer.from(JSON.stringify(check.metadata)),
    })
  }

  const form = async (req: IncomingMessage, res: ServerResponse, issuer: Issuer, path: string) => {
    if (req.method === 'OPTIONS') return toProvider(req, res, issuer, path)
    if (req.method !== 'POST') return notAllowed(res, 'POST')
    const body = await readBody(req, maxFormBytes)
    if (body === null) return tooLarge(res)
    if (!deps.forms.take(req, body)) {
      const error_description = 'too many requests; try again in a minute'
      return sendJson(
        res,
        429,
        { error: 'temporarily_unavailable', error_description },
        { ...openToAll, 'retry-after': '60' },
      )
    }
    const written = namePublicClient(
      req,
      formBody(req.headers['content-type'], body, deps.scopesOf(issuer)),
      deps.hasSecret,
    )
    return toProvider(req, res, issuer, path, { body: written })
  }

  type Answer = (req: IncomingMessage, res: ServerResponse, issuer: Issuer, rest: string) => unknown
  const endpoints: Record<Endpoint, Answer> = {
    authorize,
    wait,
    resume: finish,
    register,
    token: (req, res, issuer) => form(req, res, issuer, issuer.paths.token),
    revoke: (req, res, issuer) => form(req, res, issuer, issuer.paths.revocation),
    jwks: (req, res, issuer) =>
      req.method === 'GET' ? toProvider(req, res, issuer, issuer.paths.jwks) : notAllowed(res, 'GET'),
  }

  const route = async (req: IncomingMessage, res: ServerResponse, origin: string): Promise<unknown> => {
    const target = req.url ?? '/'
    if (target.length > maxUrl) return sendJson(res, 414, { error: 'invalid_request' })
    const mark = target.indexOf('?')
    const path = mark === -1 ? target : target.slice(0, mark)
    const query = mark === -1 ? '' : target.slice(mark + 1)
    if (path.includes('/.well-known/')) return metadata(req, res, origin, path)
    const asked = parseOauthPath(path)
    if (asked === null) return notFound(res)
    const issuer = issuerOf(origin, asked.workspace)
    if (!deps.isServed(issuer)) return wantsPage(req) ? problem(res, 404, 'not-here') : notFound(res)
    return endpoints[asked.endpoint](req, res, issuer, asked.uid === '' ? query : asked.uid)
  }

  return (req: IncomingMessage, res: ServerResponse, origin: string): void => {
    res.setHeader('x-content-type-options', 'nosniff')
    res.setHeader('referrer-policy', 'no-referrer')
    route(req, res, origin).catch((error: unknown) => {
      if (req.destroyed && !req.complete) return res.destroy() // the caller hung up half-way
      log.error('oauth.request-failed', { origin, error: errorText(error) })
      if (res.headersSent) res.destroy()
      else sendJson(res, 500, { error: 'server_error' })
    })
  }
}
