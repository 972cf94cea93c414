import { randomBytes } from 'node:crypto'
import { ProtocolError } from '@modelcontextprotocol/server'
import type { Call } from '../../contract/activity.ts'
import type { ErrorReply } from '../../contract/errors.ts'
import { abortSignalOf } from '../../kernel/cancellation.ts'
import { errorText, isHostError, toErrorReply } from '../../kernel/errors.ts'
import type { Principal } from '../../mcp/principal.ts'
import type { Raw } from '../../mcp/tool-source.ts'
import { defaultLimits } from '../listener/limits.ts'
import { factsFor, sameTool } from '../offers/catalog-entry.ts'
import { Conversation } from './asking/conversation.ts'
import { createInteractions, type Round } from './asking/interactions.ts'
import type { RoundState } from './asking/sealed-state.ts'
import { startOf } from './call-start.ts'
import type { Caller } from './caller.ts'
import type { ClientRequest } from './client-request.ts'
import { heldBack } from './held-back.ts'
import type { PipelineDeps } from './pipeline-deps.ts'
import { questionOf } from './question-of.ts'
import {
  answered,
  delivered,
  denied,
  type Ending,
  failed,
  interrupted,
  notAsked,
  pending,
  refused,
  refusedByUser,
} from './results/endings.ts'
import {
  cannotBeShown,
  changedMeanwhile,
  resultNotLogged,
  tookTooLong,
  tooMuchWaits,
  unanswered,
} from './results/results.ts'
import { theirRefusal } from './results/their-refusal.ts'
import { RunningCall, Stopped } from './running-call.ts'
import { createTargets, type Missing, type Target, targetHash } from './targets.ts'

export interface Pipeline {
  /**
   * Everything that happens to a request that leads to a source. The raw result: for a tool, what
   * goes wrong comes back as one with `isError`; in the 2026-07-28 era it may be one with `resultType: "input_required"`.
   * `scopeLacking` (endings.ts) says of a result or an error whether the caller lacks scopes. Throws ProtocolError (unknown tool, prompt or resource, wrong params, missing capability of the client, a refusal of
   * the server itself; for anything but tools, whatever went wrong).
   */
  request(caller: Caller, request: ClientRequest): Promise<Raw>
  /** Whether such a call would be refused for a missing scope and nothing else. Does and records nothing. */
  lacksScope(principal: Principal, toolName: string): boolean
  /** Ends what waits for an answer of this grant's client, or of everybody's (null). */
  cancelFor(grantId: string | null): void
  stop(): void
}

export function createPipeline(deps: PipelineDeps): Pipeline {
  const { catalog, decide, approvals, activity, clock, log, onTraffic } = deps
  const { callTimeout, result: maxSize } = deps.limits ?? defaultLimits
  const targetOf = createTargets(catalog)
  const interactions = createInteractions({
    stateKey: deps.stateKey ?? randomBytes(32),
    clock,
    maxSize: deps.largestResult ?? (() => maxSize),
    ...(deps.questionKeepMs !== undefined && { keepMs: deps.questionKeepMs }),
  })

  /** One request, from what it is about to how it ended; the log row is committed before anything is answered. */
  async function handle(asked: Asked, target: Target | Missing): Promise<Ending> {
    const { principal } = asked.caller
    const at = clock.now()
    let decided: Call['decision'] = 'refused'
    let ending: Ending | Promise<Ending>
    if (!('source' in target)) ending = refused(target.error)
    else {
      const decision = decide(target.facts)
      if (decision.kind === 'deny') {
        decided = 'denied'
        ending = denied(decision)
      } else if (decision.kind === 'ask' || target.risk !== 'read') {
        const isAsked = decision.kind === 'ask'
        const mustAsk = isAsked && !isApproved(asked.state, principal, target)
        const unasked = mustAsk ? heldBack(approvals, principal, target) : null
        if (unasked === null) return change(asked, target, isAsked, mustAsk)
        decided = 'denied'
        ending = notAsked(unasked)
      } else {
        // A read that cannot be recorded is not answered; anything else that cannot be recorded is not even begun.
        decided = 'allowed'
        ending = execute(roundOf(asked, target, false))
      }
    }
    // What of the row can be written by now is written while the source is at work.
    const record = activity.prepare(startOf(principal, target, decided), at)
    const ended = await ending
    await record(ended.log, clock.now() - at)
    return ended
  }

  /** What is on record before it begins. `isAsked`: only with the user's word; `mustAsk`: which is not there yet. */
  async function change(asked: Asked, target: Target, isAsked: boolean, mustAsk: boolean): Promise<Ending> {
    const { principal } = asked.caller
    const decided = mustAsk ? 'pending' : isAsked ? 'approved' : 'allowed'
    const row = await activity.begin(startOf(principal, target, decided))
    // Asked anew, it is a first round: what came back from another one was answered to somebody else's question.
    const round = roundOf(mustAsk ? { ...asked, state: null } : asked, target, isAsked)
    let ending: Ending = failed(toErrorReply(null))
    try {
      ending = mustAsk ? await askFirst(round, row) : await execute(round)
    } catch (error) {
      log.error('gateway.call', { tool: target.label, error: errorText(error) })
      ending = failed(toErrorReply(error))
    } finally {
      await activity.finish(row, ending.log).catch((error) => {
        log.error('gateway.finish', { tool: target.label, error: errorText(error) })
        if (ending.log.outcome === 'answered') ending = failed(resultNotLogged)
      })
    }
    return ending
  }

  const isApproved = (state: RoundState | null, { grantId }: Principal, { entry }: Target): boolean =>
    state !== null && entry !== undefined && interactions.isApproved(state, grantId, entry.json)

  /** The user's word, bound to exactly these arguments. */
  async function askFirst(round: Round, row: string): Promise<Ending> {
    const { target, running } = round
    const { principal } = round.caller
    const entry = target.entry
    const json = JSON.stringify(target.arguments)
    if (json.length > approvals.longest) return failed(cannotBeShown(target.title), 'refused')
    // A source in this process gets what one behind a wire would: what JSON has no word for (1e400) is shown as null, and is null.
    const args = (target.source.kind === 'connector' ? JSON.parse(json) : target.arguments) as Raw
    const asked = { ...target, arguments: args }
    const hash = targetHash(asked)
    const answer = await approvals.ask(questionOf(principal, asked, row), abortSignalOf(running.signal))
    if (answer === 'pending') return pending(target.title)
    if (answer === 'unshowable') return failed(cannotBeShown(target.title), 'refused')
    if (answer === 'crowded') return failed(tooMuchWaits(target.title), 'refused')
    if (answer !== 'allowed') return refusedByUser(target.title)
    const now = entry && catalog.resolve(entry.publicName, principal.workspace)
    if (
      !entry ||
      !now?.enabled ||
      !now.accepted ||
      !sameTool(now, entry) ||
      targetHash({ ...asked, entry: now }) !== hash
    )
      return failed(changedMeanwhile(target.title), 'approved')
    const { source, toolName } = now
    const ending = await execute({
      ...round,
      target: { ...target, entry: now, source, send: (exchange) => source.call(toolName, args, exchange) },
    })
    return { ...ending, log: { ...ending.log, decision: 'approved' } }
  }

  /** Asks the source, for as long as the client waits and no longer than it may take. */
  async function execute(round: Round): Promise<Ending> {
    const { target, running } = round
    const { source } = target
    const era = round.conversation ? 'modern' : 'legacy'
    try {
      return answered(await interactions.send(round))
    } catch (error) {
      const why = running.cause
      if (why === 'gone') return interrupted()
      if (why === 'time') return failed(tookTooLong(source.name, running.limit))
      if (why === 'unanswered')
        return { ...failed(unanswered), log: { outcome: 'cancelled', error: unanswered.message } }
      const cause = error instanceof Stopped ? error.why : error
      if (cause instanceof ProtocolError) return theirRefusal(cause, target, era, running.client.capabilities)
      if (!isHostError(cause))
        log.error('gateway.source', { source: source.slug, tool: target.label, error: errorText(cause) })
      return failed(toErrorReply(cause))
    }
  }

  async function answer(caller: Caller, request: ClientRequest): Promise<Ending | Raw> {
    const { client } = request
    const target = targetOf(caller.principal, request)
    // As long as its owner lets it; whether it is quiet for too long is for who asks it to say.
    const owners = 'source' in target ? (target.source.longest?.() ?? 0) : 0
    const run = new RunningCall(caller, client, Math.max(callTimeout, owners))
    if (client.era === 'modern') return answerModern(caller, request, target, run)
    try {
      return await handle({ caller, running: run, conversation: null, state: null }, target)
    } finally {
      run.close()
    }
  }

  async function answerModern(
    caller: Caller,
    { client }: ClientRequest,
    target: Target | Missing,
    run: RunningCall,
  ): Promise<Ending | Raw> {
    const { principal } = caller
    let state: RoundState | null = null
    if (client.requestState !== undefined && 'source' in target) {
      try {
        state = await interactions.open(principal, target, client.requestState)
        if (state.parked) {
          const parked = interactions.resume(state, principal.grantId)
          if (decide(target.facts).kind !== 'deny') {
            run.close()
            parked.running.attach(caller, client)
            parked.take(client.inputResponses)
            return await interactions.told(parked, principal, target)
          }
          // What may no longer be done is not finished either.
          parked.running.stop('gone')
          state = null
        }
      } catch (error) {
        run.close()
        if (!(error instanceof ProtocolError)) throw error
        const { label, method, arguments: args } = target
        return handle(
          { caller, running: run, conversation: null, state },
          { label, method, arguments: args, error },
        )
      }
    }
    const conversation = new Conversation(run, principal.grantId)
    conversation.ending = handle({ caller, running: run, conversation, state }, target)
    return 'source' in target ? interactions.told(conversation, principal, target) : conversation.next()
  }

  return {
    lacksScope(principal, toolName) {
      const entry = catalog.resolve(toolName, principal.workspace)
      const decision = entry && decide(factsFor(entry, principal))
      return decision?.kind === 'deny' && decision.scopes !== undefined
    },
    async request(caller, request) {
      let problem: ErrorReply | undefined
      try {
        const given = await answer(caller, request)
        if (!isEnding(given)) return given
        problem = given.problem
        return delivered(given, request.method)
      } catch (error) {
        if (error instanceof ProtocolError) {
          problem ??= { code: 'refused', message: error.message, hint: '' }
          throw error
        }
        log.error('gateway.request', { method: request.method, error: errorText(error) })
        problem = toErrorReply(error)
        return delivered(failed(problem), request.method)
      } finally {
        if (request.method === 'tools/call') tell(caller, problem)
      }
    },
    cancelFor: interactions.cancelFor,
    stop: () => interactions.cancelFor(null),
  }

  function tell({ origin, principal }: Caller, problem: ErrorReply | undefined): void {
    const ok = problem === undefined || problem.code === 'approval-pending'
    const { grantId, clientName } = principal
    const at = clock.now()
    onTraffic({ at, kind: 'tools-call', ok, origin, grantId, clientName, ...(!ok && { problem }) })
  }
}

/** A request of which is not yet known what is done about it. */
type Asked = Omit<Round, 'approved' | 'target'>

const roundOf = (
  { caller, running, conversation, state }: Asked,
  target: Target,
  approved: boolean,
): Round => ({
  caller,
  target,
  running,
  conversation,
  state,
  approved,
})

const isEnding = (given: Ending | Raw): given is Ending => 'log' in given && 'answer' in given
