/**
 * Everything a user interface or the command line may ask of the host, and everything the host may tell them; each area has its
 * part in a file of its own. `host/dispatch.ts` is the only door to it; Electron's IPC and the private listener both knock there.
 */
import { accessApi } from './access.ts'
import { activityApi } from './activity.ts'
import { adminKeyApi } from './admin-key.ts'
import { approvalsApi } from './approvals.ts'
import { backupApi } from './backup.ts'
import { changesApi } from './changes.ts'
import { connectorsApi } from './connectors.ts'
import type { CallsOf, EventsOf, HandlersOf, InputOf, OutputOf, ParsedOf, PayloadOf } from './definition.ts'
import { doctorApi } from './doctor.ts'
import { foldersApi } from './folders.ts'
import { helpersApi } from './helpers.ts'
import { pastedApi } from './pasted.ts'
import { preferencesApi } from './preferences.ts'
import { rulesApi } from './rules.ts'
import { serversApi } from './servers.ts'
import { connectApi, moveApi } from './setup.ts'
import { bridgeApi, statusApi } from './status.ts'
import { timelineApi } from './timeline.ts'
import { toolsApi } from './tools.ts'
import { tunnelApi } from './tunnel.ts'
import { workspacesApi } from './workspaces.ts'

export const api = {
  ...statusApi,
  ...bridgeApi,
  ...tunnelApi,
  ...helpersApi,
  ...connectApi,
  ...moveApi,
  ...accessApi,
  ...workspacesApi,
  ...preferencesApi,
  ...doctorApi,
  ...adminKeyApi,
  ...backupApi,
  ...serversApi,
  ...pastedApi,
  ...connectorsApi,
  ...foldersApi,
  ...changesApi,
  ...toolsApi,
  ...approvalsApi,
  ...rulesApi,
  ...activityApi,
  ...timelineApi,
}

type Api = typeof api
export type CallName = CallsOf<Api>
export type EventName = EventsOf<Api>
export type Input<K extends CallName> = InputOf<Api, K>
export type Parsed<K extends CallName> = ParsedOf<Api, K>
export type Output<K extends CallName> = OutputOf<Api, K>
export type Payload<K extends EventName> = PayloadOf<Api, K>
export type Handlers = HandlersOf<Api>
