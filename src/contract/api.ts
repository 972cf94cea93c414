/**
 * Everything a user interface or the command line may ask of the host, and everything the host may tell them.
 * `host/dispatch.ts` is the only door to it; Electron's IPC and the private listener both knock there.
 * It is long because the whole contract stands in one place.
 */
import * as z from 'zod'
import {
  Access,
  ClientCredentials,
  ClientKind,
  ConnectionRequest,
  Grant,
  GrantType,
  RegisteredClient,
} from './access.ts'
import { Call } from './activity.ts'
import { Approval, ApprovalDetails } from './approvals.ts'
import { Connector, ConnectorAccount, ConnectorAccountChange } from './connectors.ts'
import { Diagnosis } from './doctor.ts'
import { Pasted } from './pasted.ts'
import { Preferences } from './preferences.ts'
import { Server } from './servers.ts'
import { ConnectFlow } from './setup.ts'
import { Notice, Status } from './status.ts'
import { Tool } from './tools.ts'
import { Workspace } from './workspaces.ts'

const nothing = z.void()
const name = z
  .string()
  .trim()
  .min(1, 'A name is needed.')
  .max(40, 'Names have 40 characters at most.')
  .regex(/^[\p{L}\p{N}][\p{L}\p{N} ._-]*$/u, 'Use letters, digits, spaces, dots, dashes and underscores.')
/** A shown name only, which may hold what apps call themselves: "MCP — ChatGPT (work)". */
const shownName = z
  .string()
  .trim()
  .min(1, 'A name is needed.')
  .max(40, 'Names have 40 characters at most.')
  .regex(
    /^[\p{L}\p{N}][\p{L}\p{N} .,_&'’()–—-]*$/u,
    'Use letters, digits, spaces and simple signs, beginning with a letter or digit.',
  )
/** Part of an address, so plain. */
const workspaceName = z
  .string()
  .trim()
  .regex(
    /^[a-z0-9][a-z0-9-]{0,38}$/,
    'Use small letters, digits and dashes, beginning with a letter or digit.',
  )
const moment = z.number().int().positive().nullable()
const pairs = z.record(z.string().min(1).max(200), z.string().max(20_000))

/** Milliseconds. */
const serverTimeout = z.number().int().min(1_000).max(600_000)
const remote = {
  name,
  url: z.url({ protocol: /^https?$/, error: 'Give an address that starts with https:// or http://.' }),
  headers: pairs.default({}),
  timeout: serverTimeout.default(30_000),
  /** A start without a sign of life; left out: as `timeout`, and 30 seconds at least. */
  startTimeout: serverTimeout.optional(),
  /** For authorization servers at which Drawbridge cannot introduce itself. */
  oauth: z
    .object({
      clientId: z.string().trim().min(1).max(2_000),
      clientSecret: z.string().max(20_000).optional(),
      scopes: z.array(z.string().max(200)).max(50).optional(),
    })
    .optional(),
}
const NewServer = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('stdio'),
    name,
    command: z.string().trim().min(1, 'Type the command that starts the server.').max(4_000),
    args: z.array(z.string().max(20_000)).max(200).default([]),
    env: pairs.default({}),
    /** A full path; left out: the home folder. */
    cwd: z.string().max(4_000).optional(),
    timeout: serverTimeout.default(30_000),
    startTimeout: serverTimeout.optional(),
    /** Only its own folder: in the sandbox of the operating system, or it is not started. Left out: no. */
    confined: z.boolean().optional(),
  }),
  z.object({ kind: z.literal('http'), ...remote }),
  z.object({ kind: z.literal('sse'), ...remote }),
])

/** All there are from now on: one that is left out is removed, and null leaves the value as it is. */
const keptPairs = z.record(z.string().min(1).max(200), z.string().max(20_000).nullable())
const [program] = NewServer.options
const ServerEdit = z.discriminatedUnion('kind', [
  program.omit({ args: true, env: true, timeout: true }).extend({
    id: z.string(),
    args: program.shape.args.unwrap(),
    env: keptPairs,
    timeout: serverTimeout.optional(),
  }),
  z.object({
    id: z.string(),
    kind: z.enum(['http', 'sse']),
    ...{ name, url: remote.url, headers: keptPairs },
    ...{ timeout: serverTimeout.optional(), startTimeout: serverTimeout.optional() },
    /** Left out: none any more. A client secret that is left out stays. */
    oauth: remote.oauth,
  }),
])

type Schema = z.ZodType
export type Query<I extends Schema = Schema, O extends Schema = Schema> = {
  kind: 'query'
  input: I
  output: O
}
export type Command<I extends Schema = Schema, O extends Schema = Schema> = {
  kind: 'command'
  input: I
  output: O
}
export type Event<P extends Schema = Schema> = { kind: 'event'; payload: P }

const query = <I extends Schema, O extends Schema>(input: I, output: O): Query<I, O> => ({
  kind: 'query',
  input,
  output,
})
const command = <I extends Schema, O extends Schema>(input: I, output: O): Command<I, O> => ({
  kind: 'command',
  input,
  output,
})
const event = <P extends Schema>(payload: P): Event<P> => ({ kind: 'event', payload })

export const api = {
  'status.get': query(nothing, Status),
  'notices.dismiss': command(z.object({ id: z.string() }), nothing),

  /**
   * Raise: cut everybody off at once. Lower: after raising, everything is as it was before; otherwise a public address is
   * opened.
   */
  'bridge.lower': command(nothing, Status),
  'bridge.raise': command(nothing, Status),
  /** Give up the wanted tunnel name and take whatever the tunnel offers. Connected clients must be told the new address. */
  'bridge.newAddress': command(nothing, Status),

  /** `again`: begin the steps anew although somebody was let in by them, for another account of the same app. */
  'connect.open': command(z.object({ client: ClientKind, again: z.boolean().optional() }), ConnectFlow),
  /** Stop waiting. Whoever was let in stays. */
  'connect.close': command(nothing, nothing),
  'connect.flow': query(z.object({ client: ClientKind }), ConnectFlow),

  'connections.list': query(nothing, z.array(ConnectionRequest)),
  'connections.approve': command(
    z.object({
      id: z.string(),
      digits: z
        .string()
        .regex(/^\d{3}$/, 'Type the three digits that the other window shows.')
        .optional(),
      access: Access.default('ask'),
      tools: z.array(z.string()).nullable().default(null),
      /** When this access ends by itself; null: never. */
      expiresAt: moment.default(null),
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
      name: shownName.optional(),
      tools: z.array(z.string()).nullable().optional(),
      expiresAt: moment.optional(),
    }),
    Grant,
  ),
  /** Ends its tokens and remembered browsers but keeps the entry: the client must be let in again, with digits. */
  'grants.askAgain': command(z.object({ id: z.string() }), Grant),
  'grants.revoke': command(z.object({ id: z.string() }), nothing),

  'keys.create': command(
    z.object({
      name,
      access: Access.default('ask'),
      workspace: workspaceName.default('default'),
      tools: z.array(z.string()).nullable().default(null),
      expiresAt: moment.default(null),
    }),
    /** The token is in this answer and nowhere else: it is stored hashed. */
    z.object({ grant: Grant, token: z.string() }),
  ),

  'clients.list': query(nothing, z.array(RegisteredClient)),
  /** The secret, if any, is in this answer and nowhere else. With `client_credentials` it is let in at once, as `access` says. */
  'clients.register': command(
    z.object({
      name,
      redirectUris: z.array(z.string().trim().max(2_000)).max(20).default([]),
      grantTypes: z.array(GrantType).min(1).default(['authorization_code', 'refresh_token']),
      scopes: z.array(z.string().max(100)).max(50).default([]),
      confidential: z.boolean().default(false),
      workspace: workspaceName.default('default'),
      access: Access.default('look'),
    }),
    ClientCredentials,
  ),
  'clients.remove': command(z.object({ clientId: z.string() }), nothing),

  'workspaces.list': query(nothing, z.array(Workspace)),
  'workspaces.create': command(
    z.object({ name: workspaceName, title: name, sources: z.array(z.string()).max(500) }),
    Workspace,
  ),
  'workspaces.update': command(
    z.object({
      name: workspaceName,
      title: name.optional(),
      sources: z.array(z.string()).max(500).optional(),
    }),
    Workspace,
  ),
  /** Ends every access to it. */
  'workspaces.remove': command(z.object({ name: workspaceName }), nothing),

  'preferences.get': query(nothing, Preferences),
  /** What is left out stays as it is. */
  'preferences.set': command(Preferences.partial(), Preferences),
  /** New signing keys; every token, code and session of every client ends. Named keys too, when asked. */
  'security.rotate': command(z.object({ keys: z.boolean().default(false) }), nothing),

  /** Goes through discovery and sign-in like a client would, from outside in where there is a public address. */
  'doctor.run': command(
    z.object({
      workspace: workspaceName.default('default'),
      through: z.enum(['public', 'local']).optional(),
    }),
    Diagnosis,
  ),

  /** The key for programs that use the admin REST interface (`/api/v1`); it opens nothing else. */
  'adminKey.get': query(nothing, z.object({ createdAt: z.number().int().nullable() })),
  /** Replaces an older one. The key is in this answer and nowhere else: it is stored hashed. */
  'adminKey.create': command(nothing, z.object({ key: z.string() })),
  'adminKey.remove': command(nothing, nothing),

  'servers.list': query(nothing, z.array(Server)),
  /** What a text from a server's own page means. Nothing is stored, looked up or started; HostError `paste-not-understood`. */
  'servers.read': query(z.object({ text: z.string().max(200_000) }), Pasted),
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
      timeout: serverTimeout.optional(),
      startTimeout: serverTimeout.optional(),
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

  'connectors.list': query(nothing, z.array(Connector)),
  /** Sets up an account at a service, or changes one. Secrets go to the vault. */
  'connectors.save': command(ConnectorAccountChange, ConnectorAccount),
  /** Forgets an account, with its secrets. */
  'connectors.remove': command(z.object({ id: z.string() }), nothing),

  'tools.list': query(nothing, z.array(Tool)),
  /** What is left out stays as it is; an alias of null gives the tool its usual name back. */
  'tools.set': command(
    z.object({
      id: z.string(),
      enabled: z.boolean().optional(),
      alias: z
        .string()
        .trim()
        .regex(/^[a-zA-Z0-9_-]{1,64}$/, 'Use letters, digits, dashes and underscores, 64 at most.')
        .nullable()
        .optional(),
    }),
    Tool,
  ),
  /**
   * The owner looked at these and takes them as they are: new ones can be used, and those that say they do less are taken at their word.
   * `seen`: as the tool's `review` said. When one has changed since, none is accepted.
   */
  'tools.accept': command(
    z.object({
      tools: z
        .array(z.object({ id: z.string(), seen: z.string() }))
        .min(1)
        .max(2_000),
    }),
    z.array(Tool),
  ),

  'approvals.list': query(nothing, z.array(Approval)),
  /** HostError `approval-gone` when it was answered, or its time is over. */
  'approvals.get': query(z.object({ id: z.string() }), ApprovalDetails),
  /** `seen`: of what was shown (`ApprovalDetails.seen`, or `Approval.lineSeen`); nothing is allowed unseen. */
  'approvals.decide': command(
    z.discriminatedUnion('decision', [
      z.object({ id: z.string(), decision: z.literal('once'), seen: z.string() }),
      z.object({ id: z.string(), decision: z.literal('deny') }),
    ]),
    /** `heard`: whether a call was still held for it. One that was allowed unheard runs when the client asks again, until `until`. */
    z.object({ heard: z.boolean(), until: z.number().int().nullable() }).optional(),
  ),

  /** Newest first; `before` is the id of the last row already shown. */
  'activity.list': query(
    z.object({
      before: z.string().optional(),
      limit: z.number().int().min(1).max(500).default(100),
      search: z.string().max(200).optional(),
    }),
    z.array(Call),
  ),
  'activity.get': query(z.object({ id: z.string() }), Call),

  'status.changed': event(Status),
  /** Something that its owner should know at once: it also stands in the status, until it is dismissed. */
  'notices.added': event(Notice),
  'connections.changed': event(z.array(ConnectionRequest)),
  'approvals.changed': event(z.array(Approval)),
  'approvals.asked': event(Approval),
  'connections.asked': event(ConnectionRequest),
  'grants.changed': event(z.object({})),
  'servers.changed': event(z.object({})),
  'clients.changed': event(z.object({})),
  'workspaces.changed': event(z.object({})),
  'preferences.changed': event(Preferences),
  'connectors.changed': event(z.object({})),
  'tools.changed': event(z.object({})),
  'activity.added': event(Call),
  'connect.changed': event(ConnectFlow),
} as const

export type Api = typeof api
export type CallName = { [K in keyof Api]: Api[K] extends Query | Command ? K : never }[keyof Api]
export type EventName = { [K in keyof Api]: Api[K] extends Event ? K : never }[keyof Api]
/** What a caller may send: defaults may be left out. */
export type Input<K extends CallName> = Api[K] extends { input: infer I extends Schema } ? z.input<I> : never
/** What a handler receives: parsed, defaults filled in. */
export type Parsed<K extends CallName> = Api[K] extends { input: infer I extends Schema }
  ? z.output<I>
  : never
export type Output<K extends CallName> = Api[K] extends { output: infer O extends Schema }
  ? z.output<O>
  : never
export type Payload<K extends EventName> = Api[K] extends { payload: infer P extends Schema }
  ? z.output<P>
  : never
