/**
 * Whether a redirect URI leads to a host of the owner's list: entries are exact host names, or `*.example.com` for
 * everything under a name but not the name itself. The list is about hosts on the web. Loopback addresses and the schemes
 * of installed apps never leave this computer, so they are not on it and always pass.
 */
export function isListedRedirect(uri: string, domains: readonly string[] | null): boolean {
  if (domains === null) return true
  const { protocol, hostname } = new URL(uri)
  if (protocol !== 'https:') return true
  return domains.some((domain) =>
    domain.startsWith('*.') ? hostname.endsWith(domain.slice(1)) : hostname === domain,
  )
}
