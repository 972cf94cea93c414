import {
  type Implementation,
  type JSONRPCMessage,
  type MessageExtraInfo,
  ProtocolError,
  ProtocolErrorCode,
  parseJSONRPCMessage,
  type RequestId,
  SdkError,
  SdkErrorCode,
  type Transport,
  type TransportSendOptions,
} from '@modelcontextprotocol/client'
import { say } from '../../../locales/say.ts'
import { Cancellation, type CancelSignal } from '../../kernel/cancellation.ts'
import { checkable, isRawNumber } from '../../kernel/exact-json.ts'
import { isObject } from '../../kernel/is-object.ts'
import type { Exchange, Raw } from '../../mcp/tool-source.ts'
import { BrokenOff } from '../failures/broken-off.ts'
import type { Hooks, RpcTransport } from './connection.ts'
import { Incoming } from './incoming.ts'
import { mendInitialize } from './mend-initialize.ts'
import { PendingRequest, PendingRequests } from './pending-request.ts'
import { RequestMeta } from './request-meta.ts'

/** Our ids begin here; the SDK's Client counts from 0 and never gets this far. Numbers: some servers take nothing else. */
const firstId = 1_000_000
/** Milliseconds between looks at what is late. */
const sweepEvery = 250
/**
 * With so many requests under way a line waits for others to be written with. With fewer, the program would wait more than the writes
 * cost: eight calls at a time are 5 % slower with waiting, 32 are 6 % faster (figures of a comparison in turns).
 */
const manyUnderWay = 12
const firstModern = '2026-07-28'
/** Requests whose answer may be a question to the client first (MCP 2026-07-28, Multi Round-Trip Requests). */
const mayNeedInput = new Set(['tools/call', 'prompts/get', 'resources/read'])

export interface RpcRequest {
  /** Milliseconds without news. Progress begins it anew; it stands still while the client is being asked something. */
  timeout: number
  signal?: CancelSignal
  /** The client behind it; absent: the request is our own. */
  exchange?: Exchange
}

/**
 * Stands between a transport and the SDK's Client, so that requests can go around the Client: parameters and results
 * pass as they are, nothing is checked, copied or parsed twice. The Client gets everything that is not ours.
 */
export class RpcConnection implements Transport {
  onclose: (() => void) | undefined
  onerror: ((error: Error) => void) | undefined
  onmessage: ((message: JSONRPCMessage, extra?: MessageExtraInfo) => void) | undefined
  readonly #transport: RpcTransport
  readonly requestMeta: RequestMeta
  readonly #pending = new PendingRequests()
  readonly #incoming: Incoming
  readonly #onLog: Hooks['onLog']
  /** What the SDK's Client asked last, while it shakes hands. */
  #handshake: RequestId | undefined
  /** Our last id when something was sent that asks for nothing, such as an answer, until a later request is answered: some answer that, too. */
  #notice: number | null = null
  #next = firstId
  #protocol: string | null = null
  #isModern = false
  #closed = false
  #sweeping: NodeJS.Timeout | undefined

  constructor(
    transport: RpcTransport,
    /** Ours, as `ourInfo` of connection.ts. */
    info: Implementation,
    hooks: Pick<Hooks, 'onListChanged' | 'onResourceUpdated' | 'onLog'>,
  ) {
    this.#transport = transport
    this.requestMeta = new RequestMeta(info)
    const relatedTo = (message: JSONRPCMessage) => transport.relatedTo?.(message)
    this.#incoming = new Incoming({ relatedTo, send: (message) => this.send(message) }, this.#pending, hooks)
    this.#onLog = (message) => hooks.onLog(message)
    // By these the SDK knows a stdio transport, and probes it accordingly.
    if ('stderr' in transport && 'pid' in transport) Object.assign(this, { stderr: null, pid: null })
  }

  get sessionId(): string | undefined {
    return this.#transport.sessionId
  }

  get hasPerRequestStream(): boolean {
    return this.#transport.hasPerRequestStream === true
  }

  /** Null before the handshake. */
  get protocol(): string | null {
    return this.#protocol
  }

  /** Whether it speaks 2026-07-28 or later. */
  get isModern(): boolean {
    return this.#isModern
  }

  /** Our requests that are waiting for an answer. */
  get pendingRequests(): number {
    return this.#pending.size
  }

  start(): Promise<void> {
    const transport = this.#transport
    transport.onmessage = (message: JSONRPCMessage, extra?: MessageExtraInfo) => this.#read(message, extra)
    transport.onerror = (error) => this.onerror?.(error)
    transport.onclose = () => this.#end()
    return transport.start()
  }

  send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    if ('method' in message && 'id' in message) this.#handshake = message.id
    else this.#notice = this.#next
    return this.#transport.send(message, options)
  }

  async close(): Promise<void> {
    this.#end()
    await this.#transport.close()
  }

  setProtocolVersion(version: string): void {
    this.#protocol = version
    // Versions are dates.
    this.#isModern = version >= firstModern
    this.requestMeta.protocol = version
    this.#transport.setProtocolVersion?.(version)
  }

  setSupportedProtocolVersions(versions: string[]): void {
    this.#transport.setSupportedProtocolVersions?.(versions)
  }

  /**
   * The `result` as it came. Rejects with ProtocolError (what the server refused), SdkError (time is up, connection lost, no
   * proper answer), whatever the transport says, or the signal's reason.
   */
  request(method: string, params: Raw, { timeout, signal, exchange }: RpcRequest): Promise<Raw> {
    if (signal?.aborted) return Promise.reject(signal.reason)
    if (this.#closed) return Promise.reject(closed())
    return new Promise((resolve, reject) => {
      this.#next += 1
      const id = this.#next
      const transport = this.#transport
      const message = { jsonrpc: '2.0' as const, id, method, params: this.#dress(params, id, exchange) }
      // On its way before anything is noted of it: its answer comes in another turn.
      const failure = transport.write?.(message, this.#pending.size >= manyUnderWay)
      if (failure) {
        reject(failure)
        return
      }
      const abort = transport.hasPerRequestStream ? new Cancellation() : undefined
      const pending = new PendingRequest(this, {
        id,
        method,
        timeout,
        exchange,
        abort,
        signal,
        resolve,
        reject,
      })
      this.#pending.add(pending)
      this.#sweeping ??= setTimeout(this.#sweep, Math.min(timeout + 1, sweepEvery))
      if (transport.write) return
      const fail = (error: unknown) => this.#fail(pending, error)
      const sent = abort
        ? transport.send(message, {
            request: pending,
            requestSignal: abort,
            onRequestStreamEnd: () => fail(new BrokenOff()),
          })
        : transport.send(message, { request: pending })
      sent.catch(fail)
    })
  }

  /** Tells the server something; whether it arrived is not known. */
  notify(method: string, params: Raw): Promise<void> {
    this.#notice = this.#next
    const dressed = this.#isModern ? { ...params, _meta: this.requestMeta.of() } : params
    return this.#transport.send({ jsonrpc: '2.0', method, params: dressed }).catch(() => {})
  }

  /** Parameters with the `_meta` that this era wants. */
  #dress(params: Raw, id: number, exchange: Exchange | undefined): Raw {
    const progress = exchange?.onProgress !== undefined
    if (!this.#isModern) {
      if (!progress && !exchange?.meta) return params
      return { ...params, _meta: { ...exchange?.meta, ...(progress && { progressToken: id }) } }
    }
    const dressed: Raw = { ...params, _meta: this.requestMeta.of(exchange, progress ? id : undefined) }
    if (exchange?.inputResponses) dressed.inputResponses = exchange.inputResponses
    if (exchange?.requestState !== undefined) dressed.requestState = exchange.requestState
    return dressed
  }

  #read(message: JSONRPCMessage, extra?: MessageExtraInfo): void {
    if (!('method' in message)) {
      if (message.id === undefined && 'error' in message) message.id = this.#meant(message.error)
      const { id } = message
      const pending = id === undefined ? undefined : this.#pending.get(id)
      if (pending) {
        this.#settle(pending, message as { result?: unknown; error?: unknown })
        return
      }
      // An answer nobody waits for any more.
      if (typeof id === 'number' && id > firstId) return
      if (id === this.#handshake) this.#handshake = undefined
    } else if (message.method === 'ping' && 'id' in message) {
      // Also before the handshake (MCP 2025-11-25, Lifecycle): some say nothing else until they know that we are there.
      this.send({ jsonrpc: '2.0', id: message.id, result: {} }).catch(() => {})
      return
    } else if (this.#protocol !== null && this.#incoming.take(message, this.#isModern)) return
    let checked: JSONRPCMessage
    try {
      if ('result' in message) mendInitialize(message.result)
      checked = parseJSONRPCMessage(checkable(message))
    } catch (error) {
      this.onerror?.(error as Error)
      return
    }
    this.onmessage?.(checked, extra)
  }

  /** The request that an error without an id is about, as of one that could not be read: where only one is under way, and nothing else that it could be about. */
  #meant({ code, message }: { code: number; message: string }): RequestId | undefined {
    this.#onLog({ level: 'error', data: say('servers.log.nameless', { code, said: message }) })
    // Who answers on the stream of a request has named it.
    if (this.hasPerRequestStream || this.#notice !== null) return undefined
    if (this.#protocol === null) return this.#handshake
    return this.#pending.size === 1 ? this.#pending.all()[0]!.id : undefined
  }

  #fail(pending: PendingRequest, error: unknown): void {
    if (!this.#pending.has(pending)) return
    pending.end()
    pending.reject(error)
  }

  /** One timer for all that are waiting, so that one that is late hears of it at most `sweepEvery` later. */
  readonly #sweep = (): void => {
    this.#sweeping = undefined
    const now = performance.now()
    for (const pending of this.#pending.all()) {
      if (pending.inputRequests > 0 || pending.deadline > now) continue
      const { method, timeout } = pending
      this.giveUp(pending, new SdkError(SdkErrorCode.RequestTimeout, `${method}: no answer`, { timeout }))
    }
    if (this.#pending.size > 0) this.#sweeping ??= setTimeout(this.#sweep, sweepEvery)
  }

  #settle(pending: PendingRequest, { result: given, error }: { result?: unknown; error?: unknown }): void {
    const { method } = pending
    if (this.#notice !== null && pending.id > this.#notice) this.#notice = null
    const result = wrapped(given, method)
    pending.end()
    if (isObject(error)) {
      const code = typeof error.code === 'number' ? error.code : -32603
      if (code === ProtocolErrorCode.UrlElicitationRequired) this.#incoming.sentAway(pending, error.data)
      pending.reject(new ProtocolError(code, String(error.message ?? 'unknown error'), error.data))
    } else if (!isObject(result) || isRawNumber(result)) {
      pending.reject(new SdkError(SdkErrorCode.InvalidResult, `${method}: the result is no object`))
    } else if (!this.#isModern || isKnownType(result.resultType, method)) pending.resolve(result)
    else
      pending.reject(
        new SdkError(SdkErrorCode.UnsupportedResultType, `${method}: ${String(result.resultType)}`),
      )
  }

  /** For pending requests only. */
  ended(pending: PendingRequest): void {
    this.#pending.delete(pending)
    if (pending.inputRequests > 0) this.#incoming.ended(pending)
  }

  /** The answer is not wanted any more; the server is told in the way of its era and transport. */
  giveUp(pending: PendingRequest, reason: unknown): void {
    pending.end()
    pending.reject(reason)
    const { id, abort } = pending
    // MCP 2026-07-28, Cancellation: over HTTP, closing the stream of the answer says it.
    if (abort && this.#isModern) {
      abort.abort()
      return
    }
    const why = reason instanceof SdkError && reason.code === SdkErrorCode.RequestTimeout
    void this.notify('notifications/cancelled', {
      requestId: id,
      reason: why ? 'It took too long.' : 'The client does not want it any more.',
    }).then(() => abort?.abort())
  }

  #end(): void {
    if (this.#closed) return
    this.#closed = true
    clearTimeout(this.#sweeping)
    for (const pending of this.#pending.all()) {
      pending.end()
      pending.reject(closed())
    }
    this.onclose?.()
  }
}

/** Absent counts as complete: some servers forget it. */
const isKnownType = (type: unknown, method: string): boolean =>
  type === undefined || type === 'complete' || (type === 'input_required' && mayNeedInput.has(method))

/** Members that a result has for the sake of one of them, and which some send as the result. */
const soleMembers: Readonly<Record<string, string>> = {
  'tools/list': 'tools',
  'resources/list': 'resources',
  'resources/templates/list': 'resourceTemplates',
  'prompts/list': 'prompts',
  'tools/call': 'content',
  'resources/read': 'contents',
  'prompts/get': 'messages',
}

function wrapped(result: unknown, method: string): unknown {
  const isBare = Array.isArray(result) || (method === 'tools/call' && typeof result === 'string')
  const member = isBare && Object.hasOwn(soleMembers, method) ? soleMembers[method] : undefined
  if (member === undefined || (method.endsWith('/list') && !isListOfEntries(result))) return result
  return { [member]: result }
}

/** A list of anything else is no list of what was asked for, and says nothing about that. */
const isListOfEntries = (result: unknown): boolean =>
  Array.isArray(result) &&
  (result.length === 0 ||
    result.some(
      (one) => isObject(one) && [one.name, one.uri, one.uriTemplate].some((key) => typeof key === 'string'),
    ))

const closed = () => new SdkError(SdkErrorCode.ConnectionClosed, 'The connection was lost before the answer')
