import { SdkError, SdkErrorCode } from '@modelcontextprotocol/client'
import { HostError } from '../../kernel/errors.ts'
import { hasUsableHeaders } from '../../mcp/param-headers.ts'
import type { Raw } from '../../mcp/tool-source.ts'
import { httpStatus } from '../failures/failures.ts'
import { type Connection, type Hooks, newClient, ourInfo } from '../session/connection.ts'
import { RpcConnection } from '../session/rpc-connection.ts'
import { type HttpSpec, openConnection, startFailure, transportOptions, watchFor } from './http-spec.ts'
import { HttpTransport } from './http-transport.ts'
import { openSse } from './sse-connection.ts'

/**
 * How a server that has only the older way answers the first POST (MCP 2025-11-25, Transports, Backwards Compatibility: 400, 404, 405; some
 * frameworks say in other ways that they take none there).
 */
const mayBeOlder: readonly unknown[] = [400, 404, 405, 406, 410, 411, 415, 422, 501]

/**
 * Connects over Streamable HTTP, and in the older way to a server that has only that. Redirects are followed within the
 * same origin only, so headers never go elsewhere and nobody is sent to a service of this computer. Throws HostError.
 */
export async function openHttp(spec: HttpSpec, hooks: Hooks): Promise<Connection> {
  if (hooks.isSse) {
    try {
      return await openSse(spec, hooks)
    } catch (error) {
      // It may have been updated since.
      if (hooks.signal.aborted || !isNoSse(error)) throw error
    }
  }
  const attempt = await openEitherEra(spec, hooks)
  if ('connection' in attempt) return attempt.connection
  if (hooks.isSse || hooks.signal.aborted || !mayBeOlder.includes(attempt.status)) throw attempt.failure
  try {
    return await openSse(spec, hooks)
  } catch (error) {
    throw isNoSse(error) ? attempt.failure : error
  }
}

type Attempt =
  | { connection: Connection }
  | {
      failure: HostError
      status: number | null
      /** It was asked for its era and for nothing else: what it made of that question is no proof of anything. */
      onlyProbed: boolean
      /** It said nothing at all to that. */
      wasSilent: boolean
    }

/**
 * Servers of the 2025 era answer the unknown `server/discover` with anything: 500, a web page, 202, 401, silence, a closed socket. So
 * nothing is said about a server before `initialize` was tried as well.
 */
async function openEitherEra(spec: HttpSpec, hooks: Hooks): Promise<Attempt> {
  const first = await open(spec, hooks)
  // It was of the 2025 era, and may have been updated since to a version that knows nothing of that.
  const mayBeNew = !('connection' in first) && hooks.isLegacy && isNoAnswer.has(first.failure.code)
  if (mayBeNew && !hooks.signal.aborted) {
    const anew = await open(spec, { ...hooks, isLegacy: false })
    return 'connection' in anew ? anew : first
  }
  if ('connection' in first || !first.onlyProbed || hooks.signal.aborted) return first
  if (isHopeless.has(first.failure.code)) return first
  const second = await open(spec, { ...hooks, isLegacy: true })
  if ('connection' in second || hooks.signal.aborted || wantsKey.has(second.failure.code)) return second
  // One of the 2026 era knows no `initialize`: then the 401 to the first question was meant as it was said.
  if (first.status === 401) return open(spec, hooks, true)
  if (!first.wasSilent) return second
  // Or it was only just waking up.
  const third = await open(spec, hooks)
  return 'connection' in third ? third : second
}

const wantsKey: ReadonlySet<string> = new Set(['server-signed-out', 'server-refused'])
const isNoAnswer: ReadonlySet<string> = new Set(['server-not-mcp', 'server-protocol-unknown'])

/** What `initialize` could not change: nobody was reached, or the server said which versions it speaks. */
const isHopeless: ReadonlySet<string> = new Set([
  'server-certificate',
  'server-protocol-unknown',
  'server-moved',
  'proxy-refused',
])

const isNoSse = (error: unknown) => error instanceof HostError && error.code === 'server-not-mcp'

async function open(spec: HttpSpec, hooks: Hooks, believesProbe = false): Promise<Attempt> {
  const watch = watchFor(spec, hooks)
  const transport = new HttpTransport({
    ...transportOptions(spec, watch.onBroken),
    believesProbe,
    tool: (name) => hooks.tool(name),
  })
  const rpc = new RpcConnection(transport, ourInfo(spec.version), hooks)
  const client = newClient(spec.version, hooks, 'http')
  try {
    const opened = await openConnection({ client, rpc, transport, watch }, spec, hooks)
    const usable = (tool: Raw) => !rpc.isModern || hasUsableHeaders(tool)
    return { connection: { ...opened, transport: 'streamable-http', usable } }
  } catch (cause) {
    return {
      failure: startFailure(spec, hooks, cause),
      status: httpStatus(cause),
      onlyProbed: !transport.initialized,
      wasSilent: cause instanceof SdkError && cause.code === SdkErrorCode.RequestTimeout,
    }
  }
}
