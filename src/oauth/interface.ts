import type { IncomingMessage, ServerResponse } from 'node:http'
import type {
  ClientCredentials,
  ClientKind,
  ConnectionRequest,
  ConnectWindow,
  Grant,
  RegisteredClient,
} from '../contract/access.ts'
import type { Parsed } from '../contract/api.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Emitter } from '../kernel/emitter.ts'
import type { Log } from '../kernel/log/log.ts'
import type { Traffic } from '../kernel/traffic.ts'
import type { Authentication, Principal } from '../mcp/principal.ts'
import type { GuardedFetch } from '../net/guarded-fetch.ts'
import type { Network } from '../net/network.ts'
import type { Database } from '../storage/database/database.ts'
import type { LastWrites } from '../storage/reserve.ts'
import type { Settings } from '../storage/settings.ts'
import type { Vault } from '../storage/vault/vault.ts'
import type { Choice } from './authorization/connection-requests.ts'
import type { RegistrationsFull } from './clients/registration-budget.ts'
import type { AuthorizationEvents } from './events.ts'
import type { GrantChange, NewKey } from './grants/grants.ts'

export interface AuthorizationServerDeps {
  db: Database
  settings: Settings
  vault: Vault
  clock: Clock
  log: Log
  /** Left out: no room is kept for them. */
  last?: Pick<LastWrites, 'write'>
  /** The exact origins we answer to right now. Each has an issuer per workspace; what is not listed is not answered. */
  origins(): readonly string[]
  /**
   * For an origin that no browser can go to: the one of ours at which people sign in for it, whose issuer gives its tokens. Left out: each has
   * its own.
   */
  signsInAt?(origin: string): string
  workspaces(): string[]
  /** Scopes of single connectors, such as `github.read`; only those a workspace has need be listed for it. */
  connectorScopes?(workspace: string): string[]
  /** Those of the servers of a workspace: they can be asked for, and are not told to strangers, who would learn what the owner has. */
  serverScopes?(workspace: string): string[]
  /** Hosts that clients may be sent back to (exact, or `*.example.com`); null or absent: any that passes the rules. */
  redirectDomains?(): string[] | null
  toolNames?(): string[]
  onTraffic(event: Traffic): void
  /** The way to client metadata documents; left out: as if nothing was set. */
  network?: Network
  /** For tests: what fetches documents instead of the guarded fetch, and how many registrations an hour or a window may bring. */
  documentFetch?: GuardedFetch
  registrationsPerHour?: number
}

export interface AuthorizationServer {
  /** For `/oauth/*` and every `/.well-known/*`. The caller has matched Host to `origin`; nothing else is believed. */
  handle(req: IncomingMessage, res: ServerResponse, origin: string): void
  /** A bearer token or key to its principal; `resource` is the exact identifier of the resource that was called. */
  authenticate(authorization: string | undefined, resource: string): Authentication
  /** The same principal with the rights its grant has now; null when the grant is gone or has ended. */
  now(principal: Pick<Principal, 'grantId' | 'scopes'>): Principal | null
  /** The WWW-Authenticate value for a 401 or 403 at that resource. */
  challenge(resource: string, error?: { error: string; description: string; scope?: string }): string
  /** Why apps that register are turned away now; null while they are not. */
  registrationsFull(): RegistrationsFull | null
  window: { open(kind: ClientKind): ConnectWindow; close(): void; state(): ConnectWindow }
  connections: {
    list(): ConnectionRequest[]
    /** Throws HostError `request-gone`, `digits-needed`, `wrong-digits`, `wrong-digits-declined`, `unknown-tool` or `expiry-past`. */
    approve(id: string, choice: Choice): Promise<Grant>
    /** Throws HostError `request-gone`. */
    deny(id: string): void
  }
  grants: {
    list(): Grant[]
    /** What is left out stays. Throws HostError `grant-gone`, `name-taken`, `unknown-tool` or `expiry-past`. */
    update(id: string, change: GrantChange): Grant
    /** Takes tools that are gone for good out of what was chosen. */
    forgetTools(isGone: (id: string) => boolean): void
    /** Ends its tokens and remembered browsers, not the entry. Throws HostError `grant-gone` or `cannot-ask`. */
    askAgain(id: string): Grant
    /** Refuses its calls until then; null: no longer. Throws HostError `grant-gone`. */
    pause(id: string, until: number | null): Grant
    /** Every entry and every sign-in ends for good. */
    endAll(): void
    /** Ends all access at once. Throws HostError `grant-gone`. */
    revoke(id: string): void
    /** Ends everything that belongs to a workspace, its registered clients too. */
    revokeWorkspace(name: string): void
    /**
     * The token is in the answer and nowhere else. Throws HostError `name-taken`, `workspace-unknown`, `unknown-tool` or
     * `expiry-past`.
     */
    createKey(key: NewKey): { grant: Grant; token: string }
    /** The panic switch: no code or waiting request survives; grants, keys and tokens do, and are refused meanwhile. */
    suspendAll(): void
  }
  /**
   * An address is no longer ours and may be somebody else's: the tokens that were given out there end, also should it
   * come back. Grants and keys go on.
   */
  leave(origin: string): void
  /** Clients registered by hand. */
  clients: {
    list(): RegisteredClient[]
    /** `origin` is the address whose issuer the client will use. Throws HostError; see `RegisteredClients.register`. */
    register(input: Parsed<'clients.register'>, origin: string): Promise<ClientCredentials>
    /** Ends its access too. Throws HostError `client-gone`. */
    remove(clientId: string): void
  }
  /** New keys; nothing that was given out opens anything any more, and every client has to be let in again. */
  rotate(options: { keys: boolean }): Promise<void>
  events: Emitter<AuthorizationEvents>
  /** Drops what has expired; call it now and then. */
  sweep(): void
  stop(): void
}
