import type { ClientCapabilities, LoggingLevel } from '@modelcontextprotocol/server'
import type { Risk } from '../contract/tools.ts'
import type { CancelSignal } from '../kernel/cancellation.ts'
import type { ServerIdentity } from './pinned.ts'
import type { Principal } from './principal.ts'

/** A tool as its source describes it (MCP, `Tool`). Fields we do not know pass through to the client. */
export interface ToolDefinition {
  name: string
  title?: string
  description?: string
  inputSchema: object
  outputSchema?: object
  annotations?: ToolAnnotations
  _meta?: object
  icons?: unknown
  /** Ours, never published: the tool is refused to everything that comes over the public listener. */
  localOnly?: boolean
  /** Ours, never published: names by which a connector's tool is answered, too, where no other has them. */
  alsoCalled?: readonly string[]
  /** Ours, never published: what a call does, in one plain sentence with `{names}` of its arguments in it. */
  sentence?: string
  [more: string]: unknown
}

export interface ToolAnnotations {
  title?: string
  readOnlyHint?: boolean
  destructiveHint?: boolean
  idempotentHint?: boolean
  openWorldHint?: boolean
  [more: string]: unknown
}

/** MCP `Resource`, as the source sent it. */
export interface ResourceDefinition {
  uri: string
  name: string
  [more: string]: unknown
}

/** MCP `ResourceTemplate`, as the source sent it. */
export interface ResourceTemplateDefinition {
  /** RFC 6570. */
  uriTemplate: string
  name: string
  [more: string]: unknown
}

/** MCP `Prompt`, as the source sent it. */
export interface PromptDefinition {
  name: string
  [more: string]: unknown
}

export interface Progress {
  progress: number
  total?: number
  message?: string
}

/** MCP `notifications/message`. */
export interface LogMessage {
  level: LoggingLevel
  logger?: string
  data: unknown
}

/** A JSON object as it was parsed. */
export type Raw = Record<string, unknown>

/** What a source may ask of the client (MCP, `InputRequest`): `elicitation/create`, `sampling/createMessage` or `roots/list`. */
export interface InputRequest {
  method: string
  params?: Raw
}

/** What a source may know of the client behind one request, tell it and ask it while the request runs. */
export interface Exchange {
  /** Aborted when the client is gone, took the request back, or time is up. */
  signal: CancelSignal
  /**
   * One client in one session. What a server says on a shared connection without saying to whom may be passed on only when
   * all the requests it is working on carry the same key.
   */
  client: string
  /** Whose request it is: for sources of ours that read others. Never passed on to servers. */
  principal?: Principal
  /** As the client declared them; empty when it did not. */
  capabilities: ClientCapabilities
  /** `_meta` that travels on, such as trace context: without protocol envelope, progress token and marks of ours. */
  meta?: Raw
  onProgress?(progress: Progress): void
  /** The least level of log messages that the client wants; absent: none. */
  logLevel?: LoggingLevel
  onLog?(message: LogMessage): void
  /**
   * Puts a request to the client and waits for its answer. Rejects with ProtocolError when the client cannot be asked
   * that, and when `signal` or the exchange ends first.
   */
  ask?(request: InputRequest, signal?: AbortSignal): Promise<Raw>
  /** The page of this elicitation was dealt with. May come after the request has ended. */
  onElicitationComplete?(elicitationId: string): void
  /** MCP 2026-07-28: the client's answers to an earlier `input_required`, and the state that came with it. */
  inputResponses?: Raw
  requestState?: string
  /** For sources of ours, never sent to a server: whose call it is. */
  by?: CalledBy
  /** Which edition of the source it is meant for: another one must not get it. */
  edition?: number
  /** The tool as it was listed when the call was let through; by identity: definitions are never changed, only replaced. */
  definition?: ToolDefinition
  /** What its owner takes it for, whatever its annotations say. */
  risk?: Risk
  /** For whoever waits before sending it, or sends it again: throws where what lets it through was taken back meanwhile. */
  stillAllowed?(): void
}

export interface CalledBy {
  /** The id of its row in the log; null: it has none before it ends. */
  readonly row: string | null
  readonly principal: { readonly grantId: string; readonly clientName: string }
}

/** The requests other than `tools/call` that a source can be asked. */
export type SourceMethod = 'resources/read' | 'prompts/get' | 'completion/complete'

/** Where tools, resources and prompts come from: a built-in connector, or a server the user added. */
export interface ToolSource {
  slug: string
  /** As shown to people. */
  name: string
  /** True: public names are `slug__tool`. False: the tool's own name. */
  prefixed: boolean
  kind: 'connector' | 'server'
  /** It is about whoever asks, and says nothing but what they may use: in every workspace, and also for who was given single tools. */
  isOurs?: true
  /** True: it may learn what assistants say about the person in front of them (`client-context.ts`). */
  passesClientContext?: boolean
  /** Of a server: its id, which no other ever had or gets, unlike the slug. Absent: the slug stands for it. */
  serverId?: string
  /** Another number whenever its owner put another program, address, value or account in its place; cheap. */
  edition?(): number
  /** Who it is, apart from what it offers: a server, or the folders that the user chose; cheap. */
  identity?(): ServerIdentity
  /** The workspaces it belongs to; absent means `default` only. */
  workspaces?: string[]
  /** Milliseconds that its owner lets one call take in all, if he said so; cheap. */
  longest?(): number
  /** Its owner stopped it: until he starts it again, what it listed may be had of others. */
  isStopped?(): boolean
  /** Of a connector: names of tools that give the same in another way, so that no answer of the owner about one is got around by another. */
  alike?: readonly (readonly string[])[]
  /** What it offered last; cheap. */
  tools(): readonly ToolDefinition[]
  resources?(): readonly ResourceDefinition[]
  resourceTemplates?(): readonly ResourceTemplateDefinition[]
  prompts?(): readonly PromptDefinition[]
  /** MCP `ServerCapabilities`, raw, of which `completions`, `logging` and `resources.subscribe` matter here. */
  capabilities?(): Raw
  /** What the server says about itself, if anything. */
  instructions?(): string | null
  /**
   * The result as it came: `CallToolResult`, or, from a server of 2026-07-28, one with `resultType: "input_required"`.
   * Throws HostError when no answer can be had, and ProtocolError where the client has to see the server's own (−32021
   * missing capability, −32042 URL elicitation required).
   */
  call(tool: string, args: Raw, exchange: Exchange): Promise<Raw>
  /** The result as it came. Throws HostError, or ProtocolError with what the server itself refused. */
  request?(method: SourceMethod, params: Raw, exchange: Exchange): Promise<Raw>
  /** From now on somebody wants to hear of these resources and of no others; `onUpdated` is called for them. */
  watch?(uris: ReadonlySet<string>, onUpdated: (uri: string) => void): void
}
