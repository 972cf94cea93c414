import { setTimeout as sleep } from 'node:timers/promises'
import { ProtocolError } from '@modelcontextprotocol/client'
import { abortSignalOf } from '../../kernel/cancellation.ts'
import type { HostError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import type { Exchange, Raw } from '../../mcp/tool-source.ts'
import { isForgotten, isRateLimited, restWanted } from '../failures/failures.ts'
import { SessionForgotten } from '../failures/forgotten.ts'
import type { ServerRow } from '../registry/server-store.ts'
import { asResult, requestFailure, toolRefusal } from '../session/call.ts'
import type { Health } from './health.ts'
import type { ServerFacts } from './server-facts.ts'
import type { Running, Supervisor } from './supervisor.ts'

/** Arguments were to be sent as headers too, and our list of tools is older than the server's (MCP 2026-07-28, −32020). */
const headerMismatch = -32020

/** One that is quiet for all of its time is told so from here first, which knows more of it. Milliseconds. */
const lateNotice = 1_000

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
  /** Milliseconds that one request may take in all, whatever progress it makes. */
  longest(): number
  /** The owner stopped it. */
  isStopped(): boolean
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
  facts: ServerFacts
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
  /** It was sent before and not begun. */
  again?: boolean
}

/** A server that takes no more requests is waited for this long, within a call. Milliseconds. */
const longestRest = 10_000
/** Where it does not say how long. Milliseconds. */
const usualRest = 2_000

export function createSource({ row, supervisor, facts, health, log, timeout, now }: Parts): UpstreamSource {
  /** Without `async`, as are its callers: each turn of the queue costs every call. */
  const send = (running: Running, request: Request): Promise<Raw> => {
    const { method, params, exchange, refused } = request
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
      // Perhaps nobody is there any more; then everybody hears of it at once.
      if (failure.code === 'server-answer-broken') void supervisor.check()
      if (lost) supervisor.gone(running, failure)
      return failure
    }
    return running.rpc.request(method, params, settings).then(
      (result) => {
        health.answered(performance.now() - began)
        try {
          return asResult(result)
        } catch (error) {
          throw failed(error)
        }
      },
      (error: unknown) => {
        if (!(error instanceof ProtocolError)) {
          const failure = failed(error)
          const once = onceMore(request, error, failure)
          if (once) return once
          throw failure
        }
        health.answered(performance.now() - began)
        if (refused) return refused(error)
        throw error
      },
    )
  }
  /**
   * Sends a request for a second and last time, where that is safe: the server refused it before it looked at it, or it only reads. Null:
   * it is not. The arguments are the ones that were allowed, and the call is the same one to everybody else.
   */
  const onceMore = (request: Request, error: unknown, failure: HostError): Promise<Raw> | null => {
    if (request.again || request.exchange.signal.aborted) return null
    const again = { ...request, again: true }
    if (isForgotten(failure)) {
      const neverBegun = error instanceof SessionForgotten && error.neverBegun
      if (!neverBegun && !onlyReads(request)) return null
      log.info('upstream.new-session', { server: row.name, method: request.method })
      return prepare(request.exchange).then((running) => send(running, again))
    }
    const rest = restWanted(failure) ?? usualRest
    if (!isRateLimited(failure) || rest > longestRest) return null
    return sleep(rest, undefined, { signal: abortSignalOf(request.exchange.signal) }).then(
      () => ask(again),
      () => Promise.reject(failure),
    )
  }
  const onlyReads = ({ method, params }: Request): boolean => {
    if (method !== 'tools/call') return true
    const annotations = facts.tool(params.name as string)?.annotations as Raw | null | undefined
    return annotations?.readOnlyHint === true
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
    longest: () => timeout() + lateNotice,
    isStopped: () => row.wanted === 'stopped',
    tools: () => facts.lists.tools as readonly Tool[],
    resources: () => facts.lists.resources as readonly Resource[],
    resourceTemplates: () => facts.lists.resourceTemplates as readonly ResourceTemplate[],
    prompts: () => facts.lists.prompts as readonly Prompt[],
    capabilities: () => facts.capabilities,
    instructions: () => facts.instructions,
    call: (tool, args, exchange) => call({ name: tool, arguments: args }, exchange, true),
    request: (method, params, exchange) => ask({ method, params, exchange }),
    watch: (uris, onUpdated) => supervisor.watch(uris, onUpdated),
  }
}
