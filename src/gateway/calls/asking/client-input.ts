import { randomUUID } from 'node:crypto'
import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server'
import type { ErrorReply } from '../../../contract/errors.ts'
import { abortSignalOf } from '../../../kernel/cancellation.ts'
import type { Clock } from '../../../kernel/clock.ts'
import { HostError } from '../../../kernel/errors.ts'
import type { Principal } from '../../../mcp/principal.ts'
import type { Exchange, InputRequest, Raw } from '../../../mcp/tool-source.ts'
import { maxInputRequests } from '../results/checked-result.ts'
import type { Ending } from '../results/endings.ts'
import { cannotBeAsked, tooManyRequests } from '../results/results.ts'
import type { RunningCall } from '../running-call.ts'
import { approvalHash, type Target } from '../targets.ts'
import { createApprovedRetries } from './approved-retries.ts'
import { missingFor, plainCapabilities } from './capabilities-needed.ts'
import type { OpenInputRequests } from './input-requests.ts'
import { missingCapability } from './missing-capability.ts'
import { PendingCalls } from './pending-calls.ts'
import { createStateSealer, invalidState, type RequestState, stateSeconds } from './request-state.ts'

/** How often one call may be sent to its source again with answers. */
const maxRetries = 10
/** Calls of one grant that wait for its client's answer. */
const maxAsking = 20
/** Before a source that asks for nothing is tried again. */
const paceMs = 250

type Ask = NonNullable<Exchange['ask']>

/**
 * What servers ask of clients (elicitation, sampling, roots), in all four pairings of protocol eras. Client 2025: it is asked while
 * its request is under way, and what a 2026 server asks for is got for it by us. Client 2026: what a 2026 server asks for is passed
 * on, and the call of a 2025 server waits while the client is away to get the answer.
 */
export class ClientInput {
  readonly #waitMs: number
  readonly #sealer = createStateSealer()
  readonly #approved: ReturnType<typeof createApprovedRetries>
  readonly #pending: PendingCalls
  readonly #asking = new Set<RunningCall>()
  readonly #onAsks: (call: RunningCall, wanted: InputRequest) => Promise<void>

  /** `onAsks`: told of what is put to a client while its call is under way, before it is. */
  constructor(deps: {
    clock: Clock
    waitMs?: number | undefined
    onAsks(call: RunningCall, wanted: InputRequest): Promise<void>
  }) {
    this.#onAsks = deps.onAsks
    this.#waitMs = deps.waitMs ?? stateSeconds * 1000
    this.#approved = createApprovedRetries(deps.clock, this.#waitMs)
    this.#pending = new PendingCalls(this.#waitMs)
  }

  /** What the source may know of the client, tell it and ask it. */
  exchangeOf(call: RunningCall): Exchange {
    const { request, target, input, state, isApproved } = call
    const exchange: Exchange = {
      signal: call.signal,
      client: request.key,
      principal: request.caller.principal,
      capabilities: request.capabilities,
      by: call,
    }
    // The owner was asked about the arguments: nothing else that a client can make up goes with them.
    if (isApproved) exchange.capabilities = plainCapabilities(request.capabilities)
    else {
      if (request.meta) exchange.meta = request.meta
      if (request.context && target.source.passesClientContext)
        exchange.meta = { ...request.meta, ...request.context }
    }
    if (request.onProgress) exchange.onProgress = progressOf(call)
    if (request.logLevel) {
      exchange.logLevel = request.logLevel
      exchange.onLog = logsOf(call)
    }
    if (input) exchange.ask = this.#askingLater(call, input)
    else if (request.ask) exchange.ask = this.#askingNow(call)
    if (request.onElicitationComplete) exchange.onElicitationComplete = request.onElicitationComplete
    // Answers to what was asked before, of which we know; at first they would be arguments that nobody was shown.
    if (request.inputResponses && (!isApproved || state !== null))
      exchange.inputResponses = request.inputResponses
    if (state?.theirs !== undefined) exchange.requestState = state.theirs
    return exchange
  }

  #askingLater(call: RunningCall, input: OpenInputRequests): Ask {
    return (wanted, signal) => this.#askLater(call, input, wanted, signal)
  }

  #askingNow(call: RunningCall): Ask {
    return (wanted, signal) => this.#askNow(call, wanted, signal)
  }

  /** 2025 client: over the answer to the request that waits for it now. */
  async #askNow(call: RunningCall, wanted: InputRequest, signal?: AbortSignal): Promise<Raw> {
    askOf(call, wanted)
    await this.#onAsks(call, wanted)
    // It may be over by then, or another request waits for it.
    const ask = askOf(call, wanted)
    const release = call.hold()
    const ends = [abortSignalOf(call.signal), AbortSignal.timeout(this.#waitMs), ...(signal ? [signal] : [])]
    try {
      return await ask(wanted, AbortSignal.any(ends))
    } finally {
      release()
    }
  }

  /** 2026 client, 2025 server: with the client's next request. */
  async #askLater(
    call: RunningCall,
    input: OpenInputRequests,
    wanted: InputRequest,
    signal?: AbortSignal,
  ): Promise<Raw> {
    const missing = missingFor(wanted, call.request.capabilities)
    if (missing !== undefined) {
      // The server is refused as it would be by a client of its own era, and may have an answer without.
      if (missing !== null) call.lacking = missingCapability(wanted, missing)
      throw notAskable(wanted)
    }
    await this.#onAsks(call, wanted)
    const { grantId } = call.principal
    const others = [...this.#asking].filter((one) => one.principal.grantId === grantId && one !== call)
    if (others.length >= maxAsking)
      throw new ProtocolError(ProtocolErrorCode.InternalError, 'Too many questions of this client are open.')
    this.#asking.add(call)
    const release = call.hold()
    // One that nobody waits for is not asked for ever either.
    const timer = call.isLate ? setTimeout(() => call.stop('unanswered'), this.#waitMs).unref() : undefined
    try {
      const { _meta, ...params } = wanted.params ?? {}
      return await input.ask({ method: wanted.method, params }, signal)
    } finally {
      clearTimeout(timer)
      release()
      if (input.isEmpty) this.#asking.delete(call)
    }
  }

  /**
   * 2025 client, or one that is away, and 2026 server: gets what the result asks for. Returns the exchange with which the source is asked again. `count`: how
   * often that was done before.
   */
  async answer(call: RunningCall, exchange: Exchange, result: Raw, count: number): Promise<Exchange> {
    const { source } = call.target
    if (count === maxRetries) throw impossible(tooManyRequests(source.name))
    const wanted = Object.entries((result.inputRequests as Raw | undefined) ?? {}) as [string, InputRequest][]
    const { ask } = exchange
    if (wanted.length > 0 && !ask) throw impossible(cannotBeAsked(source.name))
    for (const [, one] of wanted)
      if (missingFor(one, call.request.capabilities) !== undefined)
        throw impossible(cannotBeAsked(source.name))
    if (wanted.length === 0)
      await call.until(() => new Promise<void>((resolve) => void setTimeout(resolve, paceMs).unref()))
    const answers = await Promise.all(
      wanted.map(async ([key, one]) => [key, await ask!(call.input === null ? for2025(one) : one)] as const),
    )
    const next: Exchange = { ...exchange, inputResponses: Object.fromEntries(answers) }
    if (typeof result.requestState === 'string') next.requestState = result.requestState
    else delete next.requestState
    return next
  }

  /** 2026 client and server: what is asked goes to the client, with a state that only we can have made. */
  async passOn({ target, request, principal, isApproved, rule }: RunningCall, result: Raw): Promise<Raw> {
    for (const wanted of Object.values((result.inputRequests as Raw | undefined) ?? {}) as InputRequest[]) {
      const missing = missingFor(wanted, request.capabilities)
      if (missing) throw missingCapability(wanted, missing)
    }
    const { requestState: theirs, ...rest } = result
    // What a rule lets through, the next request is judged by it anew.
    const holds = isApproved && rule === null && target.entry !== undefined
    if (theirs === undefined && !isApproved) return result
    const state: RequestState = {
      id: holds ? this.#approved.keep(principal.grantId, approvalHash(target)) : '',
      isPending: false,
      ...(typeof theirs === 'string' && { theirs }),
    }
    return { ...rest, requestState: await this.#sealer.seal(principal, target, state) }
  }

  /** What the client of 2026 gets of its call now: how it ended, or what is asked. */
  async next(call: RunningCall, principal: Principal, target: Target): Promise<Ending | Raw> {
    const next = await call.input!.next(call.ending!)
    return 'inputRequests' in next ? this.asked(call, principal, target) : next
  }

  /** What is asked of the client of 2026, which is away from now on to get the answer. */
  async asked(call: RunningCall, principal: Principal, target: Target): Promise<Raw> {
    const id = this.#pending.add(call)
    return {
      resultType: 'input_required',
      inputRequests: call.input!.required().inputRequests,
      requestState: await this.#sealer.seal(principal, target, { id, isPending: true }),
    }
  }

  /** Throws ProtocolError −32602 for whatever we did not seal for exactly this. */
  open(principal: Principal, target: Target, sealed: unknown): Promise<RequestState> {
    return this.#sealer.open(principal, target, sealed)
  }

  /** The call that this state continues; it can be had once. */
  resume(state: RequestState, grantId: string): RunningCall {
    const call = this.#pending.take(state.id, grantId)
    if (!call) throw invalidState()
    return call
  }

  /** Whether the owner allowed it with an earlier request; that is used up by asking. */
  wasApproved({ state, target, principal }: RunningCall): boolean {
    return (
      state !== null &&
      target.entry !== undefined &&
      this.#approved.use(state.id, principal.grantId, approvalHash(target))
    )
  }

  cancelFor(grantId: string | null): void {
    this.#pending.endFor(grantId)
    this.#approved.endFor(grantId)
  }
}

// For whoever waits for it by then: another request may have taken the place of the first. Functions of their own, as in source-requests.ts.
const progressOf =
  (call: RunningCall): NonNullable<Exchange['onProgress']> =>
  (progress) =>
    call.tellProgress(progress)
const logsOf =
  (call: RunningCall): NonNullable<Exchange['onLog']> =>
  (message) => {
    if (call.isHeard) call.request.onLog?.(message)
  }

/** Throws ProtocolError where whoever waits for it cannot be asked that. */
function askOf({ request: { ask, capabilities }, isHeard }: RunningCall, wanted: InputRequest) {
  if (!ask || !isHeard || missingFor(wanted, capabilities) !== undefined) throw notAskable(wanted)
  return ask
}

const notAskable = ({ method }: InputRequest): ProtocolError =>
  new ProtocolError(ProtocolErrorCode.MethodNotFound, `The client cannot be asked (${method}).`)

/** Until 2026 an address to visit had an id. */
function for2025(wanted: InputRequest): InputRequest {
  const { params } = wanted
  if (wanted.method !== 'elicitation/create' || params?.mode !== 'url') return wanted
  return { ...wanted, params: { elicitationId: randomUUID(), ...params } }
}

/** A 2025 server says with −32042 which pages have to be opened first; 2026 has an input request for that. */
export function urlElicitations(error: unknown): Raw | null {
  if (!(error instanceof ProtocolError) || error.code !== ProtocolErrorCode.UrlElicitationRequired)
    return null
  const { elicitations } = (error.data ?? {}) as { elicitations?: unknown }
  if (!Array.isArray(elicitations) || elicitations.length === 0 || elicitations.length > maxInputRequests)
    return null
  return {
    resultType: 'input_required',
    inputRequests: Object.fromEntries(
      elicitations.map((params: Raw, index) => [
        `question_${index + 1}`,
        { method: 'elicitation/create', params: { ...params, mode: 'url' } },
      ]),
    ),
  }
}

const impossible = (told: ErrorReply): HostError => new HostError({ code: told.code, told })
