import * as z from 'zod'
import { say } from '../../locales/say.ts'
import { command, event, nothing, query } from './definition.ts'
import { Name, WorkspaceName } from './names.ts'
import { time } from './time.ts'

/** What a grant or key may do. `look`: read tools only. `ask`: reads pass, the rest waits for the user. */
export const Access = z.enum(['look', 'ask', 'everything'])
export type Access = z.infer<typeof Access>

export const ClientKind = z.enum(['chatgpt', 'claude', 'other'])
export type ClientKind = z.infer<typeof ClientKind>

/** The ten minutes in which a new client may ask to connect. */
export const ConnectWindow = z.object({
  open: z.boolean(),
  expects: ClientKind.nullable(),
  closesAt: time.nullable(),
})
export type ConnectWindow = z.infer<typeof ConnectWindow>

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
  /** The workspace at whose address it asked, where its owner gave it another one. Null or left out: its own. */
  address: z.string().nullable().optional(),
  /** Of a key: what it is narrowed to, as scopes. Null or left out: nothing. */
  scopes: z.array(z.string()).nullable().optional(),
  /** Until then its calls are refused, and go on by themselves afterwards. Null or left out: they are not. */
  pausedUntil: time.nullable().optional(),
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

/** A shown name only, which may hold what apps call themselves: "MCP — ChatGPT (work)". */
const ShownName = z
  .string()
  .trim()
  .min(1, { error: () => say('input.nameNeeded') })
  .max(40, { error: () => say('input.nameTooLong') })
  .regex(/^[\p{L}\p{N}][\p{L}\p{N} .,_&'’()–—-]*$/u, { error: () => say('input.shownNameLetters') })
/** When access ends by itself; null: never. */
const Expiry = z.number().int().positive().nullable()

export const accessApi = {
  'connections.list': query(nothing, z.array(ConnectionRequest)),
  'connections.approve': command(
    z.object({
      id: z.string(),
      digits: z
        .string()
        .regex(/^\d{3}$/, { error: () => say('input.threeDigits') })
        .optional(),
      access: Access.default('ask'),
      /** Which one it gets, where it asked at the address of all tools; left out: the one it asked for. HostError `workspace-fixed-by-address`. */
      workspace: WorkspaceName.optional(),
      tools: z.array(z.string()).nullable().default(null),
      expiresAt: Expiry.default(null),
    }),
    Grant,
  ),
  'connections.deny': command(z.object({ id: z.string() }), nothing),

  'grants.list': query(nothing, z.array(Grant)),
  /** What is left out stays as it is. */
  'grants.update': command(
    z.object({
      id: z.string(),
      access: Access.optional(),
      name: ShownName.optional(),
      tools: z.array(z.string()).nullable().optional(),
      expiresAt: Expiry.optional(),
    }),
    Grant,
  ),
  /** Ends its tokens and remembered browsers but keeps the entry: the client must be let in again, with digits. */
  'grants.askAgain': command(z.object({ id: z.string() }), Grant),
  /** Ends what it has going on, and refuses its calls until then; also after a restart. A longer or shorter pause takes the place of the last one. */
  'grants.pause': command(
    z.object({
      id: z.string(),
      minutes: z
        .number()
        .int()
        .min(1, { error: () => say('input.pauseTooShort') })
        .max(7 * 24 * 60, { error: () => say('input.pauseTooLong') })
        .default(60),
    }),
    Grant,
  ),
  /** Its calls go on at once. */
  'grants.resume': command(z.object({ id: z.string() }), Grant),
  'grants.revoke': command(z.object({ id: z.string() }), nothing),

  'keys.create': command(
    z.object({
      name: Name,
      access: Access.default('ask'),
      workspace: WorkspaceName.default('default'),
      tools: z.array(z.string()).nullable().default(null),
      /**
       * What the key is narrowed to: `mcp.access` (or `mcp`), without which it opens nothing, and with it any of `read`, `write` and
       * `{source}.read`. None: it is not narrowed. HostError `unknown-scope` or `ability-missing`.
       */
      abilities: z.array(z.string().trim().max(100)).max(50).default([]),
      expiresAt: Expiry.default(null),
    }),
    /** The token is in this answer and nowhere else: it is stored hashed. */
    z.object({ grant: Grant, token: z.string() }),
  ),

  'clients.list': query(nothing, z.array(RegisteredClient)),
  /** The secret, if any, is in this answer and nowhere else. With `client_credentials` it is let in at once, as `access` says. */
  'clients.register': command(
    z.object({
      name: Name,
      redirectUris: z.array(z.string().trim().max(2_000)).max(20).default([]),
      grantTypes: z.array(GrantType).min(1).default(['authorization_code', 'refresh_token']),
      scopes: z.array(z.string().max(100)).max(50).default([]),
      confidential: z.boolean().default(false),
      workspace: WorkspaceName.default('default'),
      access: Access.default('look'),
    }),
    ClientCredentials,
  ),
  'clients.remove': command(z.object({ clientId: z.string() }), nothing),

  /** New signing keys; every token, code and session of every client ends. Named keys too, when asked. */
  'security.rotate': command(z.object({ keys: z.boolean().default(false) }), nothing),

  'connections.changed': event(z.array(ConnectionRequest)),
  'connections.asked': event(ConnectionRequest),
  'grants.changed': event(z.object({})),
  'clients.changed': event(z.object({})),
}
