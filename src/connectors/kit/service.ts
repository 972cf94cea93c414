import { setTimeout as sleep } from 'node:timers/promises'
import { HostError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import { connectionFailure } from '../../net/connection-failures.ts'
import { rateLimit, retryAfter } from './retry-after.ts'

/** Milliseconds. The whole stays under the 25 s after which a waiting client may lose patience. */
export interface ServiceTimings {
  /** One attempt. */
  attempt: number
  /** All attempts and the waits between them. */
  whole: number
  /** The wait before the second attempt; doubles. */
  backoff: number
}
export const usualTimings: ServiceTimings = { attempt: 10_000, whole: 24_000, backoff: 500 }

const maxAttempts = 3
const maxRedirects = 3
const maxBody = 2_000_000

export interface Answer {
  /** 200, 304 or 404. */
  status: number
  /** Parsed JSON; undefined unless 200. */
  body: unknown
  etag: string | null
}

export interface Service {
  name: string
  /** `path` is put behind the base URL. Throws HostError: refused, rate limited, broken, unreachable, slow. */
  get(path: string, options: { headers?: Record<string, string>; signal: AbortSignal }): Promise<Answer>
}

/** A JSON service at a fixed address: with time limits, retries on 429 and 5xx, and no way to another host. */
export function createService(deps: {
  name: string
  baseUrl: string
  fetch: typeof fetch
  now(): number
  log: Log
  userAgent: string
  timings?: Partial<ServiceTimings>
}): Service {
  const { name, log, now } = deps
  const timings = { ...usualTimings, ...deps.timings }
  const base = new URL(deps.baseUrl)
  if (!/^https?:$/.test(base.protocol)) throw new TypeError(`The address of ${name} must begin with https://`)
  const prefix = base.href.replace(/[?#].*$/, '').replace(/\/+$/, '')

  /** One request and its body; redirects stay within the service, so nobody can be sent elsewhere. */
  const fetchOnce = async (url: string, headers: Record<string, string>, signal: AbortSignal, hops = 0) => {
    const response = await deps.fetch(url, { headers, signal, redirect: 'manual' })
    const to = [301, 302, 307, 308].includes(response.status) ? response.headers.get('location') : null
    if (to !== null) {
      await response.body?.cancel()
      const target = new URL(to, url)
      if (hops >= maxRedirects || target.origin !== base.origin) throw refused(name, response.status)
      return fetchOnce(target.href, headers, signal, hops + 1)
    }
    return { response, text: await readText(response, name) }
  }

  const attempt = async (
    url: string,
    headers: Record<string, string>,
    signal: AbortSignal,
  ): Promise<Answer | Again> => {
    const { response, text } = await fetchOnce(url, headers, signal)
    const { status } = response
    const limited = rateLimit(status, response.headers, now())
    if (limited !== null) return { error: tooMany(name, limited, now()), wait: limited }
    if (status >= 500) return { error: broken(name, status), wait: retryAfter(response.headers, now()) }
    if (status === 304 || status === 404) return { status, body: undefined, etag: null }
    if (status !== 200) throw refused(name, status)
    try {
      return { status, body: JSON.parse(text), etag: response.headers.get('etag') }
    } catch (cause) {
      return { error: garbled(name, cause), wait: null }
    }
  }

  return {
    name,
    async get(path, options) {
      const url = prefix + path
      const headers = { accept: 'application/json', 'user-agent': deps.userAgent, ...options.headers }
      const end = performance.now() + timings.whole
      for (let tries = 1; ; tries += 1) {
        const left = end - performance.now()
        const limit = AbortSignal.timeout(Math.max(1, Math.floor(Math.min(timings.attempt, left))))
        let again: Again
        try {
          const answer = await attempt(url, headers, AbortSignal.any([options.signal, limit]))
          if (!('error' in answer)) return answer
          again = answer
        } catch (error) {
          options.signal.throwIfAborted()
          if (error instanceof HostError) throw error
          again = {
            error: limit.aborted ? slow(name, error) : unreachable(name, base.host, error),
            wait: null,
          }
        }
        const wait = again.wait ?? timings.backoff * 2 ** (tries - 1)
        // What could not be finished in time is not begun.
        const worthIt = tries < maxAttempts && performance.now() + wait + timings.attempt / 2 < end
        log.info('connector.failed', { service: name, path, tries, code: again.error.code, again: worthIt })
        if (!worthIt) throw again.error
        await sleep(wait, undefined, { signal: options.signal })
      }
    },
  }
}

/** Worth another try after `wait` milliseconds; null: as usual. */
interface Again {
  error: HostError
  wait: number | null
}

async function readText(response: Response, name: string): Promise<string> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of response.body ?? []) {
    bytes += part.byteLength
    if (bytes > maxBody) throw garbled(name, new Error(`more than ${maxBody} bytes`))
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

const tooMany = (name: string, wait: number, now: number) =>
  new HostError({
    code: 'service-rate-limited',
    message: `${name} allows no more questions for the moment.`,
    hint: `Ask again in ${wait < 90_000 ? `${Math.max(1, Math.ceil(wait / 1_000))} seconds` : `${Math.ceil(wait / 60_000)} minutes`} (after ${new Date(now + wait).toISOString().slice(0, 16).replace('T', ' ')} UTC).`,
  })
const broken = (name: string, status: number) =>
  new HostError({
    code: 'service-broken',
    message: `${name} has a problem of its own at the moment (HTTP ${status}).`,
    hint: 'Try again in a few minutes.',
  })
const refused = (name: string, status: number) =>
  new HostError({
    code: 'service-refused',
    message: `${name} refused the question (HTTP ${status}).`,
    hint: 'Check what was asked for. It may be private or need an account.',
  })
const garbled = (name: string, cause: unknown) =>
  new HostError({
    code: 'service-answer-invalid',
    message: `${name} sent an answer that cannot be read.`,
    hint: 'Try again in a few minutes.',
    cause,
  })
const slow = (name: string, cause: unknown) =>
  new HostError({
    code: 'service-slow',
    message: `${name} did not answer in time.`,
    hint: 'Try again in a few minutes.',
    cause,
  })
const unreachable = (name: string, host: string, cause: unknown) => {
  const way = connectionFailure({ host, isHttps: true }, cause)
  // That a service of everybody's is not there means that we are not: only what is wrong on our side has words of its own.
  const isOurs = way?.kind === 'certificate' || way?.kind === 'proxy'
  return new HostError({
    code: 'service-unreachable',
    message: isOurs ? `${name} cannot be reached. ${way.message}` : `${name} cannot be reached.`,
    hint: isOurs ? way.hint : 'Check that this computer is online, then ask again.',
    cause,
  })
}
