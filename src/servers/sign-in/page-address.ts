import { HostError } from '../../kernel/errors.ts'
import { isLoopbackHost } from '../../net/guarded-fetch.ts'

/**
 * The page that a user's browser may be sent to, rebuilt from its parts. A server chooses this address, and systems start
 * programs for some kinds of them: only web pages pass (https, or http on this computer), whatever the server says.
 * Throws HostError `sign-in-unsafe`.
 */
export function checkPage(address: URL | string): string {
  const url = URL.canParse(String(address)) ? new URL(String(address)) : null
  const isWeb = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopbackHost(url.hostname))
  if (url && isWeb && url.username === '' && url.password === '' && url.href.length <= 16_000) return url.href
  throw new HostError({
    code: 'sign-in-unsafe',
    detail: String(address).slice(0, 300),
  })
}
