import type { Grant } from '../../contract/access.ts'
import { doAll, HostError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log/log.ts'
import type { ConnectingWindow } from '../authorization/connecting-window.ts'
import type { ConnectionRequests } from '../authorization/connection-requests.ts'
import type { RegisteredClients } from '../clients/registered-clients.ts'
import type { KeyRing } from '../provider/keys.ts'
import { grantOf, type Records } from '../provider/records.ts'
import type { Grants } from './grants.ts'

interface RevocationDeps {
  records: Pick<Records, 'destroyFamilies' | 'hasLiveFamily' | 'destroyTokens'>
  grants: Pick<Grants, 'get' | 'list' | 'ids' | 'revoke' | 'ofClient' | 'ofWorkspace'>
  registered: Pick<RegisteredClients, 'has' | 'list' | 'remove'>
  requests: Pick<ConnectionRequests, 'list' | 'expire'>
  window: Pick<ConnectingWindow, 'close'>
  keyRing: Pick<KeyRing, 'replace'>
  log: Log
  /** Called when the keys have changed. */
  renewed(): void
  revoked(grantId: string): void
  /** The entry stays but holds nothing open. */
  suspended(grantId: string): void
}

/**
 * Every way in which access ends. What is told here has ended already: no token of it is accepted any more. A full disk holds up none of
 * it: what cannot be written has ended in memory, and the first error is thrown when all is done.
 */
export class Revocation {
  readonly #deps: RevocationDeps

  constructor(deps: RevocationDeps) {
    this.#deps = deps
  }

  revoke(grantId: string): void {
    this.#revokeAll([grantId])
  }

  #revokeAll(wanted: readonly string[]): void {
    const { grants, records, revoked } = this.#deps
    const there = new Set(grants.ids())
    const ended = wanted.filter((id) => there.has(id))
    doAll(
      () => grants.revoke(...ended),
      ...wanted.map((id) => () => records.destroyFamilies(id)),
      ...ended.map((id) => () => revoked(id)),
    )
  }

  /** Throws HostError `grant-gone`. */
  revokeByOwner(grantId: string): void {
    const { clientId } = this.#deps.grants.get(grantId)
    doAll(
      () => this.#expireRequestOf(clientId),
      () => this.revoke(grantId),
    )
  }

  /** Throws HostError `client-gone`. */
  removeClient(clientId: string): void {
    const { registered, grants } = this.#deps
    if (!registered.has(clientId)) throw new HostError({ code: 'client-gone' })
    doAll(
      () => registered.remove(clientId),
      () => this.#revokeAll(grants.ofClient(clientId)),
    )
  }

  /** A request that was asked under other terms must not be answered under these: it might need digits now. */
  #expireRequestOf(clientId: string | null): void {
    const { requests } = this.#deps
    if (requests.list().some((request) => request.clientId === clientId)) requests.expire()
  }

  /** One approval ended (revoked by its client, or its tokens were used twice); the last one takes its grant along. */
  familyEnded(family: string): void {
    const grantId = grantOf(family)
    this.#deps.log.info('oauth.family-ended', { family })
    if (!this.#deps.records.hasLiveFamily(grantId)) this.revoke(grantId)
  }

  /** Throws HostError `grant-gone` or `cannot-ask`. */
  askAgain(grantId: string): Grant {
    const { grants, records } = this.#deps
    const { clientId, kind, redirectHost } = grants.get(grantId)
    if (kind === 'key' || clientId === null || redirectHost === null)
      throw new HostError({
        code: 'cannot-ask',
      })
    doAll(
      () => this.#expireRequestOf(clientId),
      () => records.destroyFamilies(grantId),
      () => this.#deps.suspended(grantId),
    )
    return grants.get(grantId)
  }

  /** The workspace is gone or about to be: nothing that belonged to it opens anything. */
  revokeWorkspace(name: string): void {
    const { requests, registered, grants } = this.#deps
    const clients = registered.list().filter(({ workspace }) => workspace === name)
    doAll(
      () => requests.list().some(({ workspace }) => workspace === name) && requests.expire(),
      ...clients.map(
        ({ clientId }) =>
          () =>
            this.removeClient(clientId),
      ),
      () => this.#revokeAll(grants.ofWorkspace(name)),
    )
  }

  /** Nobody comes back by what they hold: every entry and every sign-in has ended, at once. Clients and keys have to be let in or made anew. */
  endAll(): void {
    const { window, requests, records, grants, log } = this.#deps
    const ended = grants.ids()
    doAll(
      () => grants.revoke(...ended),
      () => window.close(),
      () => requests.expire(),
      () => records.destroyTokens(),
      ...ended.map((id) => () => this.#deps.revoked(id)),
      () => log.info('oauth.all-ended', { entries: ended.length }),
    )
  }

  /**
   * New keys; every token, code, approval and remembered browser is gone. Clients stay listed and have to be let in
   * again, with digits. `keys` also revokes what opens by itself for good: named keys, and the access of clients with a
   * secret. Everything has ended before the vault is asked; throws what the vault throws.
   */
  async rotate({ keys }: { keys: boolean }): Promise<void> {
    const { window, requests, records, grants, keyRing, log } = this.#deps
    const all = grants.list()
    const revoked = keys ? all.filter(({ redirectHost }) => redirectHost === null) : []
    const suspended = all.filter((one) => one.kind === 'client' && !revoked.includes(one))
    try {
      doAll(
        () => window.close(),
        () => requests.expire(),
        () => records.destroyTokens(),
        () => this.#revokeAll(revoked.map(({ id }) => id)),
        ...suspended.map(
          ({ id }) =>
            () =>
              this.#deps.suspended(id),
        ),
      )
    } finally {
      await keyRing.replace()
      this.#deps.renewed()
      log.info('oauth.keys-renewed', { keys })
    }
  }
}
