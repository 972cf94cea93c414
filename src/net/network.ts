import { readFileSync } from 'node:fs'
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls'
import ipaddr from 'ipaddr.js'
import { errorText } from '../kernel/errors.ts'
import type { Log } from '../kernel/log/log.ts'
import type { Redactor } from '../kernel/log/redact.ts'

/** How one address is reached. */
export interface Route {
  /** `http:`, `https:` or `socks5:`; null: directly. */
  proxy: URL | null
  /** What certificates are checked against; undefined: what Node trusts by itself. */
  trust: SecureContext | undefined
}

/** The way from this computer to others, as its user, or whoever runs the user's network, set it. */
export interface Network {
  route(url: URL): Promise<Route>
}

/** As if nothing was set. */
export const directly: Network = { route: async () => ({ proxy: null, trust: undefined }) }

/** Chromium's answer about the system's proxy: `DIRECT`, `PROXY host:port; SOCKS5 host:port; DIRECT` … */
export type SystemProxy = (url: string) => Promise<string>

/** How long the system may think about its proxy. Milliseconds. */
const systemPatience = 2_000

/**
 * Proxies are the ones that the environment names (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`, in upper or lower case; of
 * both the lower one counts, as with curl); where it names none, the system's. What `NODE_EXTRA_CA_CERTS` and `SSL_CERT_FILE` hold is
 * trusted besides what Node trusts.
 *
 * This computer itself is never asked through a proxy, as in browsers: `localhost` there would be another computer.
 */
export function createNetwork(deps: {
  env: NodeJS.ProcessEnv
  log: Log
  redactor: Pick<Redactor, 'add'>
  system?: SystemProxy | undefined
}): Network {
  const { env, log, redactor, system } = deps
  const named = (name: string): string => (env[name.toLowerCase()] || env[name] || '').trim()
  const proxies = {
    'https:': named('HTTPS_PROXY') || named('ALL_PROXY'),
    'http:': named('HTTP_PROXY') || named('ALL_PROXY'),
  }
  const isNamed = proxies['https:'] !== '' || proxies['http:'] !== ''
  const isExempt = exemptions(named('NO_PROXY'))
  const files = [named('NODE_EXTRA_CA_CERTS'), named('SSL_CERT_FILE')].filter(Boolean)
  let trust: SecureContext | null | undefined = null

  const parsed = new Map<string, URL | null>()
  const proxyAt = (text: string): URL | null => {
    let proxy = parsed.get(text)
    if (proxy === undefined) {
      proxy = parseProxy(text)
      parsed.set(text, proxy)
      if (proxy === null) log.warn('network.proxy-unreadable', {})
      // It would be in every message about the proxy otherwise.
      else if (proxy.password !== '') redactor.add(decodeURIComponent(proxy.password))
    }
    return proxy
  }

  const ofSystem = async (url: URL): Promise<URL | null> => {
    if (!system) return null
    const late = AbortSignal.timeout(systemPatience)
    const enough = new Promise<string>((resolve) =>
      late.addEventListener('abort', () => resolve('DIRECT'), { once: true }),
    )
    try {
      // Paths and queries are nobody else's: scripts that choose a proxy (PAC) may come from the network.
      return systemAnswer(await Promise.race([system(`${url.origin}/`), enough]))
    } catch (error) {
      log.warn('network.system-proxy', { error: errorText(error) })
      return null
    }
  }

  return {
    async route(url) {
      if (trust === null) trust = trusting(files, system !== undefined, log)
      const found = { proxy: null, trust }
      if (isThisComputer(url.hostname)) return found
      if (!isNamed) return { ...found, proxy: await ofSystem(url) }
      const text = proxies[url.protocol as keyof typeof proxies] ?? ''
      return text === '' || isExempt(url) ? found : { ...found, proxy: proxyAt(text) }
    },
  }
}

/** RFC 6761 §6.3 for names; RFC 1122 §3.2.1.3 and RFC 4291 §2.5.3 for addresses. */
function isThisComputer(hostname: string): boolean {
  const bare = hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
  if (/(?:^|\.)localhost$/i.test(bare)) return true
  return ipaddr.isValid(bare) && ['loopback', 'unspecified'].includes(ipaddr.process(bare).range())
}

function parseProxy(text: string): URL | null {
  const url = URL.parse(/^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `http://${text}`)
  if (url === null || url.hostname === '' || !isReadable(url)) return null
  if (url.protocol === 'http:' || url.protocol === 'https:') return url
  // The name is the proxy's to look up in any case.
  return /^socks5?h?:$/.test(url.protocol) ? new URL(url.href.replace(/^socks5?h?:/, 'socks5:')) : null
}

/** Names and passwords are written with %-signs (RFC 3986 §2.1), and not everybody knows. */
function isReadable({ username, password }: URL): boolean {
  try {
    decodeURIComponent(username + password)
    return true
  } catch {
    return false
  }
}

function systemAnswer(answer: string): URL | null {
  const schemes: Record<string, string> = { PROXY: 'http', HTTPS: 'https', SOCKS5: 'socks5', SOCKS: 'socks5' }
  for (const part of answer.split(';')) {
    const [kind = '', where = ''] = part.trim().split(/\s+/)
    if (kind.toUpperCase() === 'DIRECT') return null
    const scheme = schemes[kind.toUpperCase()]
    if (scheme !== undefined && where !== '') return parseProxy(`${scheme}://${where}`)
  }
  return null
}

/** `NO_PROXY`: names with all below them, addresses, ranges (`10.0.0.0/8`), each perhaps with a port; `*` for everything. */
function exemptions(text: string): (url: URL) => boolean {
  const entries = text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((entry) => {
      const [, host = entry, port] = /^(\[[^\]]*\]|[^:]*):(\d+)$/.exec(entry) ?? []
      return {
        host: host
          .replace(/^\[|\]$/g, '')
          .replace(/^\*?\./, '')
          .toLowerCase(),
        port,
      }
    })
  return (url) => {
    const host = url.hostname
      .replace(/^\[|\]$/g, '')
      .replace(/\.$/, '')
      .toLowerCase()
    const port = url.port || (url.protocol === 'https:' ? '443' : '80')
    return entries.some((entry) => {
      if (entry.port !== undefined && entry.port !== port) return false
      if (entry.host === '*' || host === entry.host || host.endsWith(`.${entry.host}`)) return true
      return entry.host.includes('/') && isWithin(host, entry.host)
    })
  }
}

function isWithin(address: string, range: string): boolean {
  if (!ipaddr.isValid(address) || !ipaddr.isValidCIDR(range)) return false
  const one = ipaddr.process(address)
  const [base, bits] = ipaddr.parseCIDR(range)
  return one.kind() === base.kind() && one.match(base, bits)
}

/**
 * What Node trusts, and besides it the certificates of those files and, in the app, the system's own store: whoever has to go through
 * the proxy of a company usually gets its certificates as well.
 */
function trusting(files: readonly string[], withSystem: boolean, log: Log): SecureContext | undefined {
  const own = files.flatMap((file) => {
    try {
      return [readFileSync(file, 'utf8')]
    } catch (error) {
      log.warn('network.certificates-unreadable', { file, error: errorText(error) })
      return []
    }
  })
  if (own.length === 0 && !withSystem) return undefined
  try {
    return createSecureContext({
      ca: [...getCACertificates('default'), ...(withSystem ? getCACertificates('system') : []), ...own],
    })
  } catch (error) {
    log.warn('network.certificates-invalid', { files, error: errorText(error) })
    return undefined
  }
}
