import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  classifyInboundRequest,
  createMcpHandler,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server'
import { errorText } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'
import { sendRpcError } from './answers.ts'
import type { Caller } from './caller.ts'
import { authInfoFor, createMcpServer, type McpServerDeps } from './mcp-server.ts'
import { webRequest, writeResponse } from './web-exchange.ts'

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
  /** Tells clients that listen (`subscriptions/listen`) to fetch the tool list again. */
  toolsChanged(): void
  close(): Promise<void>
}

/**
 * Both protocol eras on one address: 2026-07-28, where every request stands for itself, and 2025-11-25 and older,
 * served without sessions. Every request gets a server and a transport of its own (CVE-2026-25536).
 */
export function createMcpEndpoint(deps: McpServerDeps & { log: Log }): McpEndpoint {
  const { log } = deps
  const modern = createMcpHandler(({ authInfo }) => createMcpServer(deps, 'modern', authInfo), {
    legacy: 'reject',
    onerror: (error) => log.debug('gateway.mcp', { error: error.message }),
  })

  async function legacy(exchange: McpExchange, request: Request): Promise<void> {
    const { caller, body, bytes, res } = exchange
    const authInfo = authInfoFor(caller, bytes)
    const server = createMcpServer(deps, 'legacy', authInfo)
    const transport = new WebStandardStreamableHTTPServerTransport({
      // A stream is only worth its cost when something can come before the result.
      enableJsonResponse: !wantsProgress(body),
    })
    try {
      await server.connect(transport)
      const response = await Promise.race([
        transport.handleRequest(request, { authInfo, parsedBody: body }),
        gone(caller.signal),
      ])
      if (response) await writeResponse(response, res, caller.signal)
    } finally {
      await server.close()
    }
  }

  return {
    async serve(exchange) {
      const { req, res, caller, body, bytes } = exchange
      try {
        const request = webRequest(req, caller.resource, caller.signal)
        const era = classifyInboundRequest({ httpMethod: 'POST', body, ...mcpHeaders(request) })
        if (era.kind === 'legacy') await legacy(exchange, request)
        else {
          const response = await modern.fetch(request, {
            authInfo: authInfoFor(caller, bytes),
            parsedBody: body,
          })
          await writeResponse(response, res, caller.signal)
        }
        if (isGreeting(body) && !caller.signal.aborted) greeted(caller, res.statusCode === 200)
      } catch (error) {
        log.error('gateway.exchange', { error: errorText(error) })
        sendRpcError(res, 500, -32603, 'Internal error')
      }
    },
    toolsChanged: () => modern.notify.toolsChanged(),
    close: () => modern.close(),
  }

  function greeted(caller: Caller, ok: boolean): void {
    const { grantId, clientName } = caller.principal
    deps.onTraffic({ at: deps.clock.now(), kind: 'discover', ok, origin: caller.origin, grantId, clientName })
  }
}

const mcpHeaders = ({ headers }: Request) => ({
  protocolVersionHeader: headers.get('mcp-protocol-version') ?? undefined,
  mcpMethodHeader: headers.get('mcp-method') ?? undefined,
  mcpNameHeader: headers.get('mcp-name') ?? undefined,
})

const isGreeting = (body: unknown): boolean =>
  ['server/discover', 'initialize'].includes(String((body as { method?: unknown } | null)?.method))

function wantsProgress(body: unknown): boolean {
  const params = (body as { params?: { _meta?: { progressToken?: unknown } } } | null)?.params
  return params?._meta?.progressToken !== undefined
}

const gone = (signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(undefined)
    else signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
