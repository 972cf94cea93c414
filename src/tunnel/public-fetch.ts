import { lookup as systemLookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { directly, type Network } from '../net/network.ts'
import { RouteDispatchers } from '../net/route-dispatchers.ts'

/** The part of fetch that the tunnel uses. */
export type ProbeFetch = (
  url: string,
  init: { headers: Record<string, string>; redirect: 'follow' | 'manual'; signal: AbortSignal },
) => Promise<Response>

/**
 * `localhost` and every name under it is this computer (RFC 6761 §6.3). Browsers know that, most system resolvers do
 * not, so a tunnel server on this computer would be reachable for the browser only.
 */
export const lookup: LookupFunction = (hostname, options, callback) => {
  if (!/(^|\.)localhost\.?$/i.test(hostname)) return systemLookup(hostname, options, callback)
  if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }])
  else callback(null, '127.0.0.1', 4)
}

/** A fetch that opens a new connection for each request, so that no probe is answered by yesterday's connection. */
export function createPublicFetch(network: Network = directly): {
  fetch: ProbeFetch
  close(): Promise<void>
} {
  const dispatchers = new RouteDispatchers(async (route) => {
    const { Agent } = await import('undici')
    const { throughProxy } = await import('../net/dispatchers.ts')
    if (route.proxy) return throughProxy(route, 5_000, { pipelining: 0 })
    const connect = { lookup, timeout: 5_000, ...(route.trust && { secureContext: route.trust }) }
    return new Agent({ pipelining: 0, connect, autoSelectFamily: true })
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
