import { isSpecType, ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server'
import { isObject } from '../../../kernel/is-object.ts'
import { levelNamed } from '../../../mcp/log-levels.ts'
import type { Raw } from '../../../mcp/tool-source.ts'
import type { EndpointDeps } from '../endpoint-deps.ts'
import type { IncomingRequest } from '../incoming-request.ts'
import type { Session, Sessions } from './sessions.ts'

export type SessionMethods = ReturnType<typeof createSessionMethods>

const invalid = (message: string) => new ProtocolError(ProtocolErrorCode.InvalidParams, message)

/** What clients of the 2025 era say about their session. */
export function createSessionMethods(
  deps: Pick<EndpointDeps, 'subscriptions' | 'sessionWishes'> & { sessions: Pick<Sessions, 'hearsOf'> },
) {
  const { subscriptions, sessions, sessionWishes } = deps

  const subscribed = ({ params, session }: IncomingRequest): { uri: string; session: Session } => {
    const { uri } = params
    if (typeof uri !== 'string') throw invalid('Invalid params: uri must be a text.')
    if (!session) throw invalid('Subscriptions need a session: send the Mcp-Session-Id that initialize gave.')
    return { uri, session }
  }

  return {
    /** Without a session there is nobody to remember it for, and log messages do not go out. */
    setLevel(incoming: IncomingRequest): void {
      const level = levelNamed(incoming.params.level)
      if (!isSpecType.LoggingLevel(level)) throw invalid('Invalid params: this log level does not exist.')
      if (incoming.session) {
        incoming.session.logLevel = level
        sessionWishes?.setLevel(incoming.session, level)
      }
      incoming.respond('{}')
    },
    subscribe(incoming: IncomingRequest): void {
      const { uri, session } = subscribed(incoming)
      subscriptions.add(session.key, session.principal, uri, sessions.hearsOf(session))
      session.uris.add(uri)
      sessionWishes?.subscribe(session, uri)
      incoming.respond('{}')
    },
    unsubscribe(incoming: IncomingRequest): void {
      const { uri, session } = subscribed(incoming)
      if (session.uris.delete(uri)) {
        subscriptions.remove(session.key, uri)
        sessionWishes?.unsubscribe(session, uri)
      }
      incoming.respond('{}')
    },
    /** The rest of what a client tells is of no consequence here. */
    notified(session: Session | null, method: string, params: Raw): void {
      if (method !== 'notifications/cancelled' || !isObject(params)) return
      const { requestId } = params
      if (typeof requestId !== 'string' && typeof requestId !== 'number') return
      const running = [...(session?.running.all() ?? [])]
      const exact = running.filter(({ id }) => id === requestId)
      // Some write numbers as texts; within a session it is their own request all the same.
      const meant = exact.length > 0 ? exact : running.filter(({ id }) => String(id) === String(requestId))
      for (const request of meant) request.stop()
    },
  }
}
