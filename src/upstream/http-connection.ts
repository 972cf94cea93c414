import { HostError } from '../kernel/errors.ts'
import { type Connection, connect, type Hooks, newClient, ourInfo } from './connection.ts'
import { httpStatus } from './failures.ts'
import { hasUsableHeaders } from './http-param-headers.ts'
import { type HttpSpec, refusedKey, signInOf, startFailure, watchFor } from './http-spec.ts'
import { HttpTransport } from './http-transport.ts'
import { openSse } from './sse-connection.ts'
import { Wire } from './wire.ts'

/** How a server that has only the older way answers the first POST (MCP 2025-11-25, Transports, Backwards Compatibility). */
const mayBeOlder: readonly unknown[] = [400, 404, 405]

/**
 * Connects over Streamable HTTP, and in the older way to a server that has only that. Redirects are followed within the
 * same origin only, so headers never go elsewhere and nobody is sent to a service of this computer. Throws HostError.
 */
export async function openHttp(spec: HttpSpec, hooks: Hooks): Promise<Connection> {
  if (hooks.knownSse) {
    try {
      return await openSse(spec, hooks)
    } catch (error) {
      // It may have been updated since.
      if (hooks.signal.aborted || !isNoSse(error)) throw error
    }
  }
  const attempt = await open(spec, hooks)
  if ('connection' in attempt) return attempt.connection
  if (hooks.knownSse || hooks.signal.aborted || !mayBeOlder.includes(attempt.status)) throw attempt.failure
  try {
    return await openSse(spec, hooks)
  } catch (error) {
    throw isNoSse(error) ? attempt.failure : error
  }
}

const isNoSse = (error: unknown) => error instanceof HostError && error.code === 'server-not-mcp'

async function open(
  spec: HttpSpec,
  hooks: Hooks,
): Promise<{ connection: Connection } | { failure: HostError; status: number | null }> {
  const watch = watchFor(spec, hooks)
  const transport = new HttpTransport({
    url: new URL(spec.url),
    headers: spec.headers,
    signIn: signInOf(spec),
    refused: (refusal) => refusedKey(spec, refusal),
    tool: (name) => hooks.tool(name),
    budget: spec.budget,
    onBroken: watch.onBroken,
  })
  const wire = new Wire(transport, ourInfo(spec.version), hooks)
  const client = newClient(spec.version, hooks)
  hooks.onStarted(() => transport.killNow())
  try {
    await connect(client, wire, hooks, spec.startTimeout)
    spec.signIn?.accepted()
  } catch (cause) {
    watch.stop()
    await wire.close()
    return { failure: startFailure(spec, hooks, cause), status: httpStatus(cause) }
  }
  const connection: Connection = {
    client,
    wire,
    transport: 'streamable-http',
    explain: watch.explain,
    usable: (tool) => !wire.isModern || hasUsableHeaders(tool),
    close: () => {
      watch.stop()
      return wire.close()
    },
    killNow: () => transport.killNow(),
  }
  return { connection }
}
