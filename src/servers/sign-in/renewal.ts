import {
  type FetchLike,
  OAuthError,
  refreshAuthorization,
  selectClientAuthMethod,
  selectResourceURL,
} from '@modelcontextprotocol/client'
import type { Clock } from '../../kernel/clock.ts'
import { type ClientInformation, type Credentials, sameIssuer, type Tokens } from './credentials.ts'
import { asItCallsItself, discover } from './discovery.ts'
import { dated, givenClient, SignInProvider } from './provider.ts'
import type { SignInRow } from './sign-ins.ts'
import { otherAccount, signInUnreachable } from './words.ts'

interface Context {
  credentials: Credentials
  clock: Clock
  row: SignInRow
  serverUrl: URL
  resourceMetadataUrl: URL | undefined
  fetch: FetchLike
}

/** Refusals that may pass by themselves. */
const passing: readonly string[] = [
  'server_error',
  'temporarily_unavailable',
  'too_many_requests',
  'slow_down',
]

/**
 * New tokens for the refresh token (RFC 6749 §6), from the authorization server that issued it and from no other. `ended`: only the
 * user can get new ones. Throws HostError when it may work later, and `server-edited` when he signed in or out meanwhile: that stays.
 */
export async function renew(context: Context): Promise<'renewed' | 'ended'> {
  const { credentials, clock, row, serverUrl } = context
  const { tokens, issuer, edition } = credentials
  if (!tokens?.refresh_token || issuer === null) return 'ended'
  try {
    const found = await discover(context, true)
    const now = found.authorizationServerMetadata?.issuer ?? found.authorizationServerUrl
    if (!sameIssuer(now, issuer)) {
      // Without the server's own word this is only a guess of the discovery.
      if (!found.resourceMetadata) throw new Error('the authorization server is not to be found')
      return 'ended'
    }
    const client = await clientOf(context, issuer)
    if (!client) return 'ended'
    const provider = new SignInProvider({
      credentials,
      clock,
      given: row.oauth,
      clientMetadataUrl: undefined,
      redirectUri: '',
      state: '',
      scope: undefined,
      discovery: found,
      isWanted: () => false,
    })
    // Also checks that the metadata is about this server (RFC 8707, RFC 9728 §3.3).
    const fits = await selectResourceURL(asItCallsItself(serverUrl, found), provider, found.resourceMetadata)
    if (edition !== credentials.edition) throw otherAccount(row.name)
    const fresh = await refreshAuthorization(found.authorizationServerUrl, {
      clientInformation: client,
      refreshToken: tokens.refresh_token,
      fetchFn: context.fetch,
      ...(found.authorizationServerMetadata && { metadata: found.authorizationServerMetadata }),
      ...(fits && found.resourceMetadata && { resource: found.resourceMetadata.resource }),
    })
    await credentials.keepRenewed(issuer, dated({ ...fresh, issuer }, tokens.scope, clock), edition)
    return 'renewed'
  } catch (error) {
    if (edition !== credentials.edition) throw otherAccount(row.name)
    if (!(error instanceof OAuthError) || passing.includes(error.code))
      throw signInUnreachable(row.name, error)
    if (!(await credentials.dropRefused(edition))) throw otherAccount(row.name)
    return 'ended'
  }
}

/** Tells the authorization server that its tokens are not used any more, where it takes that (RFC 7009). */
export async function revoke(context: Context, tokens: Tokens, issuer: string): Promise<void> {
  const metadata = (await discover(context, true)).authorizationServerMetadata as
    | { issuer: string; revocation_endpoint?: unknown; token_endpoint_auth_methods_supported?: string[] }
    | undefined
  if (!metadata || !sameIssuer(metadata.issuer, issuer)) return
  const client = await clientOf(context, issuer)
  if (!client || typeof metadata.revocation_endpoint !== 'string') return
  const method = selectClientAuthMethod(client, metadata.token_endpoint_auth_methods_supported ?? [])
  const basic = [client.client_id, client.client_secret ?? ''].map(encodeURIComponent).join(':')
  for (const [hint, token] of [
    ['refresh_token', tokens.refresh_token],
    ['access_token', tokens.access_token],
  ] as const) {
    if (token === undefined) continue
    const body = new URLSearchParams({ token, token_type_hint: hint })
    if (method !== 'client_secret_basic') body.set('client_id', client.client_id)
    if (method === 'client_secret_post') body.set('client_secret', client.client_secret ?? '')
    await context.fetch(metadata.revocation_endpoint, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/x-www-form-urlencoded',
        ...(method === 'client_secret_basic' && {
          Authorization: `Basic ${Buffer.from(basic).toString('base64')}`,
        }),
      },
      body,
    })
  }
}

async function clientOf(
  { credentials, row }: Context,
  issuer: string,
): Promise<ClientInformation | undefined> {
  if (!row.oauth) return credentials.client(issuer)
  const client = await givenClient(credentials, row.oauth, issuer)
  return client.issuer !== undefined && sameIssuer(client.issuer, issuer) ? client : undefined
}
