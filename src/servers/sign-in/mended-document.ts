import type { Raw } from '../../mcp/tool-source.ts'
import { withoutWrongParts } from '../framing/wrong-parts.ts'

/**
 * What an authorization server says of itself, of a registration or of tokens, made whole where it is plain what was meant (RFC 6749 §5.1,
 * RFC 7591 §3.2.1, RFC 8414 §2, RFC 9728 §2). A part that is of no use costs itself and not the sign-in. Nothing is made up that a
 * check relies on: who issues, where to go and what is given out stay as they were said. In place. `sent`: the body of the request.
 */
export function mendDocument(document: Raw, sent?: unknown): void {
  if (typeof document.access_token === 'string') mendTokens(document)
  else if (document.client_id !== undefined) mendRegistration(document, sent)
  else if (document.authorization_endpoint !== undefined) mendIssuer(document)
  else if (document.resource !== undefined) {
    mendLists(document)
    withoutWrongParts('OAuthProtectedResourceMetadata', document, ['resource'])
  }
}

const lists = /_supported$|^(?:authorization_servers|redirect_uris|grant_types|response_types|contacts)$/

function mendLists(document: Raw): void {
  for (const [name, value] of Object.entries(document)) {
    if (value === 'true' || value === 'false') document[name] = value === 'true'
    // As scopes are written (RFC 6749 §3.3), and as some write everything.
    else if (typeof value === 'string' && lists.test(name))
      document[name] = value.split(/[\s,]+/).filter((one) => one !== '')
  }
}

function mendIssuer(document: Raw): void {
  mendLists(document)
  const { issuer } = document
  for (const [name, value] of Object.entries(document))
    if (name.endsWith('_endpoint') && typeof value === 'string' && /^\/(?![/\\])/.test(value))
      document[name] = URL.parse(value, String(issuer))?.href ?? value
  if (document.response_types_supported === undefined) document.response_types_supported = ['code']
  // What cannot be read of it is a promise all the same: without it an answer of another issuer would pass (RFC 9207 §2.3).
  const { authorization_response_iss_parameter_supported: iss } = document
  if (iss !== undefined && typeof iss !== 'boolean')
    document.authorization_response_iss_parameter_supported = true
  withoutWrongParts('OAuthMetadata', document, ['issuer', 'authorization_endpoint', 'token_endpoint'])
}

/** What OpenID Connect demands and only its own tokens need, of which we read none. In place. */
export function mendOpenId(document: Raw): void {
  document.jwks_uri ??= document.issuer
  document.subject_types_supported ??= ['public']
  document.id_token_signing_alg_values_supported ??= ['RS256']
}

function mendRegistration(document: Raw, sent: unknown): void {
  mendLists(document)
  if (typeof document.client_id === 'number') document.client_id = String(document.client_id)
  for (const name of ['client_id_issued_at', 'client_secret_expires_at']) {
    const given = document[name]
    const isCounted = typeof given === 'string' && /^\d+(?:\.\d+)?$/.test(given)
    const seconds = isCounted ? Number(given) : Date.parse(String(given)) / 1_000
    if (typeof given === 'string' && Number.isFinite(seconds)) document[name] = Math.floor(seconds)
  }
  mendScope(document)
  // It has to repeat what was registered; what it leaves out is as it was asked for.
  const asked = askedIn(sent)
  for (const [name, value] of Object.entries(asked)) document[name] ??= value
  // Some write it in their own way, such as without its port: whether it is taken shows where people sign in.
  if (Array.isArray(document.redirect_uris) && Array.isArray(asked.redirect_uris))
    document.redirect_uris = [...new Set([...document.redirect_uris, ...asked.redirect_uris])]
  withoutWrongParts('OAuthClientInformationFull', document, ['client_id', 'redirect_uris'])
}

function askedIn(sent: unknown): Raw {
  try {
    const asked: unknown = JSON.parse(String(sent))
    return typeof asked === 'object' && asked !== null ? (asked as Raw) : {}
  } catch {
    return {}
  }
}

function mendTokens(document: Raw): void {
  mendScope(document)
  // None has a space (RFC 6750 §2.1), and none with one could be sent.
  document.access_token = String(document.access_token).trim()
  // There is no other kind that we could use.
  document.token_type ??= 'Bearer'
  if (document.refresh_token === '') delete document.refresh_token
  // Some mean that it does not end; taken at its word it would be renewed before each request.
  if (Number(document.expires_in) <= 0) delete document.expires_in
  withoutWrongParts('OAuthTokens', document, ['access_token', 'token_type'])
}

function mendScope(document: Raw): void {
  if (Array.isArray(document.scope)) document.scope = document.scope.join(' ')
}

/** Tokens as a form, which GitHub sends unless it is asked for something else; null: it is no such thing. */
export function tokensInForm(text: string): Raw | null {
  if (!/^[\w.-]+=/.test(text) || !/(?:^|&)access_token=./.test(text)) return null
  return Object.fromEntries(new URLSearchParams(text))
}
