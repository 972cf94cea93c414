import { type Configuration, type ErrorOut, errors, type KoaContextWithOIDC, Provider } from 'oidc-provider'
import { newToken } from '../../kernel/ids.ts'
import { pageHeaders, problemPage } from '../../net/pages/page.ts'
import { ownerId } from '../authorization/authorization-request.ts'
import type { BrowserBinding } from '../authorization/browser-binding.ts'
import { ownerDecides, type RequestSlot } from '../authorization/interaction-policy.ts'
import { explainError } from '../authorization/oauth-errors.ts'
import type { ClientDocuments } from '../clients/client-documents.ts'
import type { RegisteredClients } from '../clients/registered-clients.ts'
import { createAdapter, type HandRegistered } from './adapter.ts'
import { cookieNames } from './cookies.ts'
import type { Issuer } from './issuers.ts'
import type { Keys } from './keys.ts'
import { lifetimes } from './lifetimes.ts'
import { type ClientRules, deriveSuccessors, governClients } from './prototype-overrides.ts'
import type { Records } from './records.ts'
import { defaultWorkspace, parseResource } from './resources.ts'

interface ProviderDeps {
  issuer: Issuer
  records: Records
  keys: Keys
  documents: ClientDocuments
  workspaces(): string[]
  /** What can be asked for in a workspace right now. */
  scopesOf(place: Pick<Issuer, 'workspace'>): readonly string[]
  /** The origin at which people sign in for this one. */
  signsInAt(origin: string): string
  windowOpen(): boolean
  slot: RequestSlot
  browserBinding: Pick<BrowserBinding, 'mark'>
  registered: Pick<RegisteredClients, 'metadata' | 'machineGrant' | 'allowsScope' | 'has'>
  rules: ClientRules
}

/** What is the same for every issuer. */
const common: Configuration = {
  clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post'],
  clientDefaults: {
    grant_types: ['authorization_code', 'refresh_token'],
    id_token_signed_response_alg: 'ES256',
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  },
  clockTolerance: 0,
  scopes: [],
  responseTypes: ['code'],
  pkce: { required: () => true },
  findAccount: (_ctx, id) =>
    id === ownerId ? { accountId: id, claims: async () => ({ sub: id }) } : undefined,
  loadExistingGrant: (ctx) => {
    const grantId = ctx.oidc.result?.consent?.grantId
    return grantId === undefined ? Promise.resolve(undefined) : ctx.oidc.provider.Grant.find(grantId)
  },
  expiresWithSession: () => false,
  issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
  ttl: {
    AccessToken: lifetimes.accessToken,
    AuthorizationCode: lifetimes.code,
    ClientCredentials: lifetimes.accessToken,
    Grant: lifetimes.absolute,
    Interaction: lifetimes.interaction,
    Session: lifetimes.interaction,
    IdToken: lifetimes.code,
    RefreshToken: (_ctx, token) => {
      const age = Math.floor(Date.now() / 1000) - (token.iiat ?? Math.floor(Date.now() / 1000))
      return Math.max(1, Math.min(lifetimes.refreshIdle, lifetimes.absolute - age))
    },
  },
  clientBasedCORS: () => true, // no cookie counts at these endpoints, so a page can do no more than any caller
}

/** oidc-provider for one issuer. They share clients and the database, and see nothing else of one another. */
export function createProvider(deps: ProviderDeps): Provider {
  const { issuer, records, keys, documents, registered, slot } = deps
  const { paths } = issuer
  const isAuthorizing = () => Provider.ctx?.oidc.route === 'authorization' && deps.windowOpen()
  const shortCookie = { httpOnly: true, sameSite: 'lax', signed: false } as const
  const byHand: HandRegistered = {
    metadata: (clientId) => registered.metadata(clientId, issuer.workspace),
    machineGrant: (clientId) => registered.machineGrant(clientId),
  }
  const provider = new Provider(issuer.id, {
    ...common,
    adapter: (model: string) => createAdapter(records, model, issuer.id, byHand),
    jwks: { keys: [keys.signing] },
    cookies: { names: cookieNames(issuer.origin), short: shortCookie, long: shortCookie, keys: [] },
    routes: {
      authorization: paths.authorization,
      token: paths.token,
      registration: paths.registration,
      revocation: paths.revocation,
      jwks: paths.jwks,
    },
    features: featuresOf(deps, isAuthorizing),
    fetch: (url) => documents.fetch(url instanceof Request ? url.url : String(url), isAuthorizing()),
    // every client asks again and nobody is logged in: only the owner's decision in the app answers
    interactions: {
      policy: ownerDecides(slot),
      url: (ctx, interaction) => {
        slot.begin(ctx, interaction)
        return paths.wait(interaction.uid)
      },
    },
    // checked here because this runs before the old token is used up: a refused request must change nothing
    rotateRefreshToken: (ctx) => {
      const granted = ctx.oidc.entities.RefreshToken?.resource
      const wanted = ctx.oidc.params?.resource ?? granted
      if (wanted !== granted) throw new errors.InvalidTarget('the grant is for another resource')
      ownResource(deps, wanted, ctx.oidc.client?.clientId)
      return true
    },
    renderError: (ctx, out) => renderError(ctx, out, documents),
  })
  provider.silent = true // errors reach the log by events
  provider.proxy = true // `innerRequest` is the only proxy there is
  finishAnswers(provider, deps)
  governClients(provider, deps.rules)
  deriveSuccessors(provider, records)
  return provider
}

const featuresOf = (deps: ProviderDeps, isAuthorizing: () => boolean): Configuration['features'] => ({
  devInteractions: { enabled: false },
  dPoP: { enabled: false },
  clientCredentials: { enabled: true },
  userinfo: { enabled: false },
  rpInitiatedLogout: { enabled: false },
  pushedAuthorizationRequests: { enabled: false },
  registration: {
    enabled: true,
    idFactory: () => `app_${newToken()}`,
    issueRegistrationAccessToken: false,
  },
  revocation: {
    enabled: true,
    allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId,
  },
  clientIdMetadataDocument: {
    enabled: true,
    ack: 'draft-02',
    allowFetch: (_ctx, clientId) => deps.documents.mayFetch(clientId, isAuthorizing()),
    cacheDuration: { min: 30, max: 300 },
  },
  resourceIndicators: {
    enabled: true,
    defaultResource: (_ctx, _client, oneOf) => {
      if (Array.isArray(oneOf)) throw new errors.InvalidTarget('one resource at a time')
      return deps.issuer.resource
    },
    getResourceServerInfo: (ctx, resource, client) => {
      const { scope } = (ctx.oidc.params ?? {}) as { scope?: string }
      if (!deps.registered.allowsScope(client.clientId, scope))
        throw new errors.InvalidScope('the app was not registered for this scope', scope!)
      const audience = ownResource(deps, resource, client.clientId)
      // What was granted is never filtered by what is offered by now: the base alone would be wider.
      const given = ctx.oidc.entities.RefreshToken ?? ctx.oidc.entities.AuthorizationCode
      const offered = deps.scopesOf(parseResource(audience)!)
      return {
        scope: [...new Set([...offered, ...(given?.scopes ?? [])])].join(' '),
        audience,
        accessTokenFormat: 'opaque',
        accessTokenTTL: lifetimes.accessToken,
      }
    },
  },
})

/**
 * Throws `invalid_target` unless it is a resource of this issuer, by either transport (RFC 8707 §2). The issuer of an origin also
 * answers for its workspaces: a client that took the document at the root, which is where RFC 8414 puts it for an address it
 * knows no path of, has no other way to sign in at one. What it gets is bound to that workspace all the same: the owner is
 * shown it, and the token's audience is that one resource. Whom the owner registered belongs to one workspace and stays there.
 */
function ownResource(
  { issuer, registered, workspaces, signsInAt }: ProviderDeps,
  resource: unknown,
  clientId: string | undefined,
): string {
  const asked = typeof resource === 'string' ? parseResource(resource) : null
  const answersForAll = issuer.workspace === defaultWorkspace && !registered.has(clientId ?? '')
  const isHere = asked !== null && signsInAt(asked.origin) === issuer.origin
  const isOwn = isHere && (asked.workspace === issuer.workspace || answersForAll)
  if (!isOwn || !workspaces().includes(asked.workspace))
    throw new errors.InvalidTarget(`this resource is not served here, only ${issuer.resource}`)
  return resource as string
}

/** What is ours to put right in every answer of oidc-provider's. */
function finishAnswers(provider: Provider, deps: ProviderDeps): void {
  const { issuer, records, documents, registered, slot, browserBinding } = deps
  const { paths, origin } = issuer
  const isTrusted = (clientId: string) =>
    documents.isTrusted(clientId) || registered.has(clientId) || records.isKeptClient(clientId)
  provider.use(async (koa, next) => {
    const ctx = koa as KoaContextWithOIDC
    try {
      await next()
    } finally {
      slot.settle(ctx)
      dropSessionCookie(ctx, cookieNames(origin).session)
      const started = ctx.oidc?.entities.Interaction?.uid
      if (started !== undefined) browserBinding.mark(ctx.res, origin, started, paths.authorization)
      keepErrorsHome(ctx, paths.wait(''), isTrusted, documents)
    }
  })
}

function renderError(ctx: KoaContextWithOIDC, out: ErrorOut, documents: ClientDocuments): void {
  const problem = explainError(ctx, out.error, documents)
  const detail = out.error_description === undefined ? out.error : `${out.error}: ${out.error_description}`
  ctx.set({ ...pageHeaders })
  const looksAgain = out.error === 'busy' ? 'busy' : undefined
  ctx.body = problemPage({ title: problem.message, text: problem.hint, code: detail, looksAgain })
}

/** Sessions are not stored, so their cookie would only be noise. */
function dropSessionCookie(ctx: KoaContextWithOIDC, name: string): void {
  const set = ctx.res.getHeader('set-cookie')
  if (!Array.isArray(set)) return
  const kept = set.filter((one) => !one.startsWith(`${name}=`))
  if (kept.length === 0) ctx.res.removeHeader('set-cookie')
  else ctx.res.setHeader('set-cookie', kept)
}

/**
 * An app that nobody approved must not use us to send browsers where it likes (RFC 9700 §4.11.2): before the owner has
 * seen it, its mistakes are told on a page of ours.
 */
function keepErrorsHome(
  ctx: KoaContextWithOIDC,
  waiting: string,
  isTrusted: (clientId: string) => boolean,
  documents: ClientDocuments,
): void {
  const location = String(ctx.res.getHeader('location') ?? '')
  // the only other way on from here is our own waiting page
  if (ctx.oidc?.route !== 'authorization' || location === '' || location.startsWith(waiting)) return
  const clientId = ctx.oidc.client?.clientId
  if (clientId !== undefined && isTrusted(clientId)) return
  const target = URL.parse(location)
  const said = new URLSearchParams(target?.search || target?.hash.slice(1))
  const description = said.get('error_description')
  ctx.remove('location')
  ctx.status = 400
  const out = {
    error: said.get('error') ?? 'invalid_request',
    ...(description === null ? {} : { error_description: description }),
  }
  renderError(ctx, out, documents)
}
