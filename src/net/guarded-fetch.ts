import type { LookupAddress } from 'node:dns'
import { lookup } from 'node:dns/promises'
import type { LookupFunction, Socket } from 'node:net'
import ipaddr from 'ipaddr.js'
import type { buildConnector, Dispatcher } from 'undici'
import { directly, type Network, type Route } from './network.ts'
import { RouteDispatchers } from './route-dispatchers.ts'
import { connectThrough } from './through-proxy.ts'

export type GuardedFetch = (url: string | URL, init?: RequestInit) => Promise<Response>

export interface GuardOptions {
  /** Bytes of an answer. */
  maxBytes: number
  /** From the question to the last byte. Milliseconds. */
  timeLimit: number
  /** Left out: as if nothing was set. */
  network?: Network | undefined
  /**
   * The server, typed by the user, that chooses the addresses: what is as near to this computer as it is may be asked, over http too
   * where both are on this computer.
   */
  server?: URL
  /**
   * Anybody may choose the addresses: only names that the internet knows are asked, on these ports, and a proxy is told the address that was
   * judged, never the name: it could find another address behind it, in its own network.
   */
  strangers?: { ports: readonly number[] }
  /** For tests. */
  outside?: Outside
}

/** The way out; tests pass their own. */
export interface Outside {
  lookup(host: string): Promise<LookupAddress[]>
  /** A connection to an address that was judged; left out: a direct one. */
  connect?(address: string): Promise<Socket>
}

/** To connect. Milliseconds. */
const connectTimeout = 10_000

const systemOutside: Outside = { lookup: (host) => lookup(host, { all: true, verbatim: true }) }

/** The answer has more bytes than it may; `head` is the rest of it. */
export class TooLarge extends Error {
  readonly head: Response

  constructor(head: Response) {
    super('the answer is too large')
    this.head = head
  }
}

const withoutBrackets = (host: string): string => host.replace(/^\[|\]$/g, '')
const isAddress = (host: string): boolean => ipaddr.isValid(withoutBrackets(host))

/** True for an address on the public internet, whatever it is wrapped in (RFC 6890). */
export function isPublicAddress(address: string): boolean {
  const bare = withoutBrackets(address)
  // `process` unwraps IPv4 addresses written as IPv6; 6to4, Teredo and NAT64 are ranges of their own
  return ipaddr.isValid(bare) && ipaddr.process(bare).range() === 'unicast'
}

export const isLoopbackHost = (host: string): boolean =>
  /^(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\]|::1|localhost)$/.test(host)

/** A last label that begins with a letter: no spelling of an address gets past. */
const internetName = /^(?:[a-z0-9_-]+\.)+[a-z][a-z0-9-]*$/
const localName =
  /(?:^|\.)(?:localhost|local|internal|intranet|lan|home|corp|private|arpa|onion|test|invalid)$/

/** What may be asked. The one place that says so; each rule throws an Error whose text is for the log. */
class Guard {
  readonly #server: URL | undefined
  readonly #strangers: GuardOptions['strangers']
  readonly #lookup: Outside['lookup']
  readonly #serverIsHere: boolean
  readonly #serverIsNear: boolean

  constructor({ server, strangers, outside = systemOutside }: GuardOptions) {
    this.#server = server
    this.#strangers = strangers
    this.#lookup = outside.lookup
    const host = server?.hostname ?? ''
    this.#serverIsHere = isLoopbackHost(host)
    this.#serverIsNear = this.#serverIsHere || (isAddress(host) && !isPublicAddress(host))
  }

  /** What the address itself says. */
  checkUrl(url: URL): void {
    const { hostname: host } = url
    const isHere = url.protocol === 'http:' && this.#serverIsHere && isLoopbackHost(host)
    if (url.protocol !== 'https:' && !isHere) throw new Error(`${url.origin} is not asked: not https`)
    if (url.username !== '' || url.password !== '')
      throw new Error(`${url.origin} is not asked: user information`)
    if (this.#strangers !== undefined) this.#checkStrangers(url, this.#strangers.ports)
    if (isAddress(host) && !isPublicAddress(host) && !this.#mayBeNear(host))
      throw new Error(`${url.origin} is not asked: it is in a local network`)
  }

  #checkStrangers({ origin, hostname, port }: URL, ports: readonly number[]): void {
    if (!ports.includes(port === '' ? 443 : Number(port)))
      throw new Error(`${origin} is not asked: unusual port`)
    if (!internetName.test(hostname)) throw new Error(`${origin} is not asked: not a public host name`)
    if (localName.test(hostname)) throw new Error(`${origin} is not asked: a name of a local network`)
  }

  /** The server's own name may lead into the local network: the user typed it. */
  #mayBeNear(host: string): boolean {
    return this.#serverIsNear || host === this.#server?.hostname
  }

  /** The addresses behind a host, each of them good; to be connected to without asking the name again, which could give others. */
  async addressesOf(host: string): Promise<LookupAddress[]> {
    const bare = withoutBrackets(host)
    const found = ipaddr.isValid(bare)
      ? [{ address: bare, family: bare.includes(':') ? 6 : 4 }]
      : await this.#lookup(host)
    if (found.length === 0) throw new Error(`${host} has no address`)
    if (!this.#mayBeNear(host) && !found.every(({ address }) => isPublicAddress(address)))
      throw new Error(`${host} leads into a local network: an address that is not public`)
    return found
  }

  /** For a proxy that looks names up itself: what can be looked up here is judged here, and the proxy may know others. */
  async checkName(host: string): Promise<void> {
    if (this.#mayBeNear(host) || isAddress(host)) return
    const found = await this.#lookup(host).catch(() => [])
    if (found.length > 0 && !found.every(({ address }) => isPublicAddress(address)))
      throw new Error(`${host} leads into a local network`)
  }
}

/**
 * Fetches what somebody else chose the address of, without becoming a tool against this computer or its network: https only, no user
 * information, every address behind a name public, the connection made to one of those that were judged, no redirects followed, and
 * limits to time and size. `server` and `strangers` say who chooses, and what follows from it.
 *
 * Behind a proxy that is told names it is the proxy that connects, so the address cannot be pinned. What can be looked up here is judged
 * here all the same; beyond that the certificate stands guard: only https is asked, and nothing in the proxy's own network can show a
 * certificate for the foreign name that was asked for, so nothing of a request gets there.
 */
export function createGuardedFetch(options: GuardOptions): { fetch: GuardedFetch; close(): Promise<void> } {
  const { network = directly, strangers, maxBytes, timeLimit } = options
  const guard = new Guard(options)
  const tellsNames = (route: Route) => route.proxy !== null && strangers === undefined
  const dispatchers = new RouteDispatchers(async (route) => {
    if (tellsNames(route)) return (await import('./dispatchers.ts')).throughProxy(route, connectTimeout)
    return pinning(guard, route, options)
  })
  return {
    fetch: async (url, init) => {
      const target = new URL(url)
      guard.checkUrl(target)
      const limit = AbortSignal.timeout(timeLimit)
      const signal = init?.signal ? AbortSignal.any([init.signal, limit]) : limit
      const route = await network.route(target)
      if (tellsNames(route)) await guard.checkName(target.hostname)
      const dispatcher = await dispatchers.for(route)
      const undici = await import('undici')
      const response = await undici.fetch(target, {
        ...(init as object),
        redirect: 'manual',
        signal,
        dispatcher,
      })
      return read(response as unknown as Response, maxBytes)
    },
    close: () => dispatchers.close(),
  }
}

/** Connects to judged addresses and to no other, directly or through a proxy. */
async function pinning(guard: Guard, route: Route, options: GuardOptions): Promise<Dispatcher> {
  const { Agent, buildConnector: build } = await import('undici')
  const { outside, strangers, maxBytes, timeLimit } = options
  const { proxy, trust } = route

  const connectTo = async (asked: buildConnector.Options, done: buildConnector.Callback) => {
    const addresses = await guard.addressesOf(asked.hostname)
    const [{ address }] = addresses as [LookupAddress]
    const to = { host: address, port: Number(asked.port || 443) }
    const httpSocket = proxy
      ? await connectThrough(route, to, AbortSignal.timeout(timeLimit))
      : await outside?.connect?.(address)
    const connect = build({
      timeout: connectTimeout,
      lookup: only(addresses),
      ...(trust && { secureContext: trust }),
    })
    connect({ ...asked, ...(httpSocket && { httpSocket }) }, done)
  }
  return new Agent({
    connect: (asked, done) => void connectTo(asked, done).catch((error: Error) => done(error, null)),
    maxResponseSize: maxBytes,
    // Whoever a stranger made us ask is asked once: no connection is kept for later.
    ...(strangers && { pipelining: 0 }),
  })
}

const only =
  (addresses: LookupAddress[]): LookupFunction =>
  (_host, options, done) => {
    const [first] = addresses as [LookupAddress]
    if (options.all) done(null, addresses)
    else done(null, first.address, first.family)
  }

/** The whole answer as a Response of the class that Node has built in, which undici's own is not; the SDK looks. */
async function read(response: Response, maxBytes: number): Promise<Response> {
  const { status, statusText } = response
  const head = { status, statusText, headers: [...response.headers] as [string, string][] }
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of response.body ?? []) {
      size += chunk.byteLength
      if (size > maxBytes) break
      chunks.push(chunk)
    }
  } catch (error) {
    const { cause } = error as { cause?: { code?: string } }
    // on the way, before it was decoded
    if (cause?.code !== 'UND_ERR_RES_EXCEEDED_MAX_SIZE') throw error
    size = Number.POSITIVE_INFINITY
  }
  if (size > maxBytes) throw new TooLarge(new Response(null, head))
  const text = Buffer.concat(chunks).toString('utf8')
  return new Response(text === '' ? null : text, head)
}
