import { domainPattern, isProgramOrigin } from '../../../src/contract/preferences.ts'

/** What was typed or pasted as a host name, also from a whole address; null when it is none. */
export function toDomain(text: string): string | null {
  const typed = text.trim().toLowerCase()
  if (typed === '') return null
  const host = /^[a-z]+:\/\//.test(typed) && URL.canParse(typed) ? new URL(typed).hostname : typed
  return domainPattern.test(host) ? host : null
}

/** The origin of a page on this computer, or of a program's, as typed or pasted; null when it is none. */
export function toLocalOrigin(text: string): string | null {
  const typed = text.trim()
  const bare = typed.replace(/\/$/, '')
  if (isProgramOrigin(bare)) return bare
  const url = URL.parse(/^[a-z]+:\/\//i.test(typed) ? typed : `http://${typed}`)
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    return null
  return ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname) ? url.origin : null
}

/** What the list starts with: the assistants we know, and whoever was let in already. */
export function startingDomains(redirectHosts: readonly (string | null)[]): string[] {
  const known = redirectHosts.filter(
    (host): host is string =>
      host?.includes('.') === true && !/^[\d.]+$/.test(host) && domainPattern.test(host),
  )
  return [...new Set(['chatgpt.com', 'claude.ai', 'claude.com', ...known])]
}
