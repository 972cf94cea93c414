import { LOG_LEVEL_META_KEY, type LoggingLevel, ProtocolError } from '@modelcontextprotocol/server'
import { isObject } from '../../kernel/is-object.ts'
import { severity } from '../../mcp/log-levels.ts'
import type { Raw } from '../../mcp/tool-source.ts'
import { isClientContext } from '../calls/client-context.ts'
import type { CallMethod, ClientRequest } from '../calls/client-request.ts'
import { checkParams, invalidParams } from '../calls/request-params.ts'
import { scopeLacking } from '../calls/results/endings.ts'
import type { Answer } from './answer.ts'
import { ourMeta } from './client-message.ts'
import type { EndpointDeps } from './endpoint-deps.ts'
import type { IncomingRequest } from './incoming-request.ts'
import type { ResultEncoder } from './result-encoder.ts'
import { notificationText } from './rpc-messages.ts'
import { createElicitations } from './sessions/elicitations.ts'
import type { Session } from './sessions/sessions.ts'

/** Requests that lead to a source. */
export function createSourceRequests(
  deps: Pick<EndpointDeps, 'catalog' | 'pipeline' | 'challenge'> & { encoder: ResultEncoder },
) {
  const { catalog, pipeline, encoder } = deps

  async function send(incoming: IncomingRequest): Promise<void> {
    const { session, answer, caller } = incoming
    const request = asClientRequest(incoming)
    const elicitations = session && createElicitations(session, answer, caller.signal)
    if (elicitations) {
      incoming.ask = elicitations.ask
      if (request.capabilities.elicitation?.url)
        incoming.onElicitationComplete = completionTo(session, answer)
    }
    let result: Raw
    try {
      result = await pipeline.request(request)
    } catch (error) {
      const challenge = error instanceof ProtocolError ? challengeFor(incoming, error) : null
      if (challenge === null) throw error
      return incoming.refuse(error as ProtocolError, 403, ['WWW-Authenticate', challenge])
    } finally {
      elicitations?.end()
    }
    const challenge = challengeFor(incoming, result)
    if (challenge === null) return incoming.respond(written(request, result))
    // for those that read that (Apps SDK)
    const told = { ...result, _meta: { ...(result._meta as Raw), 'mcp/www_authenticate': [challenge] } }
    incoming.respond(written(request, told), 403, ['WWW-Authenticate', challenge])
  }

  const written = ({ era, caller, params, method }: ClientRequest, result: Raw): string => {
    if (era === 'modern') return encoder.modern(method, result)
    if (method !== 'tools/call' || result.structuredContent === undefined)
      return encoder.legacy(method, result)
    const entry = catalog.resolve(params.name as string, caller.principal.workspace)
    return encoder.legacy(method, result, entry?.definition.outputSchema)
  }

  /**
   * Who is refused for a missing scope is told so in HTTP (403, RFC 6750 §3.1), which makes clients sign in for more. Null
   * when that is not the obstacle.
   */
  function challengeFor({ caller }: IncomingRequest, told: object): string | null {
    const scope = scopeLacking(told)
    if (scope === undefined) return null
    const description = 'This tool needs more than was asked for when connecting.'
    return deps.challenge(caller.resource, { error: 'insufficient_scope', description, scope })
  }

  return send
}

/** The same request with what the client behind it can do, and how it is told meanwhile. Throws ProtocolError −32602. */
function asClientRequest(incoming: IncomingRequest): ClientRequest {
  const { era, session, answer, params, envelope } = incoming
  const method = incoming.method as CallMethod
  checkParams(method, params)
  if (era === 'modern') checkRetry(method, incoming)
  addTravelling(incoming, envelope)
  const { progressToken } = envelope
  if ((typeof progressToken === 'string' || typeof progressToken === 'number') && answer.canPush)
    incoming.onProgress = progressTo(answer, progressToken)
  const level = era === 'modern' ? envelope[LOG_LEVEL_META_KEY] : session?.logLevel
  if (typeof level === 'string' && answer.canPush) {
    incoming.logLevel = level as LoggingLevel
    incoming.onLog = logsTo(answer, level)
  }
  return incoming as IncomingRequest & { method: CallMethod }
}

function checkRetry(method: CallMethod, { inputResponses, requestState }: IncomingRequest): void {
  const problem =
    inputResponses !== undefined && !isObject(inputResponses)
      ? 'inputResponses must be an object.'
      : requestState !== undefined && typeof requestState !== 'string'
        ? 'requestState must be a text.'
        : null
  if (problem !== null) throw invalidParams(`Invalid params for ${method}: ${problem}`)
}

/** The stream for what nobody asked for, or the answer to the request while there is none. */
const completionTo =
  (session: Session, answer: Answer): NonNullable<ClientRequest['onElicitationComplete']> =>
  (elicitationId) => {
    const said = notificationText('notifications/elicitation/complete', { elicitationId })
    if (session.stream) session.stream.send(said)
    else answer.push(said)
  }

// Functions of their own: written where they are assigned, V8 would make them old at once, and all of the request with them (decision 12).
const progressTo =
  (answer: Answer, progressToken: string | number): NonNullable<ClientRequest['onProgress']> =>
  (progress) =>
    answer.push(notificationText('notifications/progress', { ...progress, progressToken }))

function logsTo(answer: Answer, level: string): NonNullable<ClientRequest['onLog']> {
  const least = severity(level)
  // sources that share a connection among clients cannot keep to each one's level
  return (message) => {
    if (severity(message.level) >= least) answer.push(notificationText('notifications/message', message))
  }
}

function addTravelling(incoming: IncomingRequest, meta: Raw): void {
  for (const name in meta) {
    // assigned, `__proto__` would be no name but what the others come from
    if (ourMeta.has(name) || name === '__proto__' || name.startsWith('drawbridge/')) continue
    const part = isClientContext(name) ? 'context' : 'meta'
    const into = incoming[part] ?? {}
    into[name] = meta[name]
    incoming[part] = into
  }
}
