import type { Dispatcher } from 'undici'
import type { Network, Route } from './network.ts'

/** A fetch that takes the user's network into account, for addresses that we chose ourselves. */
export function createNetworkFetch(network: Network): { fetch: typeof fetch; close(): Promise<void> } {
  const open = new Map<string, Dispatcher>()
  return {
    fetch: async (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input)
      const route = await network.route(url)
      if (route.proxy === null && route.trust === undefined) return fetch(input, init)
      // Loaded when it is first wanted: undici takes 4 MB of memory.
      const undici = await import('undici')
      const { throughProxy } = await import('./dispatchers.ts')
      const key = route.proxy?.href ?? ''
      const dispatcher =
        open.get(key) ?? (route.proxy ? throughProxy(route, timeout) : trusting(undici, route))
      open.set(key, dispatcher)
      return (await undici.fetch(url, { ...(init as object), dispatcher })) as unknown as Response
    },
    close: async () => {
      await Promise.all([...open.values()].map((one) => one.destroy()))
    },
  }
}

/** To connect. Milliseconds. */
const timeout = 10_000

const trusting = ({ Agent }: typeof import('undici'), { trust }: Route): Dispatcher =>
  new Agent({ connect: { timeout, ...(trust && { secureContext: trust }) } })
