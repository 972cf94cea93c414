import { lookup as systemLookup } from 'node:dns'
import type { LookupFunction } from 'node:net'

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
export function createPublicFetch(): { fetch: ProbeFetch; close(): Promise<void> } {
  // Loaded when it is first wanted: undici takes 4 MB of memory, and many a Drawbridge never asks anything in public.
  const open = async () => {
    const { Agent, fetch } = await import('undici')
    const connect = { lookup, timeout: 5_000 }
    return { fetch, agent: new Agent({ pipelining: 0, connect, autoSelectFamily: true }) }
  }
  let opened: ReturnType<typeof open> | null = null
  return {
    fetch: async (url, init) => {
      opened ??= open()
      const { agent, fetch } = await opened
      return (await fetch(url, { ...init, dispatcher: agent })) as unknown as Response
    },
    close: async () => (await opened)?.agent.destroy(),
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
