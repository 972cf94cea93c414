import { saidLater } from '../../../locales/say.ts'
import type { TunnelId } from '../../contract/tunnel.ts'
import { HostError } from '../../kernel/errors.ts'
import { TunnelFailure } from '../tunnel-failure.ts'

/** An origin that assistants can reach: https, port 443 and a full name, as ChatGPT and Claude want it; null: it is none. */
export function publicOrigin(typed: string): string | null {
  const text = typed.includes('://') ? typed : `https://${typed}`
  if (!URL.canParse(text)) return null
  const { protocol, port, username, password, hostname, origin } = new URL(text)
  if (protocol !== 'https:' || port !== '' || username !== '' || password !== '') return null
  // The dots: a name without them, or a number, is nobody's in the world.
  if (!/^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/.test(hostname))
    return null
  return /\.(?:local|localhost|internal|lan|home\.arpa)$/.test(hostname) ? null : origin
}

/**
 * The same, as people type it: the address that assistants are given, which ends with `/mcp`, is understood. Throws HostError
 * `tunnel-address-path`: what else stands behind the name would be left out, and assistants ask for paths of ours beside it.
 */
export function typedOrigin(typed: string): string | null {
  const origin = publicOrigin(typed)
  if (origin === null) return null
  const rest = typed.replace(/^[a-z]+:\/\//i, '').replace(/^[^/?#]*/, '')
  if (/^(?:\/|\/mcp\/?)?$/.test(rest)) return origin
  throw new HostError({ code: 'tunnel-address-path', params: { path: rest.slice(0, 60), origin } })
}

/** The origin of a name that a program says. It decides what we answer to, so it must be a name and nothing more. Throws TunnelFailure. */
export function originOf(name: string): string {
  const origin = `https://${name}`
  if (publicOrigin(origin) === origin) return origin
  throw new TunnelFailure({
    code: 'tunnel-refused',
    says: 'tunnel-no-address',
    detail: JSON.stringify(name.slice(0, 100)),
  })
}

/** What it needs was taken back, or comes from a database of before. */
export const notTold = (id: TunnelId): TunnelFailure =>
  new TunnelFailure({
    code: 'tunnel-needs-user',
    says: 'tunnel-not-told',
    params: { title: saidLater(`tunnel.way.${id}.title`) },
  })
