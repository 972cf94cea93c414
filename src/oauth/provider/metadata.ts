import type { Issuer } from './issuers.ts'
import { defaultWorkspace } from './resources.ts'
import { baseScope } from './scopes.ts'

/** RFC 9728 §2, of a resource of that issuer. `offline_access` is never listed: refresh tokens come without asking. */
export const protectedResourceMetadata = (issuer: Issuer, scopes: readonly string[], resource: string) => ({
  resource,
  authorization_servers: [issuer.id],
  scopes_supported: scopes,
  bearer_methods_supported: ['header'],
  resource_name: issuer.workspace === defaultWorkspace ? 'Drawbridge' : `Drawbridge (${issuer.workspace})`,
})

/**
 * RFC 8414 §2, also served as OpenID configuration for clients that only look there. The issuer is byte for byte the
 * entry in `authorization_servers`, wherever the document is read from.
 */
export const authorizationServerMetadata = ({ id, origin, paths }: Issuer, scopes: readonly string[]) => ({
  issuer: id,
  authorization_endpoint: origin + paths.authorization,
  token_endpoint: origin + paths.token,
  registration_endpoint: origin + paths.registration,
  revocation_endpoint: origin + paths.revocation,
  jwks_uri: origin + paths.jwks,
  scopes_supported: scopes,
  response_types_supported: ['code'],
  response_modes_supported: ['query'],
  grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
  code_challenge_methods_supported: ['S256'], // RFC 7636 §4.2; `plain` is refused
  token_endpoint_auth_methods_supported: ['none', 'client_secret_basic', 'client_secret_post'],
  revocation_endpoint_auth_methods_supported: ['none', 'client_secret_basic', 'client_secret_post'],
  authorization_response_iss_parameter_supported: true, // RFC 9207 §3
  client_id_metadata_document_supported: true,
  // required of an OpenID configuration, though no ID tokens are issued
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['ES256'],
})

/** A quoted-string of RFC 9110 §5.6.4, without what a header cannot carry. */
const quoted = (text: string): string => `"${text.replace(/[^\x20-\x7e]/g, ' ').replace(/["\\]/g, '\\$&')}"`

/** WWW-Authenticate for a 401 or 403 at a resource (RFC 6750 §3, RFC 9728 §5.1). */
export function challenge(
  resource: string,
  error?: { error: string; description: string; scope?: string | undefined },
): string {
  const { origin, pathname, search } = new URL(resource)
  const parts = ['realm="Drawbridge"']
  if (error) parts.push(`error=${quoted(error.error)}`, `error_description=${quoted(error.description)}`)
  parts.push(
    `resource_metadata=${quoted(`${origin}/.well-known/oauth-protected-resource${pathname}${search}`)}`,
  )
  parts.push(`scope=${quoted(error?.scope ?? baseScope)}`)
  return `Bearer ${parts.join(', ')}`
}
