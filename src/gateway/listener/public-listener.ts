import type { IncomingMessage, ServerResponse } from 'node:http'
import { myTurn } from '../../kernel/slices.ts'
import type { Authentication, Principal } from '../../mcp/principal.ts'
import type { EndpointDeps } from '../endpoint/endpoint-deps.ts'
import { createMcpEndpoint, type McpExchange } from '../endpoint/mcp-endpoint.ts'
import { sendJson, sendRefusal, sendRpcError } from './answers.ts'
import { createFrontDoor } from './front-door.ts'
import { addressedTo } from './hosts.ts'
import { parseJson } from './json-guard.ts'
import { defaultLimits, type Limits } from './limits.ts'
import { createOpenResponses } from './open-responses.ts'
import { capBody, readBody } from './request-body.ts'
import { type Destination, matchRoute, methodsOf, routes } from './routes.ts'
import { isFromHere, onThisComputer } from './this-computer.ts'
import { answerPreflight, readableByPage } from './web-pages.ts'

/** What is larger has a turn of its own: however many end together, one is dealt with at a time. Bytes. */
const smallBody = 32_768

/** An address of MCP. */
interface McpMatch {
  to: Destination
  path: string
  workspace: string
}

export interface PublicListenerDeps extends Omit<EndpointDeps, 'challenge' | 'principalNow'> {
  /** 0: any free port. */
  port: number
  /** The exact origins we answer to right now, such as `http://127.0.0.1:4000` and `https://name.example`. */
  origins(): readonly string[]
  oauth: {
    handle(req: IncomingMessage, res: ServerResponse, origin: string): void
    authenticate(
      authorization: string | undefined,
      resource: string,
    ): Authentication | Promise<Authentication>
    challenge(resource: string, error?: { error: string; description: string; scope?: string }): string
    /** The same principal with the rights its grant has now; null when it has none any more. */
    now(principal: Principal): Principal | null
  }
  /** Requests of one grant in a minute; null: as many as it likes. Asked for every request. */
  requestsPerMinute(): number | null
  /** Asked for every request. `default` is served at /mcp and /sse, each other one at /mcp/{name} and /sse/{name}. */
  workspaces?(): readonly string[]
  /** Exact origins of pages on this computer that the owner lets call. Asked for every request of a page. */
  localPages?(): readonly string[]
  /** The panic switch: nobody is let in. */
  isRaised(): boolean
  instance: string
  limits?: Partial<Limits>
}

export interface PublicListener {
  /** Throws HostError `port-taken`. */
  listen(): Promise<{ port: number }>
  /** Where a tunnel leads to, on 127.0.0.1: the same listener, with places of its own for strangers. 0 before `listen`. */
  tunnelPort(): number
  /** Ends everything that is going on for a grant: calls are aborted, open answers and streams cut. */
  closeGrant(grantId: string): void
  /** The same for everybody, requests that are not yet known to be anybody's included. */
  closeAll(): void
  /** A grant changed, which the catalog does not see: clients that listen are told of the lists that are others now for them. */
  toolsChanged(): void
  routes: readonly { method: string; path: string }[]
  close(): Promise<void>
}

/**
 * The one listener that strangers reach, through the tunnel or from this computer. It looks at a request in the order
 * of what that costs: is the bridge up, is it meant for us, does the address exist, who is it, how large, how deep.
 */
export function createPublicListener(deps: PublicListenerDeps): PublicListener {
  const { oauth, log } = deps
  const limits: Limits = { ...defaultLimits, ...deps.limits }
  const workspaces = deps.workspaces ?? (() => ['default'])
  const open = createOpenResponses()
  const endpoint = createMcpEndpoint({
    ...deps,
    challenge: (resource, error) => oauth.challenge(resource, error),
    principalNow(principal) {
      const now = oauth.now(principal)
      return now && principal.onThisComputer ? onThisComputer(now) : now
    },
    wayOf: (socket) => crowd.wayOf(socket),
  })

  function answer(req: IncomingMessage, res: ServerResponse): void | Promise<void> {
    if (deps.isRaised()) return raised(res)
    const addressed = addressedTo(req, deps.origins(), deps.localPages?.())
    if (!addressed.ok) return sendRefusal(res, addressed.status, 'not-for-us', addressed.message)
    const match = matchRoute(req.method ?? '', req.url ?? '')
    if (match.kind === 'unknown') return notHere(res, 'There is nothing at this address.', addressed.origin)
    if (match.kind === 'wrong-method') return wrongMethod(res, match.allow, addressed.origin)
    if (!needsToken.has(match.to)) crowd.doubt(req.socket)
    switch (match.to) {
      case 'health':
        return sendJson(res, 200, { name: 'drawbridge', instance: deps.instance, version: deps.version })
      case 'oauth':
        return signIn(req, res, addressed.origin)
      default:
        if (!workspaces().includes(match.workspace))
          return notHere(res, 'There is no such workspace.', addressed.origin)
        if (match.to === 'preflight') {
          const methods = methodsOf(match.path)
          return answerPreflight(req, res, methods) ? undefined : wrongMethod(res, methods, addressed.origin)
        }
        readableByPage(req, res)
        return mcp(req, res, match as McpMatch, addressed.origin)
    }
  }

  function signIn(req: IncomingMessage, res: ServerResponse, origin: string): void {
    const tooLarge = () => sendTooLarge(res, limits.anonymousBody)
    if (capBody(req, limits.anonymousBody, tooLarge)) oauth.handle(req, res, origin)
    else tooLarge()
  }

  async function mcp(
    req: IncomingMessage,
    res: ServerResponse,
    { to, path, workspace }: McpMatch,
    origin: string,
  ): Promise<void> {
    // Where a client of 2024-11-05 posts to belongs to the stream it opened.
    const resource = origin + (to === 'messages' ? path.replace('/messages', '/sse') : path)
    let before: number
    let who: Authentication
    // Somebody was cut off while we looked: it may have been this one.
    do {
      before = open.cuts()
      who = elsewhere(await oauth.authenticate(req.headers.authorization, resource), workspace)
    } while (before !== open.cuts())
    if (!who.ok) {
      crowd.doubt(req.socket)
      return notLetIn(res, resource, who)
    }
    crowd.recognise(req.socket)
    const isHere = isFromHere(req, origin, crowd.wayOf(req.socket))
    const principal = isHere ? onThisComputer(who.principal) : who.principal
    const signal = open.add(principal.grantId, res)
    const caller = { principal, origin, resource, signal }
    const exchange: McpExchange = { req, res, caller, stop: () => signal.abort() }
    // The challenge is what HEAD is for; whoever was let in has nothing to learn by it.
    if (req.method === 'HEAD') return endpoint.counts(exchange) ? noHead(res, to) : undefined
    if (to === 'events') return endpoint.eventStream(exchange, path.replace('/sse', '/messages'))
    if (req.method === 'GET') return endpoint.stream(exchange)
    if (req.method === 'DELETE') return endpoint.end(exchange)
    if (!isJson(req)) return endpoint.counts(exchange) ? notJson(res) : undefined
    const read = readBody(req, limits.body)
    const body = read instanceof Promise ? await read : read
    if (!body.ok) {
      if (body.reason === 'too-large' && endpoint.counts(exchange)) sendTooLarge(res, limits.body)
      return
    }
    if (body.bytes.length > smallBody) await myTurn()
    const parsed = parseJson(body.bytes, limits.depth)
    const unfit = parsed.ok
      ? Array.isArray(parsed.value) && 'Batches are not supported: send one message per request.'
      : parsed.message
    if (unfit !== false)
      return endpoint.counts(exchange)
        ? sendRpcError(res, 400, parsed.ok ? -32600 : -32700, unfit)
        : undefined
    const post = { ...exchange, body: (parsed as { value: unknown }).value }
    await (to === 'messages' ? endpoint.eventMessage(post) : endpoint.serve(post))
  }

  /** 401 (RFC 6750 §3, RFC 9728 §5.1). */
  function notLetIn(
    res: ServerResponse,
    resource: string,
    { error, description }: Extract<Authentication, { ok: false }>,
  ): void {
    const challenge =
      error === 'missing' ? oauth.challenge(resource) : oauth.challenge(resource, { error, description })
    sendRefusal(res, 401, error === 'missing' ? 'unauthorized' : error, description, {
      'WWW-Authenticate': challenge,
    })
  }

  const door = createFrontDoor({ limits, log, answer })
  const { crowd } = door
  let tunnelPort = 0
  const closeAll = () => {
    open.cutAll()
    door.closeAll()
  }

  return {
    async listen() {
      const opened = await door.listen(deps.port)
      tunnelPort = opened.tunnelPort
      return { port: opened.port }
    },
    tunnelPort: () => tunnelPort,
    closeGrant(grantId) {
      open.cut(grantId)
      endpoint.closeGrant(grantId)
    },
    closeAll,
    toolsChanged: () => endpoint.listsChanged(null, null),
    routes: routes.map(({ method, path }) => ({ method, path })),
    async close() {
      endpoint.close()
      const closed = door.close()
      closeAll()
      await closed
    },
  }
}

/** Nothing crosses workspaces, whatever else was looked at: everything below trusts the principal's. */
function elsewhere(who: Authentication, workspace: string): Authentication {
  if (!who.ok || who.principal.workspace === workspace) return who
  return { ok: false, error: 'invalid_token', description: 'The access token is meant for another address.' }
}

/** What is only answered to somebody we know. */
const needsToken: ReadonlySet<Destination> = new Set(['mcp', 'events', 'messages'])

const raised = (res: ServerResponse): void =>
  sendRefusal(res, 503, 'raised', 'The bridge is up: its owner has stopped all access for now.', {
    'Retry-After': '60',
  })

/** Whoever typed the address is told the right one. Other workspaces' names are nobody's business. */
const rightAddress = (origin: string): string => `Clients of MCP connect to ${origin}/mcp`

const notHere = (res: ServerResponse, what: string, origin: string): void =>
  sendRefusal(
    res,
    404,
    'not-found',
    `${what} ${rightAddress(origin)}, or to the address of a workspace, as Drawbridge shows it.`,
  )

const wrongMethod = (res: ServerResponse, allow: string, origin: string): void =>
  sendRefusal(
    res,
    405,
    'method-not-allowed',
    `This address does not take that method. ${rightAddress(origin)}.`,
    { Allow: allow },
  )

const noHead = (res: ServerResponse, to: Destination): void =>
  sendRefusal(res, 405, 'method-not-allowed', 'HEAD says nothing here.', {
    Allow: to === 'events' ? 'GET' : 'POST',
  })

const notJson = (res: ServerResponse): void =>
  sendRpcError(res, 415, -32000, 'Unsupported media type: send application/json, uncompressed.')

const sendTooLarge = (res: ServerResponse, limit: number): void =>
  sendRefusal(res, 413, 'too-large', `This request is larger than ${Math.round(limit / 1024)} kB.`)

/** JSON by any of its names, all of which a page of another site has to ask for first (Fetch Standard, CORS-safelisted request-header). */
const jsonType = /^application\/(?:json|json-rpc|[\w.-]+\+json)\s*(?:;[^,]*)?$/i

function isJson({ headers }: IncomingMessage): boolean {
  const type = headers['content-type'] ?? ''
  return (
    (type === 'application/json' || jsonType.test(type)) &&
    (headers['content-encoding'] ?? 'identity') === 'identity'
  )
}
