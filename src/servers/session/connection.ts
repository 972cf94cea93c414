import {
  Client,
  type ClientOptions,
  type JSONRPCMessage,
  type Transport,
  type TransportSendOptions,
} from '@modelcontextprotocol/client'
import type { CancelSignal } from '../../kernel/cancellation.ts'
import type { HostError } from '../../kernel/errors.ts'
import { appsExtension, drawsApps } from '../../mcp/extensions.ts'
import type { LogMessage, Raw } from '../../mcp/tool-source.ts'
import type { RpcConnection } from './rpc-connection.ts'

/**
 * How long a server may think about `server/discover` before it counts as one of the older kind. Milliseconds. A program may still be
 * starting; what answers over HTTP runs already, and `initialize` is to be tried within five seconds.
 */
const probeTimeout = { stdio: 10_000, http: 3_000 }

/**
 * A transport under a `RpcConnection`. Messages reach `onmessage` as parsed, unread by any schema. Over HTTP it honours `requestSignal` and
 * `onRequestStreamEnd` of `send` (see the SDK's TransportSendOptions), and `send` rejects when the request was refused.
 */
export interface RpcTransport extends Transport {
  /**
   * The id of our request on whose answer `message` came; to be asked within `onmessage` only. Undefined: it came on a
   * stream of its own. Transports with one stream for everything (stdio) do not have this.
   */
  relatedTo?(message: JSONRPCMessage): string | number | undefined
  /** As `send`, without a promise: returns why it could not be sent, if so. `mayWait`: until the end of this turn of the event loop. */
  write?(message: JSONRPCMessage, mayWait?: boolean): Error | null
  send(message: JSONRPCMessage, options?: RpcSendOptions): Promise<void>
}

export type RpcSendOptions = Omit<TransportSendOptions, 'requestSignal'> & {
  requestSignal?: CancelSignal
  /** Whoever waits before the message is sent, or sends it again, asks it first: throws where it is not wanted any more. */
  request?: { checkWanted(): void }
}

/** A server that answered. */
export interface Connection {
  /** The SDK's: handshake, negotiation, listening. Calls go around it, over `rpc`. */
  readonly client: Client
  readonly rpc: RpcConnection
  readonly transport: 'stdio' | 'streamable-http' | 'sse'
  /** What an error of this connection means, for people. `waited`: set when time ran out; milliseconds. */
  explain(error: unknown, waited: number | null): HostError
  /** Whether a tool can be called over this connection at all; absent: every one can. */
  usable?(tool: Raw): boolean
  close(): Promise<void>
  /** Ends a child process at once, without waiting. */
  killNow(): void
}

export type ListKind = 'tools' | 'resources' | 'prompts'

export interface Hooks {
  /** Aborted when time is up or the start is not wanted any more; the reason tells which. */
  signal: AbortSignal
  /** From the last time: the server speaks 2025-11-25 or older, so it need not be asked for more. */
  isLegacy: boolean
  /** From the last time: over HTTP it spoke only the older kind with two addresses. */
  isSse?: boolean
  /** The connection was lost, and why. May be called while it is still being opened. */
  onLost(reason: HostError): void
  /** The server says that one of its lists changed. */
  onListChanged(kind: ListKind): void
  onResourceUpdated(uri: string): void
  /** Something it logged that belongs to nobody's request. */
  onLog(message: LogMessage): void
  /** The last known definition of a tool, as the server sent it: over HTTP arguments may have to be sent as headers too. */
  tool(name: string): Raw | undefined
  /** Something that can be killed now exists. */
  onStarted(killNow: () => void): void
  /** A package runner fetches the program now, or does so no longer; at first it does not. */
  onFetching?(is: boolean): void
  /** It showed life while it starts. */
  onNews?(): void
}

export type Open = (hooks: Hooks) => Promise<Connection>

/** The reason of a signal that was aborted because a server took too long. */
export const timeIsUp = new Error('time is up')

/** Who we are towards servers (MCP `Implementation`). */
export const ourInfo = (version: string) => ({ name: 'drawbridge', title: 'Drawbridge', version })

/**
 * What servers of the 2025 era are told once for all clients; who cannot be asked is found out when it happens. Not `roots`: which
 * folders a client works in is none of a shared server's business.
 */
const capabilities = {
  elicitation: { form: {}, url: {} },
  sampling: {},
  // One connection serves all clients: what only some of them draw is taken out of lists for the others.
  extensions: { [appsExtension]: drawsApps },
}

export function newClient(
  version: string,
  hooks: Pick<Hooks, 'isLegacy'>,
  over: keyof typeof probeTimeout = 'stdio',
): Client {
  const options: ClientOptions = {
    capabilities,
    versionNegotiation: hooks.isLegacy
      ? { mode: 'legacy' }
      : { mode: 'auto', probe: { timeoutMs: probeTimeout[over] } },
  }
  return new Client(ourInfo(version), options)
}

/** Connects, and gives up when the signal says so. `rpc` is what the client talks over. */
export async function connect(
  client: Client,
  rpc: Transport,
  hooks: Pick<Hooks, 'signal'>,
  timeout: number,
): Promise<void> {
  const { signal } = hooks
  signal.throwIfAborted()
  const give = Promise.withResolvers<never>()
  const onAbort = () => {
    give.reject(signal.reason)
    // The probe before the handshake knows no signal: it ends when its transport does.
    void rpc.close().catch(() => {})
  }
  signal.addEventListener('abort', onAbort, { once: true })
  const connecting = client.connect(rpc, { timeout, signal })
  connecting.catch(() => {})
  try {
    await Promise.race([connecting, give.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
