import type { ClientKind, ConnectWindow } from '../../contract/access.ts'
import type { ConnectFlow } from '../../contract/setup.ts'
import type { Status } from '../../contract/status.ts'
import type { Handlers } from '../dispatch.ts'
import { type AccessRooms, createAccessHandlers } from './access-handlers.ts'
import { createServerHandlers, type ServerRooms } from './server-handlers.ts'
import { createToolHandlers, type ToolRooms } from './tool-handlers.ts'

/** The rooms as the contract's handlers use them; `create-host.ts` passes the real ones in. */
export interface Rooms extends AccessRooms, ServerRooms, ToolRooms {
  status(): Status
  dismissNotice(id: string): void
  raise(): void
  lower(): void
  newAddress(): void
  isRaised(): boolean
  wantTunnel(): void
  window: { open(client: ClientKind): ConnectWindow; close(): void }
  flows: {
    flow(client: ClientKind): ConnectFlow
    reset(client: ClientKind, again?: boolean): void
    stopWaiting(): void
  }
  connectors: {
    list: Handlers['connectors.list']
    save: Handlers['connectors.save']
    remove(id: string): Promise<void>
  }
  approvals: AccessRooms['approvals'] & {
    list: Handlers['approvals.list']
    get(id: string): ReturnType<Handlers['approvals.get']>
    decide(id: string, decision: 'once' | 'deny', seen?: string): { heard: boolean; until: number | null }
  }
  activity: {
    list(input: { before?: string; limit: number }): ReturnType<Handlers['activity.list']>
    search(input: { before?: string; limit: number; search: string }): ReturnType<Handlers['activity.list']>
    get(id: string): ReturnType<Handlers['activity.get']>
  }
}

/** What each call of the contract does. Thin: the rooms hold the rules. */
export function createHandlers(rooms: Rooms): Handlers {
  return {
    ...createAccessHandlers(rooms),
    ...createServerHandlers(rooms),
    ...createToolHandlers(rooms),

    'status.get': () => rooms.status(),
    'notices.dismiss': ({ id }) => rooms.dismissNotice(id),

    'bridge.lower': () => {
      rooms.lower()
      return rooms.status()
    },
    'bridge.raise': () => {
      rooms.raise()
      return rooms.status()
    },
    'bridge.newAddress': () => {
      rooms.newAddress()
      return rooms.status()
    },

    'connect.open': ({ client, again }) => {
      // Pressing Connect means wanting somebody in; the interface says that it lowers the bridge.
      if (rooms.isRaised()) rooms.lower()
      // A program on this computer needs no public address; the cloud ones do.
      if (client !== 'other') rooms.wantTunnel()
      rooms.window.open(client)
      rooms.flows.reset(client, again)
      return rooms.flows.flow(client)
    },
    'connect.close': () => {
      rooms.window.close()
      rooms.flows.stopWaiting()
    },
    'connect.flow': ({ client }) => rooms.flows.flow(client),

    'connectors.list': rooms.connectors.list,
    'connectors.save': rooms.connectors.save,
    'connectors.remove': ({ id }) => rooms.connectors.remove(id),

    'approvals.list': rooms.approvals.list,
    'approvals.get': ({ id }) => rooms.approvals.get(id),
    'approvals.decide': (input) =>
      rooms.approvals.decide(input.id, input.decision, input.decision === 'once' ? input.seen : undefined),

    'activity.list': ({ search = '', ...page }) =>
      search.trim() === '' ? rooms.activity.list(page) : rooms.activity.search({ ...page, search }),
    'activity.get': ({ id }) => rooms.activity.get(id),
  }
}
