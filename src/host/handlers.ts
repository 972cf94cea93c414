import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { activityHandlers } from '../activity/handlers.ts'
import { approvalHandlers, ruleHandlers } from '../approvals/handlers.ts'
import { connectorHandlers } from '../connectors/handlers.ts'
import type { Handlers } from '../contract/api.ts'
import type { Status } from '../contract/status.ts'
import { type AdminKey, adminKeyHandlers } from '../control/admin-key.ts'
import { toolHandlers } from '../gateway/offers/tools/handlers.ts'
import { workspaceHandlers } from '../gateway/workspaces/handlers.ts'
import { folderHandlers } from '../notes/handlers.ts'
import { accessHandlers } from '../oauth/handlers.ts'
import { serverHandlers } from '../servers/handlers.ts'
import { connectHandlers, doctorHandlers, pastedHandlers } from '../setup/handlers.ts'
import { Backups, backupHandlers } from '../storage/backup/backups.ts'
import { preferencesHandlers } from '../storage/preferences.ts'
import { timelineHandlers } from '../timeline/handlers.ts'
import type { Timeline } from '../timeline/timeline.ts'
import { bridgeHandlers } from '../tunnel/handlers.ts'
import type { AccessSide } from './access-side.ts'
import type { Base } from './base.ts'
import type { BridgeSwitch } from './bridge/bridge-switch.ts'
import type { Reach } from './bridge/reach.ts'
import type { CallingSide } from './calling-side.ts'
import type { PublicSide } from './public-side.ts'

interface Parts {
  base: Base
  reach: Reach
  calling: CallingSide
  access: AccessSide
  outside: PublicSide
  bridge: BridgeSwitch
  adminKey: AdminKey
  status(): Status
  /** The status is another one. */
  changed(): void
  cutOff(grantId: string): void
}

/** What each call of the contract does: every room answers its part, and is given what it needs of the others. */
export function createHandlers(parts: Parts): Handlers {
  const { base, reach, bridge, status, changed } = parts
  const { workspaces, preferences, notices, secrets, tell } = base
  const {
    connectors,
    folders,
    changes,
    servers,
    catalog,
    toolSettings,
    activity,
    approvals,
    rules,
    servedLists,
    reader,
  } = parts.calling
  const { timeline, watched } = parts.calling.timeline
  const { oauth, flows, doctor, moved, signIns } = parts.access
  const checkWorkspace = (name: string) => void workspaces.get(name)
  const readSources = () => reader.read()

  return {
    'status.get': status,
    'notices.dismiss': ({ id }) => {
      notices.dismiss(id)
      changed()
    },
    ...bridgeHandlers({ bridge, ...parts.outside, status }),
    ...connectHandlers({ flows, window: oauth.window, bridge }),
    'tunnel.moved': () => moved.now(),
    ...accessHandlers({
      oauth,
      clock: base.clock,
      approvals,
      checkWorkspace,
      bestOrigin: () => reach.bestOrigin(),
      callsToday: () => activity.callsToday(),
      servedTo: (grant) => servedLists.of(grant),
      async rotated() {
        for (const { id } of oauth.grants.list()) parts.cutOff(id)
        await secrets.rotate()
      },
    }),
    ...workspacesOf(parts),
    ...preferencesHandlers(preferences),
    ...doctorHandlers(doctor, checkWorkspace),
    ...adminKeyHandlers(parts.adminKey),
    ...backupHandlers(openBackups(base, timeline), base.options.restart),
    ...serverHandlers({
      servers,
      offers: catalog,
      readSources,
      readNewSources: () => reader.readNew(),
      removed: () => tell('workspaces.changed', {}),
    }),
    ...pastedHandlers,
    ...connectorHandlers(connectors),
    ...folderHandlers(folders, changes, base.options.chooseFolder),
    ...toolHandlers({ catalog, settings: toolSettings }),
    ...approvalHandlers(approvals),
    ...ruleHandlers(rules),
    ...activityHandlers(activity, signIns),
    ...timelineHandlers(timeline, watched),
  }
}

function workspacesOf({ base, reach, calling, access }: Parts) {
  const { workspaces, tell } = base
  return workspaceHandlers({
    workspaces,
    addressOf: (name) => reach.addressOf(name),
    sources: () => [...calling.connectorSlugs, ...calling.servers.list().map(({ slug }) => slug)],
    revoke: (name) => access.oauth.grants.revokeWorkspace(name),
    changed() {
      calling.reader.read()
      tell('workspaces.changed', {})
    },
  })
}

function openBackups(base: Base, timeline: Timeline): Backups {
  const { dataDir, options, clock, vault, db, callLog, log } = base
  return new Backups({
    ...{ dataDir, vault, db, callLog, log, version: options.version, now: () => clock.now() },
    // Opened by whoever first needs it, and then nobody else's.
    timeline: () => (existsSync(join(dataDir, 'timeline.db')) ? timeline.table.database : null),
  })
}
