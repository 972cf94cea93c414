import { type Dispatcher, Pool, ProxyAgent } from 'undici'
import type { Route } from './network.ts'

/** Through the route's proxy to any address. Streams may be silent for as long as they like. `timeout`: to connect; milliseconds. */
export function throughProxy(
  { proxy, trust }: Route,
  timeout: number,
  more: { pipelining?: number } = {},
): Dispatcher {
  const tls = { timeout, ...(trust && { secureContext: trust }) }
  const patient = { bodyTimeout: 0, headersTimeout: 0, ...more }
  return new ProxyAgent({
    uri: proxy!.href,
    ...patient,
    factory: (origin, options) => new Pool(origin, { ...(options as Pool.Options), ...patient }),
    // Many proxies let nobody through to port 80 by CONNECT (RFC 9110 §9.3.6): http is asked for in the absolute form (RFC 9112 §3.2.2).
    proxyTunnel: false,
    requestTls: tls,
    proxyTls: tls,
  })
}
