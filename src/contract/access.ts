import * as z from 'zod'
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
