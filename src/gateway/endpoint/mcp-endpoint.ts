import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { ProtocolErrorCode, SUPPORTED_PROTOCOL_VERSIONS } from '@modelcontextprotocol/server'
import { Cancellation } from '../../kernel/cancellation.ts'
import { sendRpcError } from '../../net/answers.ts'
import type { Entrance } from '../../net/connection-places.ts'
import { openEventStream } from '../../net/event-stream.ts'
import type { Caller } from '../calls/caller.ts'
import type { ListKind } from '../offers/visible-list.ts'
import { type Answer, accepted, HttpAnswer, PartAnswer } from './answer.ts'
import { type ClientMessage, classify, saidOnce } from './client-message.ts'
import { type EndpointDeps, serverInfoOf } from './endpoint-deps.ts'
import { IncomingRequest } from './incoming-request.ts'
import { Listening } from './listening.ts'
import { createMethods } from './methods.ts'
import { modernProblem } from './modern-checks.ts'
import { createRateLimit } from './rate-limit.ts'
import { createResultEncoder } from './result-encoder.ts'
import { errorMessage } from './rpc-messages.ts'
import { BatchTurns } from './sessions/batch-turns.ts'
import { createEventClients } from './sessions/event-clients.ts'
import { createSessionMethods, type SessionMethods } from './sessions/session-methods.ts'
import { type Session, Sessions } from './sessions/sessions.ts'
import { createStreamCount } from './sessions/stream-count.ts'

/** One authenticated request. */
export interface McpExchange {
  req: IncomingMessage
  res: ServerResponse
  caller: Caller
  /** Aborts `caller.signal`. */
  stop(): void
}

/** A message that came by POST, read and parsed. */
export interface McpPost extends McpExchange {
  body: unknown
}

/** Where a message belongs that is not answered on its own POST. */
export interface Place {
  session: Session
  answer: Answer
  /** Says to the POST that the message is in good hands. */
  acknowledge(): void
}

interface Refusal {
  status: number
  code: number
  message: string
  data?: unknown
  headers?: readonly string[]
}

/**
 * Notifications, answers, streams and what cannot be understood have a limit beside that of requests, as high and never below this
 * a minute: a client that may ask little must still be able to say that it was told, or that it has done.
 */
const fewestOthers = 100

const batchVersion = '2025-03-26'
const mostInBatch = 8

export interface McpEndpointDeps extends EndpointDeps {
  /** Requests of one grant in a minute; null: as many as it likes. */
  requestsPerMinute(): number | null
  /** By which of our two entrances a connection came. */
  wayOf(socket: Socket): Entrance
}

/**
 * Both protocol eras on one address, by a dispatcher of our own that passes through unread what it need not understand:
 * 2026-07-28, where every request stands for itself, and 2025-11-25 and older, with sessions or without. Nothing is
 * kept by an id that a client chose, except within its own session.
 */
export class McpEndpoint {
  readonly #catalog: EndpointDeps['catalog']
  readonly #sessions: Sessions
  readonly #listening: Listening
  readonly #sessionMethods: SessionMethods
  readonly #principalNow: EndpointDeps['principalNow']
  readonly #streams: ReturnType<typeof createStreamCount>
  readonly #dispatch: ReturnType<typeof createMethods>
  readonly #eventClients: ReturnType<typeof createEventClients>
  /** Of requests, and of everything else. */
  readonly #rate: ReturnType<typeof createRateLimit>
  readonly #otherRate: ReturnType<typeof createRateLimit>
  readonly #stopListening: () => void

  constructor(deps: McpEndpointDeps) {
    const { catalog, subscriptions, clock } = deps
    const encoder = createResultEncoder(serverInfoOf(deps.version))
    const sessions = new Sessions({
      key: deps.sessionKey,
      subscriptions,
      wishes: deps.sessionWishes,
      ended: ({ chat, principal }) => deps.onChatEnded?.(principal.grantId, chat),
    })
    const listening = new Listening({ ...deps, sessions, encoder })
    const sessionMethods = createSessionMethods({ ...deps, sessions })
    const streams = createStreamCount((res) => deps.wayOf(res.req.socket))
    this.#catalog = catalog
    this.#sessions = sessions
    this.#listening = listening
    this.#sessionMethods = sessionMethods
    this.#principalNow = deps.principalNow
    this.#streams = streams
    this.#dispatch = createMethods({ ...deps, sessions, encoder, listening, sessionMethods, streams })
    this.#eventClients = createEventClients({
      sessions,
      streams,
      serve: (post, place) => this.serve(post, place),
      begins: (session) => listening.begins(session),
    })
    this.#rate = createRateLimit({ perMinute: deps.requestsPerMinute, clock })
    const perMinute = () => {
      const limit = deps.requestsPerMinute()
      return limit === null ? null : Math.max(limit, fewestOthers)
    }
    this.#otherRate = createRateLimit({ perMinute, clock })
    this.#stopListening = catalog.onChanged(({ workspaces, kinds }) => listening.changed(workspaces, kinds))
  }

  /** One message. Resolves when it is answered. */
  serve(post: McpPost, place?: Place): void | Promise<void> {
    const { req, res } = post
    const message = classify(post.body, req.headers)
    const refused = this.#refusalOf(message, post, place)
    if (refused) return turnAway(res, message, refused)
    if (message.kind === 'refused') return
    const isLegacy = message.kind === 'answer' || message.era === 'legacy'
    const begins = message.kind === 'request' && message.method === 'initialize'
    const session = place?.session ?? (isLegacy && !begins ? this.#sessionOf(post) : null)
    if (session === 'unknown') return turnAway(res, message, sessionUnknown)
    if (message.kind !== 'request') {
      if (isLegacy) this.#heard(message, session)
      return accepted(res)
    }
    // On one stream two answers with the same id could not be told apart.
    if (place && session?.running.find(({ id }) => id === message.id))
      return turnAway(res, message, stillUnderWay)
    place?.acknowledge()
    const answer = place?.answer ?? new HttpAnswer(res)
    return this.#dispatch(new IncomingRequest(message, post, session, answer), res)
  }

  /** Only 2025-03-26 has batches, and says that they must be taken; of which revision a session was that is not there, nobody knows. */
  takesBatch(exchange: McpExchange, bodies: readonly unknown[]): boolean {
    const session = this.#sessionOf(exchange)
    const isSmall = bodies.length > 0 && bodies.length <= mostInBatch
    return isSmall && session !== null && (session === 'unknown' || session.version === batchVersion)
  }

  /** One message after the other, each as if it had come alone. Resolves when all are answered. */
  async serveBatch(exchange: McpExchange, bodies: readonly unknown[]): Promise<void> {
    const { res, caller } = exchange
    const parts: string[] = []
    const cameAt = performance.now()
    const session = this.#sessionOf(exchange) as Session | 'unknown'
    if (session === 'unknown') {
      if (this.counts(exchange)) turnAway(res, null, sessionUnknown)
      return
    }
    const turns = new BatchTurns(session, bodies)
    try {
      for (const body of bodies) {
        if (caller.signal.aborted) return
        if (turns.begins(body)) await this.#servePart({ ...exchange, body }, new PartAnswer(parts), cameAt)
      }
    } finally {
      turns.end()
    }
    if (parts.length === 0) accepted(res)
    else new HttpAnswer(res).end(`[${parts.join(',')}]`)
  }

  /** One message of a batch. Those before it took their time: what its grant may do, and its session, are looked up for it. */
  async #servePart(post: McpPost, answer: PartAnswer, cameAt: number): Promise<void> {
    const { req, res, caller, body } = post
    const message = classify(body, req.headers)
    const principal = this.#principalNow(caller.principal)
    const now = principal === null ? post : { ...post, caller: { ...caller, principal } }
    const session = principal && this.#sessionOf(now)
    const refused = this.#refusalOf(message, now) ?? notInBatch(message)
    const needsAnswer = message.kind === 'request' || message.kind === 'refused'
    if (refused || principal === null || session === null || session === 'unknown') {
      if (needsAnswer) answer.end(errorMessage(message.id, refused ?? sessionUnknown))
    } else if (message.kind === 'request') {
      // Taken back, it ends alone.
      const signal = new Cancellation()
      const stop = () => signal.abort()
      caller.signal.addEventListener('abort', stop)
      const own = { caller: { ...now.caller, signal }, stop }
      const incoming = new IncomingRequest(message, own, session, answer)
      // All are answered together, and their client waits for all of them.
      incoming.cameAt = cameAt
      await this.#dispatch(incoming, res)
      caller.signal.removeEventListener('abort', stop)
    } else if (message.kind !== 'refused') this.#heard(message, session)
  }

  /** What needs no answer, of the 2025 era. */
  #heard(
    message: Extract<ClientMessage, { kind: 'answer' | 'notification' }>,
    session: Session | null,
  ): void {
    if (message.kind === 'answer') session?.pendingElicitations.get(String(message.id))?.(message.answer)
    else this.#sessionMethods.notified(session, message.method, message.params)
  }

  /** Why a message is turned away whatever it asks for. */
  #refusalOf(message: ClientMessage, post: McpPost, place?: Place): Refusal | null {
    const { req, caller } = post
    // The answer to what was asked costs nothing more: asking did.
    const isAwaited = message.kind === 'answer' && this.#isAwaited(message.id, post, place)
    const rate = message.kind === 'request' ? this.#rate : this.#otherRate
    const wait = isAwaited ? 0 : rate.take(caller.principal.grantId)
    if (wait > 0) return tooMany(wait)
    if (message.kind === 'refused') return message
    if (message.kind === 'answer') return null
    if (message.era === 'modern') {
      if (place) return badRequest('This address is for clients of 2024-11-05.')
      const problem = modernProblem(message, req.headers, this.#catalog, caller.principal.workspace)
      return problem && { status: 400, code: problem.code, message: problem.message, data: problem.data }
    }
    if (message.version === '' || versions.has(message.version) || message.method === 'initialize')
      return null
    return badRequest(
      `Unsupported protocol version: ${message.version} (supported versions: ${[...versions].join(', ')})`,
    )
  }

  /** The session a request names, if any; `unknown` when there is none of that id for this caller. */
  #sessionOf({ req, caller }: McpExchange): Session | null | 'unknown' {
    const id = saidOnce(req.headers['mcp-session-id'])
    if (id === undefined) return null
    return (typeof id === 'string' && this.#sessions.find(id, caller.principal)) || 'unknown'
  }

  #isAwaited(id: unknown, exchange: McpExchange, place?: Place): boolean {
    const session = place?.session ?? this.#sessionOf(exchange)
    return session !== null && session !== 'unknown' && session.pendingElicitations.has(String(id))
  }

  /** What asks for nothing counts too; false when it was turned away for that. */
  counts({ caller, res }: McpExchange): boolean {
    const wait = this.#otherRate.take(caller.principal.grantId)
    if (wait > 0) turnAway(res, null, tooMany(wait))
    return wait === 0
  }

  /** `GET`: the stream of a session for what nobody asked for. A second one takes the place of the first. */
  stream(exchange: McpExchange) {
    if (!this.counts(exchange)) return
    const { req, res, caller } = exchange
    const session = this.#sessionOf(exchange)
    if (session === null) return noSession(res)
    if (session === 'unknown') return turnAway(res, null, sessionUnknown)
    if (!/text\/event-stream|\*\/\*/i.test(req.headers.accept ?? '*/*'))
      return sendRpcError(res, 406, -32_000, 'Not acceptable: this is a stream of events.')
    session.stream?.close()
    if (!this.#streams.take(caller.principal.grantId, res)) return noStreamHere(res)
    const stream = openEventStream(res, {
      onClosed: () => {
        if (session.stream === stream) session.stream = null
      },
    })
    session.stream = stream
    this.#listening.begins(session)
  }

  /** `DELETE`: the client is done with its session. */
  end(exchange: McpExchange) {
    if (!this.counts(exchange)) return
    const { res } = exchange
    const session = this.#sessionOf(exchange)
    if (session === null) return noSession(res)
    if (session === 'unknown') return turnAway(res, null, sessionUnknown)
    this.#sessions.end(session)
    res.writeHead(204).end()
  }

  /** `GET /sse` of the transport of 2024-11-05. */
  eventStream(exchange: McpExchange, postTo: string): void {
    if (this.counts(exchange)) this.#eventClients.open(exchange, postTo)
  }

  /** `POST /messages` of the same. */
  eventMessage(post: McpPost): Promise<void> {
    return this.#eventClients.post(post)
  }

  /** Tells those who listen which lists are others now for them, of these workspaces and kinds or of all. */
  listsChanged(workspaces: ReadonlySet<string> | null, kinds: ReadonlySet<ListKind> | null): void {
    this.#listening.changed(workspaces, kinds)
  }

  /** Ends the sessions of a grant. */
  closeGrant(grantId: string): void {
    this.#sessions.endGrant(grantId)
  }

  close(): void {
    this.#stopListening()
    this.#listening.close()
    this.#sessions.close()
  }
}

export const createMcpEndpoint = (deps: McpEndpointDeps): McpEndpoint => new McpEndpoint(deps)

const versions: ReadonlySet<string> = new Set(SUPPORTED_PROTOCOL_VERSIONS)

/** What can only come alone: a session begins before there are batches, and the 2026 era has none. */
const notInBatch = (message: ClientMessage): Refusal | null =>
  (message.kind === 'request' && message.method === 'initialize') ||
  ((message.kind === 'request' || message.kind === 'notification') && message.era === 'modern')
    ? { status: 400, code: ProtocolErrorCode.InvalidRequest, message: 'This cannot be part of a batch.' }
    : null

const badRequest = (message: string): Refusal => ({
  status: 400,
  code: -32_000,
  message: `Bad Request: ${message}`,
})

const sessionUnknown: Refusal = { status: 404, code: -32_001, message: 'Session not found' }

const stillUnderWay: Refusal = {
  status: 400,
  code: ProtocolErrorCode.InvalidRequest,
  message: 'A request with this id is still under way.',
}

/** RFC 6585 §4 */
const tooMany = (seconds: number): Refusal => ({
  status: 429,
  code: -32_000,
  message: `Too many requests: this connection may go on in ${seconds} s.`,
  data: { retryAfter: seconds },
  headers: ['Retry-After', String(seconds)],
})

function turnAway(
  res: ServerResponse,
  message: ClientMessage | null,
  { status, headers, ...error }: Refusal,
): void {
  const id = message?.kind === 'request' || message?.kind === 'refused' ? message.id : null
  new HttpAnswer(res).end(errorMessage(id, error), status, headers)
}

/** Clients do without a stream where there is none (MCP 2025-11-25, "Listening for Messages from the Server"). */
const noStreamHere = (res: ServerResponse): void =>
  sendRpcError(res, 405, -32_000, 'Method not allowed: too many streams are open.', {
    ...{ Allow: 'POST, DELETE', 'Retry-After': '60' },
  })

const noSession = (res: ServerResponse): void =>
  sendRpcError(res, 405, -32_000, 'Method not allowed without a session (Mcp-Session-Id).', { Allow: 'POST' })
