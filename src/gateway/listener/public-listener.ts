import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Request, RequestHandler, Response } from 'express'
import { errorText } from '../../kernel/errors.ts'
import type { Principal } from '../../mcp/principal.ts'
import { sendJson } from '../../net/answers.ts'
import { ConnectionPlaces } from '../../net/connection-places.ts'
import { capBody } from '../../net/request-body.ts'
import type { EndpointDeps } from '../endpoint/endpoint-deps.ts'
import { createMcpEndpoint } from '../endpoint/mcp-endpoint.ts'
import { FrontDoor } from './front-door.ts'
import { addressedTo } from './hosts.ts'
import { defaultLimits, type Limits } from './limits.ts'
import { McpRequests, type McpRequestsDeps } from './mcp-requests.ts'
import { OpenResponses } from './open-responses.ts'
import * as refusals from './refusals.ts'
import { type Answers, createRouting, defaultWorkspace, routes } from './routes.ts'
import { onThisComputer } from './this-computer.ts'
import { answerPreflight, readableByPage } from './web-pages.ts'

export interface PublicListenerDeps extends Omit<EndpointDeps, 'challenge' | 'principalNow'> {
  /** 0: any free port. */
  port: number
  /** Of the tunnel's entrance, where it should be the one of last time. */
  tunnelPort?: number | undefined
  /** The exact origins we answer to right now, such as `http://127.0.0.1:4000` and `https://name.example`. */
  origins(): readonly string[]
  oauth: McpRequestsDeps['oauth'] & {
    handle(req: IncomingMessage, res: ServerResponse, origin: string): void
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
  /** Which of several computers has our address: see src/tunnel/tunnel.ts. Left out: nobody was told to take it over. */
  claim?(): number
  limits?: Partial<Limits>
}

export interface PublicListener {
  /** Throws HostError `port-taken`. */
  listen(): Promise<{ port: number }>
  /** Where a tunnel leads to, on 127.0.0.1: the same listener, with places of its own for strangers. 0 before `listen`. */
  tunnelPort(): number
  /** Tunnels are to lead there from now on. Throws HostError `port-taken`, and then nothing has changed. */
  moveTunnelPort(port: number): Promise<void>
  /** Ends everything that is going on for a grant: calls are aborted, open answers and streams cut. */
  closeGrant(grantId: string): void
  /** Its calls are aborted, open answers and streams cut; its sessions stay, so that it can go on later. */
  interrupt(grantId: string): void
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
  const places = new ConnectionPlaces(limits)
  const open = new OpenResponses()
  const endpoint = createMcpEndpoint({
    ...deps,
    challenge: (resource, error) => oauth.challenge(resource, error),
    principalNow(principal) {
      const now = oauth.now(principal)
      return now && principal.onThisComputer ? onThisComputer(now) : now
    },
    wayOf: (socket) => places.wayOf(socket),
  })
  const requests = new McpRequests({ limits, places, open, endpoint, oauth })
  const route = createRouting(answersOf(deps, limits, places, requests))
  const answer = (req: IncomingMessage, res: ServerResponse): void => {
    try {
      const addressed = deps.isRaised() ? null : addressedTo(req, deps.origins(), deps.localPages?.())
      if (addressed === null) refusals.raised(res)
      else if (!addressed.ok) refusals.notForUs(res, addressed.status, addressed.message)
      else {
        // RFC 9112 §3.2.2: a target may name our host too, but no other than `Host` does
        if (req.url?.startsWith(`${addressed.origin}/`)) req.url = req.url.slice(addressed.origin.length)
        route(req as Request, withOrigin(res, addressed.origin))
      }
    } catch (error) {
      broken(log, res, error)
    }
  }
  const door = new FrontDoor({ limits, places, log, answer })
  let tunnelPort = 0
  const closeAll = () => {
    open.cancelAll()
    door.closeAll()
  }

  return {
    async listen() {
      const opened = await door.listen(deps.port, deps.tunnelPort)
      tunnelPort = opened.tunnelPort
      return { port: opened.port }
    },
    tunnelPort: () => tunnelPort,
    async moveTunnelPort(port) {
      await door.moveEntrance(port)
      tunnelPort = port
    },
    interrupt: (grantId) => open.cancelFor(grantId),
    closeGrant(grantId) {
      open.cancelFor(grantId)
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

/** With the one of our origins that a request was addressed to, for `originOf`. */
function withOrigin(res: ServerResponse, origin: string): Response {
  const response = res as Response
  response.locals = { origin }
  return response
}

const originOf = (res: Response): string => res.locals.origin

function answersOf(
  deps: PublicListenerDeps,
  limits: Limits,
  places: ConnectionPlaces,
  requests: McpRequests,
): Answers {
  const workspaces = deps.workspaces ?? (() => [defaultWorkspace])
  const workspaceOf = (req: Request): string => String(req.params.workspace ?? defaultWorkspace)
  const mcp =
    (to: 'mcp' | 'events' | 'messages'): RequestHandler =>
    (req, res) => {
      const workspace = workspaceOf(req)
      const origin = originOf(res)
      if (!workspaces().includes(workspace)) return refusals.noSuchWorkspace(res, origin)
      readableByPage(req, res)
      const suffix = workspace === defaultWorkspace ? '' : `/${workspace}`
      return requests.answer({ req, res, to, workspace, origin, suffix })
    }
  return {
    mcp: mcp('mcp'),
    events: mcp('events'),
    messages: mcp('messages'),
    health(req, res) {
      places.doubt(req.socket)
      const claim = deps.claim?.() ?? 0
      sendJson(res, 200, {
        ...{ name: 'drawbridge', instance: deps.instance, version: deps.version },
        ...(claim > 0 && { claim }),
      })
    },
    oauth(req, res) {
      places.doubt(req.socket)
      const tooLarge = () => refusals.tooLarge(res, limits.anonymousBody)
      if (capBody(req, limits.anonymousBody, tooLarge)) deps.oauth.handle(req, res, originOf(res))
      else tooLarge()
    },
    preflight: (methods) => (req, res) => {
      places.doubt(req.socket)
      if (!workspaces().includes(workspaceOf(req))) refusals.noSuchWorkspace(res, originOf(res))
      else if (!answerPreflight(req, res, methods)) refusals.wrongMethod(res, methods, originOf(res))
    },
    wrongMethod: (methods) => (_req, res) => refusals.wrongMethod(res, methods, originOf(res)),
    nothing: (_req, res) => refusals.noSuchAddress(res, originOf(res)),
    // four parameters, for Express to know it by
    failed: (error, _req, res, _next) => broken(deps.log, res, error),
  }
}

function broken(log: PublicListenerDeps['log'], res: ServerResponse, error: unknown): void {
  log.error('gateway.request', { error: errorText(error) })
  refusals.failed(res)
}
