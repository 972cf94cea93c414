import {
  auth,
  type FetchLike,
  OAuthError,
  validateAuthorizationResponseIssuer,
} from '@modelcontextprotocol/client'
import type { Clock } from '../../kernel/clock.ts'
import { newToken } from '../../kernel/ids.ts'
import { type CallbackListener, listenForCallback } from './callback-listener.ts'
import type { Credentials } from './credentials.ts'
import { asItCallsItself, discover, passingOver } from './discovery.ts'
import { SignInProvider } from './provider.ts'
import type { SignInRow } from './sign-ins.ts'

/** A sign-in that waits for the user's browser. */
export interface Flow {
  /** The page to open. */
  page: string
  issuer: string
  /** The scopes that were asked for. */
  scope: string | undefined
  port: number
  /** Redeems what the browser brought back. Rejects with whatever is wrong with it. */
  finish(params: URLSearchParams, fetch: FetchLike): Promise<void>
  /** Nothing is listened to any more. */
  close(): void
}

/** Finds out where to sign in, introduces us there, and waits on this computer. Rejects with whatever is in the way. */
export async function beginFlow(options: {
  serverUrl: URL
  resourceMetadataUrl: URL | undefined
  /** Scopes wanted, where the server does not choose. */
  scope: string | undefined
  credentials: Credentials
  clock: Clock
  row: SignInRow
  clientMetadataUrl: string | undefined
  fetch: FetchLike
  /** It was neither dropped nor begun again. */
  isWanted(): boolean
  /** The browser is back, with the right state. Tells whether it went well. */
  onBack(params: URLSearchParams): Promise<boolean>
}): Promise<Flow> {
  const { serverUrl, resourceMetadataUrl, scope, credentials, clock, row, clientMetadataUrl } = options
  const place = { ...(resourceMetadataUrl && { resourceMetadataUrl }) }
  const found = await discover({ serverUrl, resourceMetadataUrl, fetch: options.fetch })
  const address = asItCallsItself(serverUrl, found)
  const common = { serverUrl: address, ...place, ...(scope !== undefined && { scope }) }
  const state = newToken()
  const listener: CallbackListener = await listenForCallback({
    port: credentials.port,
    state,
    finish: options.onBack,
  })
  try {
    const provider = new SignInProvider({
      credentials,
      clock,
      clientMetadataUrl,
      state,
      scope,
      isWanted: options.isWanted,
      given: row.oauth,
      redirectUri: listener.redirectUri,
      discovery: {
        ...found,
        ...(resourceMetadataUrl && { resourceMetadataUrl: resourceMetadataUrl.href }),
      },
    })
    // Asked for by the user: renewing what is there would not do.
    await auth(provider, { ...common, fetchFn: passingOver(options.fetch), forceReauthorization: true })
    if (provider.page === null) throw new Error('there is no page to open')
    return {
      page: provider.page,
      issuer: found.authorizationServerMetadata?.issuer ?? found.authorizationServerUrl,
      scope: provider.scope,
      port: listener.port,
      close: listener.close,
      async finish(params, fetch) {
        const iss = params.get('iss') ?? undefined
        const code = params.get('code') ?? refusedCode(provider, params, iss)
        await auth(provider, {
          ...common,
          fetchFn: passingOver(fetch),
          authorizationCode: code,
          ...(iss !== undefined && { iss }),
        })
      },
    }
  } catch (error) {
    listener.close()
    throw error
  }
}

/** There is no code but an error, of which nothing is believed before the issuer is (RFC 9207 §2.4). */
function refusedCode(provider: SignInProvider, params: URLSearchParams, iss: string | undefined): never {
  const metadata = provider.discoveryState().authorizationServerMetadata
  validateAuthorizationResponseIssuer({
    iss,
    expectedIssuer: metadata?.issuer,
    issParameterSupported: metadata?.authorization_response_iss_parameter_supported === true,
  })
  throw new OAuthError(params.get('error') ?? 'server_error', params.get('error_description') ?? '')
}
