import type { Server } from '../contract/servers.ts'
import type { Status } from '../contract/status.ts'
import { HostError } from '../kernel/errors.ts'
import type { AccessSide } from './access-side.ts'
import type { Addresses } from './bridge/addresses.ts'
import type { createBridgeSwitch } from './bridge/bridge-switch.ts'
import type { createBroadcast } from './broadcast.ts'
import type { CallingSide } from './calling-side.ts'
import type { createAdminKey } from './handlers/admin-key.ts'
import { checkDraftQuota } from './handlers/draft-quota.ts'
import type { Rooms } from './handlers/handlers.ts'
import type { createPreferences } from './handlers/preferences.ts'
import type { createWorkspaces } from './handlers/workspaces.ts'
import type { createNotices } from './notices/notices.ts'

/** The parts of the host as the contract's handlers use them, and what has to follow when one of them is used. */
export function handlersRooms(parts: {
  status(): Status
  changed(): void
  tell: ReturnType<typeof createBroadcast>['tell']
  notices: ReturnType<typeof createNotices>
  isRaised(): boolean
  bridgeSwitch: ReturnType<typeof createBridgeSwitch>
  access: AccessSide
  calling: CallingSide
  addresses: Addresses
  workspaces: ReturnType<typeof createWorkspaces>
  preferences: ReturnType<typeof createPreferences>
  adminKey: ReturnType<typeof createAdminKey>
  rotateSessions(): Promise<void>
}): Rooms {
  const { access, calling, addresses, workspaces, tell } = parts
  const { oauth, flows, doctor } = access
  const { servers, catalog, toolSettings, activity, approvals, servedLists, readSources } = calling
  /** A short name that is nobody's now would be that of whatever comes later. */
  const ofKnownSources = <T extends { sources?: string[] }>(wanted: T): T => {
    const slugs = new Set([...calling.connectorSlugs, ...servers.list().map(({ slug }) => slug)])
    const unknown = wanted.sources?.find((slug) => !slugs.has(slug))
    if (unknown === undefined) return wanted
    throw new HostError({
      code: 'source-unknown',
      message: `There is nothing called “${unknown}” that could be in a workspace.`,
      hint: 'It may have been removed. Look at what there is again and choose anew.',
    })
  }
  /** With what the catalog says of it. */
  const known = (server: Server): Server => {
    const { leftOut = [], ...numbers } = catalog.offeredOf(server.slug) ?? {}
    return {
      ...server,
      ...numbers,
      leftOut: [...server.leftOut, ...leftOut],
      setAside: [...catalog.setAside(server.slug)],
    }
  }
  /** Drafts that are being written. */
  let drafting = 0
  return {
    status: parts.status,
    dismissNotice(id) {
      parts.notices.dismiss(id)
      parts.changed()
    },
    isRaised: parts.isRaised,
    ...parts.bridgeSwitch,
    window: oauth.window,
    flows,
    connections: oauth.connections,
    grants: oauth.grants,
    clients: {
      ...oauth.clients,
      register: (input) => oauth.clients.register(input, addresses.bestOrigin()),
    },
    callsToday: () => activity.callsToday(),
    servedTo: (grant) => servedLists.of(grant),
    workspaces: {
      ...workspaces,
      create: (wanted) => workspaces.create(ofKnownSources(wanted)),
      update: (name, wanted) => workspaces.update(name, ofKnownSources(wanted)),
    },
    addressOf: addresses.of,
    workspacesChanged() {
      readSources()
      tell('workspaces.changed', {})
    },
    preferences: parts.preferences,
    async rotate(given) {
      await oauth.rotate(given)
      await parts.rotateSessions()
    },
    doctor,
    adminKey: parts.adminKey,
    servers: {
      list: () => servers.list().map(known),
      async add(input) {
        const server = await servers.add(input)
        readSources()
        return known(server)
      },
      async draft(input) {
        checkDraftQuota(servers.list(), drafting)
        drafting += 1
        return known(
          await servers.draft(input).finally(() => {
            drafting -= 1
          }),
        )
      },
      update(change) {
        const server = servers.update(change)
        readSources()
        return known(server)
      },
      async edit(input) {
        const server = await servers.edit(input)
        readSources()
        return known(server)
      },
      async remove(id) {
        await servers.remove(id)
        readSources()
        tell('workspaces.changed', {})
      },
      async start(id, seen) {
        const server = await servers.start(id, seen)
        readSources()
        return known(server)
      },
      halt: async (id) => known(await servers.stopServer(id)),
      restart: async (id) => known(await servers.restart(id)),
      check: async (id) => known(await servers.check(id)),
      signIn: async (id) => known(await servers.signIn(id)),
      signOut: async (id) => known(await servers.signOut(id)),
    },
    connectors: calling.connectors.handlers,
    tools: {
      list: () => catalog.all(),
      set(id, change) {
        toolSettings.set(id, change)
        // Who switches a new tool off has looked at it.
        const { review } =
          change.enabled === false ? (catalog.all().find((tool) => tool.id === id) ?? {}) : {}
        if (review?.why === 'new') catalog.accept([{ id, seen: review.seen }])
        else catalog.refresh()
      },
      accept: (tools) => catalog.accept(tools),
      idOfAlias: (name) => toolSettings.idOfAlias(name) ?? catalog.ownerOfName(name),
    },
    approvals,
    activity,
  }
}
