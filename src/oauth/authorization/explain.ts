import type { KoaContextWithOIDC } from 'oidc-provider'
import { buttonWords } from '../../contract/button-words.ts'
import type { ClientDocuments } from '../clients/client-documents.ts'
import { type Problem, problemOf } from './oauth-errors.ts'
import { checkRedirectUri } from './redirects.ts'

/** Longer ones are nobody's to copy. */
const longestShown = 300

const byKey = `or give the app a key instead: Access, ${buttonWords.createKey}.`

/** The host of a client id that is the address of a document, or null. */
function documentHost(clientId: unknown): string | null {
  const url = typeof clientId === 'string' ? URL.parse(clientId) : null
  return url?.protocol === 'https:' ? url.host : null
}

/**
 * Why an authorization was refused, in words that know what was asked: which host could not be read, and where the app wanted to
 * go back to. What is shown of a request that nobody vouches for has passed the rules for redirect URIs, so that it is an
 * address and no sentence.
 */
export function explain(
  ctx: Pick<KoaContextWithOIDC, 'oidc'>,
  code: string,
  documents: Pick<ClientDocuments, 'problemWith'>,
): Problem {
  const params = ctx.oidc?.params ?? {}
  const host = documentHost(params.client_id)
  if ((code === 'invalid_client' || code === 'invalid_client_metadata') && host !== null)
    return documents.problemWith(params.client_id as string) === 'unfit' ? unfit(host) : unread(host)
  const uri = params.redirect_uri
  if (code !== 'invalid_redirect_uri' || typeof uri !== 'string') return problemOf(code)
  if (uri.length > longestShown || !checkRedirectUri(uri).ok) return problemOf(code)
  const isRegistered = ctx.oidc.client?.redirectUris?.includes(uri) === true
  return isRegistered ? notAllowed(uri) : notRegistered(uri)
}

const unread = (host: string): Problem => ({
  code: 'document-unread',
  message: `${host} could not be read.`,
  hint: `That is where this app says who it is. Look whether this computer can open ${host} and try again in a minute, ${byKey}`,
})

const unfit = (host: string): Problem => ({
  code: 'document-unfit',
  message: `What ${host} says about this app cannot be used.`,
  hint: `Nothing was connected. Tell the maker of the app, ${byKey}`,
})

const notRegistered = (uri: string): Problem => ({
  code: 'invalid_redirect_uri',
  message: `The app wants to send you to an address that it never registered: ${uri}`,
  hint: `Nothing was connected. If this is your app and that is its address, register the app with it: Access, Register an app. Otherwise remove the connection in the app and add it again, ${byKey}`,
})

const notAllowed = (uri: string): Problem => ({
  code: 'invalid_redirect_uri',
  message: `The app wants to send you to an address that you do not allow: ${uri}`,
  hint: `Nothing was connected. The allowed addresses are in Settings: add ${new URL(uri).hostname} there if you trust it.`,
})
