import type { ClientKind, ConnectionRequest, Grant, RegisteredClient } from '../access.ts'
import type { ActivityCheck, Call } from '../activity.ts'
import type { EventName, Payload } from '../api.ts'
import type { ApprovalDetails } from '../approvals.ts'
import type { Change } from '../changes.ts'
import type { Connector } from '../connectors.ts'
import { Diagnosis } from '../doctor.ts'
import type { ErrorReply } from '../errors.ts'
import type { Folder } from '../folders.ts'
import type { HelperDownload } from '../helpers.ts'
import { Preferences } from '../preferences.ts'
import type { Rule } from '../rules.ts'
import type { Server } from '../servers.ts'
import { ConnectFlow, type Move } from '../setup.ts'
import { Status } from '../status.ts'
import type { TimelineEvent } from '../timeline.ts'
import { type ChangedServer, type Difference, type Offer, Tool } from '../tools.ts'
import type { CloudflareSignIn } from '../tunnel.ts'
import type { Workspace } from '../workspaces.ts'
import { wholeRecord } from './fake-record.ts'
import { sampleOf } from './sample.ts'

/** Everything that a fake host knows; commands change it. */
export interface FakeState {
  status: Status
  grants: Grant[]
  clients: RegisteredClient[]
  workspaces: Workspace[]
  preferences: Preferences
  /** When the key for programs was made. */
  adminKeyAt: number | null
  diagnosis: Diagnosis
  servers: Server[]
  connectors: Connector[]
  folders: Folder[]
  tools: Tool[]
  offers: Offer[]
  /** By the tool's id. */
  differences: Record<string, Difference[]>
  changedServers: ChangedServer[]
  /** Which way to a public address is used, and what they were told. */
  downloads: HelperDownload[]
  signIn: CloudflareSignIn | null
  ways: { chosen: string; kept: Record<string, unknown>; secrets: Record<string, string> }
  connections: ConnectionRequest[]
  approvals: ApprovalDetails[]
  rules: Rule[]
  calls: Call[]
  /** Of whose documents those with `shared` in their path were changed since. */
  changes: Change[]
  /** Newest first. */
  events: TimelineEvent[]
  /** What is found when the log is gone over. */
  check: ActivityCheck
  flows: Record<ClientKind, ConnectFlow>
  /** Left out: the public address never changed. */
  move?: Move
  /** Calls that answer with this failure instead. */
  failing: Record<string, ErrorReply>
}

/** What the answers of a fake host work with. */
export interface Fake {
  state: FakeState
  now(): number
  /** To everybody who listens. `payload` is checked against the contract. */
  tell<K extends EventName>(name: K, payload: Payload<K>): void
}

/** A host that was just started, with a tool or two. */
export const freshState = (dataDir = '/data'): FakeState => ({
  status: sampleOf(Status, {
    version: '9.9.9',
    shell: 'headless',
    dataDir,
    bridge: {
      state: 'local',
      localUrl: 'http://127.0.0.1:4000/mcp',
      publicUrl: null,
      message: 'For programs on this computer only.',
      hint: 'Press Connect.',
      since: 0,
    },
    vault: { kind: 'file', message: 'An encrypted file.', hint: '' },
  }),
  grants: [],
  clients: [],
  workspaces: [],
  preferences: sampleOf(Preferences, {
    requestsPerMinute: 100,
    maxServers: 100,
    largestAnswer: 32,
    activityDays: 90,
    resultMinutes: 30,
  }),
  adminKeyAt: null,
  diagnosis: sampleOf(Diagnosis),
  servers: [],
  downloads: [],
  signIn: null,
  ways: { chosen: 'localtunnel', kept: {}, secrets: {} },
  connectors: [],
  folders: [],
  differences: {},
  changedServers: [],
  tools: [readingTool('My files', 'files'), readingTool('GitHub', 'github')],
  offers: [],
  connections: [],
  approvals: [],
  rules: [],
  calls: [],
  changes: [],
  events: [],
  check: wholeRecord,
  flows: {
    chatgpt: sampleOf(ConnectFlow, { client: 'chatgpt', title: 'Connect' }),
    claude: sampleOf(ConnectFlow, { client: 'claude', title: 'Connect' }),
    other: sampleOf(ConnectFlow, { client: 'other', title: 'Connect' }),
  },
  failing: {},
})

const readingTool = (source: string, sourceId: string): Tool => {
  const id = `${sourceId}__read`
  return sampleOf(Tool, {
    id,
    name: id,
    original: 'read',
    title: 'Read',
    source,
    sourceId,
    sourceKind: 'server',
    enabled: true,
  })
}
