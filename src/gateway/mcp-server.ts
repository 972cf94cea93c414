import {
  type AuthInfo,
  ProtocolError,
  ProtocolErrorCode,
  Server,
  type ServerContext,
} from '@modelcontextprotocol/server'
import type { Clock } from '../kernel/clock.ts'
import type { Traffic } from '../kernel/traffic.ts'
import type { Caller } from './caller.ts'
import type { Catalog } from './catalog.ts'
import type { Pipeline } from './pipeline.ts'
import { neededScope } from './results.ts'

/** The first 512 characters are all that some clients read. */
const instructions =
  'Drawbridge passes on the tools that its user chose on their own computer. A tool that changes something may first wait ' +
  'for the user: an answer that says it is waiting for approval means that nothing has been done yet, and the same call ' +
  'made again after the user decided gets its result. Tool names that contain "__" begin with the name of the server the ' +
  'tool belongs to.'

/** Lists change when the user changes something; clients that keep them are told, the others ask again in a minute. */
const cacheHint = { ttlMs: 60_000, cacheScope: 'private' } as const

export interface McpServerDeps {
  catalog: Pick<Catalog, 'list' | 'resolve'>
  pipeline: Pipeline
  /** `WWW-Authenticate` value (RFC 6750 §3). */
  challenge(resource: string, error: { error: string; description: string; scope?: string }): string
  version: string
  clock: Clock
  onTraffic(event: Traffic): void
}

/** What one request brings along, and what is to be said beside its result. */
export interface Exchange {
  caller: Caller
  /** Size of the body. */
  bytes: number
  /** `WWW-Authenticate`, when the call was refused for a missing scope. */
  challenge?: string
}

/** How an exchange reaches the server object that the SDK asks for. No token goes this way. */
export const authInfoFor = (exchange: Exchange): AuthInfo => ({
  token: '',
  clientId: exchange.caller.principal.grantId,
  scopes: [],
  extra: { exchange },
})

/** The SDK's own check would refuse handlers for what we do not offer; we answer those lists with nothing. */
class McpServer extends Server {
  protected override assertRequestHandlerCapability(): void {}
}

/**
 * The MCP server for one request: made for it, never shared. Tools only; the lists of everything else are empty, and
 * say so to clients that ask although it is not offered.
 */
export function createMcpServer(
  deps: McpServerDeps,
  era: 'legacy' | 'modern',
  authInfo: AuthInfo | undefined,
): Server {
  const exchange = authInfo?.extra?.exchange as Exchange | undefined
  if (!exchange) throw new Error('an MCP request without a caller')
  const { caller, bytes } = exchange
  const server = new McpServer(
    { name: 'Drawbridge', title: 'Drawbridge', version: deps.version },
    {
      // Without sessions the 2025 era has no way to be told of changes.
      capabilities: { tools: era === 'modern' ? { listChanged: true } : {} },
      instructions,
      cacheHints: { 'server/discover': cacheHint, 'tools/list': cacheHint },
    },
  )
  server.setRequestHandler('resources/list', () => ({ resources: [] }))
  server.setRequestHandler('resources/templates/list', () => ({ resourceTemplates: [] }))
  server.setRequestHandler('prompts/list', () => ({ prompts: [] }))
  server.setRequestHandler('tools/list', (request) => {
    if (request.params?.cursor !== undefined)
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'Unknown cursor: the list has one page.')
    const { grantId, clientName } = caller.principal
    deps.onTraffic({
      at: deps.clock.now(),
      kind: 'tools-list',
      ok: true,
      origin: caller.origin,
      grantId,
      clientName,
    })
    return { tools: [...deps.catalog.list(caller.principal)] }
  })
  server.setRequestHandler('tools/call', async (request, context) => {
    const { name, arguments: args = {} } = request.params
    const onProgress = progressTo(context)
    const answer = await deps.pipeline.call(caller, {
      name,
      arguments: args,
      bytes,
      ...(onProgress && { onProgress }),
    })
    const { outputSchema } = deps.catalog.resolve(name, caller.principal.workspace)?.definition ?? {}
    const scope = answer._meta?.[neededScope]
    if (typeof scope === 'string') exchange.challenge = scopeChallenge(deps, caller, scope)
    return server.projectCallToolResult(
      exchange.challenge === undefined ? answer : withChallenge(answer, exchange.challenge),
      outputSchema as Readonly<Record<string, unknown>> | undefined,
    )
  })
  return server
}

/** RFC 6750 §3.1 */
const scopeChallenge = (deps: McpServerDeps, caller: Caller, scope: string): string =>
  deps.challenge(caller.resource, {
    error: 'insufficient_scope',
    description: 'This tool needs more than was asked for when connecting.',
    scope,
  })

/** What makes ChatGPT offer to sign in again (Apps SDK, `_meta["mcp/www_authenticate"]`). */
const withChallenge = (answer: Awaited<ReturnType<Pipeline['call']>>, challenge: string) => ({
  ...answer,
  _meta: { ...answer._meta, 'mcp/www_authenticate': [challenge] },
})

/** Passes progress on when the client asked for it (MCP, "Progress"). */
function progressTo(context: ServerContext) {
  const progressToken = context.mcpReq._meta?.progressToken
  if (progressToken === undefined) return undefined
  return (progress: { progress: number; total?: number; message?: string }) => {
    // A client that is gone needs no progress.
    context.mcpReq
      .notify({ method: 'notifications/progress', params: { ...progress, progressToken } })
      .catch(() => {})
  }
}
