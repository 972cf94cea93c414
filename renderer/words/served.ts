import type { Grant } from '../../src/contract/access.ts'
import { clientOf, signsInWithBrowser } from './origin.ts'
import { dayAndTime } from './time.ts'

/** What it fetched last: "Fetched its list of 24 tools today at 14:03". */
export function servedWords(served: NonNullable<Grant['served']>, now: number): string {
  const list = served.tools === 0 ? 'an empty list' : served.tools === 1 ? 'its list of 1 tool' : null
  return `Fetched ${list ?? `its list of ${served.tools} tools`} ${dayAndTime(served.at, now)}`
}

/** What to do in an app that still has an old list; null when it has today's, or none. */
export function staleAdvice(
  grant: Pick<Grant, 'kind' | 'redirectHost' | 'served' | 'expiresAt'>,
  now: number,
): string | null {
  if (grant.served === null || grant.served.current) return null
  if (grant.expiresAt !== null && grant.expiresAt <= now) return null
  switch (clientOf(grant)) {
    case 'chatgpt':
      return 'In ChatGPT, open Drawbridge in your list of plugins and press Refresh. Then start a new chat.'
    case 'claude':
      return 'In Claude, start a new chat. If that does not help, disconnect this connector there and connect it again.'
    case 'other':
      return signsInWithBrowser(grant)
        ? 'In that app, reload the list of tools or connect again, then start anew.'
        : 'Restart the program that uses this, so that it fetches the list again.'
  }
}
