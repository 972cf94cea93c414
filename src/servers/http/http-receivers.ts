/** Long because what an answer over HTTP can be, and how it is told apart, is one thing: each kind leaves off where the next begins. */
import { type RequestId, SdkError, SdkErrorCode } from '@modelcontextprotocol/client'
import type { CancelSignal } from '../../kernel/cancellation.ts'
import { isHostError } from '../../kernel/errors.ts'
import type { Raw } from '../../mcp/tool-source.ts'
import { BrokenOff } from '../failures/broken-off.ts'
import { neverBegun, refusesMethod, SessionForgotten, saysForgotten } from '../failures/forgotten.ts'
import type { AnswerBudget } from '../framing/answer-budget.ts'
import { readMessages } from '../framing/read-message.ts'
import type { RpcSendOptions } from '../session/connection.ts'
import type { Challenge } from '../sign-in/sign-ins.ts'
import { asError, redirectIn, unexpected } from './http-errors.ts'
import { createEventReader, type EventReader } from './http-events.ts'
import { Body, type Receiver, type ResponseHeaders } from './http-exchange.ts'
import { charsetOf, mediaType, readChallenge, restIn } from './http-headers.ts'
import { type Lingering, patienceForNotice } from './lingering.ts'

/** 401 or 403. */
export interface Refusal {
  challenge: Challenge
  text: string
}

/** A stream of events that may have to be asked for again. */
export interface Stream {
  /** The request it answers; undefined: it is the one for what was not asked for. */
  id: RequestId | undefined
  /** It has been there at least once. */
  opened: boolean
  /** Since when it is there, by `performance.now()`. */
  since?: number
  /** How often it was asked for again since it last was there. */
  attempts: number
  lastEventId?: string
  answered?: boolean
  signal?: CancelSignal | undefined
  /** It ended without an answer, for good. */
  over?(error: unknown): void
}

/** What receivers need of their transport. */
export interface Listening {
  sessionId: string | undefined
  /** The handshake of the 2025 era is done: from now on the server may forget us. */
  readonly inSession: boolean
  /** There is a stream for what was not asked for, or may be in a moment. */
  readonly hears: boolean
  onerror: ((error: Error) => void) | undefined
  readonly budget: AnswerBudget
  readonly lingering: Lingering
  deliver(message: unknown, related: RequestId | undefined): void
  wishPause(milliseconds: number): void
  ended(stream: Stream, error: unknown): void
  lost(stream: Stream, error: unknown): void
}

interface Sending {
  message: Raw
  isModern: boolean
  options: RpcSendOptions | undefined
  /** Null: it went well. */
  resolve(refusal: Refusal | null): void
  reject(error: unknown): void
}

/** The answer to a POST: nothing, JSON, a stream of events, or a refusal. */
export class Post implements Receiver {
  place = -1
  since = 0
  readonly #to: Listening
  readonly #sending: Sending
  readonly #id: RequestId | undefined
  #status = 0
  #headers: ResponseHeaders = {}
  #type = ''
  #body: Body | null = null
  #events: EventReader | null = null
  #stream: Stream | null = null
  #isTold = false
  #lingers = false
  #isOver = false
  #end: (() => void) | undefined
  #late: NodeJS.Timeout | undefined
  #onAbort: (() => void) | undefined

  constructor(to: Listening, sending: Sending) {
    this.#to = to
    this.#sending = sending
    const { message } = sending
    this.#id = typeof message.method === 'string' ? (message.id as RequestId | undefined) : undefined
  }

  begin(end: () => void): void {
    this.#end = end
    // Some take what asks for nothing and say nothing to it, not even that.
    if (this.#id === undefined) this.#late = setTimeout(() => this.#done(), patienceForNotice)
    const signal = this.#sending.options?.requestSignal
    if (!signal) return
    const onAbort = () => {
      end()
      this.#body?.drop()
      this.#events?.drop()
      this.#sending.reject(signal.reason)
    }
    this.#onAbort = onAbort
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort)
  }

  start(status: number, headers: ResponseHeaders): void {
    this.#status = status
    this.#headers = headers
    const ok = status >= 200 && status < 300
    if (ok && this.#sending.message.method === 'initialize') this.#to.sessionId = sessionOf(headers)
    // Some give it with a later answer, and some give another one with each and know the last one only.
    else if (ok && !this.#sending.isModern) this.#to.sessionId = sessionOf(headers) ?? this.#to.sessionId
    if (ok && this.#id === undefined) {
      // That is all there is to it: what may come behind is for nobody.
      this.#done()
      return
    }
    this.#type = mediaType(headers)
    if (ok && this.#type === 'text/event-stream') this.#readEvents()
    else this.#body = new Body(this.#to.budget)
  }

  #readEvents(): void {
    this.#body = null
    const { options, isModern, reject } = this.#sending
    const stream: Stream = {
      id: this.#id,
      opened: true,
      attempts: isModern ? Number.POSITIVE_INFINITY : 0,
      signal: options?.requestSignal,
      over: (error) => {
        // Why it broke off is worth more than that it did: `send` has not come back yet, so it says so.
        if (error === null) options?.onRequestStreamEnd?.()
        reject(isHostError(error) ? error : new BrokenOff(error))
      },
    }
    this.#stream = stream
    this.#events = readerFor(this.#to, stream, () => this.#done())
  }

  data(chunk: Buffer): void {
    if (!this.#isTold && chunk.length > 0) {
      this.#isTold = true
      // What it is shows, whatever its type says.
      const kind = this.#status < 300 ? kindOf(chunk) : null
      if (kind === 'json' && this.#events) {
        this.#events = this.#stream = null
        this.#body = new Body(this.#to.budget)
      } else if (kind === 'events' && this.#body) this.#readEvents()
    }
    if (this.#events) this.#events.add(chunk)
    else this.#body?.add(chunk)
  }

  end(): void {
    this.#unhook()
    const { reject, resolve } = this.#sending
    if (this.#stream) {
      this.#events?.end()
      if (this.#stream.answered) resolve(null)
      else this.#to.ended(this.#stream, null)
    } else if (!this.#body || this.#comesElsewhere()) resolve(null)
    else if (this.#status >= 300) this.#refused(this.#body.text(charsetOf(this.#headers)))
    else {
      try {
        this.#answer(this.#body.text(charsetOf(this.#headers)))
        resolve(null)
      } catch (error) {
        reject(error)
      }
    }
  }

  failed(error: Error): void {
    this.#unhook()
    this.#body?.drop()
    this.#events?.drop()
    // With an answer begun, the server is there: it is this answer that is lost.
    const isBegun = this.#status !== 0 && !isHostError(error)
    if (!this.#stream) this.#sending.reject(isBegun ? new BrokenOff(error) : error)
    else if (!this.#stream.answered) this.#to.ended(this.#stream, error)
  }

  /** It is not to bring anything more. */
  endNow(): void {
    this.#end?.()
    this.#unhook()
    this.#events?.drop()
  }

  /** It has brought what it was for. */
  #done(): void {
    clearTimeout(this.#late)
    this.#sending.resolve(null)
    if (this.#lingers || this.#isOver) return
    this.#lingers = true
    this.#to.lingering.add(this)
  }

  /** Some of the 2025 era only take a request here (202), and answer it on the stream that is for what was not asked for. */
  #comesElsewhere(): boolean {
    return this.#status === 202 && this.#body!.isEmpty && this.#to.inSession && this.#to.hears
  }

  #answer(text: string): void {
    const messages = this.#messagesIn(text)
    for (const message of messages) this.#checkSession(message)
    let answered = messages.some((message) => isAnswer(message, this.#id))
    // The only one there is to answer, so it is this request that is refused, whatever it is called.
    const refusal = answered ? undefined : messages.find(isRefusal)
    if (refusal !== undefined) {
      refusal.id = this.#id
      answered = true
    }
    for (const message of messages) this.#to.deliver(message, this.#id)
    if (answered) return
    if (this.#type !== 'application/json') throw unexpected(this.#type, text)
    throw new SdkError(SdkErrorCode.ClientHttpUnexpectedContent, 'The answer is to something else')
  }

  /**
   * Some say with HTTP 200 that they have forgotten the session. An error that names no request is the transport's. One that names it is
   * believed unless a tool was called, which may have sessions of its own.
   */
  #checkSession(message: Raw): void {
    const { inSession, sessionId } = this.#to
    if (!inSession || sessionId === undefined || !isRefusal(message)) return
    const isOfTool = message.id === this.#id && this.#sending.message.method === 'tools/call'
    const words = String((message.error as Raw).message)
    if (isOfTool || !saysForgotten(400, words, true)) return
    throw new SessionForgotten(200, words, neverBegun(200, words, { id: undefined, hasSessionId: true }))
  }

  #messagesIn(text: string): readonly Raw[] {
    try {
      return readMessages(text)
    } catch (error) {
      // A page, say: its type tells more than where it stops being JSON.
      if (this.#type === 'application/json' || isHostError(error)) throw error
      return []
    }
  }

  #refused(text: string): void {
    const { reject, resolve } = this.#sending
    const status = this.#status
    if (status === 401 || status === 403) {
      resolve({ challenge: readChallenge(status, this.#headers), text })
      return
    }
    // What asked for nothing loses nothing: some know no notifications, and answer them as they do any unknown method.
    if (this.#id === undefined && this.#sending.message.method !== undefined) {
      resolve(null)
      return
    }
    const { sessionId, inSession } = this.#to
    const { method } = this.#sending.message
    const hasSessionId = sessionId !== undefined
    const isUnknownMethod = refusesMethod(errorIn(text, this.#id, false))
    if (inSession && !isUnknownMethod && saysForgotten(status, text, hasSessionId)) {
      const isSafe = neverBegun(status, text, { id: this.#id, hasSessionId })
      reject(new SessionForgotten(status, text, isSafe))
      return
    }
    const error = status === 429 ? null : errorIn(text, this.#id, !isOpening.has(method) || status >= 500)
    if (error) {
      this.#to.deliver(error, this.#id)
      resolve(null)
      return
    }
    reject(asError(status, redirectIn(status, this.#headers) ?? text, restIn(this.#headers)))
  }

  #unhook(): void {
    this.#isOver = true
    if (this.#lingers) this.#to.lingering.delete(this)
    else if (this.#late) clearTimeout(this.#late)
    // A stream that is asked for again is still to be ended by the signal.
    if (this.#onAbort) this.#sending.options?.requestSignal?.removeEventListener('abort', this.#onAbort)
  }
}

/** The answer to a GET: a stream of events, or something else. */
export class Streamed implements Receiver {
  place = -1
  since = 0
  readonly #to: Listening
  readonly #stream: Stream
  readonly #settle: (refusal: Refusal | null) => void
  #events: EventReader | null = null
  #status = 0
  #headers: ResponseHeaders = {}
  #end: (() => void) | undefined

  constructor(to: Listening, stream: Stream, settle: (refusal: Refusal | null) => void) {
    this.#to = to
    this.#stream = stream
    this.#settle = settle
  }

  begin(end: () => void): void {
    this.#end = end
  }

  /** It is not to bring anything more. */
  endNow(): void {
    this.#end?.()
    this.#events?.drop()
  }

  start(status: number, headers: ResponseHeaders): void {
    this.#status = status
    this.#headers = headers
    if (status !== 200 || !mayBeEvents.has(mediaType(headers))) return
    // Of one that does not say that it is one it shows with the first event: it may be some page.
    if (mediaType(headers) === 'text/event-stream') this.#stream.opened = true
    this.#stream.since = performance.now()
    this.#events = readerFor(this.#to, this.#stream, () => this.#to.lingering.add(this))
    this.#settle(null)
  }

  data(chunk: Buffer): void {
    this.#events?.add(chunk)
  }

  end(): void {
    const stream = this.#stream
    if (this.#events) {
      this.#events.end()
      if (stream.answered) this.#to.lingering.delete(this)
      else this.#to.ended(stream, null)
      return
    }
    const status = this.#status
    if (status === 401 || status === 403) {
      this.#settle({ challenge: readChallenge(status, this.#headers), text: '' })
      return
    }
    // Not offered (405), or not any more.
    this.#settle(null)
    const forgotten = stream.opened && [400, 404, 410].includes(status)
    this.#to.lost(stream, forgotten ? new SessionForgotten(status, '', false) : null)
  }

  failed(error: Error): void {
    this.#settle(null)
    this.#events?.drop()
    if (this.#stream.answered) {
      this.#to.lingering.delete(this)
      return
    }
    // Once broken off it is asked for again; when that fails too, nobody is there.
    if (this.#events) this.#to.ended(this.#stream, error)
    else this.#to.lost(this.#stream, error)
  }
}

function readerFor(to: Listening, stream: Stream, onAnswered: () => void): EventReader {
  return createEventReader(to.budget, {
    retry: (milliseconds) => to.wishPause(milliseconds),
    event({ id, data, event }) {
      if (id) stream.lastEventId = id
      stream.opened = true
      // A reopened stream that carries something is a good one.
      if (Number.isFinite(stream.attempts)) stream.attempts = 0
      if (data === '') return
      let messages: readonly Raw[]
      try {
        messages = readMessages(data)
      } catch (error) {
        // Whatever it is called, it counts when it is a message; `ping` and the like are none.
        if (event === undefined || event === 'message') to.onerror?.(error as Error)
        return
      }
      for (const message of messages) {
        // As in an answer that is no stream: there is no other that it could be about.
        if (stream.id !== undefined && message.id === undefined && isRefusal(message)) message.id = stream.id
        const answers = stream.id !== undefined && isAnswer(message, stream.id)
        if (answers) stream.answered = true
        to.deliver(message, stream.id)
        if (answers) onAnswered()
      }
    },
  })
}

/** What an answer is by how it begins; null: it does not show. */
function kindOf(chunk: Buffer): 'json' | 'events' | null {
  const start = chunk
    .toString('latin1', 0, 64)
    .replace(/^\xef\xbb\xbf/, '')
    .trimStart()
  if (/^[{[]/.test(start)) return 'json'
  return /^(?:event|data|id|retry)?:/.test(start) ? 'events' : null
}

/** Types under which streams of events come; without one, and as plain text, they are what was asked for. */
export const mayBeEvents: ReadonlySet<string> = new Set(['text/event-stream', '', 'text/plain'])

const isRefusal = (message: Raw): boolean =>
  message.method === undefined && typeof message.error === 'object' && message.error !== null

const isAnswer = (message: Raw, id: RequestId | undefined): boolean =>
  message.method === undefined && message.id === id

/** What finds out how the server is spoken to: an error without an id says that it is not in this way. */
const isOpening: ReadonlySet<unknown> = new Set(['initialize', 'server/discover'])

/**
 * A JSON-RPC error in the body of an HTTP error that answers this very request; or `mayBeNameless`: that has no id, since there is no other
 * that it could be about.
 */
function errorIn(text: string, id: RequestId | undefined, mayBeNameless: boolean): Raw | null {
  if (id === undefined) return null
  try {
    const [message] = readMessages(text)
    if (typeof message?.error !== 'object' || message.method !== undefined) return null
    if (message.id === id) return message
    return mayBeNameless && message.id === undefined ? { ...message, id } : null
  } catch {
    return null
  }
}

/** Mcp-Session-Id: visible ASCII (MCP 2025-11-25, Session Management); a space within it breaks no header, and some have one. */
function sessionOf(headers: ResponseHeaders): string | undefined {
  const given = headers['mcp-session-id']
  // Twice the same is said by what stands before it as well.
  const id = Array.isArray(given) && new Set(given).size === 1 ? given[0] : given
  return typeof id === 'string' && /^[\x20-\x7e]{1,4000}$/.test(id) ? id : undefined
}
