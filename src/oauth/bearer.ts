import type { Access, Grant } from '../contract/models.ts'
import type { Clock } from '../kernel/clock.ts'
import { sha256 } from '../kernel/ids.ts'
import { type Grants, keyPrefix } from './grants.ts'
import { grantOf, type Records } from './records.ts'
import { parseResource } from './resources.ts'
import { baseScope } from './scopes.ts'

/** Who is calling, and what the owner allowed them. `scopes` null: no narrowing. */
export interface Principal {
  grantId: string
  clientName: string
  kind: 'client' | 'key'
  workspace: string
  access: Access
  tools: ReadonlySet<string> | null
  scopes: ReadonlySet<string> | null
}

export type Authentication =
  | { ok: true; principal: Principal }
  | { ok: false; error: 'missing' | 'invalid_token'; description: string }

/** Tokens remembered at most; beyond that the memory starts anew. */
const maxCached = 2_000
/** RFC 6750 §2.1, with a length no token of ours comes near. */
const bearer = /^Bearer +([A-Za-z0-9._~+/-]{1,512}=*)$/i

interface Known {
  principal: Principal
  /** The exact audience of an OAuth token; null for keys, which belong to a workspace whatever the address. */
  resource: string | null
  expiresAt: number
  /** The resource it was last found to fit, so that the usual call compares one text. */
  fits: string | null
}

/**
 * Turns an Authorization header into a principal. Tokens are looked up by their SHA-256, so the time it takes says
 * nothing about a stored token. What was found is remembered until `forget`, which every change of a grant calls.
 */
export function createBearer(deps: { records: Records; grants: Grants; clock: Clock }) {
  const { records, grants, clock } = deps
  const cache = new Map<string, Known>()

  const principalOf = (grant: Grant, scopes: ReadonlySet<string> | null): Principal => ({
    grantId: grant.id,
    clientName: grant.name,
    kind: grant.kind,
    workspace: grant.workspace,
    access: grant.access,
    tools: grant.tools === null ? null : new Set(grant.tools),
    scopes,
  })

  const lookUp = (token: string): Known | null => {
    if (token.startsWith(keyPrefix)) {
      const grant = grants.findKey(token)
      if (grant === null) return null
      const expiresAt = grant.expiresAt ?? Number.POSITIVE_INFINITY
      return { principal: principalOf(grant, null), resource: null, expiresAt, fits: null }
    }
    const found = records.accessToken(token)
    const grant = found === null ? null : grants.find(grantOf(found.family))
    if (found === null || grant === null) return null
    const scopes = new Set(found.scope.split(' ').filter(Boolean))
    if (!scopes.has(baseScope)) return null
    const { resource, expiresAt } = found
    return { principal: principalOf(grant, scopes), resource, expiresAt, fits: null }
  }

  /** RFC 8707 §2: a token is good for the one resource it was issued for. */
  const isFor = (known: Known, resource: string): boolean =>
    (known.resource === null || known.resource === resource) &&
    parseResource(resource)?.workspace === known.principal.workspace

  const invalid = (description: string): Authentication => ({
    ok: false,
    error: 'invalid_token',
    description,
  })

  return {
    forget: (): void => cache.clear(),
    authenticate(authorization: string | undefined, resource: string): Authentication {
      if (authorization === undefined || authorization.trim() === '')
        return { ok: false, error: 'missing', description: 'An access token is needed.' }
      const token = bearer.exec(authorization)?.[1]
      if (token === undefined) return invalid('The Authorization header does not hold a bearer token.')
      const hash = sha256(token)
      const known = cache.get(hash) ?? lookUp(token)
      if (known === null) return invalid('The access token is unknown, expired or revoked.')
      if (known.expiresAt <= clock.now()) {
        cache.delete(hash)
        return invalid('The access token has expired.')
      }
      if (cache.size >= maxCached) cache.clear()
      cache.set(hash, known)
      if (known.fits !== resource) {
        if (!isFor(known, resource)) return invalid('The access token is meant for another address.')
        known.fits = resource
      }
      grants.seen(known.principal.grantId)
      return { ok: true, principal: known.principal }
    },
  }
}
