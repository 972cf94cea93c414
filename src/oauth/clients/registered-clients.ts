import type { AdapterPayload } from 'oidc-provider'
import type { ClientCredentials, GrantType, RegisteredClient } from '../../contract/access.ts'
import type { Parsed } from '../../contract/api.ts'
import type { Clock } from '../../kernel/clock.ts'
import { HostError } from '../../kernel/errors.ts'
import { newId, newToken, sameText, sha256 } from '../../kernel/ids.ts'
import type { Database } from '../../storage/database/database.ts'
import type { LastWrites } from '../../storage/reserve.ts'
import type { Grants } from '../grants/grants.ts'
import { issuerOf } from '../provider/issuers.ts'
import { baseScope, normalizeScope } from '../provider/scopes.ts'
import { isListedRedirect } from './redirect-domains.ts'
import { applicationType, checkRedirectUri } from './redirects.ts'

const secretPrefix = 'db_secret_'

interface ClientRow {
  client_id: string
  name: string
  redirect_uris: string
  grant_types: string
  scopes: string
  auth_method: 'none' | 'client_secret_basic'
  secret_hash: string | null
  workspace: string
  grant_id: string | null
  created_at: number
}

const toClient = (row: ClientRow): RegisteredClient => ({
  clientId: row.client_id,
  name: row.name,
  redirectUris: JSON.parse(row.redirect_uris) as string[],
  grantTypes: JSON.parse(row.grant_types) as GrantType[],
  scopes: JSON.parse(row.scopes) as string[],
  confidential: row.secret_hash !== null,
  workspace: row.workspace,
  createdAt: row.created_at,
})

/** Whether everything asked for is allowed; scopes only narrow, and `mcp:write` narrows nothing. */
const isWithin = (asked: readonly string[], allowed: readonly string[]): boolean =>
  asked.every(
    (scope) =>
      scope === baseScope ||
      allowed.includes(scope) ||
      allowed.includes('mcp:write') ||
      (allowed.includes('mcp:read') && scope !== 'mcp:write'),
  )

const columns =
  'client_id, name, redirect_uris, grant_types, scopes, auth_method, secret_hash, workspace, grant_id, created_at'

const statements = (db: Database) => ({
  all: db.prepare(`SELECT ${columns} FROM registered_clients ORDER BY created_at, client_id`),
  one: db.prepare(`SELECT ${columns} FROM registered_clients WHERE client_id = ?`),
  add: db.prepare(`INSERT INTO registered_clients (${columns}) VALUES
    ($id, $name, $redirectUris, $grantTypes, $scopes, $method, $secretHash, $workspace, $grantId, $now)`),
  remove: db.prepare('DELETE FROM registered_clients WHERE client_id = ?'),
})

type Wanted = Parsed<'clients.register'>

/** Throws HostError `grant-types-invalid` or `secret-needed`. */
function checkGrantTypes(input: Wanted): GrantType[] {
  const grantTypes = [...new Set(input.grantTypes)]
  const interactive = grantTypes.includes('authorization_code')
  if (!interactive && !grantTypes.includes('client_credentials'))
    throw new HostError({ code: 'grant-types-invalid' })
  if (grantTypes.includes('client_credentials') && !input.confidential)
    throw new HostError({ code: 'secret-needed' })
  // Whoever signs people in refreshes too: clients that were not told so would ask them every hour.
  if (interactive && !grantTypes.includes('refresh_token')) grantTypes.push('refresh_token')
  return grantTypes
}

/** Throws HostError `redirect-invalid` or `redirect-not-allowed`. */
function checkRedirect(uri: string, domains: readonly string[] | null): void {
  const check = checkRedirectUri(uri)
  if (!check.ok)
    throw new HostError({
      code: 'redirect-invalid',
      params: { uri: uri.slice(0, 200), reason: check.reason },
    })
  if (!isListedRedirect(uri, domains))
    throw new HostError({ code: 'redirect-not-allowed', params: { host: new URL(uri).hostname } })
}

/** Throws HostError `redirect-needed`, `redirect-invalid` or `redirect-not-allowed`. */
function checkRedirects(uris: readonly string[], domains: readonly string[] | null): string[] {
  const redirectUris = [...new Set(uris)]
  if (redirectUris.length === 0) throw new HostError({ code: 'redirect-needed' })
  for (const uri of redirectUris) checkRedirect(uri, domains)
  return redirectUris
}

/** Throws HostError `unknown-scope`. */
function checkScopes(scopes: readonly string[], offered: readonly string[]): string[] {
  for (const scope of scopes)
    if (scope !== baseScope && normalizeScope(scope, offered) === baseScope)
      throw new HostError({ code: 'unknown-scope', params: { scope, offered: offered.join(', ') } })
  return scopes.length === 0 ? [] : normalizeScope(scopes.join(' '), offered).split(' ')
}

export interface RegisteredClientsDeps {
  db: Database
  clock: Clock
  grants: Pick<Grants, 'admit'>
  /** What can be asked for in a workspace. */
  scopesOf(place: { workspace: string }): readonly string[]
  redirectDomains(): readonly string[] | null
  last: Pick<LastWrites, 'write'>
  changed(): void
}

/**
 * The table `registered_clients`: clients the owner registered by hand, each for one workspace. Secrets are shown once
 * and kept as SHA-256; both ways of sending one that RFC 6749 §2.3.1 knows are accepted.
 */
export class RegisteredClients {
  readonly #deps: RegisteredClientsDeps
  readonly #sql: ReturnType<typeof statements>
  /** oidc-provider wants a secret in the metadata of a confidential client; nobody has this one. */
  readonly #notTheSecret = newToken()

  constructor(deps: RegisteredClientsDeps) {
    this.#deps = deps
    this.#sql = statements(deps.db)
  }

  #row(clientId: string): ClientRow | undefined {
    return this.#sql.one.get(clientId) as ClientRow | undefined
  }

  list(): RegisteredClient[] {
    return (this.#sql.all.all() as unknown as ClientRow[]).map(toClient)
  }

  /**
   * The secret is in the answer and nowhere else. Throws HostError `name-taken`, `grant-types-invalid`,
   * `secret-needed`, `redirect-needed`, `redirect-invalid`, `redirect-not-allowed` or `unknown-scope`.
   */
  register(input: Wanted, origin: string): ClientCredentials {
    const { name, workspace, access, confidential } = input
    const { grantTypes, redirectUris, scopes } = this.#check(input)
    const id = newId('client')
    const clientSecret = confidential ? secretPrefix + newToken() : null
    // what signs in by itself is let in here and now: there is no later moment to ask at
    const admission = {
      clientId: id,
      clientName: name,
      redirectHost: null,
      workspace,
      address: workspace,
      access,
    }
    const grant = grantTypes.includes('client_credentials')
      ? this.#deps.grants.admit({ ...admission, tools: null, expiresAt: null }).grant
      : null
    this.#sql.add.run({
      id,
      name,
      redirectUris: JSON.stringify(redirectUris),
      grantTypes: JSON.stringify(grantTypes),
      scopes: JSON.stringify(scopes),
      method: confidential ? 'client_secret_basic' : 'none',
      secretHash: clientSecret === null ? null : sha256(clientSecret),
      workspace,
      grantId: grant?.id ?? null,
      now: this.#deps.clock.now(),
    })
    this.#deps.changed()
    const { id: issuer, resource, paths } = issuerOf(origin, workspace)
    return {
      ...toClient(this.#row(id)!),
      clientSecret,
      issuer,
      resource,
      authorizationEndpoint: origin + paths.authorization,
      tokenEndpoint: origin + paths.token,
      registrationEndpoint: origin + paths.registration,
    }
  }

  /** Throws HostError for what does not fit together; the answer is what will be stored. */
  #check(input: Wanted) {
    if (this.list().some((one) => one.name.toLowerCase() === input.name.toLowerCase()))
      throw new HostError({ code: 'name-taken', says: 'name-taken-client', params: { name: input.name } })
    const grantTypes = checkGrantTypes(input)
    const interactive = grantTypes.includes('authorization_code')
    const redirectUris = interactive ? checkRedirects(input.redirectUris, this.#deps.redirectDomains()) : []
    const scopes = checkScopes(input.scopes, this.#deps.scopesOf(input))
    return { grantTypes, redirectUris, scopes }
  }

  /** Its grants are the caller's to end. Throws HostError `client-gone`. */
  remove(clientId: string): void {
    const { changes } = this.#deps.last.write(() => this.#sql.remove.run(clientId))
    if (Number(changes) === 0) throw new HostError({ code: 'client-gone' })
    this.#deps.changed()
  }

  /** As oidc-provider wants it (RFC 7591 §2); undefined when it does not belong to this workspace. */
  metadata(clientId: string, workspace: string): AdapterPayload | undefined {
    const found = this.#row(clientId)
    if (found === undefined || found.workspace !== workspace) return undefined
    const { redirectUris, grantTypes, confidential, name } = toClient(found)
    const kinds = redirectUris.map((uri) => {
      const checked = checkRedirectUri(uri)
      return checked.ok ? checked.kind : 'https'
    })
    return {
      client_id: clientId,
      client_name: name,
      redirect_uris: redirectUris,
      application_type: applicationType(kinds),
      grant_types: grantTypes,
      response_types: grantTypes.includes('authorization_code') ? ['code'] : [],
      token_endpoint_auth_method: found.auth_method,
      ...(confidential ? { client_secret: this.#notTheSecret } : {}),
    } as AdapterPayload
  }

  has(clientId: string): boolean {
    return this.#row(clientId) !== undefined
  }

  hasSecret(clientId: string): boolean {
    return this.#row(clientId)?.secret_hash != null
  }

  secretMatches(clientId: string, secret: string): boolean {
    const hash = this.#row(clientId)?.secret_hash
    return hash != null && sameText(hash, sha256(secret))
  }

  /** The grant behind `client_credentials`, whether or not it still lives; null when there is none. */
  machineGrant(clientId: string): string | null {
    return this.#row(clientId)?.grant_id ?? null
  }

  /** The scopes it was registered with; null when nothing was said or it is not ours. */
  scopes(clientId: string): readonly string[] | null {
    const found = this.#row(clientId)
    const scopes = found === undefined ? [] : (JSON.parse(found.scopes) as string[])
    return scopes.some((scope) => scope !== baseScope) ? scopes : null
  }

  /** Whether a client may ask for this scope (space-separated, ours only). */
  allowsScope(clientId: string, requested: string | undefined): boolean {
    const scopes = this.scopes(clientId)
    return scopes === null || isWithin((requested ?? '').split(' ').filter(Boolean), scopes)
  }
}
