import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  type ClientCapabilities,
  LOG_LEVEL_META_KEY,
  type LoggingLevel,
  PROTOCOL_VERSION_META_KEY,
  ProtocolError,
  ProtocolErrorCode,
} from '@modelcontextprotocol/server'
import { withoutOtherExtensions } from '../../mcp/extensions.ts'
import { severity } from '../../mcp/log-levels.ts'
import type { Raw } from '../../mcp/tool-source.ts'
import { isClientContext } from '../calls/client-context.ts'
import type { ClientRequest, ClientSide } from '../calls/client-request.ts'
import { scopeLacking } from '../calls/results/endings.ts'
import type { Answer } from './answer.ts'
import { isObject } from './client-message.ts'
import type { EndpointDeps } from './endpoint-deps.ts'
import { type IncomingRequest, refuse, respond } from './incoming-request.ts'
import type { ResultEncoder } from './result-encoder.ts'
import { notificationText } from './rpc-messages.ts'
import { createElicitations } from './sessions/elicitations.ts'
import type { Session } from './sessions/sessions.ts'

/** What is wrong with the parameters of each method, beyond what its source has to say. */
const problems: Record<ClientRequest['method'], (params: Raw) => string | null> = {
  'tools/call': ({ name, arguments: args }) =>
    typeof name !== 'string'
      ? 'name must be a text.'
      : args !== undefined && !isObject(args)
        ? 'arguments must be an object.'
        : null,
  'prompts/get': ({ name, arguments: args }) =>
    typeof name !== 'string'
      ? 'name must be a text.'
      : args !== undefined && !(isObject(args) && Object.values(args).every((one) => typeof one === 'string'))
        ? 'arguments must be an object of texts.'
        : null,
  'resources/read': ({ uri }) => (typeof uri === 'string' ? null : 'uri must be a text.'),
  'completion/complete': ({ ref, argument }) =>
    !isObject(ref) || !['ref/prompt', 'ref/resource'].includes(ref.type as string)
      ? 'ref must be a reference to a prompt or a resource.'
      : !isObject(argument) || typeof argument.name !== 'string' || typeof argument.value !== 'string'
        ? 'argument must have a name and a value, both texts.'
        : null,
}

/** Older clients without a session: no two requests of theirs are known to come from the same one. */
let strangers = 0

/**
 * Whom a request without a session belongs to. In the 2026-07-28 era a client that was let in is one client: a question that it
 * never answers must not keep its own later calls from being asked anything.
 */
function ownKey(era: 'legacy' | 'modern', grantId: string): string {
  if (era === 'modern') return `${grantId}/modern`
  strangers += 1
  return `${grantId}/request/${strangers}`
}

/** Requests that lead to a source. */
export function createSourceRequests(
  deps: Pick<EndpointDeps, 'catalog' | 'pipeline' | 'challenge'> & { stamps: ResultEncoder },
) {
  const { catalog, pipeline, stamps } = deps

  async function ask(incoming: IncomingRequest, method: ClientRequest['method']): Promise<void> {
    const { era, caller } = incoming
    const { _meta, inputResponses, requestState } = incoming.params
    const params = forSource(incoming.params)
    const problem =
      problems[method](params) ?? (era === 'modern' ? retryProblem(inputResponses, requestState) : null)
    if (problem !== null)
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Invalid params for ${method}: ${problem}`)
    const client = clientSide(incoming, isObject(_meta) ? _meta : {})
    const asking = incoming.session && createElicitations(incoming.session, incoming.answer, caller.signal)
    if (asking) {
      client.ask = asking.ask
      if (client.capabilities.elicitation?.url)
        client.onVisited = visitedBy(incoming.session!, incoming.answer)
    }
    if (era === 'modern') {
      if (inputResponses !== undefined) client.inputResponses = inputResponses as Raw
      if (requestState !== undefined) client.requestState = requestState as string
    }
    let result: Raw
    try {
      result = await pipeline.request(caller, { method, params, client })
    } catch (error) {
      const challenge = error instanceof ProtocolError ? challengeFor(incoming, error) : null
      if (challenge === null) throw error
      return refuse(incoming, error as ProtocolError, 403, ['WWW-Authenticate', challenge])
    } finally {
      asking?.end()
    }
    const challenge = challengeFor(incoming, result)
    if (challenge === null) return respond(incoming, written(incoming, method, result))
    // for those that read that (Apps SDK)
    const told = { ...result, _meta: { ...(result._meta as Raw), 'mcp/www_authenticate': [challenge] } }
    respond(incoming, written(incoming, method, told), 403, ['WWW-Authenticate', challenge])
  }

  const written = (
    { era, caller, params }: IncomingRequest,
    method: ClientRequest['method'],
    result: Raw,
  ): string => {
    if (era === 'modern') return stamps.modern(method, result)
    if (method !== 'tools/call' || result.structuredContent === undefined)
      return stamps.legacy(method, result)
    const entry = catalog.resolve(params.name as string, caller.principal.workspace)
    return stamps.legacy(method, result, entry?.definition.outputSchema)
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

  return ask
}

/** Params without what is between the client and us. */
function forSource(params: Raw): Raw {
  if (!('_meta' in params || 'inputResponses' in params || 'requestState' in params)) return params
  const { _meta, inputResponses, requestState, ...rest } = params
  return rest
}

const retryProblem = (inputResponses: unknown, requestState: unknown): string | null =>
  inputResponses !== undefined && !isObject(inputResponses)
    ? 'inputResponses must be an object.'
    : requestState !== undefined && typeof requestState !== 'string'
      ? 'requestState must be a text.'
      : null

/** The client behind a request: what it can do, and how it is told and asked while the request runs. */
function clientSide(incoming: IncomingRequest, meta: Raw): ClientSide {
  const { era, session, answer, caller } = incoming
  const client: ClientSide = {
    era,
    key: session ? session.key : ownKey(era, caller.principal.grantId),
    capabilities: capabilitiesOf(incoming, meta),
  }
  addTravelling(client, meta)
  const { progressToken } = meta
  if ((typeof progressToken === 'string' || typeof progressToken === 'number') && answer.canPush)
    client.onProgress = progressTo(answer, progressToken)
  const level = era === 'modern' ? meta[LOG_LEVEL_META_KEY] : session?.logLevel
  if (typeof level === 'string' && answer.canPush) {
    client.logLevel = level as LoggingLevel
    client.onLog = logsTo(answer, level)
  }
  return client
}

/** The stream for what nobody asked for, or the answer to the request while there is none. */
const visitedBy =
  (session: Session, answer: Answer): NonNullable<ClientSide['onVisited']> =>
  (elicitationId) => {
    const said = notificationText('notifications/elicitation/complete', { elicitationId })
    if (session.stream) session.stream.send(said)
    else answer.push(said)
  }

// Functions of their own: written where they are assigned, V8 would make them old at once, and all of the request with them (decision 12).
const progressTo =
  (answer: Answer, progressToken: string | number): NonNullable<ClientSide['onProgress']> =>
  (progress) =>
    answer.push(notificationText('notifications/progress', { ...progress, progressToken }))

function logsTo(answer: Answer, level: string): NonNullable<ClientSide['onLog']> {
  const least = severity(level)
  // sources that share a connection among clients cannot keep to each one's level
  return (message) => {
    if (severity(message.level) >= least) answer.push(notificationText('notifications/message', message))
  }
}

/** What the client declared, as far as it can be passed on. */
export function capabilitiesOf(
  { era, session }: Pick<IncomingRequest, 'era' | 'session'>,
  meta: Raw,
): ClientCapabilities {
  if (era === 'legacy') return session?.capabilities ?? {}
  return withoutOtherExtensions((meta[CLIENT_CAPABILITIES_META_KEY] ?? {}) as ClientCapabilities)
}

/** Spoken between the client and us. */
const ours = new Set<string>([
  PROTOCOL_VERSION_META_KEY,
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  LOG_LEVEL_META_KEY,
  'progressToken',
])

function addTravelling(client: ClientSide, meta: Raw): void {
  for (const name in meta) {
    // assigned, `__proto__` would be no name but what the others come from
    if (ours.has(name) || name === '__proto__' || name.startsWith('drawbridge/')) continue
    const part = isClientContext(name) ? 'context' : 'meta'
    const into = client[part] ?? {}
    into[name] = meta[name]
    client[part] = into
  }
}
