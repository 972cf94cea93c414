import type { IncomingMessage } from 'node:http'
import { createParser } from 'eventsource-parser'
import { isExactObject } from '../../kernel/exact-json.ts'
import { jsonProblem } from '../../kernel/json-scan.ts'
import { failed, isJson, parsed, passingHeaders, type TunnelAnswer, type TunnelCommand } from './commands.ts'
import { type LocalListener, readAll } from './local-request.ts'
import type { SignInTargets } from './sign-in-targets.ts'

/** Of an answer that is not a stream. Bytes. */
const mostAnswered = 64 * 1024 * 1024
/** Of a message on the channel for signing in, the only one that is read here. Bytes, and nesting. */
const mostRead = 512 * 1024
const deepest = 64

interface RelayDeps {
  /** The one of our origins that the tunnel stands for. */
  origin: string
  listener: LocalListener
  signIn: SignInTargets
  answer(command: TunnelCommand, answer: TunnelAnswer, signal: AbortSignal): Promise<string>
  note(event: string, fields: Record<string, unknown>): void
}

/** Leads commands to our own public listener, as requests of a stranger, and their answers back. Nobody is let in here. */
export class Relay {
  readonly #deps: RelayDeps

  constructor(deps: RelayDeps) {
    this.#deps = deps
  }

  /**
   * `receivedAt`: as `performance.now()` counts. What is late is not answered at all: the service has given up on it. Throws what
   * `answer` throws.
   */
  async run(command: TunnelCommand, receivedAt: number, ended: AbortSignal): Promise<void> {
    const { within } = command
    const left = within === null ? null : receivedAt + within - performance.now()
    if (left !== null && left <= 0) return
    const signal = left === null ? ended : AbortSignal.any([ended, AbortSignal.timeout(Math.ceil(left))])
    const answer = await this.#answerTo(command, signal)
    if (answer === null || signal.aborted) return
    const delivery = await this.#deps.answer(command, answer, signal)
    if (delivery === 'too-large' && command.body !== null)
      await this.#deps.answer(command, failed(command.id, 502, 'client_internal'), signal)
    if (delivery !== 'delivered') this.#deps.note('tunnel.openai.answer', { delivery, type: answer.type })
  }

  /** Null: there is none to give. */
  async #answerTo(command: TunnelCommand, signal: AbortSignal): Promise<TunnelAnswer | null> {
    const { type, channel } = command
    const isKnown = ['jsonrpc', 'session_termination', 'oauth_discovery'].includes(type)
    if (!isKnown) {
      this.#deps.note('tunnel.openai.unknown-command', { type: type.slice(0, 60) })
      return null
    }
    if (type === 'jsonrpc' && channel === 'harpoon')
      return this.#deps.signIn.answer(messageOf(command), signal)
    // Never to the main one instead: it would be another server than the one that was meant.
    if (channel !== 'main') return unsupported(command)
    if (type === 'session_termination') return this.#end(command, signal)
    return type === 'oauth_discovery' ? this.#metadata(signal) : this.#call(command, signal)
  }

  async #call(command: TunnelCommand, signal: AbortSignal): Promise<TunnelAnswer | null> {
    const { body: sent, id } = command
    if (sent === null) return failed(null, 400, 'protocol')
    const isNotice = id === undefined
    let from: IncomingMessage
    try {
      from = await this.#deps.listener.ask(
        {
          ...{ method: 'POST', path: '/mcp', origin: this.#deps.origin, body: sent },
          headers: { ...forwarded(command), 'content-type': 'application/json' },
        },
        signal,
      )
    } catch {
      if (signal.aborted) return null
      return isNotice ? { type: 'notify_ack', status: 502 } : failed(id, 502, 'connect')
    }
    const [status, headers] = [from.statusCode!, passingHeaders(from.headers)]
    if (isNotice) {
      from.resume()
      return { type: 'notify_ack', status, headers }
    }
    try {
      if (/^text\/event-stream\b/i.test(from.headers['content-type'] ?? ''))
        return await this.#stream(command, from, signal)
      const body = parsed((await readAll(from, mostAnswered)).toString('utf8'))
      const json = responseTo(id, body)
      if (json !== null) return { type: 'jsonrpc_response', status, headers, json }
      return status >= 400 ? failed(id, status, 'target_http', headers) : failed(id, 502, 'protocol', headers)
    } catch {
      return signal.aborted ? null : failed(id, 502, 'transport_closed', headers)
    }
  }

  /** What comes on the way is passed on in its order, then the answer. What the server asks its client has no way through the tunnel. */
  async #stream(
    command: TunnelCommand,
    from: IncomingMessage,
    signal: AbortSignal,
  ): Promise<TunnelAnswer | null> {
    const { id } = command
    const [status, headers] = [from.statusCode!, passingHeaders(from.headers)]
    const said: unknown[] = []
    const parser = createParser({ onEvent: ({ data }) => void said.push(parsed(data)) })
    let isHeard = true
    from.setEncoding('utf8')
    for await (const chunk of from as AsyncIterable<string>) {
      parser.feed(chunk)
      for (const one of said.splice(0)) {
        const json = responseTo(id, one)
        if (json !== null) return { type: 'jsonrpc_response', status, headers, json }
        if (!isExactObject(one) || typeof one.method !== 'string' || 'id' in one || !isHeard) continue
        const notice: TunnelAnswer = { type: 'jsonrpc_notify', status, headers, json: one }
        isHeard = (await this.#deps.answer(command, notice, signal)) === 'delivered'
      }
    }
    return failed(id, 502, 'transport_closed', headers)
  }

  /** A client is done with its session. */
  async #end(command: TunnelCommand, signal: AbortSignal): Promise<TunnelAnswer | null> {
    const type = 'session_termination_response'
    try {
      const wanted = { method: 'DELETE', path: '/mcp', origin: this.#deps.origin } as const
      const from = await this.#deps.listener.ask({ ...wanted, headers: forwarded(command) }, signal)
      from.resume()
      return { type, status: from.statusCode!, headers: passingHeaders(from.headers) }
    } catch {
      return signal.aborted ? null : { type, status: 502 }
    }
  }

  /** RFC 9728, of our one resource. The service writes its own identifier into it. */
  async #metadata(signal: AbortSignal): Promise<TunnelAnswer | null> {
    const type = 'oauth_discovery_response'
    try {
      const path = '/.well-known/oauth-protected-resource/mcp'
      const from = await this.#deps.listener.ask({ method: 'GET', path, origin: this.#deps.origin }, signal)
      const json = parsed((await readAll(from, mostAnswered)).toString('utf8'))
      return { type, status: from.statusCode!, headers: passingHeaders(from.headers), json }
    } catch {
      return signal.aborted ? null : { type, status: 502 }
    }
  }
}

function unsupported({ type, channel, id }: TunnelCommand): TunnelAnswer {
  const error = { message: 'unsupported channel', type: 'invalid_request_error', code: 'unsupported_channel' }
  if (type === 'session_termination') return { type: 'session_termination_response', status: 400 }
  if (type === 'oauth_discovery') return { type: 'oauth_discovery_response', status: 400, json: { error } }
  const said = `Bad Request: unsupported channel ${JSON.stringify(channel.slice(0, 60))}`
  const json = { jsonrpc: '2.0', id: id ?? null, error: { code: -32603, message: said } }
  return { type: 'jsonrpc_response', status: 400, headers: isJson, json }
}

/** What a client may say of itself and of its request. Where it came from, and by whom, is the service's to say to nobody here. */
const passed =
  /^(?:accept|accept-language|authorization|last-event-id|origin|traceparent|tracestate|user-agent|mcp-[a-z0-9-]+)$/
/** RFC 9110 §5.5. */
const sound = /^[\t\x20-\x7e\x80-\xff]*$/

function forwarded({ headers }: TunnelCommand): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = { accept: 'application/json, text/event-stream' }
  for (const [name, values] of Object.entries(headers)) {
    const plain = name.toLowerCase()
    const fit = values.filter((value) => value !== '' && sound.test(value))
    if (passed.test(plain) && fit.length > 0) kept[plain] = fit.length === 1 ? fit[0]! : fit
  }
  return kept
}

/** The answer with that id; an error that names none is one too. Null: it is none. */
function responseTo(id: unknown, body: unknown): Record<string, unknown> | null {
  if (!isExactObject(body) || typeof body.method === 'string') return null
  if ('result' in body) return JSON.stringify(body.id) === JSON.stringify(id) ? body : null
  if (!isExactObject(body.error) || typeof body.error.code !== 'number') return null
  return JSON.stringify(body.id ?? id) === JSON.stringify(id) ? { ...body, id } : null
}

/** Null: there is none, or it is more than anybody has to say there. */
function messageOf({ body }: TunnelCommand): Record<string, unknown> | null {
  if (body === null || body.length > mostRead || jsonProblem(body, deepest) !== null) return null
  const message = parsed(body.toString('utf8'))
  return isExactObject(message) ? message : null
}
