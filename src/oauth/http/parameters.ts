import { plainResource } from '../provider/resources.ts'
import { baseScope, normalizeScope } from '../provider/scopes.ts'

/**
 * Parameters of OpenID Connect that mean nothing here. oidc-provider refuses them without the `openid` scope, which is
 * not offered; OAuth lets a server ignore what it does not know (RFC 6749 §3.1).
 */
const notOurs = [
  'acr_values',
  'claims',
  'claims_locales',
  'id_token_hint',
  'max_age',
  'nonce',
  'registration',
]

/** The query of an authorization request as oidc-provider shall see it; repeated parameters stay, it refuses them. */
export function authorizationQuery(query: string, offered: readonly string[]): string {
  const params = new URLSearchParams(query)
  for (const name of notOurs) params.delete(name)
  resourcesOurWay(params)
  const scopes = params.getAll('scope')
  if (scopes.length <= 1) params.set('scope', normalizeScope(scopes[0], offered))
  // only `query` is offered: other modes would need scripts or hide the answer from the client's server
  const modes = params.getAll('response_mode')
  if (modes.length === 1 && modes[0] !== 'query') params.set('response_mode', 'unsupported')
  return params.toString()
}

/**
 * A form of the token endpoint, written anew so that nobody reads it another way. A scope to narrow to is put our way;
 * one that names nothing of ours, or only the base, would widen and is left out.
 */
export function formBody(contentType: string | undefined, body: Buffer, offered: readonly string[]): Buffer {
  if (!/^application\/x-www-form-urlencoded\b/i.test(contentType ?? '')) return body
  const params = new URLSearchParams(body.toString('utf8'))
  resourcesOurWay(params)
  const scopes = params.getAll('scope')
  // client credentials start from nothing, so that there the base has to be said
  if (scopes.length === 0 && params.get('grant_type') === 'client_credentials') scopes.push(baseScope)
  if (scopes.length === 1) {
    const narrowed = normalizeScope(scopes[0], offered)
    const atOnce = params.get('grant_type') === 'client_credentials'
    if (narrowed === baseScope && !atOnce) params.delete('scope')
    else params.set('scope', narrowed)
  }
  return Buffer.from(params.toString())
}

/** The same one said twice is one; how many different ones there are is for oidc-provider to judge. */
function resourcesOurWay(params: URLSearchParams): void {
  const resources = new Set(params.getAll('resource').map(plainResource))
  params.delete('resource')
  for (const resource of resources) params.append('resource', resource)
}
