import type { ErrorRequestHandler, Router as ExpressRouter, Request, RequestHandler, Response } from 'express'
import Router from 'router'

/** What a route leads to. */
type Destination = 'health' | 'oauth' | 'mcp' | 'events' | 'messages' | 'preflight'

export interface Route {
  method: 'GET' | 'HEAD' | 'POST' | 'DELETE' | 'OPTIONS'
  /** `*` stands for the rest of the path, `{workspace}` for one segment. */
  path: string
  to: Destination
}

/** Everything the public listener answers. What is not here does not exist. They are looked at in this order: calls first. */
export const routes: readonly Route[] = [
  { method: 'POST', path: '/mcp', to: 'mcp' },
  { method: 'GET', path: '/mcp', to: 'mcp' },
  { method: 'HEAD', path: '/mcp', to: 'mcp' },
  { method: 'DELETE', path: '/mcp', to: 'mcp' },
  { method: 'OPTIONS', path: '/mcp', to: 'preflight' },
  { method: 'POST', path: '/mcp/{workspace}', to: 'mcp' },
  { method: 'GET', path: '/mcp/{workspace}', to: 'mcp' },
  { method: 'HEAD', path: '/mcp/{workspace}', to: 'mcp' },
  { method: 'DELETE', path: '/mcp/{workspace}', to: 'mcp' },
  { method: 'OPTIONS', path: '/mcp/{workspace}', to: 'preflight' },
  { method: 'GET', path: '/health', to: 'health' },
  { method: 'HEAD', path: '/health', to: 'health' },
  { method: 'GET', path: '/.well-known/*', to: 'oauth' },
  { method: 'HEAD', path: '/.well-known/*', to: 'oauth' },
  { method: 'OPTIONS', path: '/.well-known/*', to: 'oauth' },
  // OpenID Discovery 1.0 §4: clients also look below the address they were given.
  { method: 'GET', path: '/mcp/.well-known/*', to: 'oauth' },
  { method: 'HEAD', path: '/mcp/.well-known/*', to: 'oauth' },
  { method: 'OPTIONS', path: '/mcp/.well-known/*', to: 'oauth' },
  { method: 'GET', path: '/mcp/{workspace}/.well-known/*', to: 'oauth' },
  { method: 'HEAD', path: '/mcp/{workspace}/.well-known/*', to: 'oauth' },
  { method: 'OPTIONS', path: '/mcp/{workspace}/.well-known/*', to: 'oauth' },
  { method: 'GET', path: '/sse/.well-known/*', to: 'oauth' },
  { method: 'HEAD', path: '/sse/.well-known/*', to: 'oauth' },
  { method: 'OPTIONS', path: '/sse/.well-known/*', to: 'oauth' },
  { method: 'GET', path: '/sse/{workspace}/.well-known/*', to: 'oauth' },
  { method: 'HEAD', path: '/sse/{workspace}/.well-known/*', to: 'oauth' },
  { method: 'OPTIONS', path: '/sse/{workspace}/.well-known/*', to: 'oauth' },
  { method: 'GET', path: '/oauth/*', to: 'oauth' },
  { method: 'HEAD', path: '/oauth/*', to: 'oauth' },
  { method: 'POST', path: '/oauth/*', to: 'oauth' },
  { method: 'OPTIONS', path: '/oauth/*', to: 'oauth' },
  // MCP 2024-11-05, "HTTP with SSE": the stream, and where its client posts to.
  { method: 'GET', path: '/sse', to: 'events' },
  { method: 'HEAD', path: '/sse', to: 'events' },
  { method: 'OPTIONS', path: '/sse', to: 'preflight' },
  { method: 'GET', path: '/sse/{workspace}', to: 'events' },
  { method: 'HEAD', path: '/sse/{workspace}', to: 'events' },
  { method: 'OPTIONS', path: '/sse/{workspace}', to: 'preflight' },
  { method: 'POST', path: '/messages', to: 'messages' },
  { method: 'OPTIONS', path: '/messages', to: 'preflight' },
  { method: 'POST', path: '/messages/{workspace}', to: 'messages' },
  { method: 'OPTIONS', path: '/messages/{workspace}', to: 'preflight' },
]

/** What is done about a request, by where its route leads to. `methods`: those that its path takes, as headers list them. */
export type Answers = Record<Exclude<Destination, 'preflight'>, RequestHandler> & {
  preflight(methods: string): RequestHandler
  wrongMethod(methods: string): RequestHandler
  /** There is no such address. */
  nothing: RequestHandler
  /** A handler threw, or its promise was rejected. */
  failed: ErrorRequestHandler
}

/** The default workspace is served at /mcp and /sse themselves and has no second address. */
export const defaultWorkspace = 'default'
const workspaceSegment = `(?!${defaultWorkspace}(?:/|$))[A-Za-z0-9][A-Za-z0-9._-]{0,39}`

/** RFC 3986 §3.3, absolute. */
const plainPath = /^\/[\w.~!$&'()*+,;=:@%/-]*$/
/** Empty segments, escaped separators and zeros, and hidden or dot segments below the first. */
const trickyPath = /\/\/|%2f|%5c|%00|.\/(?:\.|%2e)/i
/** The one hidden segment that may stand below others; what follows it is looked at like any path. */
const beforeWellKnown = new RegExp(`^/(?:mcp|sse)(?:/${workspaceSegment})?(?=/\\.well-known/)`)

/**
 * Whether a request target (RFC 9112 §3.2.1, origin form) is one that everybody reads the same way. What is not is nobody's address:
 * Express gets to see no path that could be decoded, joined or shortened into another one.
 */
function isPlain(target: string): boolean {
  const end = target.search(/[?#]/)
  const path = end < 0 ? target : target.slice(0, end)
  return plainPath.test(path) && !trickyPath.test(path.replace(beforeWellKnown, ''))
}

/** The routes on Express's router, which sees plain targets only, and no calls. Nothing is decoded: an odd spelling is another path. */
export function createRouting(answers: Answers): (req: Request, res: Response) => void {
  // Express's own: all of Express is loaded when somebody opens our pages
  const router = Router({ caseSensitive: true, strict: true }) as unknown as ExpressRouter
  for (const [path, forPath] of Map.groupBy(routes, (route) => route.path)) {
    const methods = forPath.map(({ method }) => method)
    const here = router.route(pathPattern(path))
    for (const { method, to } of forPath)
      here[method.toLowerCase() as Lowercase<Route['method']>](
        to === 'preflight'
          ? answers.preflight(methods.filter((one) => one !== 'OPTIONS').join(', '))
          : answers[to],
      )
    // also what Express would answer by itself: OPTIONS, and HEAD with what GET has
    here.all(answers.wrongMethod(methods.join(', ')))
  }
  router.use(answers.nothing, answers.failed)
  return (req, res) => {
    const call = req.method === 'POST' ? callPath.exec(req.url) : null
    if (call !== null) void answerCall(answers, req, res, call)
    else if (isPlain(req.url)) router(req, res, nothingIsLeft)
    else answers.nothing(req, res, nothingIsLeft)
  }
}

/** What a call is posted to. It goes to its handler at once: Express alone would cost it more than a tenth (decision 21). */
const callPath = new RegExp(`^/mcp(?:/(?<workspace>${workspaceSegment}))?$`)

async function answerCall(
  answers: Answers,
  req: Request,
  res: Response,
  call: RegExpExecArray,
): Promise<void> {
  req.params = call.groups ?? {}
  try {
    await answers.mcp(req, res, nothingIsLeft)
  } catch (error) {
    answers.failed(error, req, res, nothingIsLeft)
  }
}

/** The last of the handlers answers everything. */
const nothingIsLeft = (): void => {}

function pathPattern(path: string): RegExp {
  const source = path
    .replaceAll('.', '\\.')
    .replace('*', '.+')
    .replace('{workspace}', `(?<workspace>${workspaceSegment})`)
  return new RegExp(`^${source}$`)
}
