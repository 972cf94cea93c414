import type { IncomingMessage, ServerResponse } from 'node:http'
import { newToken } from '../../kernel/ids.ts'
import { cookie } from '../provider/cookies.ts'
import { lifetimes } from '../provider/lifetimes.ts'
import type { Records } from '../provider/records.ts'

const model = 'RememberedBrowser'

/** `__Host-`: over https no neighbouring host can plant it (RFC 6265bis §4.1.3.2). */
const nameOf = (origin: string, grantId: string): string =>
  `${origin.startsWith('https:') ? '__Host-' : ''}db_known_${grantId}`
const ownerOf = (grantId: string): string => `${grantId}.browser`

export type RememberedBrowsers = ReturnType<typeof createRememberedBrowsers>

/**
 * Remembers in which browser a client was let in, by a random cookie stored hashed. It never lets anybody in: it only
 * spares the owner the digits when the same app comes back in the same browser. The same app in a stranger's browser,
 * which a public client id allows, has to show digits like a new one.
 */
export function createRememberedBrowsers(records: Records) {
  return {
    knows(req: IncomingMessage, origin: string, grantId: string): boolean {
      const value = cookie(req, nameOf(origin, grantId))
      return value !== undefined && records.get(model, value)?.grant_id === ownerOf(grantId)
    },
    /** A fresh value each time, so that a planted one is worth nothing. */
    remember(res: ServerResponse, origin: string, grantId: string): void {
      const value = newToken()
      records.put(model, value, '{}', ownerOf(grantId), lifetimes.absolute * 1000)
      const secure = origin.startsWith('https:') ? '; Secure' : ''
      const line = `${nameOf(origin, grantId)}=${value}; Path=/; Max-Age=${lifetimes.absolute}; HttpOnly; SameSite=Lax${secure}`
      res.appendHeader('set-cookie', line)
    },
  }
}
