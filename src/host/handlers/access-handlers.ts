import type { ClientCredentials, ConnectionRequest, Grant, RegisteredClient } from '../../contract/access.ts'
import type { Parsed } from '../../contract/api.ts'
import type { Diagnosis } from '../../contract/doctor.ts'
import type { Preferences } from '../../contract/preferences.ts'
import type { Workspace } from '../../contract/workspaces.ts'
import type { Handlers } from '../dispatch.ts'
import type { WorkspaceRow } from './workspaces.ts'

type GrantChange = Omit<Parsed<'grants.update'>, 'id'>

/** The rooms as far as they decide who may do what. */
export interface AccessRooms {
  connections: {
    list(): ConnectionRequest[]
    approve(id: string, choice: Omit<Parsed<'connections.approve'>, 'id'>): Promise<Grant>
    deny(id: string): void
  }
  grants: {
    list(): Grant[]
    update(id: string, change: GrantChange): Grant
    askAgain(id: string): Grant
    revoke(id: string): void
    createKey(input: Parsed<'keys.create'>): { grant: Grant; token: string }
    revokeWorkspace(name: string): void
  }
  approvals: { cancelFor(grantId: string): void; heldBackUntil(grantId: string): number | null }
  callsToday(): Map<string, number>
  /** The list of tools that a grant's client fetched last. */
  servedTo(grant: Grant): Grant['served']
  clients: {
    list(): RegisteredClient[]
    register(input: Parsed<'clients.register'>): Promise<ClientCredentials>
    remove(clientId: string): void
  }
  workspaces: {
    list(): WorkspaceRow[]
    get(name: string): WorkspaceRow
    create(wanted: Parsed<'workspaces.create'>): WorkspaceRow
    update(name: string, wanted: { title?: string; sources?: string[] }): WorkspaceRow
    remove(name: string): void
  }
  /** The resource of a workspace, for programs on this computer and for the outside. */
  addressOf(workspace: string): { localUrl: string; publicUrl: string | null }
  workspacesChanged(): void
  preferences: { get(): Preferences; set(wanted: Partial<Preferences>): Preferences }
  rotate(options: { keys: boolean }): Promise<void>
  doctor: { run(input: Parsed<'doctor.run'>): Promise<Diagnosis> }
}

type AccessCalls = Extract<
  keyof Handlers,
  | `connections.${string}`
  | `grants.${string}`
  | `keys.${string}`
  | `clients.${string}`
  | `workspaces.${string}`
  | `preferences.${string}`
  | `security.${string}`
  | `doctor.${string}`
>

/** The contract's calls about who may do what. Thin: the rooms hold the rules. */
export function createAccessHandlers(rooms: AccessRooms): Pick<Handlers, AccessCalls> {
  const all = (grants: Grant[]): Grant[] => {
    const calls = rooms.callsToday()
    return grants.map((grant) => ({
      ...grant,
      callsToday: calls.get(grant.id) ?? 0,
      heldBackUntil: rooms.approvals.heldBackUntil(grant.id),
      served: rooms.servedTo(grant),
    }))
  }
  const whole = (grant: Grant): Grant => all([grant])[0]!
  const show = (row: WorkspaceRow): Workspace => ({ ...row, ...rooms.addressOf(row.name) })
  const changed = (row: WorkspaceRow): Workspace => {
    rooms.workspacesChanged()
    return show(row)
  }

  return {
    'connections.list': () => rooms.connections.list(),
    'connections.approve': async ({ id, ...choice }) => whole(await rooms.connections.approve(id, choice)),
    'connections.deny': ({ id }) => rooms.connections.deny(id),

    'grants.list': () => all(rooms.grants.list()),
    'grants.update': ({ id, ...change }) => {
      const grant = rooms.grants.update(id, change)
      // What waits was asked under the old terms.
      const { access, tools, expiresAt } = change
      if (access !== undefined || tools !== undefined || expiresAt !== undefined)
        rooms.approvals.cancelFor(id)
      return whole(grant)
    },
    'grants.askAgain': ({ id }) => whole(rooms.grants.askAgain(id)),
    'grants.revoke': ({ id }) => rooms.grants.revoke(id),
    'keys.create': (input) => {
      rooms.workspaces.get(input.workspace)
      return rooms.grants.createKey(input)
    },

    'clients.list': () => rooms.clients.list(),
    'clients.register': (input) => {
      rooms.workspaces.get(input.workspace)
      return rooms.clients.register(input)
    },
    'clients.remove': ({ clientId }) => rooms.clients.remove(clientId),

    'workspaces.list': () => rooms.workspaces.list().map(show),
    'workspaces.create': (wanted) => changed(rooms.workspaces.create(wanted)),
    'workspaces.update': ({ name, ...wanted }) => changed(rooms.workspaces.update(name, wanted)),
    'workspaces.remove': ({ name }) => {
      rooms.workspaces.remove(name)
      rooms.grants.revokeWorkspace(name)
      rooms.workspacesChanged()
    },

    'preferences.get': () => rooms.preferences.get(),
    'preferences.set': (wanted) => rooms.preferences.set(wanted),
    'security.rotate': (options) => rooms.rotate(options),
    'doctor.run': (input) => {
      rooms.workspaces.get(input.workspace)
      return rooms.doctor.run(input)
    },
  }
}
