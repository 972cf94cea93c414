import type { IncomingMessage, ServerResponse } from 'node:http'
import type { KoaContextWithOIDC, Provider } from 'oidc-provider'
import type { Access, ClientKind, ConnectionRequest, ConnectWindow, Grant } from '../contract/models.ts'
import type { Clock } from '../kernel/clock.ts'
import { Emitter } from '../kernel/emitter.ts'
import { errorText, HostError } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'
import type { Traffic } from '../kernel/traffic.ts'
import type { Database } from '../storage/database.ts'
import type { Settings } from '../storage/settings.ts'
import type { Vault } from '../storage/vault.ts'
import { askOwner } from './asking.ts'
import { type Authentication, createBearer } from './bearer.ts'
import { createClientDocuments } from './client-documents.ts'
import { type Choice, createConnections } from './connections.ts'
import { createGrants } from './grants.ts'
import { createHandler } from './handler.ts'
import { createKeyRing } from './keys.ts'
import { createKnownBrowsers } from './known-browsers.ts'
import { challenge } from './metadata.ts'
import type { Place } from './owner-decides.ts'
import { createProvider } from './provider.ts'
import type { Outside } from './public-fetch.ts'
import { createRecords, grantOf } from './records.ts'
import { registrationsPerHour } from './registration.ts'
import { watchProvider } from './traffic.ts'
import { createWindow } from './window.ts'

export type AuthorizationEvents = {
  'window.changed': ConnectWindow
  'connections.changed': ConnectionRequest[]
  'connections.asked': ConnectionRequest
  'grants.changed': Record<string, never>
  'grant.revoked': { grantId: string }
}

export interface AuthorizationServerDeps {
  db: Database
  settings: Settings
  vault: Vault
  clock: Clock
  log: Log
  /** The exact origins we answer to right now; each is an issuer of its own. */
  origins(): string[]
  workspaces(): string[]
  toolNames?(): string[]
  onTraffic(event: Traffic): void
  /** For tests: the way to the internet, and how many registrations an hour may bring. */
  outside?: Outside
  registrationsPerHour?: number
}

export interface AuthorizationServer {
  /** For `/oauth/*` and every `/.well-known/*`. The caller has matched Host to `origin`; nothing else is believed. */
  handle(req: IncomingMessage, res: ServerResponse, origin: string): void
  /** A bearer token or key to its principal; `resource` is the exact identifier of the resource that was called. */
  authenticate(authorization: string | undefined, resource: string): Promise<Authentication>
  /** The WWW-Authenticate value for a 401 or 403 at that resource. */
  challenge(resource: string, error?: { error: string; description: string; scope?: string }): string
  window: { open(kind: ClientKind): ConnectWindow; close(): void; state(): ConnectWindow }
  connections: {
    list(): ConnectionRequest[]
    /** Throws HostError `request-gone`, `digits-needed`, `wrong-digits` or `unknown-tool`. */
    approve(id: string, choice: Choice): Promise<Grant>
    /** Throws HostError `request-gone`. */
    deny(id: string): void
  }
  grants: {
    list(): Grant[]
    /** Throws HostError `grant-gone` or `name-taken`. */
    update(id: string, change: { access?: Access | undefined; name?: string | undefined }): Grant
    /** Ends all access at once. Throws HostError `grant-gone`. */
    revoke(id: string): void
    /** The token is in the answer and nowhere else. Throws HostError `name-taken` or `workspace-unknown`. */
    createKey(key: { name: string; access: Access; workspace: string }): { grant: Grant; token: string }
    /** The panic switch: no access token, code or waiting request survives; grants, keys and refresh tokens do. */
    suspendAll(): void
  }
  events: Emitter<AuthorizationEvents>
  /** Drops what has expired; call it now and then. */
  sweep(): void
  stop(): void
}

/** Origins whose issuers are kept ready; a changed address leaves the old one behind. */
const maxProviders = 8

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
  })
  const grants = createGrants({
    db,
    clock,
    changed: () => {
      bearer.forget()
      events.emit('grants.changed', {})
    },
  })
  const bearer = createBearer({ records, grants, clock })
  const documents = createClientDocuments({
    records,
    clock,
    log,
    hasGrant: grants.hasClient,
    outside: deps.outside,
  })

  const browsers = createKnownBrowsers(records)
  const window = createWindow({
    clock,
    changed: (state) => {
      if (!state.open) connections.expire()
      events.emit('window.changed', state)
    },
  })
  const connections = createConnections({
    clock,
    window,
    asked: (request) => events.emit('connections.asked', request),
    changed: (list) => events.emit('connections.changed', list),
    failed,
  })

  const revoke = (grantId: string) => {
    records.destroyFamilies(grantId)
    if (grants.revoke(grantId)) events.emit('grant.revoked', { grantId })
  }
  /** One approval ended (revoked by its client, or its tokens were used twice); the last one takes its grant along. */
  const familyEnded = (family: string) => {
    bearer.forget()
    const grantId = grantOf(family)
    log.info('oauth.family-ended', { family })
    if (!records.hasLiveFamily(grantId)) revoke(grantId)
  }

  const places = new WeakMap<KoaContextWithOIDC, object>()
  const placeOf = (origin: string): Place => ({
    reserve(ctx) {
      const held = connections.reserve()
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
    records,
    grants,
    documents,
    browsers,
    revoke,
    toolNames: deps.toolNames,
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

  const providers = new Map<string, Provider>()
  const providerFor = (origin: string): Provider => {
    const ready = providers.get(origin)
    if (ready !== undefined) return ready
    const provider = createProvider({
      origin,
      records,
      keys: keys(),
      clock,
      documents,
      workspaces: deps.workspaces,
      windowOpen: () => window.state().open,
      place: placeOf(origin),
    })
    watchProvider(provider, { origin, clock, log, grants, familyEnded, onTraffic: deps.onTraffic })
    for (const old of [...providers.keys()])
      if (providers.size >= maxProviders && !deps.origins().includes(old)) providers.delete(old)
    providers.set(origin, provider)
    return provider
  }

  const answer = createHandler({
    clock,
    log,
    providerFor,
    connections,
    browsers,
    windowOpen: () => window.state().open,
    workspaces: deps.workspaces,
    onTraffic: deps.onTraffic,
    registrationsPerHour: deps.registrationsPerHour ?? registrationsPerHour,
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
  }
  sweep()

  return {
    handle,
    authenticate: async (authorization, resource) => bearer.authenticate(authorization, resource),
    challenge,
    window: { open: window.open, close: window.close, state: window.state },
    connections: { list: connections.list, approve: connections.approve, deny: connections.deny },
    grants: {
      list: grants.list,
      update: grants.update,
      revoke(id) {
        revoke(grants.get(id).id)
      },
      createKey(key) {
        if (!deps.workspaces().includes(key.workspace))
          throw new HostError({
            code: 'workspace-unknown',
            message: `There is no workspace called “${key.workspace}”.`,
            hint: 'Choose one of the workspaces that exist.',
          })
        return grants.createKey(key)
      },
      suspendAll() {
        window.close()
        connections.expire()
        records.suspend()
      },
    },
    events,
    sweep,
    stop() {
      window.stop()
      providers.clear()
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
