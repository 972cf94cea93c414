import { ProtocolError } from '@modelcontextprotocol/client'
import { abortSignalOf } from '../kernel/cut.ts'
import type { Log } from '../kernel/log.ts'
import { asResult, requestFailure, toolRefusal } from './call.ts'
import type { Exchange, Raw } from './exchange.ts'
import type { Health } from './health.ts'
import type { Known } from './known.ts'
import type { ServerRow } from './store.ts'
import type { Running, Supervisor } from './supervisor.ts'

/** Arguments were to be sent as headers too, and our list of tools is older than the server's (MCP 2026-07-28, −32020). */
const headerMismatch = -32020

export interface Tool extends Raw {
  name: string
  inputSchema: object
}
export interface Resource extends Raw {
  uri: string
  name: string
}
export interface ResourceTemplate extends Raw {
  uriTemplate: string
  name: string
}
export interface Prompt extends Raw {
  name: string
}

/** One server as the gateway sees it. Lists are the last known ones and cost nothing. */
export interface UpstreamSource {
  serverId: string
  slug: string
  name: string
  prefixed: boolean
  passesClientContext: boolean
  /** Another number whenever its owner changed what runs. */
  edition: number
  kind: 'server'
  tools(): readonly Tool[]
  resources(): readonly Resource[]
  resourceTemplates(): readonly ResourceTemplate[]
  prompts(): readonly Prompt[]
  capabilities(): Raw
  instructions(): string | null
  /**
   * The result as it came; what the server refused is one with `isError`. Throws HostError when it cannot answer, and
   * ProtocolError where the client has to see the server's own.
   */
  call(tool: string, args: Raw, exchange: Exchange): Promise<Raw>
  /** The result as it came. Throws HostError, or ProtocolError with what the server refused. */
  request(
    method: 'resources/read' | 'prompts/get' | 'completion/complete',
    params: Raw,
    exchange: Exchange,
  ): Promise<Raw>
  watch(uris: ReadonlySet<string>, onUpdated: (uri: string) => void): void
}

interface Parts {
  row: ServerRow
  supervisor: Supervisor
  known: Known
  health: Health
  log: Log
  /** Milliseconds. */
  timeout(): number
  now(): number
}

interface Request {
  method: string
  params: Raw
  exchange: Exchange
  /** What to make of a refusal; absent: it is thrown. */
  refused?(error: ProtocolError): Promise<Raw>
}

export function createSource({ row, supervisor, known, health, log, timeout, now }: Parts): UpstreamSource {
  /** Without `async`, as are its callers: each turn of the queue costs every call. */
  const send = (running: Running, { method, params, exchange, refused }: Request): Promise<Raw> => {
    const { signal } = exchange
    const settings = { timeout: timeout(), signal, exchange }
    const began = performance.now()
    const failed = (error: unknown) => {
      const { failure, lost } = requestFailure(error, {
        name: row.name,
        signal,
        timeout: settings.timeout,
        explain: (cause) => running.explain(cause, null),
        isHttp: row.kind !== 'stdio',
      })
      log.info('upstream.request-failed', { server: row.name, method, code: failure.code, error })
      if (failure.code !== 'call-cancelled') health.failed(failure.message)
      if (lost) supervisor.gone(running, failure)
      return failure
    }
    return running.wire.request(method, params, settings).then(
      (result) => {
        health.answered(performance.now() - began)
        try {
          return asResult(result)
        } catch (error) {
          throw failed(error)
        }
      },
      (error: unknown) => {
        if (!(error instanceof ProtocolError)) throw failed(error)
        health.answered(performance.now() - began)
        if (refused) return refused(error)
        throw error
      },
    )
  }
  const prepare = async ({ signal, logLevel }: Exchange): Promise<Running> => {
    const running = supervisor.running ?? (await supervisor.ready(abortSignalOf(signal)))
    if (logLevel) await running.logLevel?.want(logLevel, now())
    return running
  }
  const ask = (request: Request): Promise<Raw> => {
    const { running } = supervisor
    // Only a server of the 2025 era that logs has to be told how much before.
    if (running && (running.logLevel === null || !request.exchange.logLevel)) return send(running, request)
    return prepare(request.exchange).then((ready) => send(ready, request))
  }
  const call = (params: Raw, exchange: Exchange, again: boolean): Promise<Raw> =>
    ask({
      method: 'tools/call',
      params,
      exchange,
      async refused(error) {
        if (again && error.code === headerMismatch) {
          await supervisor.refreshTools().catch(() => {})
          return call(params, exchange, false)
        }
        const refusal = toolRefusal(error, exchange)
        if (refusal instanceof ProtocolError) throw refusal
        return refusal
      },
    })
  return {
    serverId: row.id,
    slug: row.slug,
    name: row.name,
    prefixed: row.prefixed,
    passesClientContext: row.passesClientContext,
    edition: 0,
    kind: 'server',
    tools: () => known.lists.tools as readonly Tool[],
    resources: () => known.lists.resources as readonly Resource[],
    resourceTemplates: () => known.lists.resourceTemplates as readonly ResourceTemplate[],
    prompts: () => known.lists.prompts as readonly Prompt[],
    capabilities: () => known.capabilities,
    instructions: () => known.instructions,
    call: (tool, args, exchange) => call({ name: tool, arguments: args }, exchange, true),
    request: (method, params, exchange) => ask({ method, params, exchange }),
    watch: (uris, onUpdated) => supervisor.watch(uris, onUpdated),
  }
}
