import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { errors, Provider } from 'oidc-provider'

/**
 * For tests: a real authorization server where somebody is always logged in and always says yes, and an MCP server that takes
 * only its tokens: `read` for everything, and `write` as well for the tool `write_note`.
 */
export interface ProtectedServer {
  /** Of the MCP server. */
  url: string
  issuer: string
  /** Requests to the authorization server, as `POST /token`. */
  seen: string[]
  /** Bodies of registrations. */
  registered: Record<string, unknown>[]
  /** The bearer tokens that the MCP server was shown. */
  tokens: Set<string>
  /** From now on the MCP server takes none of the tokens it has seen. */
  expire(): void
  /** The user's grant is gone: nothing can be renewed. */
  withdraw(): void
  /** The authorization server answers 503 to everything, or works again. */
  down(isDown: boolean): void
  /** The protected resource's metadata names this one from now on (RFC 9728). */
  moveTo(issuer: string): void
  /** Changes what the metadata of the authorization server says. */
  metadata: Record<string, unknown>
  /** Has the last word on what is answered at a path, by the authorization server as by the resource. */
  alter: ((path: string, answer: FixtureAnswer) => FixtureAnswer) | null
  /** The same of the answer to a registration. */
  registration: Record<string, unknown>
  /** And of the answers with tokens. */
  token: Record<string, unknown>
  /** Whose browser it is from now on. */
  who: string
  /** As whom the tools ran. */
  ranAs: string[]
  /** The next of these, once it is `reached`, goes on only when it is let go. */
  hold(what: Held): { reached: Promise<void>; letGo(): void }
  /** A person's browser: opens a page and follows it until it leads away; returns where to. */
  browse(page: string): Promise<URL>
  close(): Promise<void>
}

export type Held =
  | '/.well-known/oauth-authorization-server'
  | '/mcp'
  | '/token'
  | 'answer of /token'
  | '/token/revocation'

export interface FixtureAnswer {
  status: number
  headers: Record<string, string>
  body: string
}

export async function startProtectedServer(
  options: {
    /** Known beforehand. */
    clients?: { client_id: string; client_secret: string; redirect_uris: string[] }[]
    scopesSupported?: string[]
  } = {},
): Promise<ProtectedServer> {
  const seen: string[] = []
  const registered: Record<string, unknown>[] = []
  const tokens = new Set<string>()
  const ended = new Set<string>()
  const metadata: Record<string, unknown> = {}
  const registration: Record<string, unknown> = {}
  const token: Record<string, unknown> = {}
  const ranAs: string[] = []
  const holds = new Map<string, { reached(): void; letGo: Promise<void> }>()
  const passes = (what: string): Promise<void> | undefined => {
    const held = holds.get(what)
    holds.delete(what)
    held?.reached()
    return held?.letGo
  }
  let withdrawn = false
  let isDown = false
  let handleAs: (req: IncomingMessage, res: ServerResponse) => void = () => {}
  const altered = (req: IncomingMessage, res: ServerResponse) => {
    if (protectedServer.alter) alterAnswer(res, protectedServer.alter, req.url!)
  }
  const as = await listen((req, res) => {
    altered(req, res)
    handleAs(req, res)
  })
  const rs = await listen((req, res) => {
    // What the MCP server itself answers may be a stream.
    if (req.headers.authorization === undefined) altered(req, res)
    void serve(req, res)
  })
  let named = as.origin

  const provider = new Provider(as.origin, {
    clients: (options.clients ?? []).map((client) => ({ application_type: 'native', ...client })),
    clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post'],
    scopes: ['read', 'write'],
    pkce: { required: () => true },
    cookies: { keys: ['fixture'] },
    features: {
      devInteractions: { enabled: false },
      registration: { enabled: true },
      revocation: { enabled: true, allowedPolicy: () => true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_ctx, resource) => {
          if (resource !== `${rs.origin}/mcp`) throw new errors.InvalidTarget('another resource')
          return { scope: 'read write', accessTokenFormat: 'opaque', accessTokenTTL: 3_600 }
        },
      },
    },
    interactions: { url: (_ctx, interaction) => `/yes/${interaction.uid}` },
    findAccount: (_ctx, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
    issueRefreshToken: () => true,
    rotateRefreshToken: true,
    ttl: {
      AccessToken: 3_600,
      AuthorizationCode: 60,
      Grant: 86_400,
      Interaction: 600,
      RefreshToken: 86_400,
      Session: 86_400,
    },
  })
  const callback = provider.callback()
  handleAs = (req, res) => {
    const path = new URL(req.url!, as.origin).pathname
    const held = passes(path)
    if (held) return void held.then(() => handleAs(req, res))
    seen.push(`${req.method} ${path}`)
    if (isDown) res.writeHead(503).end()
    else if (path.startsWith('/yes/')) sayYes(req, res).catch(() => res.destroy())
    else if (path === '/token' && withdrawn)
      res
        .writeHead(400, { 'content-type': 'application/json' })
        .end(JSON.stringify({ error: 'invalid_grant' }))
    else if (path.startsWith('/.well-known/') && Object.keys(metadata).length > 0) void changed(req, res)
    else {
      if (path === '/reg') readCopy(req)
      if (path === '/token') holdAnswer(res)
      if (path === '/reg' && Object.keys(registration).length > 0) answerOther(res, registration)
      if (path === '/token' && Object.keys(token).length > 0) answerOther(res, token)
      callback(req, res)
    }
  }

  async function sayYes(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const { prompt, params } = await provider.interactionDetails(req, res)
    if (prompt.name === 'login') {
      await provider.interactionFinished(req, res, { login: { accountId: protectedServer.who } })
      return
    }
    const grant = new provider.Grant({ accountId: protectedServer.who, clientId: params.client_id as string })
    // Who asks for nothing in particular gets what can be had.
    const scope = typeof params.scope === 'string' ? params.scope : 'read'
    grant.addOIDCScope(scope)
    if (typeof params.resource === 'string') grant.addResourceScope(params.resource, scope)
    await provider.interactionFinished(req, res, { consent: { grantId: await grant.save() } })
  }

  /** The usual metadata with some of it changed. */
  async function changed(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const kept = { ...metadata }
    for (const key of Object.keys(metadata)) delete metadata[key]
    const usual = await (await fetch(as.origin + req.url)).json()
    Object.assign(metadata, kept)
    json(res, 200, { ...(usual as object), ...kept })
  }

  function answerOther(res: ServerResponse, other: object): void {
    const end = res.end.bind(res) as (text: string) => ServerResponse
    res.end = ((text: string) => {
      res.removeHeader('content-length')
      return end(JSON.stringify({ ...JSON.parse(String(text)), ...other }))
    }) as typeof res.end
  }

  function holdAnswer(res: ServerResponse): void {
    const held = passes('answer of /token')
    const end = res.end.bind(res) as (text: string) => ServerResponse
    if (held)
      res.end = ((text: string) => {
        void held.then(() => end(text))
        return res
      }) as typeof res.end
  }

  function readCopy(req: IncomingMessage): void {
    let body = ''
    req.on('data', (chunk) => (body += chunk))
    req.on('end', () => registered.push(JSON.parse(body)))
  }

  let asWhom = ''
  const mcp = toNodeHandler(
    createMcpHandler(() => {
      const here = asWhom
      const server = new McpServer({ name: 'protected', version: '1' })
      server.registerTool('read_note', { description: 'reads' }, () => {
        ranAs.push(here)
        return { content: [{ type: 'text', text: 'a note' }] }
      })
      server.registerTool('write_note', { description: 'writes' }, () => ({
        content: [{ type: 'text', text: 'written' }],
      }))
      return server
    }),
  )
  const metadataPath = '/.well-known/oauth-protected-resource/mcp'

  async function serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    if (req.url === metadataPath) {
      json(res, 200, {
        resource: `${rs.origin}/mcp`,
        authorization_servers: [named],
        scopes_supported: options.scopesSupported ?? ['read'],
      })
      return
    }
    if (req.url !== '/mcp') return json(res, 404, {})
    const token = /^Bearer (.+)$/.exec(req.headers.authorization ?? '')?.[1]
    await (req.headers['mcp-name'] && passes('/mcp'))
    const known =
      token !== undefined && !ended.has(token) ? await provider.AccessToken.find(token) : undefined
    const challenge = `Bearer resource_metadata="${rs.origin}${metadataPath}"`
    if (token !== undefined) tokens.add(token)
    if (!known || known.aud !== `${rs.origin}/mcp`) {
      res.setHeader(
        'www-authenticate',
        token === undefined ? challenge : `${challenge}, error="invalid_token"`,
      )
      return json(res, 401, {})
    }
    if (req.headers['mcp-name'] === 'write_note' && !known.scopes.has('write')) {
      res.setHeader('www-authenticate', `${challenge}, error="insufficient_scope", scope="write"`)
      return json(res, 403, {})
    }
    asWhom = known.accountId
    await mcp(req, res)
  }

  const protectedServer: ProtectedServer = {
    ...{ seen, registered, tokens, metadata, registration, token, ranAs },
    who: 'somebody',
    hold: (what) => {
      const [reached, letGo] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      holds.set(what, { reached: reached.resolve, letGo: letGo.promise })
      return { reached: reached.promise, letGo: letGo.resolve }
    },
    alter: null,
    url: `${rs.origin}/mcp`,
    issuer: as.origin,
    expire: () => {
      for (const token of tokens) ended.add(token)
    },
    withdraw: () => {
      withdrawn = true
    },
    down: (value) => {
      isDown = value
    },
    moveTo: (issuer) => {
      named = issuer
    },
    browse: (page) => browse(page, as.origin),
    close: async () => {
      await Promise.all([as.close(), rs.close()])
    },
  }
  return protectedServer
}

/** Holds an answer that is written at once back until it is altered. */
function alterAnswer(res: ServerResponse, alter: NonNullable<ProtectedServer['alter']>, path: string): void {
  const end = res.end.bind(res)
  const writeHead = res.writeHead.bind(res)
  res.writeHead = ((status: number, headers: Record<string, string> = {}) => {
    res.statusCode = status
    for (const [name, value] of Object.entries(headers)) res.setHeader(name, value)
    return res
  }) as typeof res.writeHead
  res.end = ((body: string | Buffer = '') => {
    const headers: Record<string, string> = {}
    for (const [name, value] of Object.entries(res.getHeaders()))
      if (name !== 'content-length' && name !== 'set-cookie') headers[name] = String(value)
    const answer = alter(path, { status: res.statusCode, headers, body: String(body) })
    for (const name of Object.keys(headers)) res.removeHeader(name)
    res.removeHeader('content-length')
    writeHead(answer.status, answer.headers)
    return end(answer.body)
  }) as typeof res.end
}

function json(res: ServerResponse, status: number, body: object): void {
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

async function browse(page: string, origin: string): Promise<URL> {
  const cookies = new Map<string, string>()
  let url = new URL(page)
  for (let step = 0; step < 20; step += 1) {
    if (url.origin !== origin) return url
    const cookie = [...cookies].map((pair) => pair.join('=')).join('; ')
    const response = await fetch(url, { redirect: 'manual', headers: { cookie } })
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!
      cookies.set(name!, value!)
    }
    const location = response.headers.get('location')
    if (location === null) throw new Error(`${url.pathname} → ${response.status}: ${await response.text()}`)
    url = new URL(location, url)
  }
  throw new Error('the pages lead nowhere')
}

async function listen(handle: (req: IncomingMessage, res: ServerResponse) => void) {
  const server: Server = createServer(handle)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
