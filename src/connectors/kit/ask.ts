import type * as z from 'zod'
import { HostError } from '../../kernel/errors.ts'
import type { Network } from '../../net/network.ts'
import type { Permit } from './permit.ts'
import type { Recent } from './recent.ts'
import type { Answer, Method, Request, Service } from './service.ts'

/** A value that is still good when the service says that nothing changed since. */
export interface Tagged {
  etag: string
  value: unknown
}

interface AskDeps {
  service: Service
  /** What else belongs to the service. */
  serviceAt(baseUrl: string): Service
  /** With every request. */
  headers: Readonly<Record<string, string>>
  /** The account has something secret to show. */
  hasKey: boolean
  signal: AbortSignal
  permit: Permit
  /** When the call must have ended, in `performance.now()`. */
  end: number
  now(): number
  network: Network
  mayRepeat: boolean
  tagged: Recent<Tagged>
  /** Of the tool, the account and its edition: others may see something else at the same path. */
  key: string
}

interface Options {
  headers?: Readonly<Record<string, string>>
  /** What a 404 means here; left out: a refusal. */
  notFound?(): HostError
}

/** Where the next page is: a path, or a whole address at the same service; null: there is none. */
type Next<T> = (page: T, headers: Headers) => string | null

/** More pages than this are not fetched where the tool says nothing else. */
const mostPages = 20
/** Part of a call's time in which pages are begun. */
const forPages = 2 / 3

/**
 * What a tool asks of its service during one call, as one account. Paths stand below the base URL; every part that comes from the
 * caller must be encoded. Answers are read by a schema; keys that it does not name are dropped. Everything throws HostError.
 */
export class Ask<A> {
  readonly account: A
  readonly #deps: AskDeps
  readonly #lastPage: number

  constructor(account: A, deps: AskDeps) {
    this.account = account
    this.#deps = deps
    const now = performance.now()
    this.#lastPage = now + (deps.end - now) * forPages
  }

  /** Milliseconds since 1970. */
  now(): number {
    return this.#deps.now()
  }

  /** For what is not asked over HTTP: how others are reached from here. */
  get network(): Network {
    return this.#deps.network
  }

  /** The same: to be called before every request, with no wait in between. Throws where it must not be made any more. */
  check(): void {
    this.#deps.permit.check()
  }

  get signal(): AbortSignal {
    return this.#deps.signal
  }

  /** Milliseconds until the call must have ended. */
  get timeLeft(): number {
    return Math.max(1, this.#deps.end - performance.now())
  }

  async get<T>(path: string, schema: z.ZodType<T>, options: Options = {}): Promise<T> {
    return (await this.#get(path, schema, options)).value
  }

  /** The same account at another address of the same service, such as where it signs in; without the headers of this one. */
  elsewhere(baseUrl: string): Ask<A> {
    const { serviceAt, key } = this.#deps
    const there = { service: serviceAt(baseUrl), headers: {}, key: `${key} ${baseUrl}` }
    return new Ask(this.account, { ...this.#deps, ...there })
  }

  /** `body` is sent as JSON, or as a form. */
  async post<T>(path: string, body: unknown, schema: z.ZodType<T>, options: Options = {}): Promise<T> {
    const isForm = body instanceof URLSearchParams
    const text = isForm ? String(body) : JSON.stringify(body)
    const request = { method: 'POST', body: text, mayRepeat: this.#deps.mayRepeat } as const
    const form = isForm ? { 'content-type': 'application/x-www-form-urlencoded' } : undefined
    return this.#read(await this.#send(path, request, { ...form, ...options.headers }), schema, options)
  }

  /** What is no JSON, whatever it is. */
  async text(
    method: Exclude<Method, 'POST'>,
    path: string,
    { body, ...options }: Options & { body?: string } = {},
  ): Promise<string> {
    const request = { method, wantsText: true, mayRepeat: true, ...(body !== undefined && { body }) }
    const answer = await this.#send(path, request, options.headers)
    if (answer.status === 404) throw options.notFound?.() ?? this.#deps.service.refused(404)
    return String(answer.body ?? '')
  }

  /** One page after the other, first to last: `most` at most, and as many as the time of a call allows. `more`: there are others. */
  async pages<T>(
    path: string,
    schema: z.ZodType<T>,
    next: Next<T>,
    { most = mostPages, ...options }: Options & { most?: number } = {},
  ): Promise<{ pages: T[]; more: boolean }> {
    const pages: T[] = []
    let at: string | null = path
    const isTime = () => pages.length === 0 || performance.now() < this.#lastPage
    while (at !== null && pages.length < most && isTime()) {
      const { value, headers }: Page<T> = await this.#get(at, schema, options)
      pages.push(value)
      at = next(value, headers)
    }
    return { pages, more: at !== null }
  }

  async #get<T>(path: string, schema: z.ZodType<T>, options: Options): Promise<Page<T>> {
    const { tagged } = this.#deps
    const key = `${this.#deps.key} ${path}`
    const known = tagged.get(key)
    const headers = known ? { ...options.headers, 'if-none-match': known.etag } : options.headers
    const answer = await this.#send(path, { method: 'GET', mayRepeat: true }, headers)
    if (answer.status === 304 && known) return { value: known.value as T, headers: answer.headers }
    tagged.delete(key)
    const value = this.#read(answer, schema, options)
    const etag = answer.headers.get('etag')
    if (etag !== null) tagged.set(key, { etag, value })
    return { value, headers: answer.headers }
  }

  #send(
    path: string,
    request: Pick<Request, 'method' | 'body' | 'mayRepeat' | 'wantsText'>,
    headers: Readonly<Record<string, string>> | undefined,
  ): Promise<Answer> {
    const { service, headers: own, hasKey, signal, permit, end } = this.#deps
    return service.send(path, { ...request, headers: { ...own, ...headers }, hasKey, signal, permit, end })
  }

  #read<T>(answer: Answer, schema: z.ZodType<T>, options: Options): T {
    const { service } = this.#deps
    if (answer.status === 404) throw options.notFound?.() ?? service.refused(404)
    const read = schema.safeParse(answer.body)
    if (read.success) return read.data
    throw new HostError({ code: 'service-answer-invalid', params: { name: service.name }, cause: read.error })
  }
}

interface Page<T> {
  value: T
  headers: Headers
}
