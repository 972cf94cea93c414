import * as z from 'zod'
import { say } from '../../locales/say.ts'
import { ShownValue } from './agreed/shown-value.ts'
import { command, event, nothing, query } from './definition.ts'
import { ErrorReply } from './errors.ts'
import { Name } from './names.ts'
import { time } from './time.ts'

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
  truncatedLists: z.array(z.enum(['tools', 'resources', 'resourceTemplates', 'prompts'])),
  /**
   * What it has and is not offered, and why, in words for people: single entries, parts of how a tool is described (`part`; the tool is
   * offered), one of its lists as a whole (`list`), or what it tells assistants of itself (`instructions`).
   */
  leftOut: z.array(
    z.object({
      kind: z.enum(['tool', 'resource', 'resourceTemplate', 'prompt', 'part', 'list', 'instructions']),
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

/** What the programs of one server take of this computer now, all together; null: not known on this system. */
export const ServerUse = z.object({
  id: z.string(),
  name: z.string(),
  programs: z.number().int().nullable(),
  /** Bytes; what programs share is counted in each. */
  memory: z.number().nullable(),
  /** 1: one core, all the time. */
  cpu: z.number().nullable(),
})
export type ServerUse = z.infer<typeof ServerUse>

const Pairs = z.record(z.string().min(1).max(200), z.string().max(20_000))

/** Milliseconds. */
const Timeout = z.number().int().min(1_000).max(600_000)
const remote = {
  name: Name,
  url: z.url({ protocol: /^https?$/, error: () => say('input.webAddress') }),
  headers: Pairs.default({}),
  timeout: Timeout.default(30_000),
  /** A start without a sign of life; left out: as `timeout`, and 30 seconds at least. */
  startTimeout: Timeout.optional(),
  /** For authorization servers at which Drawbridge cannot introduce itself. */
  oauth: z
    .object({
      clientId: z.string().trim().min(1).max(2_000),
      clientSecret: z.string().max(20_000).optional(),
      scopes: z.array(z.string().max(200)).max(50).optional(),
    })
    .optional(),
}
/** A server to be added: what is started or contacted, and with which values. */
export const NewServer = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('stdio'),
    name: Name,
    command: z
      .string()
      .trim()
      .min(1, { error: () => say('input.command') })
      .max(4_000),
    args: z.array(z.string().max(20_000)).max(200).default([]),
    env: Pairs.default({}),
    /** A full path; left out: the home folder. */
    cwd: z.string().max(4_000).optional(),
    timeout: Timeout.default(30_000),
    startTimeout: Timeout.optional(),
    /** Only its own folder: in the sandbox of the operating system, or it is not started. Left out: no. */
    confined: z.boolean().optional(),
  }),
  z.object({ kind: z.literal('http'), ...remote }),
  z.object({ kind: z.literal('sse'), ...remote }),
])

/** All there are from now on: one that is left out is removed, and null leaves the value as it is. */
const KeptPairs = z.record(z.string().min(1).max(200), z.string().max(20_000).nullable())
const [program] = NewServer.options
/** What a server is from now on, and which of its values stay. */
const ServerEdit = z.discriminatedUnion('kind', [
  program.omit({ args: true, env: true, timeout: true }).extend({
    id: z.string(),
    args: program.shape.args.unwrap(),
    env: KeptPairs,
    timeout: Timeout.optional(),
  }),
  z.object({
    id: z.string(),
    kind: z.enum(['http', 'sse']),
    name: Name,
    url: remote.url,
    headers: KeptPairs,
    timeout: Timeout.optional(),
    startTimeout: Timeout.optional(),
    /** Left out: none any more. A client secret that is left out stays. */
    oauth: remote.oauth,
  }),
])

export const serversApi = {
  'servers.list': query(nothing, z.array(Server)),
  /** Of servers that are programs here, drafts left out. Takes a second, in which it is looked at them. */
  'servers.use': query(nothing, z.array(ServerUse)),
  'servers.add': command(NewServer, Server),
  /**
   * The same, for programs: nothing is started or contacted. The user starts it in the app or on the command line after having
   * looked at it.
   */
  'servers.draft': command(NewServer, Server),
  /** What is left out stays as it is. */
  'servers.update': command(
    z.object({
      id: z.string(),
      prefixed: z.boolean().optional(),
      passesClientContext: z.boolean().optional(),
      timeout: Timeout.optional(),
      startTimeout: Timeout.optional(),
    }),
    Server,
  ),
  /**
   * What it is from now on: what is started or contacted, and with which values; `confined`, `timeout` and `startTimeout`, left out, are as they were. The short name stays, and with it the names of its tools.
   * One that is meant to run is started again where that matters; nothing is changed when something is wrong with it.
   */
  'servers.edit': command(ServerEdit, Server),
  'servers.remove': command(z.object({ id: z.string() }), nothing),
  /** A draft needs `seen`: the fingerprint that was shown to the user. Resolves after the first attempt, or with how it stands when that takes long. */
  'servers.start': command(z.object({ id: z.string(), seen: z.string().optional() }), Server),
  'servers.stop': command(z.object({ id: z.string() }), Server),
  'servers.restart': command(z.object({ id: z.string() }), Server),
  /** Asks it for a sign of life now. */
  'servers.check': command(z.object({ id: z.string() }), Server),
  /** Begins a sign-in; the answer holds the page to open in the user's browser. Ends by `servers.changed`. */
  'servers.signIn': command(z.object({ id: z.string() }), Server),
  /** Forgets the tokens, and tells the authorization server where it takes that. */
  'servers.signOut': command(z.object({ id: z.string() }), Server),

  'servers.changed': event(z.object({})),
}
