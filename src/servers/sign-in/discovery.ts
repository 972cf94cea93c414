import {
  discoverOAuthServerInfo,
  type FetchLike,
  IssuerMismatchError,
  type OAuthServerInfo,
} from '@modelcontextprotocol/client'
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
 * - What is no metadata is passed over, as 404 is, and the next address is tried: many sites answer everything with a page of 200.
 *   What is then found is checked like everything else.
 * - Where the address that the server named has nothing, the usual ones are asked; they are the server's own, too.
 */
export async function discover(
  { serverUrl, resourceMetadataUrl, fetch }: Place,
  sure = false,
): Promise<OAuthServerInfo> {
  let sawPage = false
  const lenient = passingOver(fetch, () => {
    sawPage = true
  })
  const find = (place: { resourceMetadataUrl?: URL }) =>
    discoverOAuthServerInfo(serverUrl, { fetchFn: lenient, skipIssuerMetadataValidation: true, ...place })
  let found = await find(resourceMetadataUrl ? { resourceMetadataUrl } : {})
  if (resourceMetadataUrl && !found.resourceMetadata) found = await find({})
  const { authorizationServerMetadata, authorizationServerUrl } = found
  if (authorizationServerMetadata && !sameIssuer(authorizationServerMetadata.issuer, authorizationServerUrl))
    throw new IssuerMismatchError('metadata', authorizationServerUrl, authorizationServerMetadata.issuer)
  if (sure && sawPage && !authorizationServerMetadata) throw new Error('a page is where the metadata was')
  return found
}

/** Turns answers of 200 that are no metadata into 404. Also for what the SDK looks up by itself later. */
export function passingOver(fetch: FetchLike, onPage: () => void = () => {}): FetchLike {
  return async (url, init) => {
    const response = await fetch(url, init)
    const document = documents.exec(new URL(url).pathname)?.[1]
    if (document === undefined || !response.ok) return response
    const text = await response.text()
    const { status, statusText, headers } = response
    if (isMetadata(text, document === 'oauth-protected-resource' ? 'resource' : 'issuer'))
      return new Response(text, { status, statusText, headers })
    onPage()
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
 * The address of the server as it writes it itself, where that differs from what the user typed by the slash at its end only: it is the
 * same resource, and its authorization server knows it by the server's own spelling (RFC 8707 §2).
 */
export function asItCallsItself(serverUrl: URL, { resourceMetadata }: OAuthServerInfo): URL {
  const resource = URL.parse(resourceMetadata?.resource ?? '')
  return resource && sameIssuer(resource.href, serverUrl.href) ? resource : serverUrl
}
