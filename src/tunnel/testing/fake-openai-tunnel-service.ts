/**
 * For tests: OpenAI's tunnel service on loopback, as its protocol says (openai/tunnel-client, docs/protocol.md, openapi.json, docs/connectors.md,
 * and for the channel of signing in pkg/localproxy and pkg/harpoon): the end that a tunnel asks for work, and the edge at which its
 * products call. What OpenAI's own service does beyond that cannot be seen from here: under which addresses it shows ChatGPT the endpoints for
 * signing in, and what it makes of the issuer. Here they are below the edge, and the issuer stays ours.
 */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export type FakeOpenAiTunnel = Awaited<ReturnType<typeof startFakeOpenAiTunnel>>

/** Where its products believe they call. */
const publicOrigin = 'https://tunnel-service.fake-gateway.openai.org'

interface Payload {
  request_id: string
  resp_type: string
  resp_code: number
  resp_headers: Record<string, string[]>
  resp_json?: Record<string, unknown>
}

/** A refusal of which only the beginning comes: then the connection breaks, or nothing. */
interface Cut {
  cut?: 'broken' | 'silent'
}

interface Pending {
  command: Record<string, unknown> & { request_id: string; shard_token: string }
  answered(payload: Payload): void
}

export async function startFakeOpenAiTunnel(options: { tunnelId: string; key: string }) {
  const { tunnelId } = options
  const resource = `${publicOrigin}/v1/mcp/${tunnelId}`
  const queue: Pending[] = []
  const working = new Map<string, Pending>()
  const polls = new Set<{ res: ServerResponse; limit: number; timer: NodeJS.Timeout }>()
  const parts = {
    key: options.key,
    /** The service, or the way to it, is away. */
    isDown: false,
    /** What polls are told instead of work. */
    refusal: null as ({ status: number; code?: string; retryAfter?: string; page?: string } & Cut) | null,
    /** What the next answers are told instead of `ok`. */
    refusesAnswers: [] as ({ status: number; retryAfter?: string } & Cut)[],
    /** Refusals whose rest somebody still waits for. */
    cutOpen: 0,
    /** Milliseconds that a poll waits at most, whatever it asks for. */
    longestWait: 1_500,
    responseTimeout: '10s' as unknown,
    /** More than was asked for, and each twice. */
    isCareless: false,
    /** What it handed over it hands over again. */
    isForgetful: false,
    /** Work is kept until it is handed out all at once. */
    isHolding: false,
    polled: [] as { limit: number; headers: IncomingMessage['headers']; port: number }[],
    /** Of whoever asked for anything. */
    ports: new Set<number>(),
    /** `body`: as it came. */
    posted: [] as { shardToken: string; payload: Payload; body: string }[],
    /** Labels that were called on the channel of signing in. */
    called: [] as string[],
  }

  const say = (res: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}) =>
    void res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
  const refuse = (res: ServerResponse, status: number, code: string | null, retryAfter?: string) =>
    say(
      res,
      status,
      { error: { message: 'As documented.', type: 'invalid_request_error', code } },
      retryAfter === undefined ? {} : { 'retry-after': retryAfter },
    )

  function cutOff(res: ServerResponse, status: number, cut: Cut['cut']): void {
    res.writeHead(status, { 'content-type': 'application/json', 'content-length': '100000' })
    parts.cutOpen += 1
    res.on('close', () => {
      parts.cutOpen -= 1
    })
    res.write('{"error": {', () => cut === 'broken' && res.destroy())
  }

  function handOut(): void {
    if (parts.isHolding) return
    for (const poll of polls) {
      if (queue.length === 0) return
      polls.delete(poll)
      clearTimeout(poll.timer)
      const taken = queue.splice(0, parts.isCareless ? queue.length : poll.limit)
      if (parts.isForgetful) queue.push(...taken)
      for (const one of taken) working.set(one.command.request_id, one)
      const commands = taken.map(({ command }) => command)
      say(poll.res, 200, { commands: parts.isCareless ? [...commands, ...commands] : commands })
    }
  }

  /** One request of a product; `answered` hears all that is posted about it. */
  function enqueue(command: Record<string, unknown>, answered: Pending['answered']): string {
    const request_id = `req_${randomUUID()}`
    queue.push({
      command: {
        ...{ request_id, shard_token: `shard ${randomUUID()}`, channel: 'main', headers: {} },
        ...{ created_at: new Date().toISOString(), response_timeout: parts.responseTimeout },
        ...command,
      },
      answered,
    })
    handOut()
    return request_id
  }

  const ask = (command: Record<string, unknown>, within = 10_000): Promise<Payload> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        working.delete(id)
        reject(new Error('nobody answered'))
      }, within)
      const id = enqueue(command, (payload) => {
        if (payload.resp_type === 'jsonrpc_notify') return
        clearTimeout(timer)
        resolve(payload)
      })
    })

  function poll(req: IncomingMessage, res: ServerResponse, url: URL): void {
    const limit = Number(url.searchParams.get('limit') ?? 1)
    parts.polled.push({ limit, headers: req.headers, port: req.socket.remotePort! })
    const { refusal } = parts
    if (refusal?.cut) return void cutOff(res, refusal.status, refusal.cut)
    if (refusal?.page) return void res.writeHead(refusal.status).end(refusal.page)
    if (refusal) return void refuse(res, refusal.status, refusal.code ?? null, refusal.retryAfter)
    const wait = Math.min(Number(url.searchParams.get('timeout_ms') ?? 1), parts.longestWait)
    const waiting = {
      ...{ res, limit },
      timer: setTimeout(() => {
        polls.delete(waiting)
        res.writeHead(204).end()
      }, wait),
    }
    polls.add(waiting)
    res.on('close', () => {
      polls.delete(waiting)
      clearTimeout(waiting.timer)
    })
    handOut()
  }

  async function take(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const body = await text(req)
    const payload = JSON.parse(body) as Payload
    const shardToken = String(req.headers['x-tunnel-shard-token'])
    const [told] = parts.refusesAnswers.splice(0, 1)
    if (told?.cut) return void cutOff(res, told.status, told.cut)
    if (told) return refuse(res, told.status, null, told.retryAfter)
    const pending = working.get(payload.request_id)
    if (pending?.command.shard_token !== shardToken) return refuse(res, 404, 'pending_request_not_found')
    parts.posted.push({ shardToken, payload, body })
    if (payload.resp_type !== 'jsonrpc_notify') working.delete(payload.request_id)
    pending.answered(payload)
    say(res, 200, { status: 'ok' })
  }

  /** A tool of the channel on which the endpoints for signing in are. */
  async function harpoon(name: string, args: object): Promise<Record<string, unknown>> {
    const call = { jsonrpc: '2.0', id: randomUUID(), method: 'tools/call', params: { name, arguments: args } }
    const { resp_json } = await ask({ command_type: 'jsonrpc', channel: 'harpoon', jsonrpc: call })
    const result = resp_json!.result as { structuredContent?: Record<string, unknown> }
    if (!result.structuredContent) throw new Error(`${name}: ${JSON.stringify(result)}`)
    return result.structuredContent
  }

  async function callTarget(label: string, req: { method: string; headers: object; body?: string }) {
    parts.called.push(`${req.method} ${label}`)
    const { status_code, headers, body_base64 } = (await harpoon('call_target', { label, ...req })) as {
      status_code: number
      headers: Record<string, string[]>
      body_base64: string
    }
    const body = Buffer.from(body_base64, 'base64').toString('utf8')
    return { status: status_code, headers, body }
  }

  /** The document of our authorization server, with the edge's addresses for what nobody else can reach. */
  async function serverMetadata(issuer: string): Promise<object> {
    const { body } = await callTarget('oauth-auth-server-metadata-0', { method: 'GET', headers: {} })
    const told = Object.entries(JSON.parse(body) as Record<string, unknown>).map(([name, value]) => [
      name,
      typeof value === 'string' && value.startsWith('harpoon://')
        ? `${publicOrigin}/oauth/${tunnelId}/${value.slice('harpoon://'.length)}`
        : value,
    ])
    return { ...Object.fromEntries(told), issuer }
  }

  async function product(req: IncomingMessage, res: ServerResponse, url: URL): Promise<void> {
    const sent = Object.entries(req.headers).filter(
      ([name]) => !/^(?:host|connection|content-|accept-encoding|transfer-)/.test(name),
    )
    const headers = Object.fromEntries(sent.map(([name, value]) => [name, [value ?? ''].flat()]))
    const body = await text(req)
    if (url.pathname === `/.well-known/oauth-protected-resource/v1/mcp/${tunnelId}`) {
      const { resp_code, resp_json } = await ask({ command_type: 'oauth_discovery' })
      return say(res, resp_code, { ...resp_json, resource })
    }
    if (url.pathname.startsWith(`/oauth/${tunnelId}/`)) {
      const flat = Object.fromEntries(sent.map(([name, value]) => [name, String(value)]))
      if (req.headers['content-type']) flat['content-type'] = req.headers['content-type']
      const label = url.pathname.split('/').at(-1)!
      const from = await callTarget(label, { method: req.method!, headers: flat, body })
      return void res.writeHead(from.status, from.headers).end(from.body)
    }
    if (url.pathname !== `/v1/mcp/${tunnelId}`) return refuse(res, 404, null)
    if (req.method === 'DELETE') {
      const { resp_code } = await ask({ command_type: 'session_termination', headers })
      return void res.writeHead(resp_code).end()
    }
    if (req.method !== 'POST') return refuse(res, 405, null)
    const command = { command_type: 'jsonrpc', headers, jsonrpc: JSON.parse(body) }
    const id = enqueue(command, (payload) => tell(res, payload))
    // Nobody waits for it any more.
    res.on('close', () => working.delete(id))
  }

  /** As the edge writes what comes back: the resource's own addresses are the edge's. */
  function tell(res: ServerResponse, { resp_code, resp_headers, resp_json, resp_type }: Payload): void {
    if (res.destroyed) return
    const isStream =
      resp_type === 'jsonrpc_notify' || /event-stream/.test(String(resp_headers['Content-Type']))
    if (!res.headersSent) {
      const headers = Object.entries(resp_headers).map(([name, values]) => [
        name,
        values.map((value) =>
          value.replace(
            /resource_metadata="[^"]*"/,
            `resource_metadata="${publicOrigin}/.well-known/oauth-protected-resource/v1/mcp/${tunnelId}"`,
          ),
        ),
      ])
      res.writeHead(resp_code, Object.fromEntries(headers))
    }
    const isLast = resp_type !== 'jsonrpc_notify'
    if (isStream && resp_json) res.write(`event: message\ndata: ${JSON.stringify(resp_json)}\n\n`)
    if (isLast) res.end(isStream || !resp_json ? undefined : JSON.stringify(resp_json))
  }

  const server = createServer((req, res) => {
    const url = new URL(req.url!, 'http://127.0.0.1')
    const control = /^\/v1\/tunnels\/([^/]+)(\/poll|\/response)?$/.exec(url.pathname)
    if (parts.isDown) return void req.socket.destroy()
    parts.ports.add(req.socket.remotePort!)
    if (control === null) return void product(req, res, url).catch((error) => refuse(res, 504, String(error)))
    if (req.headers.authorization !== `Bearer ${parts.key}`) return refuse(res, 401, null)
    if (control[1] !== tunnelId) return refuse(res, 404, null)
    if (control[2] === '/poll') poll(req, res, url)
    else if (control[2] === '/response') void take(req, res)
    else say(res, 200, { id: tunnelId, name: 'fake', description: '' })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const base = `http://127.0.0.1:${port}`

  /**
   * The fetch of OpenAI's products: they get to the edge, and to nothing on this computer. `issuer`: whose document they ask for there
   * comes by the tunnel as well.
   */
  const asProduct: typeof fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input)
    if (url.origin === publicOrigin) return fetch(base + url.pathname + url.search, init)
    if (url.pathname === '/.well-known/oauth-authorization-server')
      return Response.json(await serverMetadata(url.origin))
    throw new TypeError(`fetch failed: ${url.origin} is not on the internet`)
  }

  return Object.assign(parts, {
    ...{ base, resource, ask, enqueue, harpoon, fetch: asProduct },
    /** All that was kept, in this turn of the event loop where a poll waits. */
    release() {
      parts.isHolding = false
      handOut()
    },
    /** How many polls wait. */
    waiting: () => polls.size,
    /** The connections of whoever asks for work break. */
    drop() {
      for (const { res } of polls) res.destroy()
    },
    /** Of a request through the tunnel; 0: none came back. */
    status: () =>
      ask({ command_type: 'jsonrpc', jsonrpc: { jsonrpc: '2.0', id: 1, method: 'ping' } }, 1_000).then(
        ({ resp_code }) => resp_code,
        () => 0,
      ),
    async close() {
      for (const { timer } of polls) clearTimeout(timer)
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  })
}
