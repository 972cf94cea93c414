import { type JSONRPCMessage, type RequestId, SdkError, SdkErrorCode } from '@modelcontextprotocol/client'
import { isHostError } from '../../kernel/errors.ts'
import type { Raw } from '../../mcp/tool-source.ts'
import type { Route } from '../../net/network.ts'
import { type AnswerBudget, AnswerBudgets } from '../framing/answer-budget.ts'
import type { RpcSendOptions, RpcTransport } from '../session/connection.ts'
import type { Bearer } from '../sign-in/sign-ins.ts'
import { asError } from './http-errors.ts'
import { Site } from './http-exchange.ts'
import { addModernHeaders, flatHeaders, modernVersion } from './http-headers.ts'
import { type Listening, Post, type Refusal, type Stream, Streamed } from './http-receivers.ts'
import { Lingering } from './lingering.ts'

export interface HttpOptions {
  url: URL
  /** The user's own. */
  headers: Readonly<Record<string, string>>
  signIn: Bearer | null
  /** How it is reached; left out: directly. */
  route?: Route | undefined
  /** What is thrown for a refusal (401, 403) that signing in does not mend; undefined: the usual error. */
  refused(refusal: Refusal): Error | undefined
  /** A 401 to `server/discover` is taken for what it says. */
  believesProbe?: boolean
  /** The last known definition of a tool. */
  tool(name: string): Raw | undefined
  /** Absent: the usual one, for it alone. */
  budget?: AnswerBudget | undefined
  /** The connection is of no use any more. */
  onBroken(error: unknown): void
}

/** How often a stream that broke off is asked for again in a row, and after which pause (ms) unless the server says. */
const maxReopenings = 2
const usualPause = 1_000
/**
 * A server, or what stands before it, may close a connection that was kept at the moment it is used again (RFC 9110 §9.2.2). Whether
 * anything was begun is not known then, so it is asked once more only what changes nothing.
 */
const mayAskAgain = ({ method }: Raw, error: unknown): boolean =>
  closedOnUs.has(String((error as NodeJS.ErrnoException).code)) &&
  typeof method === 'string' &&
  /^(?:initialize|ping|server\/discover|[\w/]+\/list|resources\/read|prompts\/get|completion\/complete|notifications\/initialized)$/.test(
    method,
  )
const closedOnUs: ReadonlySet<string> = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'])
/** For the goodbye to a session. Milliseconds. */
const patienceForGoodbye = 1_000

/**
 * Streamable HTTP of both eras (MCP 2025-11-25 and 2026-07-28, Transports). Differs from the SDK's in what it costs, in that a
 * request whose stream breaks off fails at once, and in that a message is told to belong to a request.
 */
export class HttpTransport implements RpcTransport, Listening {
  onclose: (() => void) | undefined
  onerror: ((error: Error) => void) | undefined
  onmessage: ((message: JSONRPCMessage) => void) | undefined
  readonly hasPerRequestStream = true
  sessionId: string | undefined
  /** `initialize` was sent: whatever comes of it, this is no question of finding out the era any more. */
  initialized = false
  inSession = false
  hears = false
  closed = false
  readonly budget: AnswerBudget
  readonly lingering = new Lingering()
  readonly #options: HttpOptions
  readonly #site: Site
  readonly #own: readonly string[]
  /** Of whoever is signed in: a connection is one account's. */
  readonly #edition: number
  readonly #timers = new Set<NodeJS.Timeout>()
  #version: string | undefined
  #related: RequestId | undefined
  #pause = usualPause

  constructor(options: HttpOptions) {
    this.#options = options
    this.budget = options.budget ?? new AnswerBudgets().budgetOf()
    this.#site = new Site(options.url, options.route)
    this.#own = flatHeaders(options.headers)
    this.#edition = options.signIn?.edition ?? 0
  }

  async start(): Promise<void> {}

  setProtocolVersion(version: string): void {
    this.#version = version
  }

  relatedTo(): RequestId | undefined {
    return this.#related
  }

  async send(message: JSONRPCMessage, options?: RpcSendOptions): Promise<void> {
    if (this.closed) throw new SdkError(SdkErrorCode.NotConnected, 'The connection is closed')
    const raw = message as Raw
    const isInitialize = raw.method === 'initialize'
    if (isInitialize) this.initialized = true
    const body = JSON.stringify(message)
    const version = modernVersion(raw)
    const isProbe = raw.method === 'server/discover' && !this.initialized && this.#version === undefined
    await this.#authorized(isProbe, (token) => {
      const headers = this.#headers(token, version === undefined, !isInitialize)
      headers.push('Content-Type', 'application/json', 'Accept', 'application/json, text/event-stream')
      if (version !== undefined) addModernHeaders(headers, raw, version, this.#options.tool)
      const post = () =>
        new Promise<Refusal | null>((resolve, reject) => {
          const isModern = version !== undefined
          const receiver = new Post(this, { message: raw, isModern, options, resolve, reject })
          const check = () => this.#check(options)
          const request = { url: this.#options.url, method: 'POST' as const, headers, body, check }
          receiver.begin(this.#site.exchange(request, receiver))
        })
      return post().catch((error) => {
        if (this.closed || options?.requestSignal?.aborted || !mayAskAgain(raw, error)) throw error
        return post()
      })
    })
    if (raw.method !== 'notifications/initialized') return
    this.inSession = true
    this.hears = true
    this.#listen({ id: undefined, opened: false, attempts: 0 })
  }

  async close(): Promise<void> {
    if (this.closed) return
    this.closed = true
    for (const timer of this.#timers) clearTimeout(timer)
    this.onclose?.()
    await this.#sayGoodbye().catch(() => {})
    await this.#site.destroy()
  }

  killNow(): void {
    this.closed = true
    void this.#site.destroy()
  }

  deliver(message: unknown, related: RequestId | undefined): void {
    if (this.closed) return
    this.#related = related
    try {
      this.onmessage?.(message as JSONRPCMessage)
    } finally {
      this.#related = undefined
    }
  }

  wishPause(milliseconds: number): void {
    this.#pause = Math.min(Math.max(milliseconds, 0), 60_000)
  }

  /** A stream ended, or (with `error`) broke off, before what it was for had come. */
  ended(stream: Stream, error: unknown): void {
    if (this.closed || stream.signal?.aborted) return
    // What stands between us ends a stream that nothing comes over after a while: one that stood is a good one.
    const isGood = stream.since !== undefined && performance.now() - stream.since > usualPause
    if (isGood && Number.isFinite(stream.attempts)) stream.attempts = 0
    delete stream.since
    const resumable = stream.id === undefined || stream.lastEventId !== undefined
    if (resumable && stream.attempts < maxReopenings) {
      const timer = setTimeout(() => {
        this.#timers.delete(timer)
        stream.attempts += 1
        this.#listen(stream)
      }, this.#pause)
      this.#timers.add(timer)
      return
    }
    this.lost(stream, error)
  }

  /** A stream is gone for good. */
  lost(stream: Stream, error: unknown): void {
    if (this.closed || stream.signal?.aborted) return
    if (stream.id === undefined) this.hears = false
    stream.over?.(error)
    // Dropped by us, such as one that was too large: the connection is none the worse for it.
    if (error === null || isHostError(error)) return
    // The answer to one request is that one's loss. A server that never had a stream for what was not asked for is a whole one all the
    // same; of one that had, and cannot be asked for it again, nobody is there.
    if (stream.id === undefined && stream.opened) this.#options.onBroken(error)
  }

  #listen(stream: Stream): void {
    this.#authorized(false, (token) => {
      const headers = this.#headers(token, true, true)
      headers.push('Accept', 'text/event-stream')
      if (stream.lastEventId !== undefined) headers.push('Last-Event-ID', stream.lastEventId)
      return new Promise<Refusal | null>((resolve) => {
        if (this.closed || stream.signal?.aborted) return resolve(null)
        const streamed = new Streamed(this, stream, resolve)
        const check = () => this.#check()
        const end = this.#site.exchange({ url: this.#options.url, method: 'GET', headers, check }, streamed)
        streamed.begin(end)
        stream.signal?.addEventListener('abort', end)
      })
    }).catch((error) => this.lost(stream, error))
  }

  #check(options?: RpcSendOptions): void {
    this.#options.signIn?.checkSame(this.#edition)
    options?.request?.checkWanted()
  }

  /** Tries once more when the signing in has another token. */
  async #authorized(
    isProbe: boolean,
    attempt: (token: string | null) => Promise<Refusal | null>,
  ): Promise<void> {
    const { signIn } = this.#options
    for (let again = false; ; again = true) {
      const given = signIn?.token() ?? null
      const token = given instanceof Promise ? await given : given
      const refusal = await attempt(token)
      if (refusal === null) return
      // What one account is refused says nothing of another.
      signIn?.checkSame(this.#edition)
      const { challenge } = refusal
      if (signIn && challenge.status === 403 && challenge.error === 'insufficient_scope')
        throw signIn.tooLittle(challenge)
      // Some take any question they do not know for one that needs a key: `initialize` will tell.
      const isUnproven = isProbe && token === null && !this.#options.believesProbe
      if (!signIn || challenge.status !== 401 || isUnproven)
        throw this.#options.refused(refusal) ?? asError(challenge.status, refusal.text)
      await signIn.refused(token, challenge, again)
    }
  }

  #headers(token: string | null, withVersion: boolean, withSession: boolean): string[] {
    const headers = [...this.#own]
    if (token !== null) headers.push('Authorization', `Bearer ${token}`)
    if (withVersion && this.#version !== undefined) headers.push('Mcp-Protocol-Version', this.#version)
    if (withSession && this.sessionId !== undefined) headers.push('Mcp-Session-Id', this.sessionId)
    return headers
  }

  /** MCP 2025-11-25, Session Management: a client that needs a session no longer should end it. */
  async #sayGoodbye(): Promise<void> {
    if (this.sessionId === undefined) return
    const given = this.#options.signIn?.token() ?? null
    const headers = this.#headers(await given, true, true)
    const done = Promise.withResolvers<void>()
    const timer = setTimeout(done.resolve, patienceForGoodbye)
    this.#site.exchange(
      { url: this.#options.url, method: 'DELETE', headers, check: () => this.#check() },
      { start: () => {}, data: () => {}, end: done.resolve, failed: () => done.resolve() },
    )
    await done.promise
    clearTimeout(timer)
  }
}
