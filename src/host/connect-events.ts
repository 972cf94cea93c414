import type { ConnectionRequest } from '../contract/access.ts'
import type { Call } from '../contract/activity.ts'
import type { EventName, Payload } from '../contract/api.ts'
import type { Approval } from '../contract/approvals.ts'
import type { ConnectFlow } from '../contract/setup.ts'
import type { Status } from '../contract/status.ts'
import { doAll } from '../kernel/errors.ts'

type Nothing = Record<string, never>
interface Source<Events> {
  on<K extends keyof Events>(name: K, listen: (payload: Events[K]) => void): () => void
}

/** What the rooms say, as far as somebody outside a room needs to hear it. */
interface Rooms {
  tell<K extends EventName>(name: K, payload: Payload<K>): void
  status(): Status
  tunnel: { events: Source<{ changed: unknown }> }
  oauth: {
    events: Source<{
      'window.changed': unknown
      'connections.changed': ConnectionRequest[]
      'connections.asked': ConnectionRequest
      'grants.changed': Nothing
      'grant.revoked': { grantId: string }
      /** Its tokens ended, the entry stays. */
      'grant.suspended': { grantId: string }
      /** Its calls are refused for a while, the entry and its sessions stay. */
      'grant.paused': { grantId: string }
      'clients.changed': Nothing
    }>
  }
  approvals: {
    events: Source<{ asked: Approval; changed: Approval[]; heldBack: unknown }>
    cancelFor(grantId: string): void
  }
  rules: { events: Source<{ changed: Nothing }>; revokeAll(grantId: string): number }
  activity: { events: Source<{ added: Call }> }
  servers: { events: Source<{ changed: Nothing; 'lists.changed': Nothing }> }
  catalog: { onChanged(listen: () => void): () => void }
  /** Requests that wait for an answer of their client, and who wants to hear of resources. */
  pipeline: { cancelFor(grantId: string): void }
  subscriptions: { cancelFor(grantId: string): void }
  flows: { events: Source<{ changed: ConnectFlow }>; refresh(): void }
  listener: { closeGrant(grantId: string): void; interrupt(grantId: string): void; toolsChanged(): void }
  readSourcesSoon(): void
}

/** Connects the rooms' events to the contract's, and to the rooms that must act on them. */
export function connectEvents(rooms: Rooms): {
  changed(): void
  /** Tells at once what would be told in a moment, so that no answer runs ahead of it. */
  tellNow(): void
  /** Ends what a grant has going on: its calls, streams and questions. */
  cutOff(grantId: string): void
  /** From now on nothing is told: the rooms are being closed. */
  stop(): void
} {
  const { tell, tunnel, oauth, approvals, rules, activity, servers, catalog, flows, listener } = rooms
  const { pipeline } = rooms

  // Several rooms change in one go; whoever watches needs to hear of it once.
  let told: NodeJS.Immediate | null = null
  let stopped = false
  const changed = () => {
    if (told !== null || stopped) return
    told = setImmediate(tellNow)
  }
  const tellNow = () => {
    if (told === null) return
    clearImmediate(told)
    told = null
    tell('status.changed', rooms.status())
    flows.refresh()
  }

  tunnel.events.on('changed', changed)
  oauth.events.on('window.changed', changed)
  oauth.events.on('connections.asked', (request) => tell('connections.asked', request))
  oauth.events.on('connections.changed', (list) => {
    tell('connections.changed', list)
    changed()
  })
  oauth.events.on('grants.changed', () => {
    listener.toolsChanged()
    tell('grants.changed', {})
    changed()
  })
  const cutOff = (grantId: string) => cut(rooms, grantId)
  oauth.events.on('grant.revoked', ({ grantId }) =>
    doAll(
      () => rules.revokeAll(grantId),
      () => cutOff(grantId),
    ),
  )
  oauth.events.on('grant.suspended', ({ grantId }) => cutOff(grantId))
  oauth.events.on('grant.paused', ({ grantId }) =>
    doAll(
      () => approvals.cancelFor(grantId),
      () => pipeline.cancelFor(grantId),
      () => listener.interrupt(grantId),
    ),
  )
  oauth.events.on('clients.changed', () => tell('clients.changed', {}))
  approvals.events.on('asked', (approval) => tell('approvals.asked', approval))
  approvals.events.on('changed', (list) => {
    tell('approvals.changed', list)
    changed()
  })
  // Said on the row of its grant.
  approvals.events.on('heldBack', () => tell('grants.changed', {}))
  rules.events.on('changed', () => tell('rules.changed', {}))
  activity.events.on('added', (call) => tell('activity.added', call))
  servers.events.on('changed', () => tell('servers.changed', {}))
  servers.events.on('lists.changed', rooms.readSourcesSoon)
  catalog.onChanged(() => {
    // how many tools wait
    changed()
    tell('tools.changed', {})
    // whether what a client has is still what it would get
    tell('grants.changed', {})
  })
  flows.events.on('changed', (flow) => {
    // What the steps follow from must not be told later than the steps: a page shows both.
    tellNow()
    tell('connect.changed', flow)
  })
  const stop = () => {
    stopped = true
    if (told !== null) clearImmediate(told)
  }
  return { changed, tellNow, cutOff, stop }
}

/** Also where the disk takes nothing. */
const cut = ({ approvals, pipeline, subscriptions, listener }: Rooms, grantId: string): void =>
  doAll(
    () => approvals.cancelFor(grantId),
    () => pipeline.cancelFor(grantId),
    () => subscriptions.cancelFor(grantId),
    () => listener.closeGrant(grantId),
  )
