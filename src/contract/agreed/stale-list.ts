import { say } from '../../../locales/say.ts'
import type { ClientKind, Grant } from '../access.ts'
import type { Bridge } from '../status.ts'
import { signsInWithBrowser } from './revoke-means.ts'

/** The app behind a grant, by where it sends its user back to. */
export function clientOf({ redirectHost }: Pick<Grant, 'redirectHost'>): ClientKind {
  const host = redirectHost ?? ''
  if (host === 'chatgpt.com' || host.endsWith('.openai.com')) return 'chatgpt'
  return host === 'claude.ai' || host === 'claude.com' ? 'claude' : 'other'
}

/** What to do in an app that still has an old list; null when it has today's, or none. */
export function staleAdvice(
  grant: Pick<Grant, 'kind' | 'redirectHost' | 'served' | 'expiresAt'>,
  now: number,
): string | null {
  if (grant.served === null || grant.served.current) return null
  if (grant.expiresAt !== null && grant.expiresAt <= now) return null
  const client = clientOf(grant)
  return client === 'other' && !signsInWithBrowser(grant) ? say('stale.program') : say(`stale.${client}`)
}

/** One that is not used any more need not know what there is. */
const used = 30 * 86_400_000

/** Those that work with an old list of tools. */
export const withOldList = (grants: readonly Grant[], now: number): Grant[] =>
  grants.filter(
    (grant) => staleAdvice(grant, now) !== null && grant.lastSeenAt !== null && now - grant.lastSeenAt < used,
  )

/** For who still has the old list; null: a tunnel that is chosen by its id has no other name. */
export const freshFor = (
  { publicUrl, localUrl, tunnelId }: Pick<Bridge, 'publicUrl' | 'localUrl' | 'tunnelId'>,
  now: number,
): string | null => (tunnelId === undefined ? freshAddress(publicUrl ?? localUrl, now) : null)

/** The same address as nobody knows it yet: apps that keep a list for an address fetch it anew. Another one every minute. */
export function freshAddress(url: string, now: number): string {
  const fresh = new URL(url)
  fresh.searchParams.set('v', String(Math.floor(now / 60_000)))
  return fresh.href
}
