/**
 * What of Cloudflare's API a tunnel under a domain of the user's needs (developers.cloudflare.com/api: “List zones”, “Create a Cloudflare
 * Tunnel”, “Put configuration”, “DNS records for a zone”; versions of 2026-09).
 */
import * as z from 'zod'
import { HostError } from '../../kernel/errors.ts'
import { parseJson } from '../../kernel/exact-json.ts'
import { readText } from '../../net/network-fetch.ts'
import { readRetryAfter } from '../../net/retry-after.ts'

export const cloudflareApi = 'https://api.cloudflare.com/client/v4'

const longestAnswer = 4_000_000
/** Milliseconds. */
const patience = 20_000
/** As many as one page may have, and pages: somebody with more domains types the name. */
const perPage = 50
const mostPages = 20

const Envelope = z.object({
  success: z.boolean(),
  errors: z.array(z.object({ code: z.number(), message: z.string() })).catch([]),
  result: z.unknown(),
  result_info: z.object({ total_pages: z.number().optional() }).nullish(),
})
const Id = z.string().regex(/^[\w-]{1,64}$/)
const Zone = z.object({ id: Id, name: z.string().max(253), account: z.object({ id: Id }) })
const Made = z.object({ id: Id, name: z.string(), status: z.string().optional() })
const DnsRecord = z.object({ id: Id, type: z.string(), name: z.string(), content: z.string() })

export type Zone = z.infer<typeof Zone>
export type MadeTunnel = z.infer<typeof Made>
export type DnsRecord = z.infer<typeof DnsRecord>

/** What each step needs the token to be allowed, as Cloudflare's page calls it. */
const rights = {
  zones: 'Zone · Zone · Read',
  tunnel: 'Account · Cloudflare Tunnel · Edit',
  dns: 'Zone · DNS · Edit',
} as const

/** Cloudflare's error codes for a token that is none, or none any more. */
const tokenCodes = [1000, 6003, 6111, 9103, 9106, 9107]

interface Asked {
  right: keyof typeof rights
  method?: 'GET' | 'POST' | 'PUT'
  body?: object
}

/** One user's account, as far as their API token goes, which stays in memory. All throw HostError `cloudflare-…`. */
export class CloudflareApi {
  readonly #base: string
  readonly #fetch: typeof fetch
  readonly #token: string
  readonly #now: () => number

  constructor(options: { base: string; fetch: typeof fetch; token: string; now(): number }) {
    this.#base = options.base
    this.#fetch = options.fetch
    this.#token = options.token
    this.#now = options.now
  }

  /** The domains that the token shows and that are in use at Cloudflare. */
  async zones(): Promise<Zone[]> {
    const found: Zone[] = []
    for (let page = 1; page <= mostPages; page += 1) {
      const { result, pages } = await this.#ask(
        `/zones?status=active&order=name&per_page=${perPage}&page=${page}`,
        { right: 'zones' },
        z.array(Zone),
      )
      found.push(...result)
      if (page >= pages) break
    }
    return found
  }

  /** The tunnel of that name; undefined: there is none. */
  async findTunnel(account: string, name: string): Promise<MadeTunnel | undefined> {
    const query = new URLSearchParams({ name, is_deleted: 'false' })
    const at = `/accounts/${account}/cfd_tunnel?${query}`
    const { result } = await this.#ask(at, { right: 'tunnel' }, z.array(Made))
    return result.find((one) => one.name === name)
  }

  /** A new one, whose rules are kept at Cloudflare. */
  async makeTunnel(account: string, name: string): Promise<MadeTunnel> {
    const body = { name, config_src: 'cloudflare' }
    const at = `/accounts/${account}/cfd_tunnel`
    return (await this.#ask(at, { right: 'tunnel', method: 'POST', body }, Made)).result
  }

  /** What its program is started with. */
  async tunnelToken(account: string, tunnel: string): Promise<string> {
    const at = `/accounts/${account}/cfd_tunnel/${tunnel}/token`
    return (await this.#ask(at, { right: 'tunnel' }, z.string())).result
  }

  /** Where it leads to: everything under this name to this service, and nothing else anywhere. */
  async lead(account: string, tunnel: string, hostname: string, service: string): Promise<void> {
    const body = { config: { ingress: [{ hostname, service }, { service: 'http_status:404' }] } }
    const at = `/accounts/${account}/cfd_tunnel/${tunnel}/configurations`
    await this.#ask(at, { right: 'tunnel', method: 'PUT', body }, z.unknown())
  }

  /** What a name leads to now: its records of the kinds that stand in each other's way. */
  async records(zone: string, name: string): Promise<DnsRecord[]> {
    const at = `/zones/${zone}/dns_records?${new URLSearchParams({ name })}`
    const { result } = await this.#ask(at, { right: 'dns' }, z.array(DnsRecord))
    return result.filter((one) => one.name === name && ['A', 'AAAA', 'CNAME'].includes(one.type))
  }

  /** `instead`: of that record. */
  async pointAt(zone: string, name: string, tunnel: string, instead?: string): Promise<void> {
    const body = { type: 'CNAME', name, content: targetOf(tunnel), proxied: true, comment: 'Drawbridge' }
    const at = `/zones/${zone}/dns_records${instead ? `/${instead}` : ''}`
    await this.#ask(at, { right: 'dns', method: instead ? 'PUT' : 'POST', body }, z.unknown())
  }

  async #ask<T>(path: string, { right, method = 'GET', body }: Asked, shape: z.ZodType<T>) {
    let response: Response
    let text: string
    try {
      response = await this.#fetch(`${this.#base}${path}`, {
        method,
        headers: {
          accept: 'application/json',
          authorization: `Bearer ${this.#token}`,
          ...(body && { 'content-type': 'application/json' }),
        },
        ...(body && { body: JSON.stringify(body) }),
        // Nobody else is told the token.
        redirect: 'error',
        signal: AbortSignal.timeout(patience),
      })
      text = await readText(response, longestAnswer)
    } catch (cause) {
      throw new HostError({ code: 'cloudflare-unreachable', cause })
    }
    const { data } = Envelope.safeParse(parseJson(text))
    if (data === undefined || !data.success) throw this.#refused(response, data?.errors ?? [], right)
    const result = shape.safeParse(data.result)
    if (!result.success)
      throw new HostError({
        code: 'cloudflare-answer',
        params: { said: `${response.status}` },
        cause: result.error,
      })
    return { result: result.data, pages: data.result_info?.total_pages ?? 1 }
  }

  #refused(
    { status, headers }: Response,
    errors: { code: number; message: string }[],
    right: Asked['right'],
  ): HostError {
    const detail = `${status} ${errors.map(({ code, message }) => `${code} ${message}`).join('; ')}`
    if (status === 429) {
      const wait = readRetryAfter(headers.get('retry-after'), this.#now()) ?? 300_000
      return new HostError({ code: 'cloudflare-busy', params: { minutes: Math.ceil(wait / 60_000) }, detail })
    }
    if (status === 400 || status === 401) {
      const isToken = status === 401 || errors.some(({ code }) => tokenCodes.includes(code))
      if (isToken) return new HostError({ code: 'cloudflare-token', detail })
    }
    if (status === 403)
      return new HostError({ code: 'cloudflare-rights', params: { right: rights[right] }, detail })
    const said = errors[0]?.message.slice(0, 200) || `${status}`
    return new HostError({ code: 'cloudflare-answer', params: { said }, detail })
  }
}

export const targetOf = (tunnel: string): string => `${tunnel}.cfargotunnel.com`
