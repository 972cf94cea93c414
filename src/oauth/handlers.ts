import type { accessApi, Grant } from '../contract/access.ts'
import type { HandlersOf } from '../contract/definition.ts'
import type { Clock } from '../kernel/clock.ts'
import type { AuthorizationServer } from './interface.ts'

interface AccessParts {
  clock: Pick<Clock, 'now'>
  oauth: Pick<AuthorizationServer, 'connections' | 'grants' | 'clients' | 'rotate'>
  /** Throws HostError `workspace-unknown`. */
  checkWorkspace(name: string): void
  /** Where a client that is registered by hand signs in. */
  bestOrigin(): string
  approvals: { cancelFor(grantId: string): void; heldBackUntil(grantId: string): number | null }
  callsToday(): Map<string, number>
  /** The list of tools that a grant's client fetched last. */
  servedTo(grant: Grant): Grant['served']
  /** Every token has ended: what is still open with one has to end too. */
  rotated(): Promise<void>
}

/** Who may get in, and what they may do. */
export function accessHandlers(parts: AccessParts): HandlersOf<typeof accessApi> {
  const { oauth, approvals, checkWorkspace } = parts
  const { connections, grants, clients } = oauth
  const all = (list: Grant[]): Grant[] => {
    const calls = parts.callsToday()
    return list.map((grant) => ({
      ...grant,
      callsToday: calls.get(grant.id) ?? 0,
      heldBackUntil: approvals.heldBackUntil(grant.id),
      served: parts.servedTo(grant),
    }))
  }
  const whole = (grant: Grant): Grant => all([grant])[0]!

  return {
    'connections.list': () => connections.list(),
    'connections.approve': async ({ id, ...choice }) => whole(await connections.approve(id, choice)),
    'connections.deny': ({ id }) => connections.deny(id),

    'grants.list': () => all(grants.list()),
    'grants.update': ({ id, ...change }) => {
      const grant = grants.update(id, change)
      // What waits was asked under the old terms.
      const { access, tools, expiresAt } = change
      if (access !== undefined || tools !== undefined || expiresAt !== undefined) approvals.cancelFor(id)
      return whole(grant)
    },
    'grants.askAgain': ({ id }) => whole(grants.askAgain(id)),
    'grants.pause': ({ id, minutes }) => whole(grants.pause(id, parts.clock.now() + minutes * 60_000)),
    'grants.resume': ({ id }) => whole(grants.pause(id, null)),
    'grants.revoke': ({ id }) => grants.revoke(id),
    'keys.create': (input) => {
      checkWorkspace(input.workspace)
      return grants.createKey(input)
    },

    'clients.list': () => clients.list(),
    'clients.register': (input) => {
      checkWorkspace(input.workspace)
      return clients.register(input, parts.bestOrigin())
    },
    'clients.remove': ({ clientId }) => clients.remove(clientId),

    'security.rotate': async (options) => {
      await oauth.rotate(options)
      await parts.rotated()
    },
  }
}
