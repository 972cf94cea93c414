import { type CallToolResult, ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server'
import type { Call, ErrorReply } from '../contract/models.ts'
import { errorText, isHostError, toErrorReply } from '../kernel/errors.ts'
import { shorten } from '../kernel/shorten.ts'
import { createArgumentsCheck } from './arguments-check.ts'
import type { Caller, Principal } from './caller.ts'
import { argumentsHash } from './canonical-json.ts'
import { type CatalogEntry, factsFor } from './catalog.ts'
import {
  answered,
  denied,
  type Ending,
  failed,
  interrupted,
  pending,
  refusedByUser,
  unknownTool,
} from './endings.ts'
import { defaultLimits } from './limits.ts'
import type { CallStart, PipelineDeps } from './pipeline-deps.ts'
import {
  changedMeanwhile,
  checkedResult,
  errorResult,
  resultNotLogged,
  tookTooLong,
  unfitArguments,
} from './results.ts'
import type { ClientRequest } from './client-request.ts'
import type { Raw } from './tool-source.ts'
import { visibleText } from './visible-text.ts'

export interface Pipeline {
  /**
   * Everything that happens to a request that leads to a source. The raw result: for a tool, what goes wrong comes back
   * as one with `isError`; in the 2026-07-28 era it may be one with `resultType: "input_required"`. In `_meta`,
   * `drawbridge/scope` says that the caller lacks these scopes. Throws ProtocolError (unknown tool, prompt or resource, wrong
   * params, missing capability of the client, refusal of the server itself).
   */
  request(caller: Caller, request: ClientRequest): Promise<Raw>
  /** Whether such a call would be refused for a missing scope and nothing else. Does and records nothing. */
  lacksScope(principal: Principal, toolName: string): boolean
  /** Ends what waits for an answer of this grant's client, or of everybody's (null). */
  cancelFor(grantId: string | null): void
  stop(): void
}

export function createPipeline(deps: PipelineDeps): Pipeline {
  const { catalog, decide, approvals, activity, redactor, clock, log, onTraffic } = deps
  const { callTimeout, result: maxResult } = deps.limits ?? defaultLimits
  const argumentsCheck = createArgumentsCheck(log)

  /** From the name to the answer; the log row is committed before anything is answered. */
  async function run(caller: Caller, call: ToolCall): Promise<Ending> {
    const { principal } = caller
    const at = clock.now()
    const start = (entry: CatalogEntry | null, decision: Call['decision']): CallStart => ({
      grantId: principal.grantId,
      clientName: principal.clientName,
      tool: entry?.publicName ?? shorten(visibleText(call.name), 100),
      source: entry?.source.name ?? '',
      risk: entry?.risk ?? 'write',
      decision,
      arguments: call.arguments,
    })
    const recorded = async (begun: CallStart, ending: Ending): Promise<Ending> => {
      await activity.record({ ...begun, ...ending.log, at, duration: clock.now() - at })
      return ending
    }

    const entry = catalog.resolve(call.name, principal.workspace)
    if (!entry) return recorded(start(null, 'refused'), unknownTool(call.name))

    const decision = decide(factsFor(entry, principal))
    if (decision.kind === 'deny') return recorded(start(entry, 'denied'), denied(decision))

    const problem = argumentsCheck.problem(
      entry.publicName,
      entry.definition.inputSchema,
      call.arguments,
      call.bytes,
    )
    if (problem !== null) return recorded(start(entry, 'refused'), failed(unfitArguments(problem)))

    // A read that cannot be recorded is not answered; anything else that cannot be recorded is not even begun.
    if (decision.kind === 'allow' && entry.risk === 'read')
      return recorded(start(entry, 'allowed'), await execute(entry, caller, call))

    const row = await activity.begin(start(entry, decision.kind === 'allow' ? 'allowed' : 'pending'))
    let ending: Ending = failed(toErrorReply(null))
    try {
      ending =
        decision.kind === 'ask' ? await askFirst(entry, caller, call) : await execute(entry, caller, call)
    } catch (error) {
      log.error('gateway.call', { tool: entry.publicName, error: errorText(error) })
      ending = failed(toErrorReply(error))
    } finally {
      await activity.finish(row, ending.log).catch((error) => {
        log.error('gateway.finish', { tool: entry.publicName, error: errorText(error) })
        if (ending.log.outcome === 'answered') ending = failed(resultNotLogged)
      })
    }
    return ending
  }

  /** The user's word, bound to exactly these arguments. */
  async function askFirst(entry: CatalogEntry, caller: Caller, call: ToolCall): Promise<Ending> {
    const { principal } = caller
    const hash = argumentsHash(entry.publicName, call.arguments)
    const answer = await approvals.ask(
      {
        grantId: principal.grantId,
        clientName: principal.clientName,
        tool: entry.publicName,
        toolTitle: entry.title,
        source: entry.source.name,
        risk: entry.risk,
        argumentsHash: hash,
        arguments: JSON.stringify(redactor.value(call.arguments), null, 2),
      },
      caller.signal,
    )
    if (answer === 'pending') return pending(entry.title)
    if (answer !== 'allowed') return refusedByUser(entry.title)
    const now = catalog.resolve(call.name, principal.workspace)
    if (!now?.enabled || !sameTool(now, entry) || argumentsHash(now.publicName, call.arguments) !== hash)
      return failed(changedMeanwhile(entry.title), 'approved')
    const ending = await execute(now, caller, call)
    return { ...ending, log: { ...ending.log, decision: 'approved' } }
  }

  /** Calls the source, for as long as the client waits and no longer than `callTimeout`. */
  async function execute(entry: CatalogEntry, caller: Caller, call: ToolCall): Promise<Ending> {
    const { source, toolName } = entry
    const stop = new AbortController()
    const stopped = Promise.withResolvers<'stopped'>()
    const onStop = () => {
      stop.abort()
      stopped.resolve('stopped')
    }
    const timer = setTimeout(onStop, callTimeout)
    caller.signal.addEventListener('abort', onStop, { once: true })
    try {
      if (caller.signal.aborted) return interrupted()
      const options = { signal: stop.signal, ...(call.onProgress && { onProgress: call.onProgress }) }
      // A source that does not listen to the signal must not hold the caller: its late answer goes nowhere.
      const result = await Promise.race([source.call(toolName, call.arguments, options), stopped.promise])
      if (result === 'stopped')
        return caller.signal.aborted ? interrupted() : failed(tookTooLong(source.name, callTimeout))
      return answered(checkedResult(result, source.name, maxResult))
    } catch (error) {
      if (caller.signal.aborted) return interrupted()
      if (stop.signal.aborted) return failed(tookTooLong(source.name, callTimeout))
      if (!isHostError(error))
        log.error('gateway.source', { source: source.slug, tool: toolName, error: errorText(error) })
      return failed(toErrorReply(error))
    } finally {
      clearTimeout(timer)
      caller.signal.removeEventListener('abort', onStop)
    }
  }

  return {
    lacksScope(principal, name) {
      const entry = catalog.resolve(name, principal.workspace)
      const decision = entry && decide(factsFor(entry, principal))
      return decision?.kind === 'deny' && decision.scopes !== undefined
    },
    async call(caller, call) {
      let problem: ErrorReply | undefined
      try {
        const ending = await run(caller, call)
        problem = ending.problem
        if (problem?.code === 'unknown-tool')
          throw new ProtocolError(ProtocolErrorCode.InvalidParams, problem.message)
        return ending.answer
      } catch (error) {
        if (error instanceof ProtocolError) throw error
        log.error('gateway.call', { tool: shorten(call.name, 100), error: errorText(error) })
        problem = toErrorReply(error)
        return errorResult(problem)
      } finally {
        const ok = problem === undefined || problem.code === 'approval-pending'
        const { grantId, clientName } = caller.principal
        onTraffic({
          at: clock.now(),
          kind: 'tools-call',
          ok,
          origin: caller.origin,
          grantId,
          clientName,
          ...(!ok && problem && { problem }),
        })
      }
    },
  }
}

/** What the user saw when asked is what runs. */
const sameTool = (a: CatalogEntry, b: CatalogEntry): boolean =>
  a === b ||
  (a.source.slug === b.source.slug &&
    a.toolName === b.toolName &&
    JSON.stringify(a.published) === JSON.stringify(b.published))
