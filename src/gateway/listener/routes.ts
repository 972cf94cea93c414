/** What a route leads to. */
export type Destination = 'health' | 'oauth' | 'mcp' | 'events' | 'messages' | 'preflight'

export interface Route {
  method: string
  /** `*` stands for the rest of the path, `{workspace}` for one segment. */
  path: string
  to: Destination
}

/** Everything the public listener answers. What is not here does not exist. */
export const routes: readonly Route[] = [
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

export type Match =
  | { kind: 'found'; to: Destination; path: string; workspace: string }
  | { kind: 'wrong-method'; allow: string }
  | { kind: 'unknown' }

const workspaceSegment = '[A-Za-z0-9][A-Za-z0-9._-]{0,39}'

/** What is looked up most, by the whole target and then the method. */
const plain = new Map(
  [
    ...Map.groupBy(
      routes.filter(({ path }) => !/[*{]/.test(path)),
      ({ path }) => path,
    ),
  ].map(([path, forPath]) => [
    path,
    new Map(
      forPath.map(({ method, to }) => [
        method,
        { kind: 'found', to, path, workspace: 'default' } as const satisfies Match,
      ]),
    ),
  ]),
)

const compiled = [...Map.groupBy(routes, (route) => route.path)].map(([path, forPath]) => ({
  pattern: pathPattern(path),
  forPath,
}))

/** RFC 3986 §3.3, absolute. */
const plainPath = /^\/[\w.~!$&'()*+,;=:@%/-]*$/
/** Empty segments, escaped separators and zeros, and hidden or dot segments below the first. */
const trickyPath = /\/\/|%2f|%5c|%00|.\/(?:\.|%2e)/i
/** The one hidden segment that may stand below others; what follows it is looked at like any path. */
const beforeWellKnown = new RegExp(`^/(?:mcp|sse)(?:/${workspaceSegment})?(?=/\\.well-known/)`)

/** The default workspace is served at /mcp and /sse themselves and has no second address. */
const defaultWorkspace = 'default'

/** The methods of a path, as a browser is told them. */
export const methodsOf = (path: string): string =>
  (compiled.find(({ pattern }) => pattern.test(path))?.forPath ?? [])
    .map(({ method }) => method)
    .filter((method) => method !== 'OPTIONS')
    .join(', ')

/** Looks up a request target (RFC 9112 §3.2.1, origin form). Nothing is decoded: an odd spelling is another path. */
export function matchRoute(method: string, target: string): Match {
  const known = plain.get(target)?.get(method)
  if (known) return known
  const end = target.search(/[?#]/)
  const path = end < 0 ? target : target.slice(0, end)
  if (!plainPath.test(path) || trickyPath.test(path.replace(beforeWellKnown, ''))) return { kind: 'unknown' }
  for (const { pattern, forPath } of compiled) {
    const found = pattern.exec(path)
    if (!found) continue
    const workspace = found.groups?.workspace
    if (workspace === defaultWorkspace) return { kind: 'unknown' }
    const route = forPath.find((candidate) => candidate.method === method)
    if (!route)
      return { kind: 'wrong-method', allow: forPath.map((candidate) => candidate.method).join(', ') }
    return { kind: 'found', to: route.to, path, workspace: workspace ?? defaultWorkspace }
  }
  return { kind: 'unknown' }
}

function pathPattern(path: string): RegExp {
  const source = path
    .replaceAll('.', '\\.')
    .replace('*', '.+')
    .replace('{workspace}', `(?<workspace>${workspaceSegment})`)
  return new RegExp(`^${source}$`)
}
