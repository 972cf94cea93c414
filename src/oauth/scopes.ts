/**
 * The scopes Drawbridge offers. `mcp:use` is the base every connection has; the others can only narrow what the grant
 * allows. OIDC scopes and `offline_access` are not offered: a refresh token is always issued.
 */
export const baseScope = 'mcp:use'
export const offeredScopes: readonly string[] = [baseScope, 'mcp:read', 'mcp:write']

/** Names that other servers use for the same thing. */
const aliases = new Map([
  ['read', 'mcp:read'],
  ['write', 'mcp:write'],
])

/**
 * What is left of a requested scope: ours, aliases translated, the base added; unknown ones are ignored, which the
 * server may do as long as it tells the client what it got (RFC 6749 §3.3).
 */
export function normalizeScope(requested: string | undefined): string {
  const wanted = new Set((requested ?? '').split(' ').map((scope) => aliases.get(scope) ?? scope))
  return offeredScopes.filter((scope) => scope === baseScope || wanted.has(scope)).join(' ')
}
