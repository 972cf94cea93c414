import { lookup as lookUp } from 'node:dns'
import { lookup as lookUpFirst } from 'node:dns/promises'
import type { LookupFunction } from 'node:net'
import type { FetchLike } from '@modelcontextprotocol/client'
import ipaddr from 'ipaddr.js'
import { directly, type Network, type Route } from '../../net/network.ts'

/** Metadata and tokens are small. Bytes. */
const maxResponse = 1_000_000
/** From the question to the last byte. */
const timeLimit = 15_000

export const isLoopbackHost = (host: string): boolean =>
  /^(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\]|::1|localhost)$/.test(host)

/** True for an address on the public internet, whatever it is wrapped in (RFC 6890). */
function isPublic(address: string): boolean {
  const bare = address.replace(/^\[|\]$/g, '')
  return ipaddr.isValid(bare) && ipaddr.process(bare).range() === 'unicast'
}

const isAddress = (host: string): boolean => ipaddr.isValid(host.replace(/^\[|\]$/g, ''))

/**
 * Fetches what a server says belongs to signing in to it. The server chooses these addresses, so it must not be able to make
 * this computer ask others that it cannot reach itself: https only, and nothing on this computer or in the local network
 * unless the server is there too. http is for tests and development, with both on this computer. Redirects are the
 * caller's: none is followed here.
 *
 * Behind a proxy it is the proxy that connects, so the address cannot be pinned. What can be looked up here is checked here all the
 * same; beyond that the certificate stands guard: only https is asked, and nothing in the proxy's own network can show a certificate
 * for the foreign name that was asked for, so nothing of a request gets there. Names that only the proxy can look up are asked for.
 */
export function createGuardedFetch(
  serverUrl: URL,
  network: Network = directly,
): { fetch: FetchLike; close(): Promise<void> } {
  const serverIsHere = isLoopbackHost(serverUrl.hostname)
  const serverIsNear = serverIsHere || (isAddress(serverUrl.hostname) && !isPublic(serverUrl.hostname))
  // The server's own name may lead into the local network: the user typed it.
  const mayBeNear = (host: string) => serverIsNear || host === serverUrl.hostname

  const lookup: LookupFunction = (host, options, done) => {
    lookUp(host, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error, '', 0)
      if (!mayBeNear(host) && !addresses.every(({ address }) => isPublic(address)))
        return done(new Error(`${host} leads into a local network`), '', 0)
      // Checked and used in one go: asking the name again could give another address.
      if (options.all) return done(null, addresses)
      const [first] = addresses
      done(null, first!.address, first!.family)
    })
  }
  // Loaded when it is first wanted: undici takes 4 MB of memory.
  const open = async (route: Route) => {
    const { Agent, fetch } = await import('undici')
    const { throughProxy } = await import('../../net/dispatchers.ts')
    const { proxy, trust } = route
    const connect = { lookup, timeout: 10_000, ...(trust && { secureContext: trust }) }
    const agent = proxy ? throughProxy(route, 10_000) : new Agent({ maxResponseSize: maxResponse, connect })
    return { fetch, agent }
  }
  /** By proxy; '' for none. */
  const opened = new Map<string, ReturnType<typeof open>>()
  const openFor = (route: Route) => {
    const key = route.proxy?.href ?? ''
    const found = opened.get(key) ?? open(route)
    opened.set(key, found)
    return found
  }

  const checkName = async (host: string) => {
    if (mayBeNear(host) || isAddress(host)) return
    // Unknown here: the proxy may know it.
    const found = await lookUpFirst(host, { all: true }).catch(() => [])
    if (!found.every(({ address }) => isPublic(address)))
      throw new Error(`${host} leads into a local network`)
  }

  const check = (url: URL) => {
    const secure =
      url.protocol === 'https:' || (url.protocol === 'http:' && serverIsHere && isLoopbackHost(url.hostname))
    if (!secure) throw new Error(`${url.origin} is not asked: not https`)
    if (url.username !== '' || url.password !== '')
      throw new Error(`${url.origin} is not asked: user information`)
    if (isAddress(url.hostname) && !isPublic(url.hostname) && !mayBeNear(url.hostname))
      throw new Error(`${url.origin} is not asked: it is in a local network`)
  }

  return {
    fetch: async (url, init) => {
      const target = new URL(url)
      check(target)
      const limit = AbortSignal.timeout(timeLimit)
      const signal = init?.signal ? AbortSignal.any([init.signal, limit]) : limit
      const route = await network.route(target)
      if (route.proxy !== null) await checkName(target.hostname)
      const { agent, fetch } = await openFor(route)
      const response = await fetch(target, {
        ...(init as object),
        redirect: 'manual',
        signal,
        dispatcher: agent,
      })
      const text = await readText(response)
      // The SDK knows a response by the class that Node has built in, which undici's own is not.
      return new Response(text === '' ? null : text, {
        status: response.status,
        statusText: response.statusText,
        headers: [...response.headers],
      })
    },
    close: async () => {
      for (const one of opened.values()) await (await one).agent.destroy()
    },
  }
}

/** A proxy's agent knows no limit. */
async function readText(response: { body: AsyncIterable<Uint8Array> | null }): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    if (size > maxResponse) throw new Error('the answer is too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
