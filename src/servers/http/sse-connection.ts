import { type Connection, connect, type Hooks, newClient, ourInfo } from '../session/connection.ts'
import { RpcConnection } from '../session/rpc-connection.ts'
import { type HttpSpec, refusedKey, signInOf, startFailure, watchFor } from './http-spec.ts'
import { SseTransport } from './sse-transport.ts'

/** Connects in the older way over HTTP, with a stream and an address to post to (MCP 2024-11-05). Throws HostError. */
export async function openSse(spec: HttpSpec, hooks: Hooks): Promise<Connection> {
  const watch = watchFor(spec, hooks)
  const transport = new SseTransport({
    url: new URL(spec.url),
    headers: spec.headers,
    signIn: signInOf(spec),
    route: spec.route,
    refused: (refusal) => refusedKey(spec, refusal),
    onBroken: watch.onBroken,
    budget: spec.budget,
  })
  const rpc = new RpcConnection(transport, ourInfo(spec.version), hooks)
  // Whoever has only this knows nothing of `server/discover`.
  const client = newClient(spec.version, { isLegacy: true })
  hooks.onStarted(() => transport.killNow())
  try {
    await connect(client, rpc, hooks, spec.startTimeout)
    spec.signIn?.accepted()
  } catch (cause) {
    watch.stop()
    await rpc.close()
    throw startFailure(spec, hooks, cause)
  }
  return {
    client,
    rpc,
    transport: 'sse',
    explain: watch.explain,
    close: () => {
      watch.stop()
      return rpc.close()
    },
    killNow: () => transport.killNow(),
  }
}
