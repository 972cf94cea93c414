import type { ClientKind, ConnectFlow, ConnectWindow, Status, Tool } from '../contract/models.ts'
import { HostError } from '../kernel/errors.ts'
import { type AccessRooms, createAccessHandlers } from './access-handlers.ts'
import type { Handlers } from './dispatch.ts'

/** The rooms as the contract's handlers use them; `create-host.ts` passes the real ones in. */
export interface Rooms extends AccessRooms {
  status(): Status
  dismissNotice(id: string): void
  raise(): void
  lower(): void
  newAddress(): void
  isRaised(): boolean
  wantTunnel(): void
  window: { open(client: ClientKind): ConnectWindow; close(): void }
  flows: { flow(client: ClientKind): ConnectFlow; reset(client: ClientKind): void }
  servers: {
    list: Handlers['servers.list']
    add: Handlers['servers.add']
    remove(id: string): Promise<void>
    restart(id: string): ReturnType<Handlers['servers.restart']>
  }
  tools: { list(): Tool[]; setEnabled(name: string, enabled: boolean): void }
  approvals: AccessRooms['approvals'] & {
    list: Handlers['approvals.list']
    decide(id: string, decision: 'once' | 'deny'): void
  }
  activity: {
    list(input: { before?: string; limit: number; search?: string }): ReturnType<Handlers['activity.list']>
    get(id: string): ReturnType<Handlers['activity.get']>
  }
}

/** What each call of the contract does. Thin: the rooms hold the rules. */
export function createHandlers(rooms: Rooms): Handlers {
  const oneTool = (name: string): Tool => {
    const tool = rooms.tools.list().find((one) => one.name === name)
    if (tool) return tool
    throw new HostError({
      code: 'tool-unknown',
      message: 'That tool is no longer there.',
      hint: 'Its server may have been removed or changed. Look at the Tools page again.',
      detail: name,
    })
  }

  return {
    ...createAccessHandlers(rooms),

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

    'connect.open': ({ client }) => {
      // Pressing Connect means wanting somebody in; the interface says that it lowers the bridge.
      if (rooms.isRaised()) rooms.lower()
      // A program on this computer needs no public address; the cloud ones do.
      if (client !== 'other') rooms.wantTunnel()
      rooms.window.open(client)
      rooms.flows.reset(client)
      return rooms.flows.flow(client)
    },
    'connect.close': () => rooms.window.close(),
    'connect.flow': ({ client }) => rooms.flows.flow(client),

    'servers.list': rooms.servers.list,
    'servers.add': rooms.servers.add,
    'servers.remove': ({ id }) => rooms.servers.remove(id),
    'servers.restart': ({ id }) => rooms.servers.restart(id),

    'tools.list': () => rooms.tools.list(),
    'tools.set': ({ name, enabled }) => {
      oneTool(name)
      rooms.tools.setEnabled(name, enabled)
      return oneTool(name)
    },

    'approvals.list': rooms.approvals.list,
    'approvals.decide': ({ id, decision }) => rooms.approvals.decide(id, decision),

    'activity.list': (input) => rooms.activity.list(input),
    'activity.get': ({ id }) => rooms.activity.get(id),
  }
}
