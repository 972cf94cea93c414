import type { Network } from './network.ts'
import { RouteDispatchers } from './route-dispatchers.ts'

/** To connect. Milliseconds. */
const timeout = 10_000

/** `last`: whether it may still be sent, asked when nothing is waited for any more. */
export type CheckedFetch = (
  input: string | URL | Request,
  init?: RequestInit,
  last?: { check(): void },
) => Promise<Response>

/** A fetch that takes the user's network into account, for addresses that we chose ourselves. */
export function createNetworkFetch(network: Network): { fetch: CheckedFetch; close(): Promise<void> } {
  const dispatchers = new RouteDispatchers(async (route) => {
    const { Agent } = await import('undici')
    const { throughProxy } = await import('./dispatchers.ts')
    const { proxy, trust } = route
    if (proxy !== null) return throughProxy(route, timeout)
    return new Agent({ connect: { timeout, ...(trust && { secureContext: trust }) } })
  })
  return {
    fetch: async (input, init, last) => {
      const url = new URL(input instanceof Request ? input.url : input)
      const route = await network.route(url)
      if (route.proxy === null && route.trust === undefined) {
        last?.check()
        return fetch(input, init)
      }
      const dispatcher = await dispatchers.for(route)
      const undici = await import('undici')
      last?.check()
      return (await undici.fetch(url, { ...(init as object), dispatcher })) as unknown as Response
    },
    close: () => dispatchers.close(),
  }
}

/** The body as text, cut at `limit` bytes: what answers may be anything. */
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
