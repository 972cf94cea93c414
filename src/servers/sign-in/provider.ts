import {
  isStrictScopeSuperset,
  type OAuthClientInformationContext,
  type OAuthClientMetadata,
  type OAuthClientProvider,
  type OAuthDiscoveryState,
  type StoredOAuthClientInformation,
  type StoredOAuthTokens,
} from '@modelcontextprotocol/client'
import type { Clock } from '../../kernel/clock.ts'
import type { ClientInformation, Credentials, Tokens } from './credentials.ts'
import { checkPage } from './page-address.ts'

export interface ProviderParts {
  credentials: Credentials
  clock: Clock
  /** A client id of the user's; null: Drawbridge introduces itself. */
  given: { clientId: string } | null
  /** Where a document about us is (client id metadata documents); used where the authorization server takes that. */
  clientMetadataUrl: string | undefined
  redirectUri: string
  state: string
  /** What is asked for, where that is known beforehand. */
  scope: string | undefined
  discovery: OAuthDiscoveryState
  /** The user has neither dropped this sign-in nor begun another. */
  isWanted(): boolean
}

/** One sign-in, as the SDK's `auth()` sees it. What has to last is in the credentials; the rest lives as long as the sign-in. */
export class SignInProvider implements OAuthClientProvider {
  readonly clientMetadataUrl?: string
  /** Absent for a client id of the user's: nothing may take its place. */
  readonly saveClientInformation?: (
    client: StoredOAuthClientInformation,
    context?: OAuthClientInformationContext,
  ) => Promise<void>
  /** The page to open, once known. */
  page: string | null = null
  /** The scopes that were asked for. */
  scope: string | undefined
  readonly #parts: ProviderParts
  #verifier = ''
  #discovery: OAuthDiscoveryState

  constructor(parts: ProviderParts) {
    this.#parts = parts
    this.#discovery = parts.discovery
    if (parts.clientMetadataUrl !== undefined) this.clientMetadataUrl = parts.clientMetadataUrl
    if (parts.given === null)
      this.saveClientInformation = (client, context) =>
        parts.credentials.keepClient(context?.issuer ?? client.issuer!, {
          redirect_uris: [parts.redirectUri],
          ...client,
        })
  }

  get redirectUrl(): string {
    return this.#parts.redirectUri
  }

  get clientMetadata(): OAuthClientMetadata {
    const methods = this.#discovery.authorizationServerMetadata?.token_endpoint_auth_methods_supported
    // A program on a user's computer keeps no secret from that user (RFC 8252 §8.4); some know no client without one.
    const method = !methods || methods.includes('none') ? 'none' : methods[0]!
    return {
      client_name: 'Drawbridge',
      redirect_uris: [this.#parts.redirectUri],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: method,
      application_type: 'native',
    }
  }

  state(): string {
    return this.#parts.state
  }

  async clientInformation(context?: OAuthClientInformationContext): Promise<ClientInformation | undefined> {
    const { credentials, given, clock, redirectUri } = this.#parts
    const issuer = context?.issuer ?? credentials.issuer
    if (issuer === null) return undefined
    if (given) return givenClient(credentials, given, issuer)
    const client = await credentials.client(issuer)
    if (!client) return undefined
    const ends = (client as { client_secret_expires_at?: number }).client_secret_expires_at
    if (ends && ends * 1_000 <= clock.now()) return undefined
    // Whoever registered for less may not ask for more (RFC 7591 §2, `scope`).
    const registered = (client as { scope?: string }).scope
    if (registered && isStrictScopeSuperset(this.#parts.scope, registered)) return undefined
    return client.redirect_uris?.includes(redirectUri) ? client : undefined
  }

  tokens(context?: OAuthClientInformationContext): Tokens | undefined {
    const { credentials } = this.#parts
    return context ? credentials.tokensOf(context.issuer) : (credentials.tokens ?? undefined)
  }

  async saveTokens(tokens: StoredOAuthTokens, context?: OAuthClientInformationContext): Promise<void> {
    const { credentials, clock, isWanted } = this.#parts
    await credentials.keepTokens(
      context?.issuer ?? tokens.issuer!,
      dated(tokens, this.scope, clock),
      isWanted,
    )
  }

  redirectToAuthorization(url: URL): void {
    // Nothing is opened here: the user opens it.
    this.page = checkPage(url)
    this.scope = url.searchParams.get('scope') ?? undefined
  }

  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier
  }

  codeVerifier(): string {
    return this.#verifier
  }

  discoveryState(): OAuthDiscoveryState {
    return this.#discovery
  }

  saveDiscoveryState(state: OAuthDiscoveryState): void {
    this.#discovery = state
  }

  /** Not the tokens in use: those are of whoever signed in before, and were not what was refused. */
  async invalidateCredentials(what: 'all' | 'client' | 'tokens' | 'verifier' | 'discovery'): Promise<void> {
    const { credentials } = this.#parts
    const { authorizationServerMetadata, authorizationServerUrl } = this.#discovery
    if (what === 'all' || what === 'client')
      await credentials.dropClient(authorizationServerMetadata?.issuer ?? authorizationServerUrl)
  }
}

/** A client id of the user's belongs to the first authorization server it was used with (MCP, Authorization Server Binding). */
export async function givenClient(
  credentials: Credentials,
  given: { clientId: string },
  issuer: string,
): Promise<ClientInformation> {
  if (credentials.givenFor === null) await credentials.keepGiven(issuer)
  const secret = await credentials.secret()
  return {
    client_id: given.clientId,
    ...(secret !== null && { client_secret: secret }),
    issuer: credentials.givenFor ?? issuer,
  }
}

/** With the scope that was asked for where the answer leaves it out (RFC 6749 §5.1), and its end by our clock. */
export function dated(tokens: StoredOAuthTokens, scope: string | undefined, clock: Clock): Tokens {
  const { expires_in } = tokens
  const named = tokens.scope ?? scope
  return {
    ...tokens,
    ...(named !== undefined && { scope: named }),
    ...(expires_in !== undefined && { expires_at: clock.now() + Number(expires_in) * 1_000 }),
  }
}
