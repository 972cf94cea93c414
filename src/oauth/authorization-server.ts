import type { ServerResponse } from 'node:http'
import type { KoaContextWithOIDC } from 'oidc-provider'
import type { Grant } from '../contract/access.ts'
import { Emitter } from '../kernel/emitter.ts'
import { errorText, HostError } from '../kernel/errors.ts'
import { createGuardedFetch } from '../net/guarded-fetch.ts'
import { askOwner, checkTools, isSameClient } from './authorization/authorization-request.ts'
import { createConnectingWindow } from './authorization/connecting-window.ts'
import { createExpiryWatch } from './grants/expiry-watch.ts'
import { createFormBudget } from './http/form-budget.ts'
import { createKnownBrowsers } from './authorization/remembered-browsers.ts'
import type { Place } from './authorization/interaction-policy.ts'
import { createWaitingBrowsers } from './authorization/browser-binding.ts'
import { createClientDocuments, documentLimits } from './clients/client-documents.ts'
import { isListedRedirect } from './clients/redirect-domains.ts'
import { createRegisteredClients } from './clients/registered-clients.ts'
import { createRegistrationBudget } from './clients/registration-budget.ts'
import { createBearer } from './grants/bearer.ts'
import { createConnections } from './authorization/connection-requests.ts'
import { createEndings } from './grants/revocation.ts'
import { createGrants } from './grants/grants.ts'
import { createSessions } from './grants/sessions.ts'
import { cookieNames } from './http/cookie-names.ts'
import { createHandler } from './http/handler.ts'
import { watchProvider } from './http/traffic.ts'
import type { AuthorizationEvents, AuthorizationServer, AuthorizationServerDeps } from './interface.ts'
import type { Issuer } from './provider/issuers.ts'
import { createKeyRing } from './provider/keys.ts'
import { challenge } from './provider/metadata.ts'
import { createProviders } from './provider/providers.ts'
import { createRecords } from './provider/records.ts'
import { offeredScopes } from './provider/scopes.ts'

type CreateProvider = typeof import('./provider/provider.ts').createProvider

/**
 * Builds the authorization server. While the vault that holds its keys is locked, tokens and keys that were given out go on
 * working, and the endpoints answer 503.
 */
export async function createAuthorizationServer(deps: AuthorizationServerDeps): Promise<AuthorizationServer> {
  const { db, clock, log } = deps
  const keyRing = createKeyRing(deps.vault, log)
  await keyRing.unlock()
  const keys = () => {
    const had = keyRing.now()
    if (had === null) throw new Error('the keys are locked')
    return had
  }
  const events = new Emitter<AuthorizationEvents>((error) =>
    log.error('oauth.listener', { error: errorText(error) }),
  )
  const failed = (error: unknown) => log.error('oauth.failed', { error: errorText(error) })

  const records = createRecords({
    db,
    clock,
    refreshKey: () => keys().refresh,
    changed: () => bearer.forget(),
    isLive: (grantId) => grants.find(grantId) !== null,
  })
  const sessions = createSessions({ db, clock })
  const grants = createGrants({
    db,
    clock,
    sessions,
    changed: () => {
      bearer.forget()
      expiry.look()
      events.emit('grants.changed', {})
    },
  })
  const bearer = createBearer({
    ...{ records, grants, sessions, clock },
    registeredScopes: (clientId) => registered.scopes(clientId),
  })
  const suspended = (grantId: string) => {
    events.emit('grant.suspended', { grantId })
    events.emit('grants.changed', {})
  }
  const expiry = createExpiryWatch({ clock, entries: grants.expiries, ended: suspended })
  const scopesOf = ({ workspace }: Pick<Issuer, 'workspace'>) =>
    offeredScopes(deps.connectorScopes?.(workspace))
  const redirectDomains = () => deps.redirectDomains?.() ?? null
  const registered = createRegisteredClients({
    ...{ db, clock, grants, scopesOf, redirectDomains },
    changed: () => {
      bearer.forget()
      events.emit('clients.changed', {})
    },
  })
  const guarded = createGuardedFetch({ ...documentLimits, network: deps.network })
  const documents = createClientDocuments({
    records,
    clock,
    log,
    hasGrant: grants.hasClient,
    fetch: deps.documentFetch ?? guarded.fetch,
  })

  const browsers = createKnownBrowsers(records)
  const waitingBrowsers = createWaitingBrowsers(records)
  const window = createConnectingWindow({
    clock,
    changed: (state) => {
      if (state.open) for (const one of [connections, registrations]) one.opened()
      else connections.expire()
      events.emit('window.changed', state)
    },
  })
  const connections = createConnections({
    clock,
    window,
    asked: (request) => events.emit('connections.asked', request),
    changed: (list) => events.emit('connections.changed', list),
    gaveUp: () => events.emit('window.gave-up', {}),
    failed,
  })

  const registrations = createRegistrationBudget({
    ...{ clock, most: deps.registrationsPerHour, window: () => window.state() },
    full: (what) => events.emit('registrations.full', what),
  })
  const endings = createEndings({
    ...{ records, grants, registered, connections, keyRing, log, suspended },
    closeWindow: window.close,
    renewed: () => providers.clear(),
    revoked: (grantId) => events.emit('grant.revoked', { grantId }),
  })

  const isServed = ({ origin, workspace }: Pick<Issuer, 'origin' | 'workspace'>) =>
    deps.origins().includes(origin) && deps.workspaces().includes(workspace)

  const places = new WeakMap<KoaContextWithOIDC, object>()
  const placeOf = (origin: string): Place => ({
    reserve(ctx) {
      const { asks } = cookieNames(origin)
      const held = connections.reserve(
        (asking) => isSameClient(asking, ctx) && waitingBrowsers.started(ctx.req, asks, asking.uid),
      )
      if (held !== null) places.set(ctx, held)
      return held !== null
    },
    begin(ctx, provider, interaction) {
      const asking = askOwner(asker, ctx, provider, interaction, window.state().expects)
      connections.begin(places.get(ctx)!, asking)
      const seen = { at: clock.now(), ok: true, origin, clientName: asking.clientName }
      if (asking.registration === 'metadata-document') deps.onTraffic({ ...seen, kind: 'register' })
      deps.onTraffic({ ...seen, kind: 'authorize' })
    },
    settle(ctx) {
      const held = places.get(ctx)
      if (held !== undefined) connections.release(held)
    },
  })
  const asker = {
    ...{ records, grants, documents, browsers, registered },
    revoke: endings.revoke,
    toolNames: deps.toolNames,
    scopesOf,
    isServed,
    approved: (grant: Grant, origin: string) =>
      deps.onTraffic({
        at: clock.now(),
        kind: 'approved',
        ok: true,
        origin,
        clientName: grant.name,
        grantId: grant.id,
      }),
  }

  const providers = createProviders((issuer, createProvider: CreateProvider) => {
    const { origin } = issuer
    const provider = createProvider({
      issuer,
      records,
      keys: keys(),
      clock,
      documents,
      workspaces: deps.workspaces,
      scopesOf,
      windowOpen: () => window.state().open,
      place: placeOf(origin),
      ...{ waitingBrowsers, registered },
      rules: {
        secretMatches: registered.secretMatches,
        redirectAllowed: (uri) => isListedRedirect(uri, redirectDomains()),
      },
    })
    watchProvider(provider, {
      ...{ origin, clock, log, grants, documents, onTraffic: deps.onTraffic },
      familyEnded: endings.familyEnded,
      machineGrant: registered.machineGrant,
    })
    return provider
  })

  const answer = createHandler({
    ...{ clock, log },
    // oidc-provider is a good part of the memory this program takes: it is loaded when somebody first asks for access
    providerFor: async (issuer) =>
      providers.for(issuer, (await import('./provider/provider.ts')).createProvider),
    isServed,
    scopesOf,
    connections,
    ...{ browsers, waitingBrowsers },
    windowOpen: () => window.state().open,
    onTraffic: deps.onTraffic,
    redirectDomains,
    hasSecret: registered.hasSecret,
    ...{ registrations, forms: createFormBudget({ clock, records, registered }) },
  })
  const handle: AuthorizationServer['handle'] = (req, res, origin) => {
    if (keyRing.now() !== null) return answer(req, res, origin)
    void keyRing.unlock().then(
      (had) => (had === null ? sendLocked(res) : answer(req, res, origin)),
      (error) => {
        failed(error)
        sendLocked(res)
      },
    )
  }
  const sweep = () => {
    records.sweep()
    grants.sweep()
    expiry.look()
  }
  sweep()
  const checkWorkspace = (name: string) => {
    if (deps.workspaces().includes(name)) return
    throw new HostError({
      code: 'workspace-unknown',
      message: `There is no workspace called “${name}”.`,
      hint: 'Choose one of the workspaces that exist.',
    })
  }

  return {
    handle,
    ...{ authenticate: bearer.authenticate, now: bearer.now, challenge },
    registrationsFull: registrations.full,
    window: { open: window.open, close: window.close, state: window.state },
    connections: { list: connections.list, approve: connections.approve, deny: connections.deny },
    grants: {
      list: grants.list,
      update(id, change) {
        // tools that are gone may stay named: their source may come back
        const before = new Set(grants.get(id).tools)
        checkTools(change.tools?.filter((tool) => !before.has(tool)) ?? null, deps.toolNames)
        return grants.update(id, change)
      },
      forgetTools: grants.forgetTools,
      askAgain: endings.askAgain,
      revokeWorkspace: endings.revokeWorkspace,
      revoke: endings.revokeByOwner,
      createKey(key) {
        checkWorkspace(key.workspace)
        checkTools(key.tools ?? null, deps.toolNames)
        return grants.createKey(key)
      },
      suspendAll() {
        window.close()
        connections.expire()
        records.suspend()
      },
    },
    leave(origin) {
      records.destroyAtOrigin(origin)
      log.info('oauth.address-left', { origin })
      events.emit('grants.changed', {})
    },
    clients: {
      list: registered.list,
      async register(input, origin) {
        checkWorkspace(input.workspace)
        return registered.register(input, origin)
      },
      remove: endings.removeClient,
    },
    rotate: endings.rotate,
    events,
    sweep,
    stop() {
      window.stop()
      expiry.stop()
      providers.clear()
      void guarded.close()
    },
  }
}

/** RFC 9110 §15.6.4: it will work again, without anything being different for the client. */
function sendLocked(res: ServerResponse): void {
  if (res.headersSent) return void res.destroy()
  res.writeHead(503, { 'content-type': 'application/json', 'cache-control': 'no-store', 'retry-after': '30' })
  res.end(
    JSON.stringify({
      error: 'temporarily_unavailable',
      error_description: 'The keychain of this computer is locked. Its owner has to unlock it first.',
    }),
  )
}
