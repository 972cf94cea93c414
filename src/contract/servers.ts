import * as z from 'zod'
import { ErrorReply } from './errors.ts'
import { ShownValue } from './shown-value.ts'
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
