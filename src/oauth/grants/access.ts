import type { Clock } from '../../kernel/clock.ts'
import type { Emitter } from '../../kernel/emitter.ts'
import { doAll } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log/log.ts'
import type { Database } from '../../storage/database/database.ts'
import type { LastWrites } from '../../storage/reserve.ts'
import { RegisteredClients, type RegisteredClientsDeps } from '../clients/registered-clients.ts'
import type { AuthorizationEvents } from '../events.ts'
import { Records } from '../provider/records.ts'
import { Bearer } from './bearer.ts'
import { ExpiryWatch } from './expiry-watch.ts'
import { Grants } from './grants.ts'
import { Sessions } from './sessions.ts'

interface AccessDeps extends Pick<RegisteredClientsDeps, 'scopesOf' | 'redirectDomains'> {
  db: Database
  clock: Clock
  log: Log
  events: Emitter<AuthorizationEvents>
  last: Pick<LastWrites, 'write'>
  /** Throws while the keys are locked. */
  refreshKey(): string
}

/** Who may get in, as it is stored, and what tells a token of theirs; a change in one is felt by the others at once. */
export class Access {
  readonly records: Records
  readonly sessions: Sessions
  readonly grants: Grants
  readonly registered: RegisteredClients
  readonly bearer: Bearer
  readonly #events: Emitter<AuthorizationEvents>
  readonly #expiry: ExpiryWatch
  readonly #pauses: ExpiryWatch

  constructor({ db, clock, log, events, last, refreshKey, scopesOf, redirectDomains }: AccessDeps) {
    this.#events = events
    this.records = new Records({
      db,
      clock,
      last,
      refreshKey,
      changed: () => this.bearer.forget(),
      isLive: (grantId) => this.grants.find(grantId) !== null,
    })
    const sessions = new Sessions({ db, clock })
    this.sessions = sessions
    this.grants = new Grants({
      db,
      clock,
      sessions,
      last,
      changed: () => {
        this.bearer.forget()
        this.#expiry.look()
        this.#pauses.look()
        events.emit('grants.changed', {})
      },
    })
    this.registered = new RegisteredClients({
      db,
      clock,
      grants: this.grants,
      last,
      scopesOf,
      redirectDomains,
      changed: () => {
        this.bearer.forget()
        events.emit('clients.changed', {})
      },
    })
    this.bearer = new Bearer({
      records: this.records,
      grants: this.grants,
      sessions,
      clock,
      log,
      registeredScopes: (clientId) => this.registered.scopes(clientId),
    })
    this.#expiry = new ExpiryWatch({
      clock,
      entries: () => this.grants.expiries(),
      ended: (grantId) => this.suspended(grantId),
    })
    this.#pauses = new ExpiryWatch({
      clock,
      entries: () => this.grants.pauses(),
      ended: () => events.emit('grants.changed', {}),
    })
  }

  /** Tells that the tokens of a grant have ended. */
  suspended(grantId: string): void {
    this.#events.emit('grant.suspended', { grantId })
    this.#events.emit('grants.changed', {})
  }

  sweep(): void {
    doAll(
      () => this.records.sweep(),
      () => this.grants.sweep(),
      () => this.#expiry.look(),
      () => this.#pauses.look(),
    )
  }

  stop(): void {
    this.#expiry.stop()
    this.#pauses.stop()
  }
}
