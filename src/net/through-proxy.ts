import { request as overHttp, type RequestOptions } from 'node:http'
import { request as overHttps } from 'node:https'
import type { Socket } from 'node:net'
import type { Route } from './network.ts'

/** For the proxy to have led us there. Milliseconds. */
const patience = 15_000

/**
 * A connection through an HTTP proxy (CONNECT, RFC 9110 §9.3.6). `host`: a name, which the proxy looks up, or an address. Rejects with an
 * Error that begins with “The proxy” or “Proxy response”.
 */
export function connectThrough(
  { proxy, trust }: Route,
  { host, port }: { host: string; port: number },
  signal: AbortSignal = AbortSignal.timeout(patience),
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (proxy === null || proxy.protocol === 'socks5:')
      return reject(new Error('The proxy of this network cannot be used for connections of this kind'))
    const to = `${host.includes(':') ? `[${host}]` : host}:${port}`
    const name = [proxy.username, proxy.password].map(decodeURIComponent).join(':')
    const options: RequestOptions & { secureContext?: unknown } = {
      ...{ method: 'CONNECT', path: to, agent: false, signal },
      host: proxy.hostname.replace(/^\[|\]$/g, ''),
      port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
      headers: {
        host: to,
        ...(proxy.username !== '' && {
          'proxy-authorization': `Basic ${Buffer.from(name).toString('base64')}`,
        }),
      },
      ...(trust && { secureContext: trust }),
    }
    const asked = proxy.protocol === 'https:' ? overHttps(options) : overHttp(options)
    asked.once('connect', (response, socket, head) => {
      if (response.statusCode !== 200) {
        socket.destroy()
        return reject(new Error(`Proxy response (${response.statusCode}) !== 200 when HTTP Tunneling`))
      }
      if (head.length > 0) socket.unshift(head)
      resolve(socket as Socket)
    })
    asked.once('response', (response) => {
      asked.destroy()
      reject(new Error(`Proxy response (${response.statusCode}) !== 200 when HTTP Tunneling`))
    })
    asked.once('error', (error) => reject(new Error('The proxy cannot be reached', { cause: error })))
    asked.end()
  })
}
