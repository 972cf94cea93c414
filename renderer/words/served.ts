import { say } from '../../locales/say.ts'
import type { Grant } from '../../src/contract/access.ts'
import { signsInWithBrowser } from '../../src/contract/agreed/revoke-means.ts'
import { clientOf } from './origin.ts'
import { dayAndTime } from './time.ts'

/** What it fetched last: "Fetched its list of 24 tools today at 14:03". */
export function servedWords(served: NonNullable<Grant['served']>, now: number): string {
  return say('served.fetched', { tools: served.tools, when: dayAndTime(served.at, now) })
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
