import { lookup } from 'node:dns/promises'
import { request } from 'node:https'
import { connect as connectTls, type SecureContext, type TLSSocket } from 'node:tls'
import ipaddr from 'ipaddr.js'
import { directly, type Network } from '../../net/network.ts'
import { connectThrough } from '../../net/through-proxy.ts'

/** The most a client metadata document may weigh (CIMD draft §6.6). */
const maxBytes = 5 * 1024
/** From the first look-up to the last byte. */
const timeLimit = 3_000

/** What the guard needs of the outside world; tests pass their own. */
export interface Outside {
  lookup(host: string): Promise<{ address: string; family: number }[]>
  request: typeof request
  ports: readonly number[]
  /** A connection by another way, a proxy, to exactly this address, with TLS for the host in it; null: directly. */
  connect?(url: URL, address: string, signal: AbortSignal): Promise<TLSSocket | null>
  /** What certificates are checked against; left out: what Node trusts. */
  trust?(url: URL): Promise<SecureContext | undefined>
}

/** It was read, and is not what it should be. */
export class Unfit extends Error {}

/**
 * Behind a proxy too, names are looked up and judged here, and the proxy is told the address that was found good, never the name: it
 * could find another address behind it, in its own network. What only the proxy can look up is therefore not fetched.
 */
export const outsideOf = (network: Network): Outside => ({
  lookup: (host) => lookup(host, { all: true, verbatim: true }),
  request,
  ports: [443],
  async connect(url, address, signal) {
    const route = await network.route(url)
    if (route.proxy === null) return null
    const socket = await connectThrough(route, { host: address, port: Number(url.port || 443) }, signal)
    return connectTls({
      socket,
      servername: url.hostname,
      ...(route.trust && { secureContext: route.trust }),
    })
  },
  trust: async (url) => (await network.route(url)).trust,
})

export const realOutside: Outside = outsideOf(directly)

/** True for an address on the public internet, whatever it is wrapped in (RFC 6890). */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false
  // `process` unwraps IPv4 addresses written as IPv6; 6to4, Teredo and NAT64 are ranges of their own
  return ipaddr.process(address).range() === 'unicast'
}

/**
 * Fetches a small JSON document from the public internet without becoming a tool against the local network: https
 * only, a host with a real name, every address behind it public, the connection pinned to one of them, no redirects,
 * 5 kB, 3 s. Throws a plain Error that says why; its text is for the log.
 */
export async function fetchPublicJson(address: string, outside: Outside = realOutside): Promise<string> {
  const url = new URL(address)
  if (url.protocol !== 'https:') throw new Error('not https')
  if (url.username !== '' || url.password !== '') throw new Error('has user information')
  if (!outside.ports.includes(url.port === '' ? 443 : Number(url.port))) throw new Error('unusual port')
  const host = url.hostname
  // a last label that begins with a letter: no spelling of an address gets past
  if (!/^(?:[a-z0-9_-]+\.)+[a-z][a-z0-9-]*$/.test(host)) throw new Error('not a public host name')
  if (
    /(?:^|\.)(?:localhost|local|internal|intranet|lan|home|corp|private|arpa|onion|test|invalid)$/.test(host)
  )
    throw new Error('a name of a local network')

  const signal = AbortSignal.timeout(timeLimit)
  const addresses = await Promise.race([outside.lookup(host), whenAborted(signal)])
  const [first] = addresses
  if (first === undefined) throw new Error('the host has no address')
  if (!addresses.every((one) => isPublicAddress(one.address)))
    throw new Error('an address that is not public')
  const socket = (await outside.connect?.(url, first.address, signal)) ?? null
  const trust = await outside.trust?.(url)
  return download(url, first, outside, signal, { socket, trust })
}

const whenAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('took too long')), { once: true })
  })

function download(
  url: URL,
  pinned: { address: string; family: number },
  outside: Outside,
  signal: AbortSignal,
  { socket, trust }: { socket: TLSSocket | null; trust: SecureContext | undefined },
): Promise<string> {
  const way = socket === null ? { agent: false as const } : { createConnection: () => socket }
  return new Promise((resolve, reject) => {
    const outgoing = outside.request(
      url,
      {
        signal,
        ...way,
        ...(trust && { secureContext: trust }),
        headers: { accept: 'application/json', 'user-agent': 'Drawbridge' },
        // the checked address and no other, however often the name is asked again
        lookup: (_host, options, done) =>
          options.all ? done(null, [pinned]) : done(null, pinned.address, pinned.family),
      },
      (response) => {
        const fail = (why: Error) => {
          outgoing.destroy()
          reject(why)
        }
        if (response.statusCode !== 200) return fail(new Error(`answered ${response.statusCode}`))
        if (!/\bjson\b/i.test(response.headers['content-type'] ?? '')) return fail(new Unfit('not JSON'))
        const chunks: Buffer[] = []
        let size = 0
        response.on('data', (chunk: Buffer) => {
          size += chunk.length
          if (size > maxBytes) return fail(new Unfit('too large'))
          chunks.push(chunk)
        })
        response.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')))
        response.on('error', reject)
      },
    )
    outgoing.on('error', reject)
    outgoing.end()
  })
}
