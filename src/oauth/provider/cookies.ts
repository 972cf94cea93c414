import type { IncomingMessage } from 'node:http'
import { cookieValue } from '../../net/request-headers.ts'

/** Cookie names; over https the browser itself keeps them from being set by plain http. */
export const cookieNames = (origin: string) => {
  const prefix = origin.startsWith('https:') ? '__Secure-' : ''
  return {
    session: `${prefix}db_none`,
    interaction: `${prefix}db_wait`,
    resume: `${prefix}db_resume`,
    /** At the authorization endpoint: the browser that asks already. */
    asks: `${prefix}db_asks`,
  }
}

export const cookie = (req: IncomingMessage, name: string): string | undefined =>
  cookieValue(req.headers.cookie, name)
