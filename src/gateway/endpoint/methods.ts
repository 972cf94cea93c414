import type { ServerResponse } from 'node:http'
import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server'
import { errorText } from '../../kernel/errors.ts'
import { isTrulyMissing } from '../calls/asking/missing-capability.ts'
import type { Era } from '../offers/visible-list.ts'
import type { EndpointDeps } from './endpoint-deps.ts'
import type { IncomingRequest } from './incoming-request.ts'
import type { Listening } from './listening.ts'
import { createInitialize } from './methods/initialize.ts'
import { createListMethods } from './methods/list-methods.ts'
import { createTaskMethods } from './methods/task-methods.ts'
import type { ResultEncoder } from './result-encoder.ts'
import type { SessionMethods } from './sessions/session-methods.ts'
import type { Sessions } from './sessions/sessions.ts'
import type { createStreamCount } from './sessions/stream-count.ts'
import { createSourceRequests } from './source-requests.ts'

type Handler = (incoming: IncomingRequest, res: ServerResponse) => void | Promise<void>

/** Every method there is, by era, and what happens around each. */
export function createMethods(
  deps: EndpointDeps & {
    sessions: Sessions
    encoder: ResultEncoder
    listening: Listening
    sessionMethods: SessionMethods
    streams: ReturnType<typeof createStreamCount>
  },
) {
  const { log, listening, sessionMethods, streams } = deps
  const arrival = createInitialize(deps)
  const list = createListMethods(deps)
  const send = createSourceRequests(deps)
  const tasks = createTaskMethods(deps)

  const shared: Record<string, Handler> = {
    'tools/call': send,
    'tools/list': (incoming) => list(incoming, 'tools'),
    'resources/read': send,
    'resources/list': (incoming) => list(incoming, 'resources'),
    'resources/templates/list': (incoming) => list(incoming, 'resourceTemplates'),
    'prompts/get': send,
    'prompts/list': (incoming) => list(incoming, 'prompts'),
    'completion/complete': send,
  }
  const legacy: Record<string, Handler> = {
    ping: (incoming) => incoming.respond('{}'),
    initialize: arrival.initialize,
    'logging/setLevel': sessionMethods.setLevel,
    'resources/subscribe': sessionMethods.subscribe,
    'resources/unsubscribe': sessionMethods.unsubscribe,
  }
  const modern: Record<string, Handler> = {
    'server/discover': arrival.discover,
    'tasks/get': tasks.get,
    'tasks/update': tasks.update,
    'tasks/cancel': tasks.cancel,
    'subscriptions/listen': (incoming, res) => {
      if (streams.take(incoming.caller.principal.grantId, res)) listening.listen(incoming)
      else incoming.refuse({ code: ProtocolErrorCode.InternalError, message: 'Subscription limit reached' })
    },
  }
  const handlers: Record<Era, ReadonlyMap<string, Handler>> = {
    legacy: new Map(Object.entries({ ...shared, ...legacy })),
    modern: new Map(Object.entries({ ...shared, ...modern })),
  }

  function failed(incoming: IncomingRequest, error: unknown): void {
    if (!(error instanceof ProtocolError)) {
      if (!incoming.caller.signal.aborted)
        log.error('gateway.exchange', { method: incoming.method, error: errorText(error) })
      incoming.refuse({ code: ProtocolErrorCode.InternalError, message: 'Internal error' }, 500)
      return
    }
    const { code, message, data } = error
    // the 2026-07-28 era knows no −32002, and says a missing capability in HTTP too
    const isModern = incoming.era === 'modern'
    const told =
      isModern && code === ProtocolErrorCode.ResourceNotFound ? ProtocolErrorCode.InvalidParams : code
    const status = isModern && isTrulyMissing(error) ? 400 : 200
    incoming.refuse({ code: told, message, data }, status)
  }

  /** Answers one request, which its session can break off meanwhile. Never rejects. */
  return async (incoming: IncomingRequest, res: ServerResponse): Promise<void> => {
    const { era, method, session } = incoming
    const handler = handlers[era].get(method)
    if (!handler) {
      const error = { code: ProtocolErrorCode.MethodNotFound, message: `Method not found: ${method}` }
      incoming.refuse(error, era === 'modern' ? 404 : 200)
      return
    }
    session?.running.add(incoming)
    try {
      await handler(incoming, res)
    } catch (error) {
      failed(incoming, error)
    } finally {
      session?.running.delete(incoming)
    }
  }
}
