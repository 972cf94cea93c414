/**
 * localtunnel's protocol, spoken directly (docs/decisions/0003-localtunnel-client.md says why): `GET {host}/{name}` answers
 * `{id, port, url, max_conn_count}`; the client then keeps up to `max_conn_count` TCP connections open to that port, and
 * the server sends one visitor's connection down each. The name is free again about a second after the last one closed.
 */
import * as z from 'zod'
import { parseJson } from '../../kernel/exact-json.ts'
import { connectionFailure } from '../../net/connection-failures.ts'
import { readText } from '../../net/network-fetch.ts'
import { connectThrough } from '../../net/through-proxy.ts'
import { isHere } from '../public-fetch.ts'
import { TunnelFailure } from '../tunnel-failure.ts'
import type { ListedProvider, OpenRequest, OpenTunnel } from './provider.ts'
import { RelayPool } from './relay-pool.ts'

/** The answer to a request for a name. `ip` is only sent by servers behind a proxy. */
const Granted = z.object({
  id: z.string(),
  ip: z.union([z.ipv4(), z.ipv6()]).optional().catch(undefined),
  port: z.number().int().min(1).max(65_535),
  url: z.url({ protocol: /^https?$/ }),
  max_conn_count: z.number().int().min(1).catch(1),
})
const Refused = z.object({ message: z.string().max(300) })

/** Ten is what the public server grants; more would only be closed again. */
const maxConnections = 10
const maxAnswer = 64_000

export const localtunnel = {
  id: 'localtunnel',
  naming: 'ours',
  needs: [],
  // Skips the page that the public server puts before a browser's first visit.
  probe: { headers: { 'bypass-tunnel-reminder': '1' } },
  // The default of localtunnel's own client; addresses there end with .loca.lt.
  defaultHost: 'https://localtunnel.me',
  open,
} satisfies ListedProvider

async function open({ host, name, localPort, signal, fetch, network }: OpenRequest): Promise<OpenTunnel> {
  if (!URL.canParse(host)) throw badHost(host)
  const base = new URL(host)
  let status: number
  let body: string
  try {
    const response = await askedAt(base, name, { fetch, signal })
    status = response.status
    body = await readText(response, maxAnswer)
  } catch (cause) {
    throw unreachable(base.host, cause)
  }

  const granted = Granted.safeParse(parseJson(body))
  if (status !== 200 || !granted.success) throw refused(base.host, status, body)
  const { id, ip, port, url, max_conn_count: allowed } = granted.data
  // The address decides which Host header we answer to, so it must be the name's own.
  const { protocol, hostname } = new URL(url)
  if (!hostname.startsWith(`${id}.`)) throw refused(base.host, status, body)
  if (protocol !== 'https:' && !isHere(base.hostname))
    throw new TunnelFailure({ code: 'tunnel-refused', says: 'tunnel-not-https', detail: url.slice(0, 200) })
  if (id !== name) {
    // Nothing to give back: a name nobody connects to is dropped by the server after a second.
    throw new TunnelFailure({
      code: 'tunnel-name-taken',
      detail: `asked for ${name}, offered ${id}`,
    })
  }

  const target = { host: ip ?? base.hostname, port }
  const route = await network?.route(new URL(`https://${base.hostname}:${port}`))
  const pool = new RelayPool({
    target,
    ...(route?.proxy && { through: () => connectThrough(route, target) }),
    localPort,
    size: Math.min(allowed, maxConnections),
  })
  try {
    await pool.connected(signal)
  } catch (cause) {
    pool.close()
    throw unreachable(`${base.hostname}:${port}`, cause)
  }
  return {
    origin: new URL(url).origin,
    idle: () => pool.idle(),
    onTrouble: (listen) => pool.onTrouble(listen),
    onLost: (listen) => pool.onLost(listen),
    close: () => pool.close(),
  }
}

const mostRedirects = 3

/** Followed only within the same host, and never from https to http: whoever is asked decides where our connections go. */
async function askedAt(
  base: URL,
  name: string,
  how: Pick<OpenRequest, 'fetch' | 'signal'>,
): Promise<Response> {
  let at = new URL(`/${name}`, base)
  for (let hop = 0; ; hop += 1) {
    const response = await how.fetch(at.href, {
      headers: { accept: 'application/json', 'user-agent': 'drawbridge' },
      redirect: 'manual',
      signal: how.signal,
    })
    const to = response.headers.get('location')
    const isRedirect = [301, 302, 303, 307, 308].includes(response.status) && to !== null
    if (!isRedirect || !URL.canParse(to, at.href)) return response
    const next = new URL(to, at)
    const isSafe =
      next.hostname === base.hostname && (next.protocol === 'https:' || next.protocol === at.protocol)
    if (!isSafe || hop === mostRedirects) return response
    await response.body?.cancel()
    at = next
  }
}

const unreachable = (where: string, cause: unknown) => {
  const way = connectionFailure({ host: where, isHttps: true }, cause)
  const isOurs = way?.kind === 'certificate' || way?.kind === 'proxy'
  const about = { detail: where, cause }
  if (!isOurs) return new TunnelFailure({ code: 'tunnel-unreachable', ...about })
  const params = { why: way.message, whatToDo: way.hint }
  return new TunnelFailure({ code: 'tunnel-unreachable', says: 'tunnel-unreachable-way', params, ...about })
}

const badHost = (host: string) =>
  new TunnelFailure({
    code: 'tunnel-host-invalid',
    detail: host,
  })

function refused(where: string, status: number, body: string): TunnelFailure {
  const said = Refused.safeParse(parseJson(body))
  return new TunnelFailure({
    code: 'tunnel-refused',
    says: said.success ? 'tunnel-said-no' : 'tunnel-no-address',
    params: { said: said.data?.message ?? '' },
    detail: `${where} answered ${status}: ${body.slice(0, 200)}`,
  })
}
