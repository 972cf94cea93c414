import { isUtf8 } from 'node:buffer'
import { type Dispatcher, Pool } from 'undici'
import { throughProxy } from '../../net/dispatchers.ts'
import type { Route } from '../../net/network.ts'
import { type AnswerBudget, Arriving } from '../framing/answer-budget.ts'
import { atHome, slashless } from '../framing/own-address.ts'
import { unpacked } from './http-unpacking.ts'

const maxRedirects = 5
/** To connect. Milliseconds. */
const connectTimeout = 10_000

export type ResponseHeaders = Readonly<Record<string, string | string[] | undefined>>

/** Gets one answer, piece by piece. After `end` or `failed` nothing more comes. */
export interface Receiver {
  start(status: number, headers: ResponseHeaders): void
  data(chunk: Buffer): void
  end(): void
  failed(error: Error): void
}

export interface HttpRequest {
  url: URL
  method: 'GET' | 'POST' | 'DELETE'
  /** Name, value, name, value, … */
  headers: string[]
  body?: string
  /** Throws where it must not be sent any more. Asked the moment before it is, also where a redirect leads. */
  check?(): void
}

/**
 * HTTP with one origin and no other: connections are kept alive, redirects are followed only within the origin and when they keep
 * the method (RFC 9110 §15.4) or change no more than the slash at the end. Pieces of answers are handed on as they come, which costs a fifth of what `fetch` does.
 */
export class Site {
  readonly #origin: string
  readonly #pool: Dispatcher

  /** `route`: how it is reached; left out: directly. */
  constructor(url: URL, route?: Route) {
    this.#origin = url.origin
    const connect = { timeout: connectTimeout, ...(route?.trust && { secureContext: route.trust }) }
    // Streams may be silent for as long as they like; everything else has a time limit above.
    this.#pool = route?.proxy
      ? throughProxy(route, connectTimeout)
      : new Pool(url.origin, { bodyTimeout: 0, headersTimeout: 0, connect })
  }

  /** Returns what ends the exchange early; the receiver hears no more then. */
  exchange(request: HttpRequest, receiver: Receiver): () => void {
    const attempt = new Attempt(this, request, receiver)
    this.dispatch(request, attempt)
    return () => attempt.abort()
  }

  destroy(): Promise<void> {
    return this.#pool.destroy()
  }

  /** For attempts only. */
  dispatch({ url, method, headers, body }: HttpRequest, attempt: Attempt): void {
    try {
      const path = url.pathname + url.search
      this.#pool.dispatch({ origin: this.#origin, path, method, headers, body: body ?? null }, attempt)
    } catch (error) {
      attempt.onResponseError(null, error as Error)
    }
  }

  /** Where the redirect leads, if it may be followed. For attempts only. */
  follow({ method, url }: HttpRequest, { status, location }: Redirect): URL | null {
    const target = atHome(location, url)
    // To the same again: it is another scheme or name that is meant.
    if (target === null || target.href === url.href) return null
    // 301 and 302 once meant to keep the method (RFC 9110 §15.4.2), and where they only add or take away the slash at the end they still
    // do; elsewhere they lead to a page to sign in at, which wants no messages.
    const isSlash = (status === 301 || status === 302) && slashless(target) === slashless(url)
    const keepsMethod = method === 'GET' || status === 307 || status === 308 || isSlash
    return keepsMethod ? target : null
  }
}

interface Redirect {
  status: number
  location: string
}

type Controller = { abort(reason: Error): void }

/** One exchange in the words of undici's `dispatch`, with the redirects within it. */
class Attempt {
  readonly #site: Site
  #request: HttpRequest
  #receiver: Receiver
  #controller: Controller | null = null
  #over = false
  #target: URL | null = null
  #redirects = 0
  #mayBePacked = false

  constructor(site: Site, request: HttpRequest, receiver: Receiver) {
    this.#site = site
    this.#request = request
    this.#receiver = receiver
  }

  abort(): void {
    this.#over = true
    this.#controller?.abort(ended)
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller
    // It may have been taken back while it waited for a connection.
    if (this.#over) controller.abort(ended)
    else this.#safely(() => this.#request.check?.())
  }

  onResponseStart(_controller: Controller, status: number, headers: ResponseHeaders): void {
    if (this.#over || status < 200) return
    const { location } = headers
    if (status >= 300 && status < 400 && typeof location === 'string' && this.#redirects < maxRedirects)
      this.#target = this.#site.follow(this.#request, { status, location })
    if (this.#target !== null) return
    const { 'content-encoding': packing } = headers
    this.#mayBePacked = packing === undefined
    if (packing !== undefined) this.#receiver = unpacked(this.#receiver, String(packing), () => this.abort())
    this.#safely(() => this.#receiver.start(status, headers))
  }

  onResponseData(_controller: Controller, chunk: Buffer): void {
    if (this.#over || this.#target !== null) return
    // No text begins like this, and not everything on the way says that it packs.
    if (this.#mayBePacked && chunk[0] === 0x1f && chunk[1] === 0x8b)
      this.#receiver = unpacked(this.#receiver, 'gzip', () => this.abort())
    this.#mayBePacked = false
    this.#safely(() => this.#receiver.data(chunk))
  }

  onResponseEnd(): void {
    if (this.#over) return
    const target = this.#target
    if (target === null) {
      this.#over = true
      this.#receiver.end()
      return
    }
    this.#target = null
    this.#redirects += 1
    this.#request = { ...this.#request, url: target }
    this.#site.dispatch(this.#request, this)
  }

  onResponseError(_controller: unknown, error: Error): void {
    if (this.#over) return
    this.#over = true
    this.#receiver.failed(error)
  }

  /** What the receiver cannot use ends the exchange. */
  #safely(act: () => void): void {
    try {
      act()
    } catch (error) {
      this.#over = true
      this.#controller?.abort(ended)
      this.#receiver.failed(error as Error)
    }
  }
}

const ended = new Error('no longer wanted')

/** Collects a body of limited size. */
export class Body {
  readonly #chunks: Buffer[] = []
  readonly #arriving: Arriving

  constructor(budget: AnswerBudget) {
    this.#arriving = new Arriving(budget)
  }

  /** Throws HostError when it gets too large. */
  add(chunk: Buffer): void {
    this.#arriving.add(chunk.length)
    this.#chunks.push(chunk)
  }

  get isEmpty(): boolean {
    return this.#chunks.every((chunk) => chunk.length === 0)
  }

  /** All of it, once. `charset`: what it is said to be in; JSON is in UTF-8 (RFC 8259 §8.1), whatever is said, if it can be. */
  text(charset?: string): string {
    const bytes = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks)
    this.drop()
    if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
    if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes)
    if (charset === undefined || /^utf-?8$/i.test(charset) || isUtf8(bytes)) return bytes.toString('utf8')
    try {
      return new TextDecoder(charset).decode(bytes)
    } catch {
      return bytes.toString('utf8')
    }
  }

  /** It is not wanted any more. */
  drop(): void {
    this.#chunks.length = 0
    this.#arriving.done()
  }
}
