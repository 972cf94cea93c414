import type { Grant } from '../../contract/access.ts'
import { HostError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import type { RegisteredClients } from '../clients/registered-clients.ts'
import type { KeyRing } from '../provider/keys.ts'
import { grantOf, type Records } from '../provider/records.ts'
import type { Connections } from '../authorization/connection-requests.ts'
import type { Grants } from './grants.ts'

/** Every way in which access ends. What is told here has ended already: no token of it is accepted any more. */
export function createEndings(deps: {
  records: Records
  grants: Grants
  registered: RegisteredClients
  connections: Pick<Connections, 'list' | 'expire'>
  keyRing: Pick<KeyRing, 'replace'>
  log: Log
  /** Closes the connecting window. */
  closeWindow(): void
  /** Called when the keys have changed. */
  renewed(): void
  revoked(grantId: string): void
  /** The entry stays but holds nothing open. */
  suspended(grantId: string): void
}) {
  const { records, grants, registered, connections, log } = deps

  const revoke = (grantId: string): void => {
    records.destroyFamilies(grantId)
    if (grants.revoke(grantId)) deps.revoked(grantId)
  }
  const removeClient = (clientId: string): void => {
    registered.remove(clientId)
    for (const grantId of grants.ofClient(clientId)) revoke(grantId)
  }

  /** A request that was asked under other terms must not be answered under these: it might need digits now. */
  const expireRequestOf = (clientId: string | null): void => {
    if (connections.list().some((request) => request.clientId === clientId)) connections.expire()
  }

  return {
    revoke,
    /** Throws HostError `grant-gone`. */
    revokeByOwner(grantId: string): void {
      expireRequestOf(grants.get(grantId).clientId)
      revoke(grantId)
    },
    removeClient,
    /** One approval ended (revoked by its client, or its tokens were used twice); the last one takes its grant along. */
    familyEnded(family: string): void {
      const grantId = grantOf(family)
      log.info('oauth.family-ended', { family })
      if (!records.hasLiveFamily(grantId)) revoke(grantId)
    },
    /** Throws HostError `grant-gone` or `cannot-ask`. */
    askAgain(grantId: string): Grant {
      const { clientId, kind, redirectHost } = grants.get(grantId)
      if (kind === 'key' || clientId === null || redirectHost === null)
        throw new HostError({
          code: 'cannot-ask',
          message: 'Nobody sits before this one to be asked again: it lets itself in.',
          hint: 'Narrow what it may do, or revoke it.',
        })
      expireRequestOf(clientId)
      records.destroyFamilies(grantId)
      deps.suspended(grantId)
      return grants.get(grantId)
    },
    /** The workspace is gone or about to be: nothing that belonged to it opens anything. */
    revokeWorkspace(name: string): void {
      if (connections.list().some((request) => request.workspace === name)) connections.expire()
      for (const client of registered.list()) if (client.workspace === name) removeClient(client.clientId)
      for (const grantId of grants.ofWorkspace(name)) revoke(grantId)
    },
    /**
     * New keys; every token, code, approval and remembered browser is gone. Clients stay listed and have to be let in
     * again, with digits. `keys` also revokes what opens by itself for good: named keys, and the access of clients with a
     * secret. Everything has ended before the vault is asked; throws what the vault throws.
     */
    async rotate({ keys }: { keys: boolean }): Promise<void> {
      deps.closeWindow()
      connections.expire()
      records.destroyTokens()
      for (const grant of grants.list()) {
        const opensByItself = grant.redirectHost === null
        if (opensByItself && keys) revoke(grant.id)
        else if (grant.kind === 'client') deps.suspended(grant.id)
      }
      await deps.keyRing.replace()
      deps.renewed()
      log.info('oauth.keys-renewed', { keys })
    },
  }
}
