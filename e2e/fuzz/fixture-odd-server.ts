import { randomUUID } from 'node:crypto'
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Input } from '../../src/contract/api.ts'
import {
  callResult,
  contents,
  type Era,
  initializeResult,
  type ListName,
  listMethods,
  listNames,
  promptResult,
  readResult,
} from './fixture-odd-contents.ts'
import type { HttpFraming, StreamFraming } from './framings.ts'
import { type Raw, write } from './raw-json.ts'

/**
 * An MCP server by hand that does what it should, but for what it is told to do wrong: one answer at a time, in one way. The same
 * messages leave it as the lines of a child process, as answers over HTTP, or as events of the transport of 2024-11-05.
 */
export type Kind = 'stdio' | 'http' | 'sse'

/** What is done to answers on their way out. */
export interface Twist {
  method: string
  /** Of `tools/call`, `resources/read` and `prompts/get`: which one. */
  target?: string
  /** How many answers. */
  times: number
  /** Undefined: nothing is sent. */
  alter?(message: Raw): unknown
  framing?: StreamFraming & HttpFraming
}

export const usualEndpoint = 'event: endpoint\ndata: /messages?sessionId=1\n\n'

export class OddServer {
  readonly kind: Kind
  readonly era: Era
  readonly slug: string
  twist: Twist | null = null
  /** How the stream of 2024-11-05 begins. */
  endpoint = usualEndpoint
  /** What the host asked, by method. */
  readonly asked = new Map<string, number>()
  /** What the host answered to what was asked of it, by id. */
  readonly answered = new Map<unknown, Raw>()
  /** Calls that say “hold” wait for it. */
  #gate = Promise.withResolvers<void>()
  #close: () => Promise<void> = async () => {}
  #streams = new Set<(chunk: string | Buffer) => void>()
  #input: Input<'servers.add'> | undefined

  constructor(kind: Kind, era: Era, slug: string) {
    this.kind = kind
    this.era = era
    this.slug = slug
  }

  /** What adds it to a host. */
  get input(): Input<'servers.add'> {
    return this.#input!
  }

  async start(): Promise<this> {
    const port = this.kind === 'stdio' ? await this.#listenForRelay() : await this.#listenForHttp()
    const relay = fileURLToPath(new URL('./fixture-stdio-relay.mjs', import.meta.url))
    // What is never answered takes this long; a good answer on a busy machine must not.
    const limits = { timeout: 8_000, startTimeout: 20_000 }
    this.#input =
      this.kind === 'stdio'
        ? {
            kind: 'stdio',
            name: this.slug,
            command: process.execPath,
            args: [relay, String(port)],
            ...limits,
          }
        : { kind: this.kind, name: this.slug, url: `http://127.0.0.1:${port}/mcp`, ...limits }
    return this
  }

  /** Whether anybody would hear what nobody asked for. */
  get isHeard(): boolean {
    return this.#streams.size > 0
  }

  /** Says something that nobody asked for, on every stream that is open. */
  say(message: unknown, framing?: StreamFraming): void {
    const text = write(message)
    const chunks = framing
      ? framing.chunks(text)
      : [this.kind === 'stdio' ? `${text}\n` : `event: message\ndata: ${text}\n\n`]
    for (const send of this.#streams) for (const chunk of chunks) send(chunk)
  }

  /** Calls that say “hold” are answered when they are released, and not before. */
  hold(): void {
    this.#gate = Promise.withResolvers()
  }

  release(): void {
    this.#gate.resolve()
  }

  close(): Promise<void> {
    this.release()
    return this.#close()
  }

  /** The answer as text and how it leaves; null: there is none. */
  async #answer(message: Raw): Promise<{ text: string; twist: Twist | null } | null> {
    const { id, method } = message
    if (typeof method !== 'string') {
      this.answered.set(id, message)
      return null
    }
    this.asked.set(method, (this.asked.get(method) ?? 0) + 1)
    if (id === undefined) return null
    const params = (message.params ?? {}) as Raw
    const result = await this.#result(method, params)
    const envelope = { jsonrpc: '2.0', id }
    const good = result
      ? { ...envelope, result }
      : { ...envelope, error: { code: -32601, message: 'Unknown method' } }
    const target = params.name ?? params.uri
    const { twist } = this
    const applies =
      twist?.method === method &&
      (twist.target ?? target) === target &&
      twist.times > 0 &&
      params.cursor === undefined
    if (!applies) return { text: write(good), twist: null }
    twist.times -= 1
    const altered = twist.alter ? twist.alter(good) : good
    return altered === undefined ? null : { text: write(altered), twist }
  }

  async #result(method: string, params: Raw): Promise<Raw | null> {
    const opening = this.era === '2025-11-25' ? 'initialize' : 'server/discover'
    if (method === opening) return initializeResult(this.era)
    const list = listNames.find((name) => listMethods[name] === method)
    if (list) return this.#list(list, params)
    if (method === 'tools/call') {
      const { say } = params.arguments as { say: string }
      if (say === 'hold') await this.#gate.promise
      return callResult(`${this.slug} ${params.name} ${say}`)
    }
    if (method === 'resources/read') return readResult(String(params.uri))
    if (method === 'prompts/get') return promptResult(String(params.name))
    return ['ping', 'logging/setLevel'].includes(method) ? {} : null
  }

  #list(name: ListName, { cursor }: Raw): Raw {
    const result = { [name]: cursor === undefined ? contents(this.slug)[name] : [], _meta: { kept: true } }
    return this.era === '2025-11-25'
      ? result
      : { ...result, resultType: 'complete', ttlMs: 0, cacheScope: 'private' }
  }

  async #listenForRelay(): Promise<number> {
    const sockets = new Set<Socket>()
    const server = createTcpServer((socket) => {
      sockets.add(socket)
      const send = (chunk: string | Buffer) => void socket.write(chunk)
      this.#streams.add(send)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        this.#streams.delete(send)
      })
      createInterface({ input: socket }).on('line', async (line) => {
        const answer = await this.#answer(JSON.parse(line))
        if (!answer) return
        for (const chunk of answer.twist?.framing?.chunks(answer.text) ?? [`${answer.text}\n`]) send(chunk)
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    this.#close = async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    }
    return (server.address() as AddressInfo).port
  }

  async #listenForHttp(): Promise<number> {
    const server: Server = createHttpServer((request, response) => {
      const handled =
        this.kind === 'sse' ? this.#serveEvents(request, response) : this.#serveHttp(request, response)
      handled.catch(() => response.destroy())
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    this.#close = async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
    return (server.address() as AddressInfo).port
  }

  async #serveHttp(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'GET' && this.era === '2025-11-25') return this.#openStream(response)
    if (request.method === 'DELETE') return void response.writeHead(200).end()
    if (request.method !== 'POST') return void response.writeHead(405).end()
    const message = await body(request)
    const answer = await this.#answer(message)
    if (!answer) {
      // What is silent on purpose stays open until the host has had enough.
      if (message.id === undefined || typeof message.method !== 'string') response.writeHead(202).end()
      return
    }
    const framing: Partial<HttpFraming> = answer.twist?.framing ?? {}
    if (framing.elsewhere) {
      response.writeHead(202).end()
      for (const send of this.#streams) send(`event: message\ndata: ${answer.text}\n\n`)
      return
    }
    const session = message.method === 'initialize' ? { 'mcp-session-id': randomUUID() } : {}
    const headers = framing.headers ?? { 'content-type': 'application/json' }
    const chunks = framing.chunks?.(answer.text) ?? [answer.text]
    if (framing.cut && chunks.length === 0) return void request.socket.destroy()
    response.writeHead(framing.status ?? 200, { ...headers, ...session })
    if (!framing.cut) {
      for (const chunk of chunks) response.write(chunk)
      response.end()
    } else
      response.write(Buffer.from(chunks[0]!).subarray(0, 30), () =>
        setTimeout(() => request.socket.destroy(), 20),
      )
  }

  #openStream(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.flushHeaders()
    const send = (chunk: string | Buffer) => void response.write(chunk)
    this.#streams.add(send)
    response.on('close', () => this.#streams.delete(send))
  }

  async #serveEvents(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'GET') {
      this.#openStream(response)
      response.write(this.endpoint)
      return
    }
    if (!request.url?.startsWith('/messages')) return void response.writeHead(405).end()
    const message = await body(request)
    response.writeHead(202).end('Accepted')
    const answer = await this.#answer(message)
    if (!answer) return
    const chunks = answer.twist?.framing?.chunks(answer.text) ?? [`event: message\ndata: ${answer.text}\n\n`]
    for (const send of this.#streams) for (const chunk of chunks) send(chunk)
  }
}

async function body(request: IncomingMessage): Promise<Raw> {
  let text = ''
  for await (const chunk of request) text += chunk
  return JSON.parse(text)
}
