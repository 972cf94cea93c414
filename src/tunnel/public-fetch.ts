import { lookup as systemLookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { directly, type Network, type Route } from '../net/network.ts'

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
  // Loaded when it is first wanted: undici takes 4 MB of memory, and many a Drawbridge never asks anything in public.
  const open = async (route: Route) => {
    const { Agent, fetch } = await import('undici')
    const { throughProxy } = await import('../net/dispatchers.ts')
    const { proxy, trust } = route
    const connect = { lookup, timeout: 5_000, ...(trust && { secureContext: trust }) }
    const agent = proxy
      ? throughProxy(route, 5_000, { pipelining: 0 })
      : new Agent({ pipelining: 0, connect, autoSelectFamily: true })
    return { fetch, agent }
  }
  /** By proxy; '' for none. */
  const opened = new Map<string, ReturnType<typeof open>>()
  return {
    fetch: async (url, init) => {
      const route = await network.route(new URL(url))
      const key = route.proxy?.href ?? ''
      const found = opened.get(key) ?? open(route)
      opened.set(key, found)
      const { agent, fetch } = await found
      return (await fetch(url, { ...init, dispatcher: agent })) as unknown as Response
    },
    close: async () => {
      for (const one of opened.values()) await (await one).agent.destroy()
    },
  }
}

/** The body as text, cut at `limit` bytes: what answers at a public address may be anything. */
export async function readText(response: Response, limit: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk)
    size += chunk.byteLength
    if (size >= limit) break
  }
  return Buffer.concat(chunks).subarray(0, limit).toString('utf8')
}
