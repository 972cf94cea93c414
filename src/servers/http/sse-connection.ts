import { type Connection, type Hooks, newClient, ourInfo } from '../session/connection.ts'
import { RpcConnection } from '../session/rpc-connection.ts'
import { type HttpSpec, openConnection, startFailure, transportOptions, watchFor } from './http-spec.ts'
import { SseTransport } from './sse-transport.ts'

/** Connects in the older way over HTTP, with a stream and an address to post to (MCP 2024-11-05). Throws HostError. */
export async function openSse(spec: HttpSpec, hooks: Hooks): Promise<Connection> {
  const watch = watchFor(spec, hooks)
  const transport = new SseTransport(transportOptions(spec, watch.onBroken))
  const rpc = new RpcConnection(transport, ourInfo(spec.version), hooks)
  // Whoever has only this knows nothing of `server/discover`.
  const client = newClient(spec.version, { isLegacy: true })
  try {
    return { ...(await openConnection({ client, rpc, transport, watch }, spec, hooks)), transport: 'sse' }
  } catch (cause) {
    throw startFailure(spec, hooks, cause)
  }
}
