import { say } from '../../../locales/say.ts'
import { isObject } from '../../kernel/is-object.ts'
import { type Asker, type Exchange, isPage } from './exchange.ts'
import type { Facts } from './finding.ts'
import { textAt } from './json.ts'

/** What an unknown caller can ask, and what came back. Null: not asked, because what it needs did not come. */
export interface Evidence {
  post: Exchange
  get: Exchange
  discover: Exchange
  badToken: Exchange
  /** Where the challenge says the resource metadata is; null when it is where it belongs, or nowhere of ours. */
  resourceNamed: Exchange | null
  resourceAtPath: Exchange
  resourceAtRoot: Exchange
  /** In the order in which clients look (MCP authorization, "Authorization Server Metadata Discovery"). */
  issuerDocuments: Exchange[]
  register: Exchange | null
  authorize: Exchange | null
  token: Exchange | null
  preflight: Exchange | null
}

/** The protocol version in which every request stands for itself. */
const protocol = '2026-07-28'

const json = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
/** The sign-in page is the only one that a browser opens, and some tunnels treat browsers differently. */
const asBrowser = {
  accept: 'text/html',
  'user-agent':
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36',
}
/** A web client that calls from a browser page. */
const page = 'https://claude.ai'

/** A name that nobody can have: ours begin with `app_` and go on with random letters. */
const madeUpClient = 'app_check-nobody'

const message = (method: string, params: object) => JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })

const initialize = message('initialize', {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'drawbridge-check', version: '1' },
})
const discovery = message('server/discover', {
  _meta: {
    'io.modelcontextprotocol/protocolVersion': protocol,
    'io.modelcontextprotocol/clientInfo': { name: 'drawbridge-check', version: '1' },
    'io.modelcontextprotocol/clientCapabilities': {},
  },
})

export const resourceMetadataUrl = ({ url, origin }: Pick<Facts, 'url' | 'origin'>): string =>
  `${origin}/.well-known/oauth-protected-resource${new URL(url).pathname}`

/** The three places clients try, in their order (RFC 8414 §3.1 and §5; the last as OpenID Discovery §4 has it). */
function issuerDocumentUrls({ issuer, origin, url }: Pick<Facts, 'issuer' | 'origin' | 'url'>): string[] {
  const wellKnown = `${origin}/.well-known`
  if (issuer === origin)
    return [
      `${wellKnown}/oauth-authorization-server`,
      `${wellKnown}/openid-configuration`,
      // an issuer without a path has two places; older clients also look under the path of the resource
      `${wellKnown}/oauth-authorization-server${new URL(url).pathname}`,
    ]
  const path = issuer.slice(origin.length)
  return [
    `${wellKnown}/oauth-authorization-server${path}`,
    `${wellKnown}/openid-configuration${path}`,
    `${issuer}/.well-known/openid-configuration`,
  ]
}

/** RFC 9728 §5.1: the address in a challenge, or null. */
export const namedIn = (challenge: string | null): string | null =>
  /\bresource_metadata="([^"]*)"/i.exec(challenge ?? '')?.[1] ?? null

/** Asks everything that can be asked without signing in. Only ever this origin: what documents name elsewhere is left. */
export async function gather(ask: Asker, facts: Facts): Promise<Evidence> {
  const { origin } = facts
  const at = resourceMetadataUrl(facts)
  const [atResource, resourceAtPath, resourceAtRoot, ...issuerDocuments] = await Promise.all([
    askResource(ask, facts),
    ask({ method: 'GET', url: at }),
    ask({ method: 'GET', url: `${origin}/.well-known/oauth-protected-resource` }),
    ...issuerDocumentUrls(facts).map((one) => ask({ method: 'GET', url: one })),
  ])
  const { post } = atResource
  const named = post.kind === 'answered' ? namedIn(post.headers.get('www-authenticate')) : null
  const metadata = issuerDocuments.map(documentOf).find((one) => one !== null) ?? null
  const [resourceNamed, issuer] = await Promise.all([
    named?.startsWith(`${origin}/`) && named !== at ? ask({ method: 'GET', url: named }) : null,
    askIssuer(ask, facts, metadata),
  ])
  return { ...atResource, ...issuer, resourceNamed, resourceAtPath, resourceAtRoot, issuerDocuments }
}

/** The ways in which a client knocks before it has a token. */
async function askResource(ask: Asker, { url }: Facts) {
  const knock = (headers: Record<string, string>, body: string, about: string) =>
    ask({ method: 'POST', url, headers: { ...json, ...headers }, body, about })
  const [post, get, discover, badToken] = await Promise.all([
    knock({}, initialize, say('doctor.initializeWithoutToken')),
    ask({ method: 'GET', url, headers: { accept: 'text/event-stream' }, about: say('doctor.withoutToken') }),
    knock(
      { 'mcp-protocol-version': protocol, 'mcp-method': 'server/discover' },
      discovery,
      say('doctor.discoverWithoutToken', { protocol }),
    ),
    knock({ authorization: 'Bearer made-up' }, initialize, say('doctor.initializeWithTokenMade')),
  ])
  return { post, get, discover, badToken }
}

/** The endpoints that the authorization server names for itself. */
async function askIssuer(ask: Asker, { url, origin }: Facts, metadata: Record<string, unknown> | null) {
  /** Theirs may be anywhere; a check must not become a way to make this computer send requests elsewhere. */
  const at = (name: string, request: (url: string) => Parameters<Asker>[0]) => {
    const given = textAt(metadata, name)
    return given?.startsWith(`${origin}/`) ? ask(request(given)) : null
  }
  const [register, authorize, token, preflight] = await Promise.all([
    at('registration_endpoint', registrationAt),
    at('authorization_endpoint', (endpoint) => ({
      method: 'GET',
      url: `${endpoint}?${authorizeQuery(url)}`,
      headers: asBrowser,
      about: say('doctor.asBrowserForApp', { madeUpClient }),
    })),
    at('token_endpoint', (endpoint) => ({
      method: 'POST',
      url: endpoint,
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: tokenForm(url),
      about: say('doctor.madeUpAuthorizationCode'),
    })),
    at('token_endpoint', (endpoint) => ({
      method: 'OPTIONS',
      url: endpoint,
      headers: {
        origin: page,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      },
      about: say('doctor.asPageWouldAsk', { page }),
    })),
  ])
  return { register, authorize, token, preflight }
}

const registrationAt = (url: string): Parameters<Asker>[0] => ({
  method: 'POST',
  url,
  headers: json,
  body: JSON.stringify({ client_name: 'Drawbridge check', redirect_uris: [] }),
  about: say('doctor.registrationWithoutRedirectAddress'),
})

const tokenForm = (resource: string): string =>
  new URLSearchParams({
    grant_type: 'authorization_code',
    code: 'made-up',
    client_id: madeUpClient,
    redirect_uri: 'https://client.example/callback',
    code_verifier: 'a'.repeat(43),
    resource,
  }).toString()

const authorizeQuery = (resource: string) =>
  new URLSearchParams({
    client_id: madeUpClient,
    redirect_uri: 'https://client.example/callback',
    response_type: 'code',
    code_challenge: 'a'.repeat(43),
    code_challenge_method: 'S256',
    state: 'check',
    resource,
  }).toString()

/** The JSON object of an answer that brought one, else null. */
export function documentOf(exchange: Exchange | null): Record<string, unknown> | null {
  if (exchange?.kind !== 'answered' || exchange.status !== 200) return null
  if (isPage(exchange.headers, exchange.text)) return null
  return isObject(exchange.json) ? exchange.json : null
}
