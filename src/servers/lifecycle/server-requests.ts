import { setTimeout as sleep } from 'node:timers/promises'
import { ProtocolError } from '@modelcontextprotocol/client'
import type { ServerKind } from '../../contract/servers.ts'
import { abortSignalOf } from '../../kernel/cancellation.ts'
import { canonicalHash } from '../../kernel/canonical-json.ts'
import { HostError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log/log.ts'
import { pinnedPart } from '../../mcp/pinned.ts'
import type { Exchange, Raw, ToolDefinition } from '../../mcp/tool-source.ts'
import { httpStatus, isForgotten, isRateLimited, restWanted } from '../failures/failures.ts'
import { SessionForgotten } from '../failures/forgotten.ts'
import type { ServerFacts } from '../lists/server-facts.ts'
import { asResult, requestFailure, toolRefusal } from '../session/call.ts'
import type { Health } from './health.ts'
import type { Running } from './running.ts'
import type { Supervisor } from './supervisor.ts'

/** Arguments were to be sent as headers too, and our list of tools is older than the server's (MCP 2026-07-28, −32020). */
const headerMismatch = -32020

/** A server that takes no more requests is waited for this long, within a call. Milliseconds. */
const longestRest = 10_000
/** Where it does not say how long. Milliseconds. */
const usualRest = 2_000

export interface RequestParts {
  /** Read anew each time: the user may edit it. */
  is: { readonly name: string; readonly kind: ServerKind }
  supervisor: Supervisor
  facts: ServerFacts
  health: Health
  log: Log
  /** Milliseconds that one request may take without news. */
  timeout(): number
  now(): number
  /** Whether its owner wants to look at another version before anything is sent to it. */
  asksAboutVersions(): boolean
  /** Takes secrets out of what the server said. */
  clean(text: string): string
}

/** What of a tool is shown and compared; servers say the rest in other ways each time. */
const shownOf = (definition: ToolDefinition): string => canonicalHash(pinnedPart(definition))

interface Request {
  method: string
  params: Raw
  exchange: Exchange
  /** Of the server, when it was asked for: what was put in its place since does not get it. */
  edition: number
  /** What to make of a refusal; absent: it is thrown. */
  refused?(error: ProtocolError, running: Running): Promise<Raw>
  /** It was sent before and not begun. */
  again?: boolean
}

/** The requests of clients to one server, each sent over whatever connection there is. Without `async`: each turn of the queue costs every call. */
export class ServerRequests {
  readonly #parts: RequestParts

  constructor(parts: RequestParts) {
    this.#parts = parts
  }

  /** The result as it came. Throws HostError, or ProtocolError with what the server refused. */
  ask(request: Request): Promise<Raw> {
    const { running } = this.#parts.supervisor
    // Only a server of the 2025 era that logs has to be told how much before.
    if (running && (running.logLevel === null || !request.exchange.logLevel))
      return this.#send(running, request)
    return this.#prepare(request.exchange).then((ready) => this.#send(ready, request))
  }

  /** A tool; what the server refused is a result with `isError`. */
  call(
    params: Raw,
    exchange: Exchange,
    edition = exchange.edition ?? this.#parts.supervisor.edition,
    again = true,
  ): Promise<Raw> {
    return this.ask({
      method: 'tools/call',
      params,
      exchange,
      edition,
      refused: async (error, { rpc }) => {
        // In the older era the number is anybody's, and may stand for something that was half done.
        if (again && rpc.isModern && error.code === headerMismatch) {
          await this.#parts.supervisor.refreshTools().catch(() => {})
          exchange.stillAllowed?.()
          return this.call(params, exchange, edition, false)
        }
        const refusal = toolRefusal(error, exchange)
        if (refusal instanceof ProtocolError) throw refusal
        return refusal
      },
    })
  }

  /** A connection for what had to wait for one: it may have been taken back by then, and another version be there. */
  async #prepare(exchange: Exchange): Promise<Running> {
    const { signal, logLevel } = exchange
    const { supervisor, facts, now, asksAboutVersions } = this.#parts
    const { version } = facts
    const running = supervisor.running ?? (await supervisor.ready(abortSignalOf(signal)))
    if (logLevel) await running.logLevel?.want(logLevel, now())
    if (version !== null && version !== facts.version && asksAboutVersions()) throw this.#another()
    exchange.stillAllowed?.()
    return running
  }

  #send(running: Running, request: Request): Promise<Raw> {
    const { method, params, exchange, refused } = request
    const { health, supervisor } = this.#parts
    if (request.edition !== supervisor.edition || !this.#isAsListed(exchange))
      return Promise.reject(this.#another())
    const settings = { timeout: this.#parts.timeout(), signal: exchange.signal, exchange }
    const answer = running.rpc.request(method, params, settings)
    const began = performance.now()
    return answer.then(
      (result) => {
        health.answered(performance.now() - began)
        try {
          return asResult(result)
        } catch (error) {
          throw this.#failed(running, request, settings.timeout, error)
        }
      },
      (error: unknown) => {
        if (!(error instanceof ProtocolError)) {
          const failure = this.#failed(running, request, settings.timeout, error)
          const once = this.#onceMore(request, error, failure)
          if (once) return once
          throw failure
        }
        health.answered(performance.now() - began)
        if (refused) return refused(error, running)
        throw error
      },
    )
  }

  /** It may have listed another tool under that name a moment ago, which nobody was shown yet. */
  #isAsListed({ definition }: Exchange): boolean {
    const { facts } = this.#parts
    if (definition === undefined || facts.lists.tools.includes(definition as Raw)) return true
    const now = facts.tool(definition.name) as ToolDefinition | undefined
    return now !== undefined && shownOf(now) === shownOf(definition)
  }

  #another(): HostError {
    return new HostError({ code: 'server-edited', params: { name: this.#parts.is.name } })
  }

  #failed(running: Running, { method, exchange }: Request, timeout: number, error: unknown): HostError {
    const { health, is, log, supervisor } = this.#parts
    const { failure, lost } = requestFailure(error, {
      name: is.name,
      signal: exchange.signal,
      timeout,
      clean: this.#parts.clean,
      explain: (cause) => running.explain(cause, null),
      isHttp: is.kind !== 'stdio',
    })
    log.info('servers.request-failed', { server: is.name, method, code: failure.code, error })
    if (failure.code !== 'call-cancelled') health.failed(failure.message)
    // Perhaps nobody is there any more; then everybody hears of it at once.
    if (failure.code === 'server-answer-broken' || httpStatus(error) === 404) void supervisor.check()
    if (lost) supervisor.gone(running, failure)
    return failure
  }

  /**
   * Sends a request for a second and last time, where that is safe: the server refused it before it looked at it, or it only reads. Null:
   * it is not. The arguments are the ones that were allowed, and the call is the same one to everybody else.
   */
  #onceMore(request: Request, error: unknown, failure: HostError): Promise<Raw> | null {
    if (request.again || request.exchange.signal.aborted) return null
    const again = { ...request, again: true }
    if (isForgotten(failure)) {
      const isUnbegun = error instanceof SessionForgotten && error.neverBegun
      if (!isUnbegun && !this.#onlyReads(request)) return null
      this.#parts.log.info('servers.new-session', { server: this.#parts.is.name, method: request.method })
      return this.#prepare(request.exchange).then((running) => this.#send(running, again))
    }
    if (!isRateLimited(failure)) return null
    const wanted = restWanted(failure)
    // Without a word on when to send it again it may be another's 429 that a tool passes on, half way.
    if (wanted === null && !this.#onlyReads(request)) return null
    const rest = wanted ?? usualRest
    if (rest > longestRest) return null
    return sleep(rest, undefined, { signal: abortSignalOf(request.exchange.signal) }).then(
      () => {
        request.exchange.stillAllowed?.()
        return this.ask(again)
      },
      () => Promise.reject(failure),
    )
  }

  #onlyReads({ method, params, exchange: { risk = 'read' } }: Request): boolean {
    if (method !== 'tools/call') return true
    if (risk !== 'read') return false
    const annotations = this.#parts.facts.tool(params.name as string)?.annotations as Raw | null | undefined
    return annotations?.readOnlyHint === true
  }
}
