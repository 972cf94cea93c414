import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { ProtocolErrorCode, SUPPORTED_PROTOCOL_VERSIONS } from '@modelcontextprotocol/server'
import { sendRpcError } from '../../net/answers.ts'
import type { Entrance } from '../../net/connection-places.ts'
import { openEventStream } from '../../net/event-stream.ts'
import type { Caller } from '../calls/caller.ts'
import type { ListKind } from '../offers/visible-list.ts'
import { type Answer, accepted, HttpAnswer } from './answer.ts'
import { type ClientMessage, classify, saidOnce } from './client-message.ts'
import { type EndpointDeps, serverInfoOf } from './endpoint-deps.ts'
import { createListening } from './listening.ts'
import { createMethods } from './methods.ts'
import { modernProblem } from './modern-checks.ts'
import { createRateLimit } from './rate-limit.ts'
import { createResultEncoder } from './result-encoder.ts'
import { errorMessage } from './rpc-messages.ts'
import { createEventClients } from './sessions/event-clients.ts'
import { createSessionMethods } from './sessions/session-methods.ts'
import { createSessions, type Session } from './sessions/sessions.ts'
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

export type McpEndpoint = ReturnType<typeof createMcpEndpoint>

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

/**
 * Both protocol eras on one address, by a dispatcher of our own that passes through unread what it need not understand:
 * 2026-07-28, where every request stands for itself, and 2025-11-25 and older, with sessions or without. Nothing is
 * kept by an id that a client chose, except within its own session.
 */
export function createMcpEndpoint(
  deps: EndpointDeps & {
    /** Requests of one grant in a minute; null: as many as it likes. */
    requestsPerMinute(): number | null
    /** By which of our two entrances a connection came. */
    wayOf(socket: Socket): Entrance
  },
) {
  const { catalog, subscriptions } = deps
  const sessions = createSessions({ key: deps.sessionKey, subscriptions })
  const stamps = createResultEncoder(serverInfoOf(deps.version))
  const rate = createRateLimit({ perMinute: deps.requestsPerMinute, clock: deps.clock })
  const others = createRateLimit({
    perMinute() {
      const limit = deps.requestsPerMinute()
      return limit === null ? null : Math.max(limit, fewestOthers)
    },
    clock: deps.clock,
  })
  const listening = createListening({
    ...{ catalog, subscriptions, sessions, stamps },
    principalNow: deps.principalNow,
  })
  const sessionMethods = createSessionMethods({ subscriptions, sessions })
  const streams = createStreamCount((res) => deps.wayOf(res.req.socket))
  const run = createMethods({ ...deps, sessions, stamps, listening, sessionMethods, streams })
  const stopListening = catalog.onChanged(({ workspaces, kinds }) => listening.changed(workspaces, kinds))

  /** Why a message is turned away whatever it asks for. */
  function refusalOf(message: ClientMessage, post: McpPost, place?: Place): Refusal | null {
    const { req, caller } = post
    const { grantId, workspace } = caller.principal
    // The answer to a question that was put costs nothing more: the question did.
    const isAwaited = message.kind === 'answer' && isAnswer(message.id, post, place)
    const wait = isAwaited ? 0 : (message.kind === 'request' ? rate : others).take(grantId)
    if (wait > 0) return tooMany(wait)
    if (message.kind === 'refused') return message
    if (message.kind === 'answer') return null
    if (message.era === 'modern') {
      if (place) return badRequest('This address is for clients of 2024-11-05.')
      const problem = modernProblem(message, req.headers, { resolve: catalog.resolve, workspace })
      return problem && { status: 400, code: problem.code, message: problem.message, data: problem.data }
    }
    if (message.version === '' || versions.has(message.version) || message.method === 'initialize')
      return null
    return badRequest(
      `Unsupported protocol version: ${message.version} (supported versions: ${[...versions].join(', ')})`,
    )
  }

  /** The session a request names, if any; `unknown` when there is none of that id for this caller. */
  function sessionOf({ req, caller }: McpExchange): Session | null | 'unknown' {
    const id = saidOnce(req.headers['mcp-session-id'])
    if (id === undefined) return null
    return (typeof id === 'string' && sessions.find(id, caller.principal)) || 'unknown'
  }

  /** Whether a question of ours waits for it. */
  function isAnswer(id: unknown, exchange: McpExchange, place?: Place): boolean {
    const session = place?.session ?? sessionOf(exchange)
    return session !== null && session !== 'unknown' && session.questions.get(String(id)) !== undefined
  }

  /** What asks for nothing counts too; false when it was turned away for that. */
  function counts({ caller, res }: McpExchange): boolean {
    const wait = others.take(caller.principal.grantId)
    if (wait > 0) turnAway(res, null, tooMany(wait))
    return wait === 0
  }

  /** One message. Resolves when it is answered. */
  function serve(post: McpPost, place?: Place): void | Promise<void> {
    const { req, res, caller, stop } = post
    const message = classify(post.body, req.headers)
    const refused = refusalOf(message, post, place)
    if (refused) return turnAway(res, message, refused)
    if (message.kind === 'refused') return
    const isLegacy = message.kind === 'answer' || message.era === 'legacy'
    const begins = message.kind === 'request' && message.method === 'initialize'
    const session = place?.session ?? (isLegacy && !begins ? sessionOf(post) : null)
    if (session === 'unknown') return turnAway(res, message, sessionUnknown)
    if (message.kind !== 'request') {
      if (message.kind === 'answer') session?.questions.get(String(message.id))?.(message.answer)
      else if (isLegacy) sessionMethods.notified(session, message.method, message.params)
      return accepted(res)
    }
    const { era, id, method, params } = message
    // On one stream two answers with the same id could not be told apart.
    if (place && session?.running.find((request) => request.id === id))
      return turnAway(res, message, stillUnderWay)
    place?.acknowledge()
    const answer = place?.answer ?? new HttpAnswer(res)
    return run({ era, id, method, params, headers: req.headers, caller, stop, session, answer }, res)
  }

  const eventClients = createEventClients({ sessions, serve, streams, begins: listening.begins })

  return {
    serve,
    /** `GET`: the stream of a session for what nobody asked for. A second one takes the place of the first. */
    stream(exchange: McpExchange): void {
      if (!counts(exchange)) return
      const { req, res, caller } = exchange
      const session = sessionOf(exchange)
      if (session === null) noSession(res)
      else if (session === 'unknown') turnAway(res, null, sessionUnknown)
      else if (!/text\/event-stream|\*\/\*/i.test(req.headers.accept ?? '*/*'))
        sendRpcError(res, 406, -32_000, 'Not acceptable: this is a stream of events.')
      else {
        session.stream?.close()
        if (!streams.take(caller.principal.grantId, res)) {
          noStreamHere(res)
          return
        }
        const stream = openEventStream(res, {
          onClosed: () => {
            if (session.stream === stream) session.stream = null
          },
        })
        session.stream = stream
        listening.begins(session)
      }
    },
    /** `DELETE`: the client is done with its session. */
    end(exchange: McpExchange): void {
      if (!counts(exchange)) return
      const { res } = exchange
      const session = sessionOf(exchange)
      if (session === null) noSession(res)
      else if (session === 'unknown') turnAway(res, null, sessionUnknown)
      else {
        sessions.end(session)
        res.writeHead(204).end()
      }
    },
    /** The transport of 2024-11-05: `GET /sse` and `POST /messages`. */
    eventStream(exchange: McpExchange, postTo: string): void {
      if (counts(exchange)) eventClients.open(exchange, postTo)
    },
    counts,
    eventMessage: eventClients.post,
    /** Tells those who listen which lists are others now for them, of these workspaces and kinds or of all. */
    listsChanged: (workspaces: ReadonlySet<string> | null, kinds: ReadonlySet<ListKind> | null): void =>
      listening.changed(workspaces, kinds),
    /** Ends the sessions of a grant. */
    closeGrant: (grantId: string): void => sessions.endGrant(grantId),
    close(): void {
      stopListening()
      listening.close()
      sessions.close()
    },
  }
}

const versions: ReadonlySet<string> = new Set(SUPPORTED_PROTOCOL_VERSIONS)

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
