import type { IncomingMessage, ServerResponse } from 'node:http'
import { freshMark } from '../../mcp/fresh-address.ts'
import { type Authentication, addressOf, type Principal } from '../../mcp/principal.ts'
import type { ConnectionPlaces } from '../../net/connection-places.ts'
import { readBody } from '../../net/request-body.ts'
import type { McpEndpoint, McpExchange } from '../endpoint/mcp-endpoint.ts'
import { parseInTurns, parseJson } from './json-guard.ts'
import type { Limits } from './limits.ts'
import type { OpenResponses } from './open-responses.ts'
import * as refusals from './refusals.ts'
import { isFromHere, onThisComputer } from './this-computer.ts'

/** What is larger is read in turns. Bytes. */
const smallBody = 32_768

/** A request at an address of MCP that exists. */
export interface McpRequest {
  req: IncomingMessage
  res: ServerResponse
  to: 'mcp' | 'events' | 'messages'
  workspace: string
  /** The one of ours that it was addressed to. */
  origin: string
  /** What the path ends in for this workspace: nothing for the default one. */
  suffix: string
}

export interface McpRequestsDeps {
  limits: Limits
  places: ConnectionPlaces
  open: OpenResponses
  endpoint: McpEndpoint
  oauth: {
    authenticate(
      authorization: string | undefined,
      resource: string,
    ): Authentication | Promise<Authentication>
    challenge(resource: string, error?: { error: string; description: string; scope?: string }): string
  }
}

/** From the address of MCP to the endpoint: who is it, what is wanted, how large, how deep. */
export class McpRequests {
  readonly #deps: McpRequestsDeps

  constructor(deps: McpRequestsDeps) {
    this.#deps = deps
  }

  async answer(request: McpRequest): Promise<void> {
    const { limits, places, open, endpoint, oauth } = this.#deps
    const { req, res, to, origin, suffix } = request
    // Where a client of 2024-11-05 posts to belongs to the stream it opened.
    const resource = `${origin}${to === 'mcp' ? '/mcp' : '/sse'}${suffix}`
    let before: number
    let who: Authentication
    // Somebody was cut off while we looked: it may have been this one.
    do {
      before = open.cancellations()
      who = elsewhere(await oauth.authenticate(req.headers.authorization, resource), request.workspace)
    } while (before !== open.cancellations())
    if (!who.ok) return this.#turnAway(request, resource, who)
    places.recognise(req.socket)
    const exchange = this.#letIn(request, resource, who.principal)
    // The challenge is what HEAD is for; whoever was let in has nothing to learn by it.
    if (req.method === 'HEAD')
      return endpoint.counts(exchange) ? refusals.noHead(res, to === 'events' ? 'GET' : 'POST') : undefined
    if (to === 'events') return endpoint.eventStream(exchange, `/messages${suffix}`)
    if (req.method === 'GET') return endpoint.stream(exchange)
    if (req.method === 'DELETE') return endpoint.end(exchange)
    if (!isJson(req)) return endpoint.counts(exchange) ? refusals.notJson(res) : undefined
    const read = readBody(req, limits.body)
    const body = read instanceof Promise ? await read : read
    if (!body.ok) {
      if (body.reason === 'too-large' && endpoint.counts(exchange)) refusals.tooLarge(res, limits.body)
      return
    }
    const isLarge = body.bytes.length > smallBody
    const parsed = isLarge
      ? await parseInTurns(body.bytes, limits.depth)
      : parseJson(body.bytes, limits.depth)
    if (!parsed.ok) return endpoint.counts(exchange) ? refusals.unreadable(res, parsed.message) : undefined
    if (Array.isArray(parsed.value)) {
      if (to === 'mcp' && endpoint.takesBatch(exchange, parsed.value))
        return endpoint.serveBatch(exchange, parsed.value)
      return endpoint.counts(exchange) ? refusals.isBatch(res) : undefined
    }
    const post = { ...exchange, body: parsed.value }
    await (to === 'messages' ? endpoint.eventMessage(post) : endpoint.serve(post))
  }

  #letIn({ req, res, origin }: McpRequest, resource: string, who: Principal): McpExchange {
    const isHere = isFromHere(req, origin, this.#deps.places.wayOf(req.socket))
    const principal = isHere ? onThisComputer(who) : who
    const signal = this.#deps.open.add(principal.grantId, res)
    const caller = { principal, origin, resource, signal }
    return { req, res, caller, stop: () => signal.abort() }
  }

  #turnAway(
    { req, res }: McpRequest,
    resource: string,
    { error, description }: Extract<Authentication, { ok: false }>,
  ): void {
    const { places, oauth } = this.#deps
    places.doubt(req.socket)
    // RFC 9728 §3.3: what the metadata names must be what was typed.
    const typed = resource + freshMark(req.url ?? '')
    if (error === 'missing')
      refusals.notLetIn(res, 'unauthorized', elsewhereShown(req) ?? description, oauth.challenge(typed))
    else refusals.notLetIn(res, error, description, oauth.challenge(typed, { error, description }))
  }
}

/**
 * Why a token counts for nothing that stands where others take it too (RFC 6750 §2.3): addresses end up in logs, of tunnels among others.
 * Whether it would be a good one is not looked at.
 */
function elsewhereShown({ url = '', headers }: IncomingMessage): string | null {
  const should = 'Send it in the header Authorization: Bearer.'
  if (/[?&](?:access_token|token|api_?key|key)=/i.test(url))
    return `A token in the address is not taken. ${should}`
  const other = ['x-api-key', 'api-key', 'x-auth-token'].find((name) => headers[name] !== undefined)
  return other === undefined ? null : `A token in ${other} is not taken. ${should}`
}

/** Nobody comes in by an address that is not its own, whatever else was looked at: everything below trusts the principal's workspace. */
function elsewhere(who: Authentication, address: string): Authentication {
  if (!who.ok || addressOf(who.principal) === address) return who
  return { ok: false, error: 'invalid_token', description: 'The access token is meant for another address.' }
}

/** JSON by any of its names, all of which a page of another site has to ask for first (Fetch Standard, CORS-safelisted request-header). */
const jsonType = /^application\/(?:json|json-rpc|[\w.-]+\+json)\s*(?:;[^,]*)?$/i

function isJson({ headers }: IncomingMessage): boolean {
  const type = headers['content-type'] ?? ''
  return (
    (type === 'application/json' || jsonType.test(type)) &&
    (headers['content-encoding'] ?? 'identity') === 'identity'
  )
}
