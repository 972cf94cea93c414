import { type JSONRPCMessage, type RequestId, SdkError, SdkErrorCode } from '@modelcontextprotocol/client'
import type { Raw } from '../../mcp/tool-source.ts'
import { neverBegun, SessionForgotten, saysForgotten } from '../failures/forgotten.ts'
import { type AnswerBudget, AnswerBudgets } from '../framing/answer-budget.ts'
import { answeredId, type Overlong } from '../framing/line-splitter.ts'
import { atHome } from '../framing/own-address.ts'
import { readMessages } from '../framing/read-message.ts'
import type { RpcSendOptions, RpcTransport } from '../session/connection.ts'
import { asError, redirectIn, unexpected } from './http-errors.ts'
import { createEventReader, type EventReader } from './http-events.ts'
import { Body, type Receiver, type ResponseHeaders, Site } from './http-exchange.ts'
import { flatHeaders, mediaType, readChallenge, restIn } from './http-headers.ts'
import { mayBeEvents, type Refusal } from './http-receivers.ts'
import type { HttpOptions } from './http-transport.ts'
import { Lingering, patienceForNotice } from './lingering.ts'

/**
 * The older way over HTTP with two addresses (MCP 2024-11-05, Transports, HTTP with SSE): a stream tells where to post, and
 * every answer comes on that stream. When it breaks off, the connection is lost.
 */
export class SseTransport implements RpcTransport {
  onclose: (() => void) | undefined
  onerror: ((error: Error) => void) | undefined
  onmessage: ((message: JSONRPCMessage) => void) | undefined
  readonly #options: Omit<HttpOptions, 'tool'>
  readonly #site: Site
  readonly #budget: AnswerBudget
  readonly #lingering = new Lingering()
  /** Some work on a request for as long as they leave its POST open, and stop when it is ended. */
  readonly #lingeringRequests = new Lingering(Number.POSITIVE_INFINITY, 256)
  /** Of whoever is signed in: a connection is one account's. */
  readonly #edition: number
  #endpoint: URL | null = null
  #closed = false
  #version: string | undefined

  constructor(options: Omit<HttpOptions, 'tool'>) {
    this.#options = options
    this.#budget = options.budget ?? new AnswerBudgets().budgetOf()
    this.#site = new Site(options.url, options.route)
    this.#edition = options.signIn?.edition ?? 0
  }

  /** Resolves when the server has said where to post. */
  start(): Promise<void> {
    return this.#authorized((token) => {
      const opened = Promise.withResolvers<Refusal | null>()
      const headers = this.#headers(token)
      headers.push('Accept', 'text/event-stream')
      const stream = new EventStream(this.#budget, {
        onRefused: opened.resolve,
        onEvent: (event, data) => {
          if (event === 'endpoint') {
            this.#endpoint = this.#checkEndpoint(data)
            opened.resolve(null)
          } else this.#read(event, data)
        },
        onOverlong: ({ why, ...ends }) => {
          const id = answeredId(ends)
          const error = { code: -32603, message: `${why.message} ${why.hint}` }
          if (id !== null && !this.#closed) this.onmessage?.({ jsonrpc: '2.0', id, error })
        },
        onOver: (error) => {
          opened.reject(error)
          if (this.#endpoint !== null && !this.#closed) this.#options.onBroken(error)
        },
      })
      const check = () => this.#check()
      this.#site.exchange({ url: this.#options.url, method: 'GET', headers, check }, stream)
      return opened.promise
    })
  }

  setProtocolVersion(version: string): void {
    this.#version = version
  }

  async send(message: JSONRPCMessage, options?: RpcSendOptions): Promise<void> {
    const url = this.#endpoint
    if (url === null || this.#closed)
      throw new SdkError(SdkErrorCode.NotConnected, 'The connection is closed')
    const body = JSON.stringify(message)
    await this.#authorized((token) => {
      const headers = this.#headers(token)
      headers.push('Content-Type', 'application/json')
      return new Promise((resolve, reject) => {
        const isRequest = 'id' in message && 'method' in message
        const posted = new Posted(this.#budget, resolve, reject, {
          inSession: this.#version !== undefined,
          id: (message as Raw).id as RequestId | undefined,
          isRequest,
          lingering: isRequest ? this.#lingeringRequests : this.#lingering,
        })
        const check = () => this.#check(options)
        posted.begin(this.#site.exchange({ url, method: 'POST', headers, body, check }, posted))
      })
    })
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.onclose?.()
    await this.#site.destroy()
  }

  killNow(): void {
    this.#closed = true
    void this.#site.destroy()
  }

  /** Whatever it is called, it counts when it is a message. */
  #read(event: string, data: string): void {
    let messages: readonly Raw[]
    try {
      messages = readMessages(data)
    } catch (error) {
      if (event === 'message') this.onerror?.(error as Error)
      return
    }
    for (const message of messages) if (!this.#closed) this.onmessage?.(message as unknown as JSONRPCMessage)
  }

  /** Tokens and messages go to the server that the user named and to no other. */
  #checkEndpoint(data: string): URL {
    const endpoint = atHome(data, this.#options.url)
    if (endpoint !== null) return endpoint
    throw new SdkError(SdkErrorCode.ClientHttpUnexpectedContent, 'Redirect to another origin not followed')
  }

  #headers(token: string | null): string[] {
    const headers = flatHeaders(this.#options.headers)
    if (token !== null) headers.push('Authorization', `Bearer ${token}`)
    if (this.#version !== undefined) headers.push('Mcp-Protocol-Version', this.#version)
    return headers
  }

  #check(options?: RpcSendOptions): void {
    this.#options.signIn?.checkSame(this.#edition)
    options?.request?.checkWanted()
  }

  async #authorized(attempt: (token: string | null) => Promise<Refusal | null>): Promise<void> {
    const { signIn, refused } = this.#options
    for (let again = false; ; again = true) {
      const token = (await signIn?.token()) ?? null
      const refusal = await attempt(token)
      if (refusal === null) return
      // What one account is refused says nothing of another.
      signIn?.checkSame(this.#edition)
      const { challenge, text } = refusal
      if (signIn && challenge.status === 403 && challenge.error === 'insufficient_scope')
        throw signIn.tooLittle(challenge)
      if (!signIn || challenge.status !== 401) throw refused(refusal) ?? asError(challenge.status, text)
      await signIn.refused(token, challenge, again)
    }
  }
}

interface StreamEvents {
  onRefused(refusal: Refusal): void
  onEvent(name: string, data: string): void
  onOverlong(event: Pick<Overlong, 'head' | 'tail' | 'why'>): void
  onOver(error: unknown): void
}

/** The stream of events behind the GET. */
class EventStream implements Receiver {
  readonly #on: StreamEvents
  readonly #budget: AnswerBudget
  #events: EventReader | null = null
  #status = 0
  #headers: ResponseHeaders = {}

  constructor(budget: AnswerBudget, on: StreamEvents) {
    this.#budget = budget
    this.#on = on
  }

  start(status: number, headers: ResponseHeaders): void {
    this.#status = status
    this.#headers = headers
    if (status !== 200 || !mayBeEvents.has(mediaType(headers))) return
    this.#events = createEventReader(this.#budget, {
      event: ({ event, data }) => this.#on.onEvent(event ?? 'message', data),
      overlong: (event) => this.#on.onOverlong(event),
    })
  }

  data(chunk: Buffer): void {
    this.#events?.add(chunk)
  }

  end(): void {
    const status = this.#status
    this.#events?.end()
    if (this.#events && mediaType(this.#headers) === 'text/event-stream')
      this.#on.onOver(new Error('The stream ended'))
    else if (status === 401 || status === 403)
      this.#on.onRefused({ challenge: readChallenge(status, this.#headers), text: '' })
    else if (status === 200) this.#on.onOver(unexpected(mediaType(this.#headers), ''))
    else this.#on.onOver(asError(status, redirectIn(status, this.#headers) ?? '', restIn(this.#headers)))
  }

  failed(error: Error): void {
    this.#events?.drop()
    this.#on.onOver(error)
  }
}

interface AboutPost {
  /** The address that is posted to names a session, which the server may forget. */
  inSession: boolean
  /** Absent: it asks for nothing, so that a refusal loses nothing. */
  id: RequestId | undefined
  /** Its answer, which comes elsewhere, is waited for by somebody else. */
  isRequest: boolean
  lingering: Lingering
}

/** The answer to a POST, of which only the status matters. */
class Posted implements Receiver {
  place = -1
  since = 0
  readonly #resolve: (refusal: Refusal | null) => void
  readonly #reject: (error: unknown) => void
  readonly #body: Body
  readonly #about: AboutPost
  #status = 0
  #headers: ResponseHeaders = {}
  #isTaken = false
  #isOver = false
  #end: (() => void) | undefined
  #late: NodeJS.Timeout | undefined

  constructor(
    budget: AnswerBudget,
    resolve: (refusal: Refusal | null) => void,
    reject: (error: unknown) => void,
    about: AboutPost,
  ) {
    this.#body = new Body(budget)
    this.#resolve = resolve
    this.#reject = reject
    this.#about = about
  }

  begin(end: () => void): void {
    this.#end = end
    if (!this.#about.isRequest) this.#late = setTimeout(() => this.#taken(), patienceForNotice)
  }

  start(status: number, headers: ResponseHeaders): void {
    this.#status = status
    this.#headers = headers
    if (status < 300) this.#taken()
  }

  data(chunk: Buffer): void {
    if (!this.#isTaken) this.#body.add(chunk)
  }

  end(): void {
    const status = this.#status
    this.#over()
    if (this.#isTaken) return
    if (status === 401 || status === 403)
      this.#resolve({ challenge: readChallenge(status, this.#headers), text: '' })
    else this.#refused(status, this.#body.text())
  }

  failed(error: Error): void {
    this.#over()
    this.#body.drop()
    this.#reject(error)
  }

  /** It is not to bring anything more. */
  endNow(): void {
    this.#end?.()
    this.#over()
    this.#body.drop()
  }

  /** Some leave the answer open, or never give one: nobody waits for that. */
  #taken(): void {
    clearTimeout(this.#late)
    this.#resolve(null)
    if (this.#isTaken || this.#isOver) return
    this.#isTaken = true
    this.#about.lingering.add(this)
  }

  #over(): void {
    clearTimeout(this.#late)
    this.#isOver = true
    if (this.#isTaken) this.#about.lingering.delete(this)
  }

  #refused(status: number, text: string): void {
    const { inSession, id } = this.#about
    if (id === undefined) this.#resolve(null)
    else if (inSession && saysForgotten(status, text, true))
      this.#reject(new SessionForgotten(status, text, neverBegun(status, text, { id, hasSessionId: true })))
    else this.#reject(asError(status, redirectIn(status, this.#headers) ?? text, restIn(this.#headers)))
  }
}
