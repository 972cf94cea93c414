import { Client, type ClientOptions, type Transport } from '@modelcontextprotocol/client'
import type { HostError } from '../kernel/errors.ts'

/** How long a server may think about `server/discover` before it counts as one of the older kind. Milliseconds. */
const probeTimeout = 10_000

/** A server that answered: the SDK's client, and what is needed to end it. */
export interface Connection {
  readonly client: Client
  /** What an error of this connection means, for people. `waited`: set when time ran out; milliseconds. */
  explain(error: unknown, waited: number | null): HostError
  close(): Promise<void>
  /** Ends a child process at once, without waiting. */
  killNow(): void
}

export interface Hooks {
  /** Aborted when time is up or the start is not wanted any more; the reason tells which. */
  signal: AbortSignal
  /** From the last time: the server speaks 2025-11-25 or older, so it need not be asked for more. */
  knownLegacy: boolean
  /** The connection was lost, and why. May be called while it is still being opened. */
  onLost(reason: HostError): void
  onToolsChanged(): void
  /** Something that can be killed now exists. */
  onStarted(killNow: () => void): void
}

export type Open = (hooks: Hooks) => Promise<Connection>

/** The reason of a signal that was aborted because a server took too long. */
export const timeIsUp = new Error('time is up')

export function newClient(version: string, hooks: Hooks): Client {
  const options: ClientOptions = {
    capabilities: {},
    versionNegotiation: hooks.knownLegacy
      ? { mode: 'legacy' }
      : { mode: 'auto', probe: { timeoutMs: probeTimeout } },
    // The list is fetched by the supervisor, which also keeps it.
    listChanged: { tools: { autoRefresh: false, debounceMs: 100, onChanged: () => hooks.onToolsChanged() } },
  }
  return new Client({ name: 'drawbridge', title: 'Drawbridge', version }, options)
}

/** Connects, and gives up when the signal says so. */
export async function connect(
  client: Client,
  transport: Transport,
  hooks: Hooks,
  timeout: number,
): Promise<void> {
  const { signal } = hooks
  signal.throwIfAborted()
  const give = Promise.withResolvers<never>()
  const onAbort = () => {
    give.reject(signal.reason)
    // The probe before the handshake knows no signal: it ends when its transport does.
    void transport.close().catch(() => {})
  }
  signal.addEventListener('abort', onAbort, { once: true })
  const connecting = client.connect(transport, { timeout, signal })
  connecting.catch(() => {})
  try {
    await Promise.race([connecting, give.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
