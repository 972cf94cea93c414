import { randomUUID } from 'node:crypto'
import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server'
import { abortSignalOf } from '../../../kernel/cancellation.ts'
import type { Clock } from '../../../kernel/clock.ts'
import { HostError } from '../../../kernel/errors.ts'
import type { Principal } from '../../../mcp/principal.ts'
import type { Exchange, InputRequest, Raw } from '../../../mcp/tool-source.ts'
import type { Caller } from '../caller.ts'
import type { ClientSide } from '../client-request.ts'
import { checkedResult, maxQuestions } from '../results/checked-result.ts'
import type { Ending } from '../results/endings.ts'
import { cannotBeAsked, tooManyRounds } from '../results/results.ts'
import { type RunningCall, Stopped } from '../running-call.ts'
import type { Target } from '../targets.ts'
import { createApprovedRetries } from './approved-retries.ts'
import { missingFor, plainCapabilities } from './capabilities-needed.ts'
import type { Conversation } from './conversation.ts'
import { missingCapability, withTheirWords } from './missing-capability.ts'
import { createPendingElicitations } from './pending-elicitations.ts'
import { createSealer, invalidState, type RoundState, roundSeconds } from './sealed-state.ts'

const maxRounds = 10
/** Requests of one grant that wait for its client's answer. */
const maxAsking = 20
/** Between two rounds in which nothing is asked. */
const paceMs = 250

/** What a request knows when it is sent to its source. */
export interface Round {
  caller: Caller
  target: Target
  running: RunningCall
  /** Only for clients of 2026-07-28. */
  conversation: Conversation | null
  /** What the client brought back from the round before. */
  state: RoundState | null
  /** The user allowed it, in this round or an earlier one. */
  approved: boolean
}

/**
 * Questions of a server to the client, in all four pairings of protocol eras. Client 2025: it is asked while its request runs,
 * and what a 2026 server asks for is got in rounds of our own. Client 2026: what a 2026 server asks for is passed on, and the
 * request of a 2025 server is parked while the client is away to get the answer.
 */
export function createInteractions(deps: {
  stateKey: Uint8Array
  clock: Clock
  maxSize(): number
  keepMs?: number
}) {
  const keepMs = deps.keepMs ?? roundSeconds * 1000
  const sealer = createSealer(deps.stateKey)
  const rounds = createApprovedRetries(deps.clock, keepMs)
  const pendingElicitations = createPendingElicitations(keepMs)
  const asking = new Set<Conversation>()
  /** What could not be asked for want of a capability, in case that nothing comes of the run without. */
  const unasked = new WeakMap<RunningCall, ProtocolError>()

  function exchangeOf({ running, target, conversation, state, approved }: Round): Exchange {
    const { client } = running
    const exchange: Exchange = {
      signal: running.signal,
      client: client.key,
      capabilities: client.capabilities,
    }
    // The owner was asked about the arguments: nothing else that a client can make up goes with them.
    if (approved) exchange.capabilities = plainCapabilities(client.capabilities)
    else {
      if (client.meta) exchange.meta = client.meta
      if (client.context && target.source.passesClientContext)
        exchange.meta = { ...client.meta, ...client.context }
    }
    if (client.onProgress) exchange.onProgress = progressOf(running)
    if (client.logLevel) {
      exchange.logLevel = client.logLevel
      exchange.onLog = logsOf(running)
    }
    if (conversation) exchange.ask = parkedBy(running, conversation)
    else if (client.ask) exchange.ask = putBy(running, client)
    if (client.onElicitationComplete) exchange.onElicitationComplete = client.onElicitationComplete
    // Answers to questions of an earlier round that we know of; in a first one they would be arguments that nobody was shown.
    if (client.inputResponses && (!approved || state !== null))
      exchange.inputResponses = client.inputResponses
    if (state?.theirs !== undefined) exchange.requestState = state.theirs
    return exchange
  }

  const parkedBy =
    (run: RunningCall, conversation: Conversation): NonNullable<Exchange['ask']> =>
    (question, signal) =>
      askParked(run, conversation, question, signal)
  const putBy =
    (run: RunningCall, client: ClientSide): NonNullable<Exchange['ask']> =>
    (question, signal) =>
      askNow(run, client, question, signal)

  /** 2025 client: over the answer of its running request. */
  async function askNow(
    run: RunningCall,
    client: ClientSide,
    question: InputRequest,
    signal?: AbortSignal,
  ): Promise<Raw> {
    if (missingFor(question, client.capabilities) !== undefined) throw notAskable(question)
    const release = run.hold()
    const ends = [abortSignalOf(run.signal), AbortSignal.timeout(keepMs), ...(signal ? [signal] : [])]
    try {
      return await client.ask!(question, AbortSignal.any(ends))
    } finally {
      release()
    }
  }

  /** 2026 client, 2025 server. */
  async function askParked(
    run: RunningCall,
    conversation: Conversation,
    question: InputRequest,
    signal?: AbortSignal,
  ): Promise<Raw> {
    const missing = missingFor(question, run.client.capabilities)
    if (missing !== undefined) {
      // The server is refused as it would be by a client of its own era, and may have an answer without.
      if (missing !== null) unasked.set(run, missingCapability(question, missing))
      throw notAskable(question)
    }
    const own = [...asking].filter((one) => one.grantId === conversation.grantId && one !== conversation)
    if (own.length >= maxAsking)
      throw new ProtocolError(ProtocolErrorCode.InternalError, 'Too many questions of this client are open.')
    asking.add(conversation)
    try {
      const { _meta, ...params } = question.params ?? {}
      return await conversation.ask({ method: question.method, params }, signal)
    } finally {
      if (!conversation.hasQuestions) asking.delete(conversation)
    }
  }

  const checked = ({ target }: Round, result: Raw): Raw =>
    checkedResult(
      target.method,
      result,
      target.source.name,
      deps.maxSize(),
      target.method === 'resources/read' ? (target.arguments as Raw).uri : undefined,
    )

  /** 2025 client, 2026 server: asks and sends again until there is an answer. */
  async function drive(round: Round, exchange: Exchange, first: Raw): Promise<Raw> {
    const { running, target } = round
    let result = first
    for (let count = 0; result.resultType === 'input_required'; count += 1) {
      if (count === maxRounds) throw new HostError(tooManyRounds(target.source.name))
      const requests = Object.entries((result.inputRequests as Raw | undefined) ?? {}) as [
        string,
        InputRequest,
      ][]
      if (requests.length > 0 && !exchange.ask) throw new HostError(cannotBeAsked(target.source.name))
      for (const [, question] of requests)
        if (missingFor(question, running.client.capabilities) !== undefined)
          throw new HostError(cannotBeAsked(target.source.name))
      if (requests.length === 0)
        await running.until(() => new Promise<void>((resolve) => void setTimeout(resolve, paceMs).unref()))
      const answers = await Promise.all(
        requests.map(async ([key, question]) => [key, await exchange.ask!(for2025(question))] as const),
      )
      const next: Exchange = { ...exchange, inputResponses: Object.fromEntries(answers) }
      if (typeof result.requestState === 'string') next.requestState = result.requestState
      else delete next.requestState
      result = checked(round, await running.until(() => target.send(next)))
    }
    return result
  }

  /** 2026 client: what is asked goes to the client, with a state that only we can have made. */
  async function passOn({ target, running, caller, approved }: Round, result: Raw): Promise<Raw> {
    for (const question of Object.values((result.inputRequests as Raw | undefined) ?? {}) as InputRequest[]) {
      const missing = missingFor(question, running.client.capabilities)
      if (missing) throw missingCapability(question, missing)
    }
    const { requestState: theirs, ...rest } = result
    const holds = approved && target.entry !== undefined
    if (theirs === undefined && !holds) return result
    const { grantId } = caller.principal
    const state: RoundState = {
      id: holds ? rounds.keep(grantId, target.entry!.json) : '',
      parked: false,
      ...(typeof theirs === 'string' && { theirs }),
    }
    return { ...rest, requestState: await sealer.seal(caller.principal, target, state) }
  }

  return {
    /** The source's answer, or for a client of 2026-07-28 what it asks for. Rejects with Stopped, HostError, ProtocolError. */
    async send(round: Round): Promise<Raw> {
      const exchange = exchangeOf(round)
      const isModern = round.conversation !== null
      let result: Raw
      try {
        result = checked(round, await round.running.until(() => round.target.send(exchange)))
      } catch (error) {
        const asked = isModern && urlsToVisit(error)
        if (!asked) throw (!(error instanceof Stopped) && unasked.get(round.running)) || error
        result = asked
      }
      const lacking = result.isError === true ? unasked.get(round.running) : undefined
      if (lacking) throw withTheirWords(lacking, result)
      if (result.resultType !== 'input_required') return result
      return isModern ? passOn(round, result) : drive(round, exchange, result)
    },

    /** What the client gets of a conversation now: the answer, or questions. */
    async told(conversation: Conversation, principal: Principal, target: Target): Promise<Ending | Raw> {
      const next = await conversation.next()
      if (!('inputRequests' in next)) return next
      const id = pendingElicitations.park(conversation)
      return {
        resultType: 'input_required',
        inputRequests: next.inputRequests,
        requestState: await sealer.seal(principal, target, { id, parked: true }),
      }
    },

    open: sealer.open,
    /** The conversation that this state continues; it can be had once. */
    resume(state: RoundState, grantId: string): Conversation {
      const conversation = pendingElicitations.take(state.id, grantId)
      if (!conversation) throw invalidState()
      return conversation
    },
    isApproved: ({ id }: RoundState, grantId: string, json: string): boolean => rounds.use(id, grantId, json),
    cancelFor(grantId: string | null): void {
      pendingElicitations.endFor(grantId)
      rounds.endFor(grantId)
    },
  }
}

export type Interactions = ReturnType<typeof createInteractions>

// For whoever waits for it by then: another request may have taken the place of the first. Functions of their own, as in source-requests.ts.
const progressOf =
  (run: RunningCall): NonNullable<Exchange['onProgress']> =>
  (progress) =>
    run.told(() => run.client.onProgress?.(progress))
const logsOf =
  (run: RunningCall): NonNullable<Exchange['onLog']> =>
  (message) =>
    run.told(() => run.client.onLog?.(message))

const notAskable = ({ method }: InputRequest): ProtocolError =>
  new ProtocolError(ProtocolErrorCode.MethodNotFound, `The client cannot be asked (${method}).`)

/** Until 2026 an address to visit had an id. */
function for2025(question: InputRequest): InputRequest {
  const { params } = question
  if (question.method !== 'elicitation/create' || params?.mode !== 'url') return question
  return { ...question, params: { elicitationId: randomUUID(), ...params } }
}

/** A 2025 server says with −32042 which addresses have to be visited first; 2026 has a question for that. */
function urlsToVisit(error: unknown): Raw | null {
  if (!(error instanceof ProtocolError) || error.code !== ProtocolErrorCode.UrlElicitationRequired)
    return null
  const { elicitations } = (error.data ?? {}) as { elicitations?: unknown }
  if (!Array.isArray(elicitations) || elicitations.length === 0 || elicitations.length > maxQuestions)
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
