import {
  discoverOAuthServerInfo,
  type FetchLike,
  IssuerMismatchError,
  type OAuthServerInfo,
} from '@modelcontextprotocol/client'
import { isLoopbackHost } from '../../net/guarded-fetch.ts'
import { atHome } from '../framing/own-address.ts'
import { sameIssuer } from './credentials.ts'

interface Place {
  serverUrl: URL
  /** Where the server said that its metadata is (RFC 9728 §5.1). */
  resourceMetadataUrl: URL | undefined
  fetch: FetchLike
}

/**
 * Who signs people in for this server (RFC 9728, RFC 8414). `sure`: a page in the place of the metadata means that it cannot be found at
 * the moment, rather than that there is none.
 *
 * More lenient than the SDK in three ways, none of which lets one authorization server pass for another:
 * - An issuer may be written with or without the one slash at its end (RFC 8414 §3.3 wants the same text): whoever answers at the one
 *   answers at the other, since both are the same address. Any other difference ends the sign-in, as it must (mix-up). The issuer that
 *   comes back with the code is compared as RFC 9207 §2.4 says, text by text, with what the metadata says.
 * - What is no metadata is passed over, as 404 is, and the next address is tried: many sites answer everything with a page of 200, and
 *   some fail at paths that they do not know. What is then found is checked like everything else; when nothing is, a failure is one.
 * - Where the address that the server named has nothing, the usual ones are asked; they are the server's own, too.
 */
export async function discover(
  { serverUrl, resourceMetadataUrl, fetch }: Place,
  sure = false,
): Promise<OAuthServerInfo> {
  let sawPage = false
  let failure: string | undefined
  const onPage = (status: number, url: string) => {
    sawPage = true
    if (status >= 500 && !url.includes('/oauth-protected-resource')) failure ??= `HTTP ${status} at ${url}`
  }
  const lenient = passingOver(fetch, onPage)
  const find = (place: { resourceMetadataUrl?: URL }) =>
    discoverOAuthServerInfo(serverUrl, { fetchFn: lenient, skipIssuerMetadataValidation: true, ...place })
  let found = await find(resourceMetadataUrl ? { resourceMetadataUrl } : {})
  if (resourceMetadataUrl && !found.resourceMetadata) found = await find({})
  const { authorizationServerMetadata, authorizationServerUrl } = found
  if (authorizationServerMetadata && !sameIssuer(authorizationServerMetadata.issuer, authorizationServerUrl))
    throw new IssuerMismatchError('metadata', authorizationServerUrl, authorizationServerMetadata.issuer)
  if (failure !== undefined && !authorizationServerMetadata) throw new Error(failure)
  if (sure && sawPage && !authorizationServerMetadata) throw new Error('a page is where the metadata was')
  return found
}

/** Turns answers that are no metadata, and failures, into 404. Also for what the SDK looks up by itself later. */
export function passingOver(
  fetch: FetchLike,
  onPage: (status: number, url: string) => void = () => {},
): FetchLike {
  return async (url, init) => {
    const response = await fetch(url, init)
    const document = documents.exec(new URL(url).pathname)?.[1]
    const { status: given } = response
    if (document === undefined || (!response.ok && given < 500)) return response
    const text = await response.text()
    const { status, statusText, headers } = response
    if (given < 500 && isMetadata(text, document === 'oauth-protected-resource' ? 'resource' : 'issuer'))
      return new Response(text, { status, statusText, headers })
    onPage(given, String(url))
    return new Response(null, { status: 404 })
  }
}

const documents =
  /\/\.well-known\/(oauth-protected-resource|oauth-authorization-server|openid-configuration)(?:\/|$)/

function isMetadata(text: string, about: 'resource' | 'issuer'): boolean {
  try {
    return typeof JSON.parse(text)?.[about] === 'string'
  } catch {
    return false
  }
}

/**
 * The address of the server as it writes it itself, where that is the same place by another name of its own (`atHome`), or differs by the
 * slash at its end: it is the same resource, and its authorization server knows it by the server's own spelling (RFC 8707 §2). Tokens go
 * to what the user typed all the same, so one elsewhere may not have them made out for this computer.
 */
export function asItCallsItself(serverUrl: URL, { resourceMetadata }: OAuthServerInfo): URL {
  const resource = URL.parse(resourceMetadata?.resource ?? '')
  const isItsName = resource?.hostname === serverUrl.hostname || isLoopbackHost(serverUrl.hostname)
  const there = resource && isItsName ? atHome(resource.href, serverUrl) : null
  return resource && there && sameIssuer(there.href, serverUrl.href) ? resource : serverUrl
}
