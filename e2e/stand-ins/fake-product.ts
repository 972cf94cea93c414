import { createHash, randomBytes } from 'node:crypto'
import type { FixtureAnswer, FixtureRequest } from '../../src/connectors/testing/fixture.ts'
import { startFixture } from '../../src/connectors/testing/fixture.ts'

/**
 * A product of one of the guides as its guide describes it: an authorization server and an MCP server at one address. Only what the guide
 * says is there; what it does not say is said where each product is made. Strict about redirect addresses, PKCE and scopes.
 */
export interface Plan {
  name: string
  paths: { mcp: string; authorize: string; token: string; register?: string }
  /** RFC 9728; without it only the authorization server's own metadata are found (as before 2025-06-18). */
  hasResourceMetadata: boolean
  scopes: readonly string[]
  /** What the page asks besides yes or no. */
  organizations?: readonly string[]
  /** The page is shown once; who comes back is let through. */
  remembersApproval?: boolean
  /** Whether an app may register itself with this redirect address. */
  takesRedirect(uri: string): boolean
  tools: readonly PlannedTool[]
  /** What tokens look like and whether they are still good; left out: known by heart. */
  tokens?: Tokens
}

export interface PlannedTool {
  name: string
  description: string
  scope: string
  /** Its parameters, each with what it can be. */
  choices?: Record<string, readonly string[]>
  /** Refused over HTTP whatever the scope. */
  isLocalOnly?: boolean
  answer(args: Record<string, unknown>, entry: Entry): unknown
}

/** What an approval gave. */
export interface Entry {
  id: string
  /** As its list of keys shows it. */
  name: string
  clientId: string
  scopes: readonly string[]
  organization: string | null
}

interface Tokens {
  make(entry: Entry): Promise<string>
  read(token: string): Promise<Entry | null>
}

interface Client {
  name: string
  redirects: readonly string[]
  scopes: readonly string[]
  grants: readonly string[]
}

export interface FakeProduct {
  origin: string
  /** Of its MCP server. */
  url: string
  clients: Map<string, Client>
  /** Those that were approved, oldest first; deleting one ends its access. */
  entries: Set<Entry>
  /** The apps whose approval is remembered. */
  approved: Set<string>
  /** The calls that came through, with what they were allowed. */
  calls: { tool: string; entry: Entry }[]
  /** How often a person was shown the page. */
  pages(): number
  /** A person in front of a browser at that page: chooses, presses the button, and follows back. Returns what the last page says. */
  approve(page: string, choose?: { organization?: string }): Promise<string>
  close(): Promise<void>
}

interface Asked {
  client: string
  redirect: string
  state: string
  challenge: string
  scopes: readonly string[]
}

const random = () => randomBytes(24).toString('base64url')
const refusal = (status: number, error: string, description = ''): FixtureAnswer => ({
  status,
  body: { error, error_description: description },
})

export async function startFakeProduct(plan: Plan): Promise<FakeProduct> {
  const product = new Product(plan)
  const { url, close } = await startFixture((request, origin) => product.answer(request, origin))
  product.origin = url
  return Object.assign(product, { url: url + plan.paths.mcp, close })
}

const propertiesOf = (choices: NonNullable<PlannedTool['choices']>) =>
  Object.fromEntries(
    Object.entries(choices).map(([name, of]) => [name, { type: 'string', enum: of }] as const),
  )

class Product {
  origin = ''
  readonly clients: FakeProduct['clients'] = new Map()
  readonly entries: FakeProduct['entries'] = new Set()
  readonly calls: FakeProduct['calls'] = []
  readonly #plan: Plan
  readonly #known = new Map<string, Entry>()
  readonly #waiting = new Map<string, Asked>()
  readonly #codes = new Map<string, { asked: Asked; entry: Entry }>()
  readonly approved: FakeProduct['approved'] = new Set()
  readonly #tokens: Tokens
  #pages = 0

  constructor(plan: Plan) {
    this.#plan = plan
    this.#tokens = plan.tokens ?? {
      make: async (entry) => {
        const token = random()
        this.#known.set(token, entry)
        return token
      },
      read: async (token) => this.#known.get(token) ?? null,
    }
  }

  readonly pages = (): number => this.#pages

  readonly approve = async (page: string, choose: { organization?: string } = {}): Promise<string> => {
    const shown = await fetch(page, { redirect: 'manual' })
    let back = shown.headers.get('location')
    if (back === null) {
      const text = await shown.text()
      const uid = /name="uid" value="([^"]+)"/.exec(text)?.[1]
      if (uid === undefined) throw new Error(`${shown.status}: ${text}`)
      const { organization = '' } = choose
      const form = new URLSearchParams({ uid, organization })
      const pressed = await fetch(this.origin + this.#plan.paths.authorize, {
        ...{ method: 'POST', body: form, redirect: 'manual' },
      })
      back = pressed.headers.get('location')
      if (back === null) throw new Error(`${pressed.status}: ${await pressed.text()}`)
    }
    return (await fetch(back)).text()
  }

  async answer(request: FixtureRequest, origin: string): Promise<FixtureAnswer> {
    const { mcp, authorize, token, register } = this.#plan.paths
    const { path, method } = request
    if (path === mcp) return this.#mcp(request)
    if (path === authorize) return method === 'POST' ? this.#press(request) : this.#ask(request)
    if (path === token && method === 'POST') return this.#redeem(request)
    if (path === register && method === 'POST') return this.#register(request)
    if (path === '/.well-known/oauth-authorization-server') return { body: this.#metadata(origin) }
    if (this.#plan.hasResourceMetadata && path === '/.well-known/oauth-protected-resource')
      return { body: { resource: origin + mcp, authorization_servers: [origin] } }
    return { status: 404, headers: { 'content-type': 'text/html' }, body: '<h1>Not found</h1>' }
  }

  #metadata(origin: string): object {
    const { authorize, token, register } = this.#plan.paths
    return {
      issuer: origin,
      authorization_endpoint: origin + authorize,
      token_endpoint: origin + token,
      ...(register !== undefined && { registration_endpoint: origin + register }),
      scopes_supported: this.#plan.scopes,
      response_types_supported: ['code'],
      grant_types_supported: ['authorization_code'],
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: ['none'],
    }
  }

  #register({ body }: FixtureRequest): FixtureAnswer {
    const { client_name, redirect_uris } = body as { client_name: string; redirect_uris: string[] }
    if (!redirect_uris.every((uri) => this.#plan.takesRedirect(uri)))
      return refusal(400, 'invalid_redirect_uri', 'Not a registered redirect URI.')
    const client_id = random()
    const grants = ['authorization_code']
    this.clients.set(client_id, {
      ...{ name: client_name, redirects: redirect_uris, scopes: this.#plan.scopes, grants },
    })
    return {
      status: 201,
      body: { client_id, client_name, redirect_uris, token_endpoint_auth_method: 'none' },
    }
  }

  #ask({ query }: FixtureRequest): FixtureAnswer {
    const client = this.clients.get(query.get('client_id') ?? '')
    const redirect = query.get('redirect_uri') ?? ''
    if (client === undefined) return refusal(400, 'invalid_client')
    // Character by character.
    if (!client.redirects.includes(redirect)) return refusal(400, 'invalid_redirect_uri', redirect)
    if (query.get('code_challenge_method') !== 'S256') return refusal(400, 'invalid_request', 'PKCE')
    const wanted = query.get('scope')?.split(' ') ?? client.scopes
    const asked: Asked = {
      client: query.get('client_id')!,
      ...{ redirect, state: query.get('state') ?? '', challenge: query.get('code_challenge')! },
      scopes: wanted.filter((scope) => client.scopes.includes(scope)),
    }
    if (this.#plan.remembersApproval && this.approved.has(asked.client)) return this.#back(asked, null)
    const uid = random()
    this.#waiting.set(uid, asked)
    this.#pages += 1
    const choices = (this.#plan.organizations ?? []).map((name) => `<option>${name}</option>`).join('')
    const form = `<form method="post"><input name="uid" value="${uid}"><select name="organization">${choices}</select><button>Allow</button></form>`
    return { headers: { 'content-type': 'text/html' }, body: `<h1>${this.#plan.name}</h1>${form}` }
  }

  #press({ body }: FixtureRequest): FixtureAnswer {
    const { uid = '', organization = '' } = body as Record<string, string>
    const asked = this.#waiting.get(uid)
    const { organizations } = this.#plan
    if (asked === undefined) return refusal(400, 'invalid_request', 'expired')
    if (organizations && !organizations.includes(organization))
      return refusal(400, 'invalid_request', 'Select an organization.')
    this.#waiting.delete(uid)
    this.approved.add(asked.client)
    return this.#back(asked, organizations ? organization : null)
  }

  #back(asked: Asked, organization: string | null): FixtureAnswer {
    const { client: clientId, scopes } = asked
    const entry = {
      id: random(),
      name: `MCP — ${this.clients.get(clientId)!.name}`,
      clientId,
      scopes,
      organization,
    }
    const code = random()
    this.#codes.set(code, { asked, entry })
    const back = new URL(asked.redirect)
    back.searchParams.set('code', code)
    back.searchParams.set('state', asked.state)
    return { status: 302, headers: { location: back.href }, body: '' }
  }

  async #redeem({ body }: FixtureRequest): Promise<FixtureAnswer> {
    const {
      grant_type,
      code = '',
      code_verifier = '',
      redirect_uri,
      client_id,
    } = body as Record<string, string>
    const client = this.clients.get(client_id ?? '')
    if (client === undefined) return refusal(401, 'invalid_client')
    if (grant_type !== 'authorization_code' || !client.grants.includes(grant_type))
      return refusal(400, 'unsupported_grant_type')
    const given = this.#codes.get(code)
    this.#codes.delete(code)
    const challenge = createHash('sha256').update(code_verifier).digest('base64url')
    if (!given || given.asked.client !== client_id || given.asked.redirect !== redirect_uri)
      return refusal(400, 'invalid_grant')
    if (given.asked.challenge !== challenge) return refusal(400, 'invalid_grant', 'PKCE')
    this.entries.add(given.entry)
    const access_token = await this.#tokens.make(given.entry)
    return { body: { access_token, token_type: 'Bearer', scope: given.entry.scopes.join(' ') } }
  }

  async #mcp({ method, headers, body }: FixtureRequest): Promise<FixtureAnswer> {
    if (method !== 'POST') return { status: 405, body: '' }
    const token = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1]
    const read = token === undefined ? null : await this.#tokens.read(token)
    const entry = [...this.entries].find(({ id }) => id === read?.id)
    const where = this.#plan.hasResourceMetadata
      ? `Bearer resource_metadata="${this.origin}/.well-known/oauth-protected-resource"`
      : 'Bearer'
    if (entry === undefined)
      return { ...refusal(401, 'invalid_token'), headers: { 'www-authenticate': where } }
    const message = body as { id?: number; method: string; params?: Record<string, unknown> }
    if (message.id === undefined) return { status: 202, body: '' }
    const found = this.#result(message.method, message.params ?? {}, entry)
    return { body: { jsonrpc: '2.0', id: message.id, ...found } }
  }

  #result(method: string, params: Record<string, unknown>, entry: Entry): object {
    const { name, tools } = this.#plan
    if (method === 'initialize') {
      const capabilities = { tools: {} }
      return {
        result: { protocolVersion: '2025-06-18', capabilities, serverInfo: { name, version: '1.0.0' } },
      }
    }
    if (method === 'ping') return { result: {} }
    if (method === 'tools/list')
      return {
        result: {
          tools: tools.map(({ name, description, scope, choices = {} }) => ({
            ...{ name, description, inputSchema: { type: 'object', properties: propertiesOf(choices) } },
            annotations: { readOnlyHint: scope === 'read', openWorldHint: false },
          })),
        },
      }
    if (method !== 'tools/call') return { error: { code: -32601, message: 'Method not found' } }
    const tool = tools.find((one) => one.name === params.name)
    if (tool === undefined) return { error: { code: -32602, message: 'Unknown tool' } }
    const says = (text: string, isError = false) => ({
      result: { content: [{ type: 'text', text }], isError },
    })
    if (tool.isLocalOnly) return says(`${tool.name} is localOnly and not available over HTTP.`, true)
    if (!entry.scopes.includes(tool.scope)) return says(`insufficient_scope: ${tool.scope}`, true)
    this.calls.push({ tool: tool.name, entry })
    return says(JSON.stringify(tool.answer((params.arguments ?? {}) as never, entry)))
  }
}
