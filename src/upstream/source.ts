import { ProtocolError } from '@modelcontextprotocol/client'
import type { Log } from '../kernel/log.ts'
import { asResult, requestFailure, toolRefusal } from './call.ts'
import type { Exchange, Raw } from './exchange.ts'
import type { Health } from './health.ts'
import type { Known } from './known.ts'
import type { ServerRow } from './store.ts'
import type { Supervisor } from './supervisor.ts'

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
  slug: string
  name: string
  prefixed: boolean
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

export function createSource({ row, supervisor, known, health, log, timeout, now }: Parts): UpstreamSource {
  const ask = async (method: string, params: Raw, exchange: Exchange): Promise<Raw> => {
    const { signal } = exchange
    const connection = supervisor.running ?? (await supervisor.ready(signal))
    const settings = { timeout: timeout(), signal, exchange }
    if (exchange.logLevel && connection.logLevel) {
      const told = connection.logLevel.want(exchange.logLevel, now())
      if (told) await told
    }
    const began = performance.now()
    try {
      const result = await connection.wire.request(method, params, settings)
      health.answered(performance.now() - began)
      return asResult(result)
    } catch (error) {
      if (error instanceof ProtocolError) {
        health.answered(performance.now() - began)
        throw error
      }
      const { failure, lost } = requestFailure(error, {
        name: row.name,
        signal,
        timeout: settings.timeout,
        explain: (cause) => connection.explain(cause, null),
        isHttp: row.kind !== 'stdio',
      })
      log.info('upstream.request-failed', { server: row.name, method, code: failure.code, error })
      if (failure.code !== 'call-cancelled') health.failed(failure.message)
      if (lost) supervisor.gone(connection, failure)
      throw failure
    }
  }
  const call = async (params: Raw, exchange: Exchange, again: boolean): Promise<Raw> => {
    try {
      return await ask('tools/call', params, exchange)
    } catch (error) {
      if (again && error instanceof ProtocolError && error.code === headerMismatch) {
        await supervisor.refreshTools().catch(() => {})
        return call(params, exchange, false)
      }
      const refusal = toolRefusal(error, exchange)
      if (refusal === null || refusal instanceof ProtocolError) throw refusal ?? error
      return refusal
    }
  }
  return {
    slug: row.slug,
    name: row.name,
    prefixed: row.prefixed,
    kind: 'server',
    tools: () => known.lists.tools as readonly Tool[],
    resources: () => known.lists.resources as readonly Resource[],
    resourceTemplates: () => known.lists.resourceTemplates as readonly ResourceTemplate[],
    prompts: () => known.lists.prompts as readonly Prompt[],
    capabilities: () => known.capabilities,
    instructions: () => known.instructions,
    call: (tool, args, exchange) => call({ name: tool, arguments: args }, exchange, true),
    request: (method, params, exchange) => ask(method, params, exchange),
    watch: (uris, onUpdated) => supervisor.watch(uris, onUpdated),
  }
}
