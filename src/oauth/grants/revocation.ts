import type { Grant } from '../../contract/access.ts'
import { HostError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log/log.ts'
import type { ConnectingWindow } from '../authorization/connecting-window.ts'
import type { ConnectionRequests } from '../authorization/connection-requests.ts'
import type { RegisteredClients } from '../clients/registered-clients.ts'
import type { KeyRing } from '../provider/keys.ts'
import { grantOf, type Records } from '../provider/records.ts'
import type { Grants } from './grants.ts'

interface RevocationDeps {
  records: Pick<Records, 'destroyFamilies' | 'hasLiveFamily' | 'destroyTokens'>
  grants: Pick<Grants, 'get' | 'list' | 'revoke' | 'revokeAll' | 'ofClient' | 'ofWorkspace'>
  registered: Pick<RegisteredClients, 'list' | 'remove'>
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

/** Every way in which access ends. What is told here has ended already: no token of it is accepted any more. */
export class Revocation {
  readonly #deps: RevocationDeps

  constructor(deps: RevocationDeps) {
    this.#deps = deps
  }

  revoke(grantId: string): void {
    this.#deps.records.destroyFamilies(grantId)
    if (this.#deps.grants.revoke(grantId)) this.#deps.revoked(grantId)
  }

  /** Throws HostError `grant-gone`. */
  revokeByOwner(grantId: string): void {
    this.#expireRequestOf(this.#deps.grants.get(grantId).clientId)
    this.revoke(grantId)
  }

  /** Throws HostError `client-gone`. */
  removeClient(clientId: string): void {
    this.#deps.registered.remove(clientId)
    for (const grantId of this.#deps.grants.ofClient(clientId)) this.revoke(grantId)
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
    this.#expireRequestOf(clientId)
    records.destroyFamilies(grantId)
    this.#deps.suspended(grantId)
    return grants.get(grantId)
  }

  /** The workspace is gone or about to be: nothing that belonged to it opens anything. */
  revokeWorkspace(name: string): void {
    const { requests, registered, grants } = this.#deps
    if (requests.list().some((request) => request.workspace === name)) requests.expire()
    for (const client of registered.list()) if (client.workspace === name) this.removeClient(client.clientId)
    for (const grantId of grants.ofWorkspace(name)) this.revoke(grantId)
  }

  /** Nobody comes back by what they hold: every entry and every sign-in has ended, at once. Clients and keys have to be let in or made anew. */
  endAll(): void {
    const { window, requests, records, grants, log } = this.#deps
    const ended = grants.revokeAll()
    window.close()
    requests.expire()
    records.destroyTokens()
    for (const grantId of ended) this.#deps.revoked(grantId)
    log.info('oauth.all-ended', { entries: ended.length })
  }

  /**
   * New keys; every token, code, approval and remembered browser is gone. Clients stay listed and have to be let in
   * again, with digits. `keys` also revokes what opens by itself for good: named keys, and the access of clients with a
   * secret. Everything has ended before the vault is asked; throws what the vault throws.
   */
  async rotate({ keys }: { keys: boolean }): Promise<void> {
    const { window, requests, records, grants, keyRing, log } = this.#deps
    window.close()
    requests.expire()
    records.destroyTokens()
    for (const grant of grants.list()) {
      const opensByItself = grant.redirectHost === null
      if (opensByItself && keys) this.revoke(grant.id)
      else if (grant.kind === 'client') this.#deps.suspended(grant.id)
    }
    await keyRing.replace()
    this.#deps.renewed()
    log.info('oauth.keys-renewed', { keys })
  }
}
