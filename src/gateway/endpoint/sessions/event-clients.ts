import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { DEFAULT_NEGOTIATED_PROTOCOL_VERSION } from '@modelcontextprotocol/server'
import { Cancellation, type CancelSignal } from '../../../kernel/cancellation.ts'
import { sendRpcError } from '../../../net/answers.ts'
import { type EventStream, openEventStream } from '../../../net/event-stream.ts'
import { accepted, StreamAnswer } from '../answer.ts'
import type { McpExchange, McpPost, Place } from '../mcp-endpoint.ts'
import type { Session, Sessions } from './sessions.ts'
import type { createStreamCount } from './stream-count.ts'

interface EventClient {
  session: Session
  stream: EventStream
  /** Aborted when the stream has ended. */
  signal: CancelSignal
}

type StreamCount = ReturnType<typeof createStreamCount>

/**
 * Clients of 2024-11-05 (MCP, "HTTP with SSE"): everything is answered on the one stream they opened, and they are told
 * there where to post. Stream and session are one: when the stream ends, so does the session.
 */
export function createEventClients(deps: {
  sessions: Pick<Sessions, 'begin' | 'end'>
  serve(post: McpPost, place: Place): void | Promise<void>
  streams: StreamCount
  /** The session has its stream. */
  begins(session: Session): void
}) {
  const { sessions } = deps
  const clients = new Map<string, EventClient>()

  return {
    /** `postTo` is the path to post to. */
    open({ res, caller }: McpExchange, postTo: string) {
      if (!deps.streams.take(caller.principal.grantId, res)) return tooManyStreams(res)
      const id = randomBytes(24).toString('base64url')
      const facts = { version: DEFAULT_NEGOTIATED_PROTOCOL_VERSION, capabilities: {} }
      const session = sessions.begin(facts, caller.principal)
      const onClosed = () => {
        clients.delete(id)
        sessions.end(session)
      }
      const stream = openEventStream(res, { onClosed })
      if (stream.closed) return onClosed()
      session.stream = stream
      clients.set(id, { session, stream, signal: caller.signal })
      stream.send(`${postTo}?sessionId=${id}`, 'endpoint')
      deps.begins(session)
    },
    async post(post: McpPost): Promise<void> {
      const { req, res, caller } = post
      const id = new URLSearchParams(req.url?.split('?')[1] ?? '').get('sessionId')
      const client = clients.get(id ?? '')
      const owner = client?.session.principal
      if (
        !client ||
        owner?.grantId !== caller.principal.grantId ||
        owner.workspace !== caller.principal.workspace
      )
        return sendRpcError(res, 404, -32_001, 'Session not found')
      const { session, stream } = client
      session.principal = caller.principal
      // The request outlives its POST, and ends with the stream or when it is taken back.
      const signal = new Cancellation()
      const stop = () => signal.abort()
      client.signal.addEventListener('abort', stop)
      try {
        await deps.serve(
          { ...post, stop, caller: { ...caller, signal } },
          { session, answer: new StreamAnswer(stream), acknowledge: () => accepted(res) },
        )
      } finally {
        client.signal.removeEventListener('abort', stop)
      }
    },
  }
}

const tooManyStreams = (res: ServerResponse): void =>
  sendRpcError(res, 429, -32_000, 'This connection has too many open streams.', { 'Retry-After': '60' })
