import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Provider } from 'oidc-provider'
import { Emitter } from '../kernel/emitter.ts'
import { doAll, errorText, HostError } from '../kernel/errors.ts'
import type { Authentication, Principal } from '../mcp/principal.ts'
import { createGuardedFetch } from '../net/guarded-fetch.ts'
import { noReserve } from '../storage/reserve.ts'
import { checkTools } from './authorization/authorization-request.ts'
import { Consent } from './authorization/consent.ts'
import { ClientDocuments, documentLimits } from './clients/client-documents.ts'
import { isListedRedirect } from './clients/redirect-domains.ts'
import type { RegistrationsFull } from './clients/registration-budget.ts'
import type { AuthorizationEvents } from './events.ts'
import { Access } from './grants/access.ts'
import { Revocation } from './grants/revocation.ts'
import { Endpoints } from './http/endpoints.ts'
import { FormBudget } from './http/form-budget.ts'
import { watchProvider } from './http/traffic.ts'
import type { AuthorizationServer, AuthorizationServerDeps } from './interface.ts'
import type { Issuer } from './provider/issuers.ts'
import { KeyRing, type Keys } from './provider/keys.ts'
import { challenge } from './provider/metadata.ts'
import { type CreateProvider, Providers } from './provider/providers.ts'
import { keyScopes, offeredScopes } from './provider/scopes.ts'

/**
 * Builds the authorization server. While the vault that holds its keys is locked, tokens and keys that were given out go on
 * working, and the endpoints answer 503.
 */
export async function createAuthorizationServer(deps: AuthorizationServerDeps): Promise<AuthorizationServer> {
  const keyRing = new KeyRing(deps.vault, deps.log)
  await keyRing.unlock()
  const server = new Server(deps, keyRing)
  server.sweep()
  return server
}

class Server implements AuthorizationServer {
  readonly events: Emitter<AuthorizationEvents>
  readonly window: AuthorizationServer['window']
  readonly connections: AuthorizationServer['connections']
  readonly grants: AuthorizationServer['grants']
  readonly clients: AuthorizationServer['clients']
  /** A function of its own: whoever watches the address takes it as it is. */
  readonly leave = (origin: string): void => {
    doAll(
      () => this.#access.records.destroyAtOrigin(origin),
      () => this.#deps.log.info('oauth.address-left', { origin }),
      () => this.events.emit('grants.changed', {}),
    )
  }
  readonly #deps: AuthorizationServerDeps
  readonly #keyRing: KeyRing
  readonly #access: Access
  readonly #guarded: ReturnType<typeof createGuardedFetch>
  readonly #documents: ClientDocuments
  readonly #consent: Consent
  readonly #revocation: Revocation
  readonly #providers: Providers
  readonly #endpoints: Endpoints

  constructor(deps: AuthorizationServerDeps, keyRing: KeyRing) {
    const { clock, log, network, documentFetch, onTraffic } = deps
    this.#deps = deps
    this.#keyRing = keyRing
    this.events = new Emitter((error) => log.error('oauth.listener', { error: errorText(error) }))
    const access = new Access({
      db: deps.db,
      clock,
      log,
      events: this.events,
      last: deps.last ?? noReserve,
      refreshKey: () => this.#keys().refresh,
      scopesOf: (place) => this.#scopesOf(place),
      redirectDomains: () => this.#redirectDomains(),
    })
    this.#access = access
    this.#guarded = createGuardedFetch({ ...documentLimits, network })
    this.#documents = new ClientDocuments({
      records: access.records,
      clock,
      log,
      hasGrant: (clientId) => access.grants.hasClient(clientId),
      fetch: documentFetch ?? this.#guarded.fetch,
    })
    this.#consent = new Consent({
      clock,
      access,
      documents: this.#documents,
      events: this.events,
      onTraffic,
      failed: (error) => this.#failed(error),
      registrationsPerHour: deps.registrationsPerHour,
      scopesOf: (place) => this.#scopesOf(place),
      isServed: (place) => this.#isServed(place),
      revoke: (grantId) => this.#revocation.revoke(grantId),
      toolNames: deps.toolNames,
      checkWorkspace: (name) => this.#checkWorkspace(name),
    })
    this.#revocation = this.#makeRevocation()
    this.#providers = new Providers((issuer, create) => this.#makeProvider(issuer, create))
    this.#endpoints = this.#makeEndpoints()
    this.window = this.#consent.window
    this.connections = this.#consent.requests
    this.grants = this.#grantsForOwner()
    this.clients = this.#clientsForOwner()
  }

  #makeRevocation(): Revocation {
    const { records, grants, registered } = this.#access
    const { requests, window } = this.#consent
    return new Revocation({
      records,
      grants,
      registered,
      requests,
      window,
      keyRing: this.#keyRing,
      log: this.#deps.log,
      renewed: () => this.#providers.clear(),
      revoked: (grantId) => this.events.emit('grant.revoked', { grantId }),
      suspended: (grantId) => this.#access.suspended(grantId),
    })
  }

  #makeProvider(issuer: Issuer, create: CreateProvider): Provider {
    const { clock, log, onTraffic } = this.#deps
    const { records, registered, grants } = this.#access
    const { origin } = issuer
    const provider = create({
      issuer,
      records,
      registered,
      keys: this.#keys(),
      documents: this.#documents,
      workspaces: () => this.#deps.workspaces(),
      signsInAt: (at) => this.#signsInAt(at),
      scopesOf: (place) => this.#scopesOf(place),
      windowOpen: () => this.window.state().open,
      slot: this.#consent.slotAt(origin),
      browserBinding: this.#consent.browserBinding,
      rules: {
        secretMatches: (clientId, secret) => registered.secretMatches(clientId, secret),
        redirectAllowed: (uri) => isListedRedirect(uri, this.#redirectDomains()),
      },
    })
    watchProvider(provider, {
      origin,
      clock,
      log,
      grants,
      registered,
      documents: this.#documents,
      onTraffic,
      familyEnded: (family) => this.#revocation.familyEnded(family),
    })
    return provider
  }

  #makeEndpoints(): Endpoints {
    const { clock, log, onTraffic } = this.#deps
    const { records, registered } = this.#access
    const { requests, browsers, browserBinding, registrations } = this.#consent
    return new Endpoints({
      clock,
      log,
      registered,
      requests,
      browsers,
      browserBinding,
      registrations,
      forms: new FormBudget({ clock, records, registered }),
      onTraffic,
      providerFor: (issuer) => this.#providers.for(issuer),
      isServed: (issuer) => this.#isServed(issuer),
      signsInAt: (at) => this.#signsInAt(at),
      scopesOf: (issuer) => this.#scopesOf(issuer),
      announcedScopes: ({ workspace }) => offeredScopes(this.#deps.connectorScopes?.(workspace)),
      windowOpen: () => this.window.state().open,
      redirectDomains: () => this.#redirectDomains(),
    })
  }

  #keys(): Keys {
    const keys = this.#keyRing.now()
    if (keys === null) throw new Error('the keys are locked')
    return keys
  }

  #scopesOf({ workspace }: Pick<Issuer, 'workspace'>): readonly string[] {
    const { connectorScopes, serverScopes } = this.#deps
    return offeredScopes([...(connectorScopes?.(workspace) ?? []), ...(serverScopes?.(workspace) ?? [])])
  }

  #redirectDomains(): readonly string[] | null {
    return this.#deps.redirectDomains?.() ?? null
  }

  #signsInAt(origin: string): string {
    return this.#deps.signsInAt?.(origin) ?? origin
  }

  #isServed({ origin, workspace }: Pick<Issuer, 'origin' | 'workspace'>): boolean {
    return this.#deps.origins().includes(origin) && this.#deps.workspaces().includes(workspace)
  }

  #failed(error: unknown): void {
    this.#deps.log.error('oauth.failed', { error: errorText(error) })
  }

  handle(req: IncomingMessage, res: ServerResponse, origin: string): void {
    if (this.#keyRing.now() !== null) {
      this.#endpoints.handle(req, res, origin)
      return
    }
    void this.#keyRing.unlock().then(
      (keys) => (keys === null ? sendLocked(res) : this.#endpoints.handle(req, res, origin)),
      (error) => {
        this.#failed(error)
        sendLocked(res)
      },
    )
  }

  authenticate(authorization: string | undefined, resource: string): Authentication {
    return this.#access.bearer.authenticate(authorization, resource)
  }

  now(principal: Pick<Principal, 'grantId' | 'scopes'>): Principal | null {
    return this.#access.bearer.now(principal)
  }

  challenge(resource: string, error?: { error: string; description: string; scope?: string }): string {
    return challenge(resource, error)
  }

  registrationsFull(): RegistrationsFull | null {
    return this.#consent.registrations.full()
  }

  #grantsForOwner(): AuthorizationServer['grants'] {
    const { grants, records } = this.#access
    const { toolNames } = this.#deps
    const revocation = this.#revocation
    return {
      list: () => grants.list(),
      update(id, change) {
        // tools that are gone may stay named: their source may come back
        const before = new Set(grants.get(id).tools)
        checkTools(change.tools?.filter((tool) => !before.has(tool)) ?? null, toolNames)
        return grants.update(id, change)
      },
      forgetTools: (isGone) => grants.forgetTools(isGone),
      askAgain: (id) => revocation.askAgain(id),
      pause: (id, until) => {
        const grant = grants.pause(id, until)
        if (until !== null) this.events.emit('grant.paused', { grantId: id })
        return grant
      },
      endAll: () => revocation.endAll(),
      revokeWorkspace: (name) => revocation.revokeWorkspace(name),
      revoke: (id) => revocation.revokeByOwner(id),
      createKey: (key) => {
        this.#checkWorkspace(key.workspace)
        checkTools(key.tools ?? null, toolNames)
        const scopes = keyScopes(key.abilities ?? [], this.#scopesOf(key))
        return grants.createKey({ ...key, scopes })
      },
      suspendAll: () => {
        doAll(
          () => this.window.close(),
          () => this.#consent.requests.expire(),
          () => records.suspend(),
        )
      },
    }
  }

  #clientsForOwner(): AuthorizationServer['clients'] {
    const { registered } = this.#access
    return {
      list: () => registered.list(),
      register: async (input, origin) => {
        this.#checkWorkspace(input.workspace)
        return registered.register(input, origin)
      },
      remove: (clientId) => this.#revocation.removeClient(clientId),
    }
  }

  /** Throws HostError `workspace-unknown`. */
  #checkWorkspace(name: string): void {
    if (this.#deps.workspaces().includes(name)) return
    throw new HostError({
      code: 'workspace-unknown',
      says: 'workspace-unknown-choice',
      params: { name },
    })
  }

  rotate(options: { keys: boolean }): Promise<void> {
    return this.#revocation.rotate(options)
  }

  sweep(): void {
    this.#access.sweep()
  }

  stop(): void {
    this.#consent.stop()
    this.#access.stop()
    this.#providers.clear()
    void this.#guarded.close()
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
