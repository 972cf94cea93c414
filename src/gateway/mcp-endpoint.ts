import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  classifyInboundRequest,
  createMcpHandler,
  type McpHttpHandler,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server'
import { errorText } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'
import { sendRpcError } from './answers.ts'
import type { Caller } from './caller.ts'
import { authInfoFor, createMcpServer, type Exchange, type McpServerDeps } from './mcp-server.ts'
import { isEventStream, webRequest, writeResponse } from './web-exchange.ts'

/** One authenticated POST, body read and parsed. */
export interface McpExchange {
  req: IncomingMessage
  res: ServerResponse
  caller: Caller
  body: unknown
  /** Size of the body. */
  bytes: number
}

export interface McpEndpoint {
  /** Answers in the era the request was made in. Never rejects. */
  serve(exchange: McpExchange): Promise<void>
  /** Tells clients that listen (`subscriptions/listen`) to fetch the tool list again, in these workspaces or in all. */
  toolsChanged(workspaces?: ReadonlySet<string>): void
  close(): Promise<void>
}

/**
 * Both protocol eras on one address: 2026-07-28, where every request stands for itself, and 2025-11-25 and older,
 * served without sessions. Every request gets a server and a transport of its own (CVE-2026-25536).
 */
export function createMcpEndpoint(deps: McpServerDeps & { log: Log }): McpEndpoint {
  const { log } = deps
  /** One for each workspace: what clients listen to is not shared between these either. */
  const modern = new Map<string, McpHttpHandler>()
  const modernFor = (workspace: string): McpHttpHandler => {
    const known = modern.get(workspace)
    if (known) return known
    const handler = createMcpHandler(({ authInfo }) => createMcpServer(deps, 'modern', authInfo), {
      legacy: 'reject',
      onerror: (error) => log.debug('gateway.mcp', { error: error.message }),
    })
    modern.set(workspace, handler)
    return handler
  }

  async function legacy(posted: McpExchange, request: Request, exchange: Exchange): Promise<void> {
    const { caller, res } = posted
    const body = withClientInfo(posted.body)
    const authInfo = authInfoFor(exchange)
    const server = createMcpServer(deps, 'legacy', authInfo)
    const transport = new WebStandardStreamableHTTPServerTransport({
      // A stream is only worth its cost when something can come before the result, and its status is said too early
      // for a refusal.
      enableJsonResponse: !wantsProgress(body) || lacksScope(caller, body),
    })
    try {
      await server.connect(transport)
      const response = await Promise.race([
        transport.handleRequest(request, { authInfo, parsedBody: body }),
        gone(caller.signal),
      ])
      if (response) await writeResponse(challenged(response, exchange), res, caller.signal)
    } finally {
      await server.close()
    }
  }

  return {
    async serve(posted) {
      const { req, res, caller, body, bytes } = posted
      const exchange: Exchange = { caller, bytes }
      try {
        const request = webRequest(req, caller.resource, caller.signal)
        const era = classifyInboundRequest({ httpMethod: 'POST', body, ...mcpHeaders(request) })
        if (era.kind === 'legacy') await legacy(posted, request, exchange)
        else {
          const response = await modernFor(caller.principal.workspace).fetch(request, {
            authInfo: authInfoFor(exchange),
            parsedBody: body,
          })
          await writeResponse(challenged(response, exchange), res, caller.signal)
        }
        if (isGreeting(body) && !caller.signal.aborted) greeted(caller, res.statusCode === 200)
      } catch (error) {
        log.error('gateway.exchange', { error: errorText(error) })
        sendRpcError(res, 500, -32603, 'Internal error')
      }
    },
    toolsChanged(workspaces) {
      for (const [workspace, handler] of modern)
        if (workspaces?.has(workspace) ?? true) handler.notify.toolsChanged()
    },
    async close() {
      await Promise.all([...modern.values()].map((handler) => handler.close()))
    },
  }

  function lacksScope({ principal }: Caller, body: unknown): boolean {
    const message = body as { method?: unknown; params?: { name?: unknown } } | null
    const name = message?.params?.name
    return (
      message?.method === 'tools/call' &&
      typeof name === 'string' &&
      deps.pipeline.lacksScope(principal, name)
    )
  }

  function greeted(caller: Caller, ok: boolean): void {
    const { grantId, clientName } = caller.principal
    deps.onTraffic({ at: deps.clock.now(), kind: 'discover', ok, origin: caller.origin, grantId, clientName })
  }
}

/**
 * A call refused for a missing scope is told so in HTTP (403, RFC 6750 §3.1), which makes clients sign in for more. The
 * result stays in the body for those that read it.
 */
function challenged(response: Response, { challenge }: Exchange): Response {
  if (challenge === undefined || response.status !== 200 || isEventStream(response)) return response
  const headers = new Headers(response.headers)
  headers.set('www-authenticate', challenge)
  return new Response(response.body, { status: 403, headers })
}

const mcpHeaders = ({ headers }: Request) => ({
  protocolVersionHeader: headers.get('mcp-protocol-version') ?? undefined,
  mcpMethodHeader: headers.get('mcp-method') ?? undefined,
  mcpNameHeader: headers.get('mcp-name') ?? undefined,
})

const isGreeting = (body: unknown): boolean =>
  ['server/discover', 'initialize'].includes(String((body as { method?: unknown } | null)?.method))

/** Who writes an `initialize` by hand leaves `clientInfo` out. The SDK insists on it, and nothing here depends on it. */
function withClientInfo(body: unknown): unknown {
  const message = body as { method?: unknown; params?: Record<string, unknown> | null } | null
  if (message?.method !== 'initialize' || typeof message.params !== 'object' || message.params === null)
    return body
  return { ...message, params: { clientInfo: { name: 'unnamed', version: '0' }, ...message.params } }
}

function wantsProgress(body: unknown): boolean {
  const params = (body as { params?: { _meta?: { progressToken?: unknown } } } | null)?.params
  return params?._meta?.progressToken !== undefined
}

const gone = (signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(undefined)
    else signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
