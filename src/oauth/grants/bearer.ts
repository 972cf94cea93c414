import type { Clock } from '../../kernel/clock.ts'
import { errorText } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log/log.ts'
import { type Authentication, addressOf, type Principal, principalOf } from '../../mcp/principal.ts'
import { lifetimes } from '../provider/lifetimes.ts'
import { grantOf, type Records } from '../provider/records.ts'
import { parseResource } from '../provider/resources.ts'
import { baseScope } from '../provider/scopes.ts'
import { type BareGrant, type Grants, keyPrefix } from './grants.ts'
import type { Sessions } from './sessions.ts'

/** Tokens remembered at most; beyond that the memory starts anew. */
const maxCached = 2_000
/**
 * Milliseconds. A token with longer to live was issued before the clock was set back, and would outlive its hour by as
 * much; clocks are put right by less than ten minutes all the time.
 */
const longestLife = lifetimes.accessToken * 1000 + 10 * 60_000
/** RFC 6750 §2.1, with a length no token of ours comes near. */
const bearer = /^Bearer +([A-Za-z0-9._~+/-]{1,512}=*)$/i

interface CachedToken {
  principal: Principal
  /** The approval an OAuth token came from; null for keys. */
  family: string | null
  /** The exact audience of an OAuth token; null for keys, which belong to a workspace whatever the address. */
  resource: string | null
  /** When the token or its grant ends, whichever comes first. */
  expiresAt: number
  /** When it has to be looked at again: then, or when the pause of its grant is over. */
  goodUntil: number
  /** The resource it was last found to fit, so that the usual call compares one text; and the origin in it. */
  fits: { resource: string; origin: string } | null
}

interface BearerDeps {
  records: Pick<Records, 'accessToken'>
  grants: Pick<Grants, 'find' | 'findKey' | 'seen'>
  sessions: Pick<Sessions, 'used'>
  clock: Clock
  log: Pick<Log, 'warn'>
  /** The scopes a client was registered with; null when that says nothing. */
  registeredScopes?: (clientId: string) => readonly string[] | null
}

const endOf = (grant: BareGrant): number => grant.expiresAt ?? Number.POSITIVE_INFINITY

const remembered = (
  principal: Principal,
  family: string | null,
  resource: string | null,
  expiresAt: number,
): CachedToken => ({
  principal,
  family,
  resource,
  expiresAt,
  goodUntil: Math.min(expiresAt, principal.pausedUntil ?? Number.POSITIVE_INFINITY),
  fits: null,
})

/** What a key is narrowed to; null: nothing. */
const keyScopes = ({ scopes }: BareGrant): ReadonlySet<string> | null =>
  scopes === null || scopes === undefined ? null : new Set(scopes)

const invalid = (description: string): Authentication => ({ ok: false, error: 'invalid_token', description })

/** What is wrong with a header that was typed into an app by hand, for whoever reads the refusal there. */
function notBearer(authorization: string): string {
  const value = authorization.trim()
  const should = 'The Authorization header must be: Bearer, a space, and the key.'
  if (/^bearer +bearer\b/i.test(value)) return `${should} It says Bearer twice: the app writes it by itself.`
  if (/^bearer +["'<{[]/i.test(value))
    return `${should} There are quotes or brackets around the key: leave them out.`
  if (/^bearer$/i.test(value)) return `${should} There is no key.`
  if (value.startsWith(keyPrefix)) return `${should} The word Bearer is missing.`
  return 'The Authorization header does not hold a bearer token.'
}

/**
 * The origin of the resource when the token is good for it (RFC 8707 §2), or null. Whoever asked at the address of all tools may have been
 * given a part of them: that address is then the one of its tokens, and no other is.
 */
function originFor(token: CachedToken, resource: string): string | null {
  if (token.resource !== null && token.resource !== resource) return null
  const parsed = parseResource(resource)
  return parsed?.workspace === addressOf(token.principal) ? parsed.origin : null
}

/**
 * Turns an Authorization header into a principal. Tokens are looked up by their SHA-256, so the time it takes says
 * nothing about a stored token. What was found is remembered until `forget`, which every change of a grant calls, by the whole
 * header: of a Map's keys V8 compares only those whose hash is the same, and that is seeded anew in every process, so
 * that time says nothing about a remembered token either. None is remembered that was not accepted.
 */
export class Bearer {
  readonly #deps: BearerDeps
  /** By Authorization header. */
  readonly #cache = new Map<string, CachedToken>()
  #isUnnoted = false

  constructor(deps: BearerDeps) {
    this.#deps = deps
  }

  forget(): void {
    this.#cache.clear()
  }

  /** The same principal with the rights its grant has now; null when the grant is gone or has ended. */
  now({ grantId, scopes }: Pick<Principal, 'grantId' | 'scopes'>): Principal | null {
    const grant = this.#deps.grants.find(grantId)
    return grant === null || endOf(grant) <= this.#deps.clock.now() ? null : principalOf(grant, scopes)
  }

  authenticate(authorization: string | undefined, resource: string): Authentication {
    if (authorization === undefined || authorization.trim() === '')
      return { ok: false, error: 'missing', description: 'An access token is needed.' }
    let token = this.#cache.get(authorization)
    if (token === undefined) {
      const value = bearer.exec(authorization)?.[1]
      if (value === undefined) return invalid(notBearer(authorization))
      token = this.#lookUp(value) ?? undefined
    }
    if (token === undefined) return invalid('The access token is unknown, expired or revoked.')
    const { records, clock } = this.#deps
    const now = clock.now()
    if (token.goodUntil <= now) {
      this.#cache.delete(authorization)
      // A pause is over.
      if (token.expiresAt > now) return this.authenticate(authorization, resource)
      records.accessToken(bearer.exec(authorization)![1]!) // looks at the row, which then goes too
      return invalid('The access token has expired.')
    }
    if (token.family !== null && token.expiresAt > now + longestLife)
      return invalid('The access token is from the future: the clock was set back.')
    if (token.fits?.resource !== resource) {
      const origin = originFor(token, resource)
      if (origin === null) return invalid('The access token is meant for another address.')
      token.fits = { resource, origin }
      if (this.#cache.size >= maxCached) this.#cache.clear()
      this.#cache.set(authorization, token)
    }
    this.#note(token, token.fits.origin)
    return { ok: true, principal: token.principal }
  }

  /** Only shown to the owner: where it cannot be written, as on a full disk, that is no reason to refuse anybody. Logged once. */
  #note({ principal, family }: CachedToken, origin: string): void {
    const { grants, sessions, log } = this.#deps
    try {
      grants.seen(principal.grantId, origin)
      if (family !== null) sessions.used(family)
    } catch (error) {
      if (!this.#isUnnoted) log.warn('oauth.use-not-noted', { error: errorText(error) })
      this.#isUnnoted = true
    }
  }

  #lookUp(token: string): CachedToken | null {
    const { records, grants, registeredScopes } = this.#deps
    if (token.startsWith(keyPrefix)) {
      const grant = grants.findKey(token)
      if (grant === null) return null
      return remembered(principalOf(grant, keyScopes(grant)), null, null, endOf(grant))
    }
    const found = records.accessToken(token)
    const grant = found === null ? null : grants.find(grantOf(found.family))
    if (found === null || grant === null) return null
    const { family, resource } = found
    const scopes = new Set(found.scope.split(' ').filter(Boolean))
    if (!scopes.has(baseScope)) return null
    // a token that narrows nothing is still no wider than what its client was registered for
    if (scopes.size === 1 && grant.clientId !== null)
      for (const scope of registeredScopes?.(grant.clientId) ?? []) scopes.add(scope)
    return remembered(principalOf(grant, scopes), family, resource, Math.min(found.expiresAt, endOf(grant)))
  }
}
