import { HostError } from '../../kernel/errors.ts'

/**
 * The scopes Drawbridge offers. `mcp:use` is the base every connection has; the others can only narrow what the grant
 * allows, to reads or to the reads of single sources. OIDC scopes and `offline_access` are not offered: a refresh
 * token is always issued.
 */
export const baseScope = 'mcp:use'
const ownScopes: readonly string[] = [baseScope, 'mcp:read', 'mcp:write']

/** Names that other servers use for the same thing. */
const aliases = new Map([
  ['read', 'mcp:read'],
  ['write', 'mcp:write'],
  // As keys of others name what lets them in at all.
  ['mcp.access', baseScope],
  ['mcp', baseScope],
])

/** RFC 6749 §3.3, without what would need care in a header. */
const plainScope = /^[A-Za-z0-9:._-]{1,100}$/

/** What can be asked for: the general scopes, then those of single sources such as `github.read`. */
export const offeredScopes = (sourceScopes: readonly string[] = []): readonly string[] => [
  ...new Set([
    ...ownScopes,
    ...sourceScopes.filter((scope) => plainScope.test(scope) && !aliases.has(scope)),
  ]),
]

/**
 * What is left of a requested scope: offered ones, aliases translated, the base added; unknown ones are ignored, which
 * the server may do as long as it tells the client what it got (RFC 6749 §3.3).
 */
export function normalizeScope(
  requested: string | undefined,
  offered: readonly string[] = ownScopes,
): string {
  const wanted = new Set((requested ?? '').split(' ').map((scope) => aliases.get(scope) ?? scope))
  return offered.filter((scope) => scope === baseScope || wanted.has(scope)).join(' ')
}

/**
 * What a key is narrowed to; null: nothing was said. Whoever names abilities means them all: one that is not known must not make the key
 * wider than it was meant, and without the base it would open nothing. Throws HostError `unknown-scope` or `ability-missing`.
 */
export function keyScopes(abilities: readonly string[], offered: readonly string[]): string[] | null {
  if (abilities.length === 0) return null
  const scopes = [...new Set(abilities.map((one) => aliases.get(one) ?? one))]
  const unknown = scopes.find((one) => !offered.includes(one))
  if (unknown !== undefined)
    throw new HostError({ code: 'unknown-scope', params: { scope: unknown, offered: offered.join(', ') } })
  if (!scopes.includes(baseScope)) throw new HostError({ code: 'ability-missing' })
  return scopes
}
