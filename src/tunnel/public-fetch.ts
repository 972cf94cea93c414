import { promises as dns, type LookupAddress, lookup as systemLookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { isLoopbackHost, isPublicAddress } from '../net/guarded-fetch.ts'
import { directly, type Network } from '../net/network.ts'
import { RouteDispatchers } from '../net/route-dispatchers.ts'

/** The part of fetch that the tunnel uses. */
export type ProbeFetch = (
  url: string,
  init: {
    headers: Record<string, string>
    redirect: 'follow' | 'manual'
    signal: AbortSignal
    method?: 'POST'
    body?: string
  },
) => Promise<Response>

const isLocalName = (hostname: string): boolean => /(^|\.)localhost\.?$/i.test(hostname)
/** Whether a host, as it stands in a URL, is this computer. */
export const isHere = (host: string): boolean => isLocalName(host) || isLoopbackHost(host)

/**
 * `localhost` and every name under it is this computer (RFC 6761 §6.3). Browsers know that, most system resolvers do
 * not, so a tunnel server on this computer would be reachable for the browser only.
 */
export const lookup: LookupFunction = (hostname, options, callback) => {
  if (!isLocalName(hostname)) return systemLookup(hostname, options, callback)
  if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }])
  else callback(null, '127.0.0.1', 4)
}

/** Answered by anycast from everywhere; of three companies, because some networks block one. */
const publicNameServers = ['1.1.1.1', '8.8.8.8', '9.9.9.9'] as const

/**
 * Asks public servers, as assistants do. This computer's own answer may lead back to itself (Tailscale's MagicDNS), or be yesterday's;
 * it is taken where the network lets nobody ask elsewhere, unless it is no public address.
 */
export function publicLookup(servers: readonly string[] = publicNameServers): LookupFunction {
  const find = async (hostname: string): Promise<LookupAddress[]> => {
    const resolver = new dns.Resolver({ timeout: 1_500, tries: 1 })
    resolver.setServers([...servers])
    const asked = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)])
    const found = asked.flatMap((one, at) =>
      one.status === 'rejected' ? [] : one.value.map((address) => ({ address, family: at === 0 ? 4 : 6 })),
    )
    if (found.length > 0) return found
    const [{ reason } = { reason: null }] = asked.filter((one) => one.status === 'rejected')
    if (['ENOTFOUND', 'ENODATA'].includes((reason as NodeJS.ErrnoException | null)?.code ?? '')) throw reason
    const here = await dns.lookup(hostname, { all: true })
    const outside = here.filter(({ address }) => isPublicAddress(address))
    if (outside.length > 0) return outside
    throw Object.assign(new Error(`${hostname} is ${here[0]?.address} here`), { code: 'ENOTFOUND' })
  }
  return (hostname, options, callback) => {
    if (isLocalName(hostname)) return lookup(hostname, options, callback)
    find(hostname).then(
      (found) => (options.all ? callback(null, found) : callback(null, found[0]!.address, found[0]!.family)),
      (error) => callback(error, options.all ? [] : '', 0),
    )
  }
}

/**
 * A fetch that opens a new connection for each request, so that no probe is answered by yesterday's connection; with `pipelining` 1
 * connections are kept.
 */
export function createPublicFetch(
  network: Network = directly,
  named: LookupFunction = lookup,
  pipelining: 0 | 1 = 0,
): {
  fetch: ProbeFetch
  close(): Promise<void>
} {
  const dispatchers = new RouteDispatchers(async (route) => {
    const { Agent } = await import('undici')
    const { throughProxy } = await import('../net/dispatchers.ts')
    if (route.proxy) return throughProxy(route, 5_000, { pipelining })
    const connect = { lookup: named, timeout: 5_000, ...(route.trust && { secureContext: route.trust }) }
    return new Agent({ pipelining, connect, autoSelectFamily: true })
  })
  return {
    fetch: async (url, init) => {
      const dispatcher = await dispatchers.for(await network.route(new URL(url)))
      const { fetch } = await import('undici')
      return (await fetch(url, { ...init, dispatcher })) as unknown as Response
    },
    close: () => dispatchers.close(),
  }
}
