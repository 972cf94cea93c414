import { lookup as lookUp } from 'node:dns'
import type { LookupFunction } from 'node:net'
import type { FetchLike } from '@modelcontextprotocol/client'
import ipaddr from 'ipaddr.js'

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
 */
export function createGuardedFetch(serverUrl: URL): { fetch: FetchLike; close(): Promise<void> } {
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
  const open = async () => {
    const { Agent, fetch } = await import('undici')
    return { fetch, agent: new Agent({ maxResponseSize: maxResponse, connect: { lookup, timeout: 10_000 } }) }
  }
  let opened: ReturnType<typeof open> | null = null

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
      opened ??= open()
      const { agent, fetch } = await opened
      const response = await fetch(target, {
        ...(init as object),
        redirect: 'manual',
        signal,
        dispatcher: agent,
      })
      const text = await response.text()
      // The SDK knows a response by the class that Node has built in, which undici's own is not.
      return new Response(text === '' ? null : text, {
        status: response.status,
        statusText: response.statusText,
        headers: [...response.headers],
      })
    },
    close: async () => (await opened)?.agent.destroy(),
  }
}
