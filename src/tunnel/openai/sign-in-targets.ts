/**
 * Signing in through OpenAI's tunnel. Its service cannot go to an authorization server that is not on the internet; its official client
 * therefore has a small MCP server on a channel of its own, `harpoon`, which asks endpoints that are known to it by labels
 * (openai/tunnel-client, docs/connectors.md; names and fields: pkg/harpoon). The same here, for the endpoints of our own authorization server
 * and nothing else. The page at which the owner's browser waits is not among them: no part of an answer is given through the tunnel.
 */
import * as z from 'zod'
import { parseJson } from '../../kernel/exact-json.ts'
import { isHere } from '../public-fetch.ts'
import { failed, isJson, type TunnelAnswer } from './commands.ts'
import { type LocalListener, readAll } from './local-request.ts'

/** Of what is sent to an endpoint, and of its answer. Bytes. */
const mostSent = 64 * 1024
const mostAnswered = 256 * 1024

const Resource = z.object({ authorization_servers: z.array(z.url()).min(1) })
const Server = z.object({
  issuer: z.url(),
  token_endpoint: z.url(),
  registration_endpoint: z.url(),
  revocation_endpoint: z.url(),
  jwks_uri: z.url(),
})

interface Target {
  label: string
  description: string
  tags: readonly string[]
  url: string
  /** The origin of ours at which it is. */
  origin: string
}

const strings = { type: 'array', items: { type: 'string' } } as const
const label = { type: 'string' } as const
const tools = [
  {
    name: 'list_targets',
    description: 'List the endpoints for signing in to this server, by label.',
    inputSchema: { type: 'object', properties: { categories: strings, sources: strings, tags: strings } },
    annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  },
  {
    name: 'call_target',
    description: 'Send a request to one of them. The body of the answer is given as base64.',
    inputSchema: {
      type: 'object',
      properties: {
        label,
        method: { type: 'string', enum: ['GET', 'POST'] },
        headers: { type: 'object', additionalProperties: { type: 'string' } },
        body: { type: 'string' },
      },
      required: ['label', 'method'],
    },
    annotations: { openWorldHint: false },
  },
  {
    name: 'get_oauth_target_audience',
    description: 'The address of the token endpoint itself.',
    inputSchema: { type: 'object', properties: { label }, required: ['label'] },
    annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  },
] as const

const Listing = z.object({
  categories: z.array(z.string()).nullish(),
  sources: z.array(z.string()).nullish(),
  tags: z.array(z.string()).nullish(),
})
const Calling = z.object({
  label: z.string(),
  method: z.string(),
  headers: z.record(z.string(), z.string()).nullish(),
  body: z.string().nullish(),
})
const ToolCall = z.object({ name: z.string(), arguments: z.unknown().optional() })
const Opening = z.object({ protocolVersion: z.string() })
const eras = ['2025-03-26', '2025-06-18', '2025-11-25']

/** What is said to whoever asked for something that cannot be had: by OpenAI's service, in English. */
class Refused extends Error {}

export class SignInTargets {
  readonly #origin: string
  readonly #listener: LocalListener

  /** `origin`: the one that the tunnel stands for. */
  constructor(origin: string, listener: LocalListener) {
    this.#origin = origin
    this.#listener = listener
  }

  /** A message on the channel, answered. Null: it took too long. */
  async answer(message: Record<string, unknown> | null, signal: AbortSignal): Promise<TunnelAnswer | null> {
    if (message === null) return failed(null, 400, 'protocol')
    if (!('id' in message)) return { type: 'notify_ack', status: 202 }
    const { id, method, params } = message
    const respond = (outcome: object): TunnelAnswer => ({
      ...{ type: 'jsonrpc_response', status: 200, headers: isJson },
      json: { jsonrpc: '2.0', id, ...outcome },
    })
    switch (method) {
      case 'initialize': {
        const wanted = Opening.safeParse(params).data?.protocolVersion ?? ''
        return respond({
          result: {
            protocolVersion: eras.includes(wanted) ? wanted : eras.at(-1),
            capabilities: { tools: {} },
            serverInfo: { name: 'harpoon', version: '1' },
          },
        })
      }
      case 'ping':
        return respond({ result: {} })
      case 'tools/list':
        return respond({ result: { tools } })
      case 'tools/call': {
        const result = await this.#use(params, signal)
        return signal.aborted ? null : respond({ result })
      }
      default:
        return respond({ error: { code: -32601, message: 'Method not found' } })
    }
  }

  async #use(params: unknown, signal: AbortSignal): Promise<object> {
    const { name, arguments: given = {} } = ToolCall.safeParse(params).data ?? { name: '' }
    try {
      const found =
        name === 'list_targets'
          ? await this.#list(Listing.parse(given), signal)
          : name === 'call_target'
            ? await this.#call(Calling.parse(given), signal)
            : await this.#audience(name, given, signal)
      return { content: [{ type: 'text', text: JSON.stringify(found) }], structuredContent: found }
    } catch (error) {
      const text = error instanceof Refused ? error.message : 'request failed'
      return { isError: true, content: [{ type: 'text', text: JSON.stringify({ error: text }) }] }
    }
  }

  async #list({ categories, sources, tags }: z.infer<typeof Listing>, signal: AbortSignal) {
    const isOurs = (asked: string[] | null | undefined) => !asked?.length || asked.includes('oauth')
    const targets = isOurs(categories) && isOurs(sources) ? await this.#targets(signal) : []
    return {
      targets: targets
        .filter((target) => (tags ?? []).every((tag) => target.tags.includes(tag.toLowerCase())))
        .map(({ label, description, tags }) => ({
          ...{ label, description, tags, category: 'oauth', source: 'oauth' },
          allowed_methods: ['GET', 'POST'],
        })),
    }
  }

  async #audience(name: string, given: unknown, signal: AbortSignal): Promise<{ audience: string }> {
    if (name !== 'get_oauth_target_audience') throw new Refused('unknown tool')
    const { label } = z.object({ label: z.string() }).parse(given)
    const target = (await this.#targets(signal)).find((one) => one.label === label)
    if (!target?.tags.includes('token-endpoint')) throw new Refused('unknown target')
    return { audience: target.url }
  }

  async #call({ label, method, headers, body }: z.infer<typeof Calling>, signal: AbortSignal) {
    const targets = await this.#targets(signal)
    const target = targets.find((one) => one.label === label)
    if (target === undefined) throw new Refused('unknown target')
    if (method !== 'GET' && method !== 'POST') throw new Refused('invalid method')
    if (body && Buffer.byteLength(body) > mostSent) throw new Refused('request body exceeds size limit')
    const { pathname, search } = new URL(target.url)
    const from = await this.#listener.ask(
      {
        ...{ method, path: pathname + search, origin: target.origin, headers: sent(headers ?? {}) },
        ...(method === 'POST' && { body: body ?? '' }),
      },
      signal,
    )
    const bytes = await readAll(from, mostAnswered)
    const json = parseJson(bytes.toString('utf8'))
    const said =
      json === undefined ? bytes : Buffer.from(JSON.stringify(withLabels(json, '', targets) as unknown))
    return {
      status_code: from.statusCode!,
      headers: Object.fromEntries(
        told.flatMap((name) => {
          const value = from.headers[name.toLowerCase()]
          return value === undefined ? [] : [[name, [value].flat()]]
        }),
      ),
      body_base64: said.toString('base64'),
      body_size_bytes: said.length,
      truncated: false,
    }
  }

  /** As our own documents name them, read each time: the port of this computer's address may be another one by now. */
  async #targets(signal: AbortSignal): Promise<Target[]> {
    const source = `${this.#origin}/.well-known/oauth-protected-resource/mcp`
    const { authorization_servers } = Resource.parse(await this.#document(source, signal))
    const at = new URL(authorization_servers[0]!)
    // Another one is on the internet, and is asked there.
    if (!isHere(at.hostname)) return []
    const about = `${at.origin}/.well-known/oauth-authorization-server`
    const server = Server.parse(await this.#document(about, signal))
    const of = (role: string, url: string, tags: string[]): Target => ({
      ...{ label: `oauth-${role}-0`, description: role.replaceAll('-', ' '), url },
      ...{ tags: [...tags, `group=${this.#origin}`], origin: new URL(url).origin },
    })
    const ofServer = (role: string, url: string) => of(role, url, ['auth-server-metadata', role])
    return [
      of('prmd-source', source, ['protected-resource-metadata', 'source-url']),
      of('prmd-auth-server', at.href, ['authorization-server', 'protected-resource-metadata']),
      of('auth-server-metadata', about, ['auth-server-metadata']),
      ofServer('issuer', server.issuer),
      ofServer('token-endpoint', server.token_endpoint),
      ofServer('registration-endpoint', server.registration_endpoint),
      ofServer('revocation-endpoint', server.revocation_endpoint),
      ofServer('jwks-uri', server.jwks_uri),
    ].filter(({ origin }) => origin === at.origin || origin === this.#origin)
  }

  async #document(url: string, signal: AbortSignal): Promise<unknown> {
    const { origin, pathname } = new URL(url)
    const from = await this.#listener.ask({ method: 'GET', path: pathname, origin }, signal)
    return parseJson((await readAll(from, mostAnswered)).toString('utf8'))
  }
}

/** A form, or what a client registers, and how it names itself. No cookie: those are the owner's browser's. */
function sent(given: Readonly<Record<string, string>>): Record<string, string> {
  const may = ['accept', 'authorization', 'content-type', 'user-agent']
  const kept = Object.entries(given).map(([name, value]) => [name.toLowerCase(), value] as const)
  return Object.fromEntries(
    kept.filter(([name, value]) => may.includes(name) && /^[\t\x20-\x7e]*$/.test(value)),
  )
}

const told = ['Content-Type', 'Cache-Control', 'Pragma', 'Retry-After', 'WWW-Authenticate'] as const

/** Addresses that nobody but us can reach become labels; by their field, where several are the same. What it is for stays. */
function withLabels(value: unknown, field: string, targets: readonly Target[]): unknown {
  if (Array.isArray(value)) return value.map((one) => withLabels(one, field, targets))
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [name, withLabels(one, name, targets)]),
    )
  if (typeof value !== 'string' || field === 'resource') return value
  const same = targets.filter(({ url }) => isSame(url, value))
  const role = (roles[field] ?? field).replaceAll('_', '-')
  const target = same.find(({ tags }) => tags.includes(role)) ?? same[0]
  return target === undefined ? value : `harpoon://${target.label}`
}

const roles: Readonly<Record<string, string>> = { authorization_servers: 'authorization-server' }

const isSame = (one: string, other: string): boolean => one === other || URL.parse(other)?.href === one
