import { setTimeout as sleep } from 'node:timers/promises'
import { HostError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log/log.ts'
import { connectionFailure, type Destination } from '../../net/connection-failures.ts'
import type { CheckedFetch } from '../../net/network-fetch.ts'
import type { Permit } from './permit.ts'
import { rateLimit, retryAfter, usualWait } from './retry-after.ts'

/** Milliseconds. The whole stays under the 25 s after which a waiting client may lose patience. */
export interface ServiceTimings {
  /** One attempt. */
  attempt: number
  /** All attempts and the waits between them. */
  whole: number
  /** The wait before the second attempt; doubles. */
  backoff: number
}
const usualTimings: ServiceTimings = { attempt: 10_000, whole: 24_000, backoff: 500 }

const maxAttempts = 3
const maxRedirects = 3
/** Bytes; a calendar may have many years in it. */
const maxBody = { json: 2_000_000, text: 10_000_000 }

export interface Answer {
  /** 200 to 299, 304 or 404. */
  status: number
  /** Parsed JSON, or a text; undefined where there is none to read. */
  body: unknown
  headers: Headers
}

/** The last two only read (RFC 4918 §9.1, RFC 3253 §3.6). */
export type Method = 'GET' | 'POST' | 'PROPFIND' | 'REPORT'

export interface Request {
  method: Method
  headers: Readonly<Record<string, string>>
  /** JSON, unless its headers say otherwise. */
  body?: string
  /** The answer is a text and no JSON. */
  wantsText?: boolean
  /** False: it may have been done although no answer came, so that only what was surely not done is tried again. */
  mayRepeat: boolean
  /** The account has a key that it shows. */
  hasKey: boolean
  signal: AbortSignal
  permit: Permit
  /** When the call that this is a part of must have ended, in `performance.now()`. */
  end: number
}

/** A JSON service at a fixed address: with time limits, retries on 429 and 5xx, and no way to another host. */
export class Service {
  readonly name: string
  readonly #deps: ServiceDeps
  readonly #timings: ServiceTimings
  readonly #base: URL
  readonly #prefix: string

  constructor(deps: ServiceDeps) {
    this.name = deps.name
    this.#deps = deps
    this.#timings = { ...usualTimings, ...deps.timings }
    this.#base = new URL(deps.baseUrl)
    if (!/^https?:$/.test(this.#base.protocol))
      throw new TypeError(`The address of ${this.name} must begin with https://`)
    this.#prefix = this.#base.href.replace(/[?#].*$/, '').replace(/\/+$/, '')
  }

  /**
   * `path` is put behind the base URL; a whole address, as services name their next page, must be at the same origin. Throws
   * HostError: refused, key refused, rate limited, broken, unreachable, slow.
   */
  async send(path: string, request: Request): Promise<Answer> {
    const { log, userAgent } = this.#deps
    const url = this.#urlOf(path)
    const json = 'application/json'
    const type = request.body === undefined ? undefined : { 'content-type': json }
    const headers = { accept: json, 'user-agent': userAgent, ...type, ...request.headers }
    for (let tries = 1; ; tries += 1) {
      const again = await this.#attempt(url, { ...request, headers })
      if (!('error' in again)) return again
      const wait = again.wait ?? this.#timings.backoff * 2 ** (tries - 1)
      // What could not be finished in time is not begun.
      const inTime = performance.now() + wait + this.#timings.attempt / 2 < request.end
      const worthIt = tries < maxAttempts && inTime && (request.mayRepeat || again.notDone === true)
      const { code } = again.error
      log.info('connector.failed', {
        service: this.name,
        // Where a calendar is can be all that keeps it secret.
        path: request.wantsText ? new URL(url).origin : withoutQuery(path),
        tries,
        code,
        again: worthIt,
      })
      if (!worthIt) throw again.error
      await sleep(wait, undefined, { signal: request.signal })
    }
  }

  /** When a call that begins now must have ended. */
  end(): number {
    return performance.now() + this.#timings.whole
  }

  refused(status: number): HostError {
    return new HostError({ code: 'service-refused', params: { name: this.name, status } })
  }

  #urlOf(path: string): string {
    if (path.startsWith('/')) return this.#prefix + path
    const whole = URL.canParse(path) ? new URL(path) : null
    if (whole?.origin === this.#base.origin) return whole.href
    throw garbled(this.name, new Error('a next page at another address'))
  }

  async #attempt(url: string, request: Request): Promise<Answer | Again> {
    const left = Math.min(this.#timings.attempt, request.end - performance.now())
    const limit = AbortSignal.timeout(Math.max(1, Math.floor(left)))
    try {
      const signal = AbortSignal.any([request.signal, limit])
      return this.#judge(await this.#fetch(url, { ...request, signal }), request)
    } catch (error) {
      request.signal.throwIfAborted()
      request.permit.throwIfRefused()
      if (error instanceof HostError) throw error
      if (limit.aborted) return { error: slow(this.name, error), wait: null }
      const { host, protocol } = this.#base
      const way = { host, isHttps: protocol === 'https:' }
      return { error: unreachable(this.name, way, this.#deps.isOwn === true, error), wait: null }
    }
  }

  /** One request and its body; redirects stay within the service, so nobody can be sent elsewhere. */
  async #fetch(url: string, request: Request, hops = 0): Promise<{ response: Response; text: string }> {
    const { method, headers, body, signal, permit } = request
    permit.check()
    const init = { method, headers, body, signal, redirect: 'manual' } as const
    const response = await this.#deps.fetch(url, init, permit)
    const to = redirects[method].includes(response.status) ? response.headers.get('location') : null
    const largest = request.wantsText ? maxBody.text : maxBody.json
    if (to === null) return { response, text: await readText(response, this.name, largest) }
    await response.body?.cancel()
    const target = URL.canParse(to, url) ? new URL(to, url) : null
    if (!target || !/^https?:$/.test(target.protocol))
      throw garbled(this.name, new Error('a redirect to no address'))
    if (hops >= maxRedirects) throw this.refused(response.status)
    if (target.origin !== this.#base.origin) throw leadsElsewhere(this.name, response.status, target.host)
    return this.#fetch(target.href, request, hops + 1)
  }

  #judge(
    { response, text }: { response: Response; text: string },
    { hasKey, wantsText }: Pick<Request, 'hasKey' | 'wantsText'>,
  ): Answer | Again {
    const now = this.#deps.now()
    const { status, headers } = response
    const limited = rateLimit(status, headers, now)
    if (limited !== null) return { error: tooMany(this.name, limited, now), wait: limited, notDone: true }
    if (status >= 500) return { error: broken(this.name, status), wait: retryAfter(headers, now) }
    if (status === 304 || status === 404 || status === 204) return { status, body: undefined, headers }
    if (hasKey && (status === 401 || this.#deps.refusesKey?.(status, text))) throw keyRefused(this.name)
    if (status === 403 && hasKey) throw rightsMissing(this.name, this.#deps.rights)
    if (status < 200 || status > 299) throw this.refused(status)
    if (wantsText) return { status, body: text, headers }
    try {
      return { status, body: JSON.parse(text), headers }
    } catch (cause) {
      return { error: garbled(this.name, cause), wait: null }
    }
  }
}

interface ServiceDeps {
  name: string
  /** What a key has to be allowed. */
  rights: string
  /** Besides 401. */
  refusesKey?: ((status: number, body: string) => boolean) | undefined
  baseUrl: string
  /** The owner typed the address, so that it may be wrong. */
  isOwn?: boolean
  fetch: CheckedFetch
  now(): number
  log: Log
  userAgent: string
  timings?: Partial<ServiceTimings>
}

/** The method and the body go along. */
const readAgain = [301, 302, 307, 308]
const redirects: Record<Method, readonly number[]> = {
  GET: readAgain,
  POST: [307, 308],
  PROPFIND: readAgain,
  REPORT: readAgain,
}

/** What is behind the question mark may be what somebody asked for, or a page's key. */
const withoutQuery = (path: string) => path.replace(/[?#].*$/s, '')

/** Worth another try after `wait` milliseconds; null: as usual. */
interface Again {
  error: HostError
  wait: number | null
  /** The service surely did nothing. */
  notDone?: boolean
}

async function readText(response: Response, name: string, largest: number): Promise<string> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of response.body ?? []) {
    bytes += part.byteLength
    if (bytes > largest) throw garbled(name, new Error(`more than ${largest} bytes`))
    parts.push(part)
  }
  return decoderOf(response.headers.get('content-type') ?? '').decode(Buffer.concat(parts))
}

/** Of the character set that is declared; UTF-8 where there is none, or one that nobody knows. */
function decoderOf(type: string): TextDecoder {
  const [, label] = /;\s*charset\s*=\s*["']?([\w.:+-]{1,40})/i.exec(type) ?? []
  try {
    return new TextDecoder(label)
  } catch {
    return new TextDecoder()
  }
}

/** A day. */
const longestWait = 86_400_000

/** Whatever number a service wrote, this says when to ask again. */
export const tooMany = (name: string, told: number, now: number) => {
  const wait = Number.isFinite(told) ? Math.min(told, longestWait) : usualWait
  return new HostError({
    code: 'service-rate-limited',
    params: {
      name,
      seconds: Math.max(1, Math.ceil(wait / 1_000)),
      minutes: Math.ceil(wait / 60_000),
      soon: wait < 90_000,
      until: new Date(now + wait).toISOString().slice(0, 16).replace('T', ' '),
    },
  })
}
const broken = (name: string, status: number) =>
  new HostError({ code: 'service-broken', params: { name, status } })
const keyRefused = (name: string) => new HostError({ code: 'service-key-refused', params: { name } })
const rightsMissing = (name: string, rights: string) =>
  new HostError({ code: 'service-rights-missing', params: { name, rights, some: rights !== '' } })
const leadsElsewhere = (name: string, status: number, host: string) =>
  new HostError({ code: 'service-refused', says: 'service-leads-elsewhere', params: { name, status, host } })
export const garbled = (name: string, cause: unknown) =>
  new HostError({
    code: 'service-answer-invalid',
    says: 'service-answer-invalid-connector',
    params: { name },
    cause,
  })
export const slow = (name: string, cause: unknown) =>
  new HostError({ code: 'service-slow', params: { name }, cause })
/** `isOwn`: the owner typed the address; then it may be that which is wrong. */
export const unreachable = (name: string, way: Destination, isOwn: boolean, cause: unknown) => {
  const found = connectionFailure(way, cause)
  // That a service of everybody's is not there means that we are not: only what is wrong on our side has words of its own.
  const isOurs = isOwn || found?.kind === 'certificate' || found?.kind === 'proxy'
  return found !== null && isOurs
    ? new HostError({
        code: 'service-unreachable',
        says: 'service-unreachable-ours',
        params: { name, why: found.message, hint: found.hint },
        cause,
      })
    : new HostError({ code: 'service-unreachable', params: { name }, cause })
}
