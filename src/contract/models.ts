/**
 * The nouns of Drawbridge, as the user interface and every room of the host know them.
 * It is long because the whole vocabulary stands in one place.
 * Times are milliseconds since 1970; durations are milliseconds; text is plain text, never HTML.
 */
import * as z from 'zod'
import { ShownValue } from './shown-value.ts'

const time = z.number().int().nonnegative()

/** What a grant or key may do. `look`: read tools only. `ask`: reads pass, the rest waits for the user. */
export const Access = z.enum(['look', 'ask', 'everything'])
export type Access = z.infer<typeof Access>

/** Risk of a tool: from its annotations (MCP tool annotations; absent means `write`) and the user's overrides. */
export const Risk = z.enum(['read', 'write', 'destructive'])
export type Risk = z.infer<typeof Risk>

/** What a caller of the contract gets when something went wrong: what happened, and what to do next. */
export const ErrorReply = z.object({ code: z.string(), message: z.string(), hint: z.string() })
export type ErrorReply = z.infer<typeof ErrorReply>

/**
 * The bridge. `raised`: the user pulled it up, nobody passes. `local`: down, for programs on this computer
 * only. `opening` and `open`: a public address is being opened, or answers. `offline`: one is wanted, but the
 * tunnel cannot be reached (programs on this computer still pass). `taken`: the tunnel answers, but the wanted
 * name belongs to somebody else at the moment.
 */
export const BridgeState = z.enum(['raised', 'local', 'opening', 'open', 'offline', 'taken'])
export type BridgeState = z.infer<typeof BridgeState>

export const Bridge = z.object({
  state: BridgeState,
  /** The MCP endpoint for programs on this computer. */
  localUrl: z.string(),
  /** The MCP endpoint for the outside; null until a tunnel gave one. Known addresses stay shown while offline. */
  publicUrl: z.string().nullable(),
  message: z.string(),
  hint: z.string(),
  since: time,
})
export type Bridge = z.infer<typeof Bridge>

/** Where secrets are kept. `file`: no OS keychain answered, an encrypted file is used instead. */
export const VaultStatus = z.object({
  kind: z.enum(['keychain', 'file']),
  message: z.string(),
  hint: z.string(),
})
export type VaultStatus = z.infer<typeof VaultStatus>

export const Notice = z.object({
  id: z.string(),
  level: z.enum(['info', 'warning']),
  message: z.string(),
  hint: z.string(),
})
export type Notice = z.infer<typeof Notice>

export const ClientKind = z.enum(['chatgpt', 'claude', 'other'])
export type ClientKind = z.infer<typeof ClientKind>

/** The ten minutes in which a new client may ask to connect. */
export const ConnectWindow = z.object({
  open: z.boolean(),
  expects: ClientKind.nullable(),
  closesAt: time.nullable(),
})
export type ConnectWindow = z.infer<typeof ConnectWindow>

export const Status = z.object({
  version: z.string(),
  shell: z.enum(['electron', 'headless']),
  dataDir: z.string(),
  bridge: Bridge,
  vault: VaultStatus,
  window: ConnectWindow,
  /** `tools`: new ones, and ones that say they do less than before. */
  waiting: z.object({ connections: z.number().int(), calls: z.number().int(), tools: z.number().int() }),
  /** Things the user should know once, such as "the database was damaged and set aside". */
  notices: z.array(Notice),
})
export type Status = z.infer<typeof Status>

/** One live approval of a client: a device or an account that holds tokens. */
export const Session = z.object({
  id: z.string(),
  /** The address it came through, such as `https://name.example`. */
  origin: z.string(),
  startedAt: time,
  lastUsedAt: time.nullable(),
})
export type Session = z.infer<typeof Session>

/** One entry of the Access page: an OAuth client the user let in, or a named key. */
export const Grant = z.object({
  id: z.string(),
  kind: z.enum(['client', 'key']),
  /** The OAuth client; null for keys. */
  clientId: z.string().nullable(),
  /** Shown name: "MCP — ChatGPT" or the key's own name. */
  name: z.string(),
  /** The redirect host the user saw when allowing a client; null for keys. */
  redirectHost: z.string().nullable(),
  workspace: z.string(),
  access: Access,
  /** Ids of the tools allowed; null means every tool of the workspace, and its resources and prompts. */
  tools: z.array(z.string()).nullable(),
  createdAt: time,
  lastSeenAt: time.nullable(),
  /** The address it was last seen at: the public origin, or the one for programs on this computer. */
  lastOrigin: z.string().nullable(),
  expiresAt: time.nullable(),
  /** Live approvals, oldest first; empty for keys. */
  sessions: z.array(Session),
  callsToday: z.number().int(),
  /** It was refused several times in a row: until then its questions are refused unasked. Null or left out: they are put to the user. */
  heldBackUntil: time.nullable().optional(),
  /** The list of tools it fetched last; null: it never asked for one. */
  served: z
    .object({
      at: time,
      tools: z.number().int(),
      /** SHA-256 of the list, base64url. */
      hash: z.string(),
      /** False: it would get another list today, and some clients keep the old one until told to refresh. */
      current: z.boolean(),
    })
    .nullable(),
})
export type Grant = z.infer<typeof Grant>

/** A client waiting at the authorize page. The digits are shown in the client's browser, never here. */
export const ConnectionRequest = z.object({
  id: z.string(),
  /** As the client claims; not verified. */
  clientName: z.string(),
  clientId: z.string(),
  registration: z.enum(['dynamic', 'metadata-document', 'manual']),
  redirectHost: z.string(),
  /** Whether the redirect host belongs to what the user said to expect. */
  expected: z.boolean(),
  workspace: z.string(),
  scopes: z.array(z.string()),
  /** True when this client already has a grant: it needs a click, and gets no second entry. */
  returning: z.boolean(),
  /** False for a returning client, which needs a click only. */
  needsDigits: z.boolean(),
  askedAt: time,
  expiresAt: time,
})
export type ConnectionRequest = z.infer<typeof ConnectionRequest>

export const ApprovalState = z.enum(['waiting', 'allowed', 'denied', 'expired', 'used'])
export type ApprovalState = z.infer<typeof ApprovalState>

/** A call that waits for the user, with as much as fits on one line. Names of others are written out (`visibleLine`) and capped. */
export const Approval = z.object({
  id: z.string(),
  grantId: z.string(),
  clientName: z.string(),
  /** The public name, and the id that never changes; both say what runs, whatever its title claims. */
  tool: z.string(),
  toolId: z.string(),
  /** As its maker calls it, capped; may be empty. */
  toolTitle: z.string(),
  /** Shown name of where it runs, and its stable short name. */
  source: z.string(),
  sourceId: z.string(),
  risk: Risk,
  /** What would run, on one line: `tool {"arguments": …}`, ending in `…` where there is more. */
  line: z.string(),
  /**
   * What `approvals.decide` needs when the line was all that the user saw. Null when the line is not the whole truth, or the call
   * is destructive: then it takes a look at `approvals.get`.
   */
  lineSeen: z.string().nullable(),
  state: ApprovalState,
  askedAt: time,
  expiresAt: time,
})
export type Approval = z.infer<typeof Approval>

/** The same with everything that would reach its source. */
export const ApprovalDetails = Approval.extend({
  /** JSON of the exact arguments: whole, nothing hidden, and parsing to what would run (`shownJson`). */
  arguments: z.string(),
  /** What `approvals.decide` needs from whoever was shown the arguments. */
  seen: z.string(),
})
export type ApprovalDetails = z.infer<typeof ApprovalDetails>

export const CallOutcome = z.enum(['running', 'answered', 'failed', 'denied', 'pending', 'cancelled'])
export type CallOutcome = z.infer<typeof CallOutcome>

/** One row of the activity log. */
export const Call = z.object({
  id: z.string(),
  at: time,
  grantId: z.string(),
  clientName: z.string(),
  tool: z.string(),
  source: z.string(),
  risk: Risk,
  decision: z.enum(['allowed', 'approved', 'denied', 'pending', 'refused']),
  outcome: CallOutcome,
  /** Milliseconds from arrival to answer; null while it runs. */
  duration: z.number().nonnegative().nullable(),
  error: z.string().nullable(),
  /** Redacted JSON text, shortened for storage. */
  arguments: z.string(),
  result: z.string().nullable(),
})
export type Call = z.infer<typeof Call>

/**
 * `draft`: it was added by a program and waits for the user to look at it and start it; nothing has run yet. `waiting`: it
 * stopped and is started again after a while. `downloading`: what starts it fetches its program first. `signed-out`: it wants the user to sign in first.
 */
export const ServerState = z.enum([
  'draft',
  'stopped',
  'downloading',
  'starting',
  'running',
  'waiting',
  'failed',
  'signed-out',
])
export type ServerState = z.infer<typeof ServerState>

/** `stdio`: a command on this computer. `http`: Streamable HTTP (falls back to the older kind). `sse`: only the older kind. */
export const ServerKind = z.enum(['stdio', 'http', 'sse'])
export type ServerKind = z.infer<typeof ServerKind>

/** How a server is doing. Response times are milliseconds over its last 100 requests. */
export const ServerHealth = z.object({
  /** When it last answered, or failed to answer, a check. */
  checkedAt: time.nullable(),
  ok: z.boolean().nullable(),
  requests: z.number().int(),
  median: z.number().nonnegative().nullable(),
  p95: z.number().nonnegative().nullable(),
  lastError: z.object({ at: time, message: z.string() }).nullable(),
})
export type ServerHealth = z.infer<typeof ServerHealth>

/** Signing in to a server over OAuth. Tokens and secrets stay in the vault. */
export const ServerSignIn = z.object({
  state: z.enum(['none', 'needed', 'waiting', 'signed-in']),
  /** The authorization server that the credentials belong to. */
  issuer: z.string().nullable(),
  scopes: z.array(z.string()),
  /** A client id the user gave; null: Drawbridge introduces itself. */
  clientId: z.string().nullable(),
  /** The page to open in a browser, while `waiting`. */
  url: z.string().nullable(),
  problem: ErrorReply.nullable(),
})
export type ServerSignIn = z.infer<typeof ServerSignIn>

/** A connected MCP server, as the user added it. Values of env and headers stay in the vault, but those of a draft are shown. */
export const Server = z.object({
  id: z.string(),
  name: z.string(),
  /** Short name, the first part of its tools' public names. */
  slug: z.string(),
  kind: ServerKind,
  command: z.string().nullable(),
  args: z.array(z.string()),
  /** The folder it is started in; null means the home folder. */
  cwd: z.string().nullable(),
  url: z.string().nullable(),
  /** Names only. */
  env: z.array(z.string()),
  headers: z.array(z.string()),
  /**
   * Of a draft: what its variables or headers hold, and its client secret if it brought one, by the rule of `shown-value.ts`. Null when
   * it is no draft any more, or while the vault does not answer; then a draft cannot be started.
   */
  values: z.array(ShownValue).nullable(),
  /** Started by a command: it sees and changes only its own folder, and none of the user's other files or programs. */
  confined: z.boolean(),
  /** What the user said about signing in to it; the secret is in the vault. */
  oauth: z.object({ clientId: z.string(), scopes: z.array(z.string()) }).nullable(),
  /** False: its tools are served under their own names. */
  prefixed: z.boolean(),
  /** True: it gets what assistants say about the person in front of them (place, account, conversation), which no other one does. */
  passesClientContext: z.boolean(),
  /** Milliseconds that one request may take without news. */
  timeout: z.number().int(),
  /** Milliseconds that its start may take without a sign of life, after its program is there. */
  startTimeout: z.number().int(),
  state: ServerState,
  /** SHA-256 of all that decides what is started; a draft is started only by who has seen exactly this. */
  fingerprint: z.string(),
  /** What is spoken with it. */
  transport: z.enum(['stdio', 'streamable-http', 'sse']).nullable(),
  /** The protocol version spoken with it, and when that was found out. */
  protocol: z.string().nullable(),
  protocolSince: time.nullable(),
  tools: z.number().int(),
  resources: z.number().int(),
  prompts: z.number().int(),
  /** Its resources and templates whose addresses another source has already: they are served as `published`. */
  setAside: z.array(
    z.object({
      kind: z.enum(['resource', 'template']),
      own: z.string(),
      published: z.string(),
      /** The name of the other source, if it is still there. */
      owner: z.string(),
    }),
  ),
  /** Its lists that are larger than what is taken: only their beginning is used. */
  cutLists: z.array(z.enum(['tools', 'resources', 'resourceTemplates', 'prompts'])),
  /** What it has and is not offered, and why, in words for people: single entries, or (`list`) one of its lists as a whole. */
  leftOut: z.array(
    z.object({
      kind: z.enum(['tool', 'resource', 'resourceTemplate', 'prompt', 'list']),
      name: z.string(),
      why: z.string(),
    }),
  ),
  health: ServerHealth,
  signIn: ServerSignIn,
  error: ErrorReply.nullable(),
  /** The last lines it wrote to standard error, oldest first. */
  log: z.array(z.string()),
  startedAt: time.nullable(),
  restarts: z.number().int(),
})
export type Server = z.infer<typeof Server>

/** A tool as the Tools page shows it. */
export const Tool = z.object({
  /** Stable: what settings and grants refer to, whatever the tool is called in public. */
  id: z.string(),
  /** The public name: the user's own, or `source__tool`, or the tool's own name. */
  name: z.string(),
  /** Its name at the source. */
  original: z.string(),
  /** The public name that the user gave it. */
  alias: z.string().nullable(),
  title: z.string(),
  description: z.string(),
  source: z.string(),
  /** The source's stable short name, as workspaces refer to it. */
  sourceId: z.string(),
  sourceKind: z.enum(['connector', 'server']),
  risk: Risk,
  openWorld: z.boolean(),
  enabled: z.boolean(),
  /**
   * What its owner should look at. `new`: it came to a server that was known already, and nobody can use it before it is accepted.
   * `safer`: it says that it does less than before; until that is accepted it is treated as before. `risk`, `openWorld`: what it
   * says now. `seen`: SHA-256 of its definition as it is now, to be said when it is accepted.
   */
  review: z
    .object({ why: z.enum(['new', 'safer']), risk: Risk, openWorld: z.boolean(), seen: z.string() })
    .nullable(),
  localOnly: z.boolean(),
})
export type Tool = z.infer<typeof Tool>

export const StepState = z.enum(['done', 'now', 'later', 'failed'])

/** One step of a setup flow, ticked from real traffic. `copy` is something to paste elsewhere. */
export const Step = z.object({
  id: z.string(),
  title: z.string(),
  text: z.string(),
  state: StepState,
  copy: z.object({ label: z.string(), value: z.string() }).nullable(),
  /** Why it failed and what to do; only with state `failed`. */
  problem: ErrorReply.nullable(),
  at: time.nullable(),
})
export type Step = z.infer<typeof Step>

export const ConnectFlow = z.object({
  client: ClientKind,
  title: z.string(),
  /** When the instructions were last compared with the client's own pages, e.g. "November 2026". */
  edition: z.string(),
  steps: z.array(Step),
  done: z.boolean(),
})
export type ConnectFlow = z.infer<typeof ConnectFlow>

/** A named set of sources with a resource URL of its own. `default` has everything and cannot be removed. */
export const Workspace = z.object({
  /** Part of the address: `/mcp/{name}`; `default` is served at `/mcp`. */
  name: z.string(),
  title: z.string(),
  /** `sourceId`s; null means every source. */
  sources: z.array(z.string()).nullable(),
  localUrl: z.string(),
  publicUrl: z.string().nullable(),
})
export type Workspace = z.infer<typeof Workspace>

export const GrantType = z.enum(['authorization_code', 'refresh_token', 'client_credentials'])
export type GrantType = z.infer<typeof GrantType>

/** A client that the user registered by hand. Its secret was shown once and is stored hashed. */
export const RegisteredClient = z.object({
  clientId: z.string(),
  name: z.string(),
  redirectUris: z.array(z.string()),
  grantTypes: z.array(GrantType),
  scopes: z.array(z.string()),
  confidential: z.boolean(),
  workspace: z.string(),
  createdAt: time,
})
export type RegisteredClient = z.infer<typeof RegisteredClient>

/** What is shown once after registering: enough for *Copy* and *Download JSON*. */
export const ClientCredentials = RegisteredClient.extend({
  clientSecret: z.string().nullable(),
  issuer: z.string(),
  resource: z.string(),
  authorizationEndpoint: z.string(),
  tokenEndpoint: z.string(),
  registrationEndpoint: z.string(),
})
export type ClientCredentials = z.infer<typeof ClientCredentials>

export const Preferences = z.object({
  /** Hosts that clients may be sent back to (exact, or `*.example.com`); null means any that passes the usual rules. */
  redirectDomains: z.array(z.string()).nullable(),
  /** Requests that one client may make within a minute; null: as many as it likes. */
  requestsPerMinute: z.number().int().min(1).max(100_000).nullable(),
  /** Servers that may run at the same time. */
  maxServers: z.number().int().min(1).max(500),
  /** Megabytes (10⁶ bytes) of one answer of a server. All that arrives at once: twice that from one server, four times from all. */
  largestAnswer: z.number().int().min(1).max(256),
  /** Exact origins of pages on this computer that may be clients, such as `http://localhost:6274`; left out: none. */
  localPages: z.array(z.string().max(300)).max(20).optional(),
})
export type Preferences = z.infer<typeof Preferences>

/** One thing the doctor tried, as a client would. */
export const Finding = z.object({
  id: z.string(),
  title: z.string(),
  state: z.enum(['ok', 'warning', 'failed', 'skipped']),
  /** What was sent and what came back, short, secrets redacted. */
  sent: z.string(),
  received: z.string(),
  /** What it means and what to do, in plain words; null when all is well. */
  problem: ErrorReply.nullable(),
  /** Milliseconds. */
  took: z.number().nonnegative(),
})
export type Finding = z.infer<typeof Finding>

export const Diagnosis = z.object({
  /** The address that was checked. */
  url: z.string(),
  through: z.enum(['public', 'local']),
  at: time,
  findings: z.array(Finding),
  ok: z.boolean(),
  summary: z.string(),
})
export type Diagnosis = z.infer<typeof Diagnosis>
