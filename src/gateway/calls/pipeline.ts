import { ProtocolError } from '@modelcontextprotocol/server'
import type { Call, CallEnd, CallRule, CallStart } from '../../contract/activity.ts'
import type { ErrorReply } from '../../contract/errors.ts'
import { errorText, isHostError, toEnglishReply } from '../../kernel/errors.ts'
import type { Decision } from '../../mcp/decision.ts'
import type { Principal } from '../../mcp/principal.ts'
import type { Raw } from '../../mcp/tool-source.ts'
import { factsFor } from '../offers/catalog-entry.ts'
import { checkTool } from '../offers/tools/check-tool.ts'
import { awaitApproval, heldBack, TakenBack, takenBack } from './approval.ts'
import { ClientInput, urlElicitations } from './asking/client-input.ts'
import { withTheirWords } from './asking/missing-capability.ts'
import type { RequestState } from './asking/request-state.ts'
import type { Caller } from './caller.ts'
import type { ClientRequest } from './client-request.ts'
import { LateCall } from './late/late-call.ts'
import { endingOf, isOpen, LateCalls, type PastCall } from './late/late-calls.ts'
import { brokenOff, givenElsewhere, notYet, unknownHandle } from './late/late-words.ts'
import { shownByHandle, Tasks, taskOf } from './late/tasks.ts'
import type { PipelineDeps } from './pipeline-deps.ts'
import { checkedResult } from './results/checked-result.ts'
import {
  answered,
  asOwnerChanged,
  delivered,
  denied,
  type Ending,
  failed,
  halfDone,
  interrupted,
  isEnding,
  isTheirs,
  notAsked,
  refused,
} from './results/endings.ts'
import { examinedResult, foundIn } from './results/examined-result.ts'
import { withPromised } from './results/promised-content.ts'
import { errorResult, resultNotLogged, ruleEnded, tookTooLong, unanswered } from './results/results.ts'
import { theirRefusal } from './results/their-refusal.ts'
import { RunningCall, Stopped } from './running-call.ts'
import { type Reader, type Reading, readingOf, Taints } from './taints/taints.ts'
import { approvalHash, entryNow, type Missing, type Target, targetOf } from './targets.ts'
import { ToolCallFacts } from './tool-call-facts.ts'

/** Clients that hear nothing give up after about 60 s. */
const defaultTimeout = 55_000

/** Everything that happens to a request that leads to a source, from top to bottom. */
export class Pipeline {
  readonly #deps: PipelineDeps
  readonly #input: ClientInput
  /** Calls that outlast the patience of their clients. */
  readonly late: LateCalls
  readonly tasks: Tasks
  readonly #stopWatching: () => void
  readonly #taints: Taints
  /** Milliseconds. */
  readonly #timeout: number
  /** Characters. */
  readonly #largestResult: () => number
  #isStopped = false

  constructor(deps: PipelineDeps) {
    this.#deps = deps
    this.#timeout = deps.callTimeout ?? defaultTimeout
    this.#largestResult = deps.largestResult ?? (() => 32_000_000)
    const { clock, inputWaitMs: waitMs } = deps
    this.#taints = new Taints({ clock, log: deps.log, store: deps.taintStore }, deps.reading.taintLasts)
    this.#input = new ClientInput({ clock, waitMs, onAsks: (call, { params }) => this.#asks(call, params) })
    const { asked = 40_000, task = 1_000, running = 50_000 } = deps.patience ?? {}
    this.late = new LateCalls({
      ...{ clock, log: deps.log, catalog: deps.catalog, store: deps.lateStore },
      rowOf: (id) => rowOf(deps.activity, id),
      onWaits: (row, told) => this.#waits(row, told),
      endOverdue: () => deps.approvals.sweep(),
      patience: { asked, task, running },
      keepMs: deps.keepResultsMs ?? (() => 30 * 60_000),
    })
    this.tasks = new Tasks(this.late, {
      onGiven: (reader, end) => this.#reaches(reader, end),
      goesOn: (call) => this.#goesOn(call),
      withheld: (late, reader) => this.#withheld(late, reader),
    })
    this.#stopWatching = deps.catalog.onChanged(() => this.late.toolsChanged())
  }

  /**
   * The raw result: for a tool, what goes wrong comes back as one with `isError`; in the 2026-07-28 era it may be one with
   * `resultType: "input_required"`. `scopeLacking` (endings.ts) says of a result or an error whether the caller lacks scopes. Throws
   * ProtocolError (unknown tool, prompt or resource, missing capability of the client, a refusal of the server itself; for anything but
   * tools, whatever went wrong).
   */
  async request(request: ClientRequest): Promise<Raw> {
    let problem: ErrorReply | undefined
    try {
      const told = await this.#handle(request)
      if (!isEnding(told)) return told
      problem = told.problem
      this.#reaches(request, told)
      return delivered(told, request.method)
    } catch (error) {
      if (error instanceof ProtocolError) {
        problem ??= { code: 'refused', message: error.message, hint: '' }
        throw error
      }
      this.#deps.log.error('gateway.request', { method: request.method, error: errorText(error) })
      problem = toEnglishReply(error)
      return delivered(failed(problem), request.method)
    } finally {
      if (request.method === 'tools/call') this.#tell(request.caller, problem)
    }
  }

  /** What it is about. */
  #handle(request: ClientRequest): Promise<Ending | Raw> {
    const { principal } = request.caller
    if (isCheck(request)) return this.#check(request)
    const target = targetOf(this.#deps.catalog, request)
    if (!('source' in target)) return this.#logged(principal, target, 'refused', refused(target.error))
    if (request.requestState !== undefined) return this.#resume(request, target)
    return this.#begin(request, target, null)
  }

  /** The next request of a call: one that is still under way goes on, any other begins anew, with what came back from the last one. */
  async #resume(request: ClientRequest, target: Target): Promise<Ending | Raw> {
    const { principal } = request.caller
    let state: RequestState | null
    try {
      state = await this.#input.open(principal, target, request.requestState)
      if (state.isPending) {
        const call = this.#input.resume(state, principal.grantId)
        if (this.#deps.decide(target.facts).kind !== 'deny' && this.#goesOn(call)) {
          call.attach(request)
          call.input!.take(request.inputResponses)
          if (call.outlasting !== null) return await this.#hear(call.outlasting, request)
          return await this.#input.next(call, principal, target)
        }
        call.stop('gone')
        state = null
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      const { label, method, arguments: args } = target
      return this.#logged(principal, { label, method, arguments: args, error }, 'refused', refused(error))
    }
    return this.#begin(request, target, state)
  }

  /** What may no longer be done is not finished either, whatever its server was told of it before. */
  #goesOn(call: RunningCall): boolean {
    const taken = takenBack(call, this.#deps)
    if (taken !== null) call.stop(new TakenBack(halfDone(taken, call.target.title)))
    return taken === null
  }

  async #begin(request: ClientRequest, target: Target, state: RequestState | null): Promise<Ending | Raw> {
    const before = state === null ? this.late.find(request.caller.principal.grantId, target) : null
    if (before !== null && this.#deps.decide(target.facts).kind !== 'deny') {
      if (!isOpen(before)) return this.late.given(before)
      this.#alsoRead(request, before.call.target)
      return this.#hear(before, request)
    }
    // As long as its owner lets it; whether it is quiet for too long is for who asks it to say.
    const limit = Math.max(this.#timeout, target.source.longest?.() ?? 0)
    const call = new RunningCall(request, target, limit, state)
    const ending = this.#decide(call)
    if (call.outlasting === null && limit > this.late.longest && target.method === 'tools/call')
      this.late.add(call, 'running')
    if (call.outlasting !== null) return this.#goOn(call.outlasting, ending, request)
    if (call.input === null)
      try {
        return await ending
      } finally {
        call.close()
      }
    const close = () => call.close()
    ending.then(close, close)
    call.ending = ending
    return this.#input.next(call, request.caller.principal, target)
  }

  /** Its owner may be asked about that call, as its tool was called then, for somebody who read less. */
  #alsoRead(request: ClientRequest, target: Target): void {
    const readBefore = target.risk === 'read' ? null : this.#taints.of(request, target)
    if (readBefore === null) return
    const { grantId } = request.caller.principal
    const tool = target.entry?.publicName ?? target.label
    this.#deps.approvals.alsoRead({ grantId, tool, argumentsHash: approvalHash(target), readBefore })
  }

  /** It is followed to its end, whoever waits for it then. */
  #goOn(late: LateCall, ending: Promise<Ending>, request: ClientRequest): Promise<Ending | Raw> {
    const { call } = late
    call.ending = ending
    ending
      .catch(endingOf)
      .then((end) => late.ended(end))
      .finally(() => call.close())
    return this.#hear(late, request)
  }

  /** What this request hears of a call that may take longer than its client waits. */
  async #hear(late: LateCall, request: ClientRequest): Promise<Ending | Raw> {
    const { call } = late
    const heard = await late.wait(request)
    // What goes wrong before there is a row is thrown to the first, as to anybody.
    if (heard === 'ended') return call.row === null && call.request === request ? call.ending! : late.end!
    if (heard === 'elsewhere') return givenElsewhere(late.title)
    const { principal } = request.caller
    if (heard === 'asks' && request.era === 'modern' && !isCheck(request))
      return this.#input.asked(call, principal, call.target)
    if (late.end !== null) return this.late.given(late)
    const handle = late.leave()
    await late.noted
    if (late.end !== null) return this.late.given(late)
    const told = notYet(late, handle)
    if (request.takesTasks && !isCheck(request)) return { resultType: 'task', ...taskOf(late, handle) }
    return { ...failed(told), answer: errorResult(told, { [handleMark]: handle }) }
  }

  /** It may be over by then. */
  #waits(row: string, { message }: ErrorReply): Promise<void> {
    const { activity, log } = this.#deps
    return activity
      .note(row, { outcome: 'pending', decision: 'pending', error: message })
      .catch((error) => log.warn('gateway.waits', { error: errorText(error) }))
  }

  /** Our own tool: what became of a call, for the grant that made it and nobody else. */
  async #check(request: ClientRequest): Promise<Ending> {
    const { activity, clock } = this.#deps
    const { principal } = request.caller
    const { grantId, clientName } = principal
    const at = clock.now()
    const late = this.late.byHandle((request.params.arguments as Raw | undefined)?.handle, principal)
    const decision = late === null ? 'refused' : 'allowed'
    const start = { grantId, clientName, tool: checkTool.name, source: 'Drawbridge', risk: 'read' as const }
    const record = activity.prepare({ ...start, decision, arguments: {} }, at)
    const told = late === null ? failed(unknownHandle) : await this.#checkedCall(late, request)
    await record(told.log, clock.now() - at)
    return told
  }

  async #checkedCall(late: LateCall | PastCall, request: ClientRequest): Promise<Ending> {
    // What came of it stands in the row of the call itself.
    const log = { outcome: 'answered' } as const
    if (isOpen(late)) {
      const told = await this.#hear(late, request)
      if (late.end === null) return { ...(told as Ending), log }
    }
    const withheld = this.#withheld(late, request)
    if (withheld !== null) return withheld
    const end = this.late.given(late)
    return { ...end, answer: shownByHandle(late), log }
  }

  /** What is told instead of a result, or of what its server asks, to a client that may not make such a call now; null: it may. */
  #withheld(late: LateCall | PastCall, reader: Reader): Ending | null {
    if (!(late instanceof LateCall) || !(late.end === null ? late.asks : isTheirs(late.end))) return null
    const { principal } = reader.caller
    const entry = entryNow(this.#deps.catalog, late.entry, principal.workspace)
    if (entry === undefined) return failed(unknownHandle, 'refused')
    const decision = this.#deps.decide(factsFor(entry, principal, new ToolCallFacts(entry, {}, reader)))
    if (decision.kind !== 'deny') return null
    const told = denied(decision)
    return { ...told, log: { ...told.log, decision: 'denied' } }
  }

  #decide(call: RunningCall): Promise<Ending> {
    const { principal, target } = call
    const at = this.#deps.clock.now()
    if (target.risk !== 'read') target.facts.readBefore = this.#taints.of(call.request, target)
    const decision = this.#deps.decide(target.facts)
    if (decision.kind === 'deny')
      return this.#logged(principal, target, 'denied', denied(decision), at, decision.rule)
    if (decision.kind === 'ask' || decision.rule !== undefined) return this.#ask(call, decision, at)
    // What its owner calls a read and its source does not is on record before it begins, too.
    if (target.risk !== 'read' || target.entry?.definition.annotations?.readOnlyHint === false)
      return this.#change(call, 'allowed')
    // A read that cannot be recorded is not answered; anything else that cannot be recorded is not even begun.
    return this.#logged(principal, target, 'allowed', this.#callSource(call), at)
  }

  /** Whether the owner was asked before: with an earlier request of this call, or with another call, by a rule; else now. */
  async #ask(call: RunningCall, decision: Exclude<Decision, { kind: 'deny' }>, at: number): Promise<Ending> {
    const { principal, target } = call
    call.isApproved = true
    if (this.#input.wasApproved(call)) return this.#change(call, 'approved')
    if (decision.kind === 'ask') {
      const unasked = heldBack(this.#deps.approvals, principal, target)
      if (unasked !== null) return this.#logged(principal, target, 'denied', notAsked(unasked), at)
      this.late.add(call, 'asked')
    }
    if (decision.kind === 'allow') call.rule = decision.rule ?? null
    // Asked anew, it is a first request: what came back from another one was answered to somebody else's request.
    else call.state = null
    return this.#change(call, decision.kind === 'ask' ? 'pending' : 'allowed', decision)
  }

  /** What is on record before it begins, and done only with the user's word if that is `pending`. */
  async #change(
    call: RunningCall,
    decided: 'allowed' | 'approved' | 'pending',
    decision?: Exclude<Decision, { kind: 'deny' }>,
  ): Promise<Ending> {
    const { activity, log } = this.#deps
    const { principal, target } = call
    const rule = decision === undefined ? null : this.#ruleOf(decision)
    const row = await activity.begin(startOf(principal, target, decided, rule))
    call.row = row
    call.by = decision?.kind === 'allow' ? 'rule' : decided === 'allowed' ? 'access' : 'owner'
    let ending: Ending = failed(toEnglishReply(null))
    try {
      const refusal = decision === undefined ? null : await this.#word(call, row, decision)
      if (refusal === null && decided === 'pending') {
        call.outlasting?.runs()
        // On record before it begins, so that no restart takes it for one that waits.
        await activity.note(row, { outcome: 'running', decision: call.word })
      }
      ending = refusal ?? takenBack(call, this.#deps) ?? (await this.#callSource(call))
    } catch (error) {
      log.error('gateway.call', { tool: target.label, error: errorText(error) })
      ending = failed(toEnglishReply(error))
    } finally {
      await activity.finish(row, ending.log).catch((error) => {
        // The log closes with us; the next start ends the row.
        if (!this.#isStopped) log.error('gateway.finish', { tool: target.label, error: errorText(error) })
        if (ending.log.outcome === 'answered') ending = failed(resultNotLogged)
      })
    }
    return call.word === 'edited' ? asOwnerChanged(ending) : ending
  }

  /** The owner's word for what is on record now. Null: it may run. */
  #word(
    call: RunningCall,
    row: string,
    decision: Exclude<Decision, { kind: 'deny' }>,
  ): Promise<Ending | null> | Ending | null {
    if (decision.kind === 'ask') return awaitApproval(call, row, this.#deps, decision.why)
    const { label: tool, title, arguments: args, facts } = call.target
    // It may have been revoked, and its tool become another one, while the row was written.
    const now = this.#deps.decide(facts)
    const rule = now.kind === 'allow' ? now.rule : undefined
    if (rule === undefined || !this.#deps.applyRule?.(rule, { id: row, tool, arguments: args }))
      return failed(ruleEnded(title), 'denied')
    call.rule = rule
    return rule === decision.rule ? null : this.#amend(row, args, now)
  }

  /** Another rule lets it through than when it came. */
  async #amend(row: string, args: unknown, now: Decision): Promise<null> {
    await this.#deps.activity.amend(row, { decision: 'allowed', arguments: args, rule: this.#ruleOf(now) })
    return null
  }

  #ruleOf(decision: Decision): CallRule | null {
    if (decision.kind === 'ask' || decision.rule === undefined) return null
    return this.#deps.ruleInRow?.(decision.rule) ?? null
  }

  /** Asks the source, for as long as the client waits and no longer than it may take. */
  async #callSource(call: RunningCall): Promise<Ending> {
    const { source, label, method } = call.target
    try {
      const told = examinedResult(await this.#send(call), this.#deps.reading.suspicious, method)
      const result = told instanceof Promise ? await told : told
      return this.#withReading(call.target, answered(result), foundIn(result))
    } catch (error) {
      if (error instanceof TakenBack) return error.ending
      const why = call.cause
      if (why instanceof TakenBack) return why.ending
      if (why === 'gone') return interrupted()
      if (why === 'changed') return failed(brokenOff(label))
      if (why === 'time') return failed(tookTooLong(source.name, call.limit))
      if (why === 'unanswered')
        return { ...failed(unanswered), log: { outcome: 'cancelled', error: unanswered.message } }
      const cause = error instanceof Stopped ? error.why : error
      if (cause instanceof ProtocolError) return this.#refusal(call, cause)
      if (!isHostError(cause))
        this.#deps.log.error('gateway.source', { source: source.slug, tool: label, error: errorText(cause) })
      return this.#failure(call.target, cause)
    }
  }

  /** Why there is no answer, in which the source may be quoted. */
  async #failure(target: Target, cause: unknown): Promise<Ending> {
    const { code, ...words } = toEnglishReply(cause)
    const examined = await examinedResult(words, this.#deps.reading.suspicious)
    const found = foundIn(examined)
    const ending = failed({ code, ...(examined as typeof words) })
    const isTheirs = found !== undefined || (isHostError(cause) && cause.quotes)
    return isTheirs ? this.#withReading(target, { ...ending, quotes: true }, found) : ending
  }

  /** What the source answered instead: a stranger may have written that as well. */
  async #refusal({ target, request }: RunningCall, error: ProtocolError): Promise<Ending> {
    const said = { message: error.message, data: error.data }
    const examined = await examinedResult(said, this.#deps.reading.suspicious)
    const { message, data } = examined as typeof said
    const clean = examined === said ? error : new ProtocolError(error.code, message, data)
    return this.#withReading(target, theirRefusal(clean, target, request), foundIn(examined))
  }

  /** What its source asks of the client is read there, whatever becomes of the call. One that goes on by itself is asked by whoever comes. */
  async #asks(call: RunningCall, params: Raw = {}): Promise<void> {
    const found = foundIn(await examinedResult(params, this.#deps.reading.suspicious))
    // Looked up now: another request may have come to wait for it meanwhile, and is the one that is asked.
    const { request, target, isLate } = call
    const read = this.#readIn(target, found)
    const { caller } = request
    const reader = isLate ? { caller, key: caller.principal.grantId } : request
    if (read !== null) this.#taints.note(reader, read)
  }

  /** What is in it may decide what is asked later. */
  #withReading(target: Target, ending: Ending, found: CallEnd['found']): Ending {
    const read = this.#readIn(target, found)
    return {
      ...ending,
      log: { ...ending.log, ...(found && { found }) },
      ...(read !== null && { reading: read }),
    }
  }

  /** What of strangers' words is in what its source said. */
  #readIn(target: Target, found: CallEnd['found']): Reading | null {
    const openWorld = target.facts.openWorld !== false && target.method !== 'completion/complete'
    const { risk } = target
    const counts = this.#deps.reading.taintOf({ openWorld, isSuspect: !!found, risk })
    return counts === null ? null : readingOf(target, counts)
  }

  /** Not before: it may be given later, and to another chat than the one that asked for it. */
  #reaches(reader: Reader, { reading }: Ending): void {
    if (reading !== undefined) this.#taints.note(reader, reading)
  }

  /** The client of that grant said that its session is over, which was a chat of its own. */
  sessionEnded(grantId: string, chat: string): void {
    this.#taints.sessionEnded(grantId, chat)
  }

  /** The source's answer, checked, or for a client of 2026-07-28 what it asks for. Rejects with Stopped, HostError, ProtocolError. */
  async #send(call: RunningCall): Promise<Raw> {
    const { target } = call
    let exchange = this.#input.exchangeOf(call)
    exchange.edition = target.edition
    exchange.definition = target.entry?.definition
    exchange.risk = target.risk
    exchange.stillAllowed = checkOf(call, this.#deps)
    let result: Raw
    try {
      result = this.#checked(target, await call.until(() => target.send(exchange)))
    } catch (error) {
      const asked = call.input !== null && urlElicitations(error)
      if (!asked) throw (!(error instanceof Stopped) && call.lacking) || error
      result = asked
    }
    // A tool that says why it failed is heard, too.
    if (result.isError === true && call.lacking !== null) throw withTheirWords(call.lacking, result)
    // What is asked of one that is away is put to whoever comes back.
    if (call.input !== null && !call.isLate)
      return result.resultType === 'input_required' ? this.#input.passOn(call, result) : result
    for (let count = 0; result.resultType === 'input_required'; count += 1) {
      exchange = await this.#input.answer(call, exchange, result, count)
      const taken = takenBack(call, this.#deps)
      // Its server has heard the first half.
      if (taken !== null) throw new TakenBack(halfDone(taken, target.title))
      result = this.#checked(target, await call.until(() => target.send(exchange)))
    }
    return result
  }

  #checked({ method, source, arguments: args, entry }: Target, result: Raw): Raw {
    const uri = method === 'resources/read' ? (args as Raw).uri : undefined
    const checked = checkedResult(method, result, source.name, this.#largestResult(), uri)
    return withPromised(checked, entry?.definition.outputSchema)
  }

  /** In one row when it is over, which is committed before anything is answered. `at`: when it came. `refusedBy`: a rule. */
  async #logged(
    principal: Principal,
    target: Target | Missing,
    decided: Call['decision'],
    ending: Ending | Promise<Ending>,
    at = this.#deps.clock.now(),
    refusedBy?: string,
  ): Promise<Ending> {
    const { activity, clock } = this.#deps
    const rule = refusedBy === undefined ? null : (this.#deps.ruleInRow?.(refusedBy) ?? null)
    // What of the row can be written by now is written while the source is at work.
    const record = activity.prepare(startOf(principal, target, decided, rule), at)
    const ended = await ending
    const row = await record(ended.log, clock.now() - at)
    if (refusedBy !== undefined) {
      const { label: tool, arguments: args } = target
      this.#deps.applyRule?.(refusedBy, { id: rowOf(activity, row)?.id ?? null, tool, arguments: args })
    }
    return ended
  }

  #tell({ origin, principal }: Caller, problem: ErrorReply | undefined): void {
    const ok = problem === undefined || comesLater.has(problem.code)
    const { grantId, clientName } = principal
    const at = this.#deps.clock.now()
    this.#deps.onTraffic({
      at,
      kind: 'tools-call',
      ok,
      origin,
      grantId,
      clientName,
      ...(!ok && { problem }),
    })
  }

  /** Ends what waits for an answer of this grant's client, or of everybody's (null). */
  cancelFor(grantId: string | null): void {
    this.late.endFor(grantId)
    this.#input.cancelFor(grantId)
  }

  stop(): void {
    this.#isStopped = true
    this.#stopWatching()
    this.late.stop()
    this.#input.cancelFor(null)
  }
}

/** In `_meta` of what is told of a call that goes on, for whoever reads it: what to ask for it with. */
const handleMark = 'drawbridge/handle'

/** Nothing went wrong: there is only no result yet. */
const comesLater: ReadonlySet<string> = new Set(['approval-pending', 'call-running', 'call-asks'])

const isCheck = ({ method, params }: ClientRequest): boolean =>
  method === 'tools/call' && params.name === checkTool.name

/** Null: it is not there any more. */
function rowOf(activity: Pick<PipelineDeps['activity'], 'get'>, id: string): Call | null {
  try {
    return activity.get(id)
  } catch {
    return null
  }
}

// Outside: a closure that is made in an async method keeps all of that method for longer than the nursery does.
const checkOf = (call: RunningCall, deps: PipelineDeps) => (): void => {
  const taken = takenBack(call, deps)
  if (taken !== null) throw new TakenBack(taken)
}

export const createPipeline = (deps: PipelineDeps): Pipeline => new Pipeline(deps)

/** What the log says of a request from the beginning. */
const startOf = (
  { grantId, clientName }: Principal,
  target: Target | Missing,
  decision: Call['decision'],
  rule: CallRule | null,
): CallStart => ({
  grantId,
  clientName,
  tool: target.label,
  source: 'source' in target ? target.source.name : '',
  risk: 'source' in target ? target.risk : target.method === 'tools/call' ? 'write' : 'read',
  decision,
  arguments: target.arguments,
  rule,
})
