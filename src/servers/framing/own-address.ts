import { isLoopbackHost } from '../../net/guarded-fetch.ts'

/** A program that listens everywhere calls itself so. */
const nowhere: ReadonlySet<string> = new Set(['0.0.0.0', '[::]'])

/**
 * Where an address that a server gave leads, at the origin that the user typed; null: it leads elsewhere. Nothing is ever sent to another
 * origin, so no key and no message can be lured away. But many do not know by which name they are reached: behind what ends TLS they take
 * themselves for `http://`, and started on all addresses, or on this computer, for `0.0.0.0` or `localhost`.
 */
export function atHome(said: string, from: URL): URL | null {
  const target = URL.parse(said, from.href)
  if (target === null || target.username !== '' || target.password !== '') return null
  if (target.origin === from.origin) return target
  const home = new URL(target.pathname + target.search, from.origin)
  const isName = target.hostname === from.hostname
  const isHere = nowhere.has(target.hostname) || isLoopbackHost(target.hostname)
  if (!isName && !isHere) return null
  const isSamePort = portOf(target) === portOf(from)
  // TLS ends before it: it hears http, at a port of its own where only the slash at the end is another.
  const isBehindTls = from.protocol === 'https:' && target.protocol === 'http:'
  if (isBehindTls && isName && (target.port === '' || isSamePort || slashless(home) === slashless(from)))
    return home
  return isSamePort && target.protocol === from.protocol ? home : null
}

const portOf = ({ port, protocol }: URL): string => port || (protocol === 'https:' ? '443' : '80')

/** Without the slash at its end, and what is behind the path. */
export const slashless = ({ pathname, search }: URL): string => pathname.replace(/\/+$/, '') + search
