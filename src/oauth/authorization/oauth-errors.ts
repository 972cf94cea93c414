import type { KoaContextWithOIDC } from 'oidc-provider'
import { buttonWords } from '../../contract/agreed/button-words.ts'
import type { ErrorReply } from '../../contract/errors.ts'
import type { ClientDocuments } from '../clients/client-documents.ts'
import { checkRedirectUri } from '../clients/redirects.ts'

const words: Record<string, { message: string; hint: string }> = {
  access_denied: {
    message: 'The connection was declined.',
    hint: 'If that was a mistake, press Connect in Drawbridge and start again in the other app.',
  },
  busy: {
    message: 'Another app is asking to connect right now.',
    hint: 'Allow or decline that one in Drawbridge first, then start again.',
  },
  invalid_client: {
    message: 'The app is not known to this Drawbridge.',
    hint: 'Remove the connection in the app and add it again.',
  },
  invalid_redirect_uri: {
    message: 'The app wants to send you to an address that it never registered, or that you do not allow.',
    hint: 'Nothing was connected. Remove the connection in the app and add it again. The allowed addresses are in Settings.',
  },
  invalid_target: {
    message: 'The app asked for an address that this Drawbridge does not serve.',
    hint: 'Copy the address from Drawbridge again and use it exactly as it is.',
  },
  invalid_grant: {
    message: 'The app came with an authorization that is used up or was taken back.',
    hint: 'Connect the app again: press Connect in Drawbridge, then connect in the app.',
  },
  expired: {
    message: 'This request to connect has ended.',
    hint: 'Press Connect in Drawbridge and start again in the other app.',
  },
  'other-browser': {
    message: 'This page belongs to another browser.',
    hint: 'Start connecting again in the browser you want to use.',
  },
  'not-here': {
    message: 'There is nothing to connect to at this address any more.',
    hint: 'Copy the address from Drawbridge again. Remove the connection in the app and add it again with that address.',
  },
  'too-many-registered': {
    message: 'Too many apps tried to register while nobody was expected, so no more are taken for now.',
    hint: 'Press Connect in Drawbridge, then connect in the app again: whoever comes after that has a place of its own.',
  },
  'too-many-in-window': {
    message: 'Too many apps tried to register since you pressed Connect, so no more are taken.',
    hint: `Stop waiting and press Connect again, then connect in the app at once. If it happens again, give the app a key instead: Access, ${buttonWords.createKey}.`,
  },
  server_error: {
    message: 'Drawbridge could not finish this.',
    hint: 'Try again in a minute. The log in the data folder has the details.',
  },
}

/** Words for an OAuth error code; unknown codes get the general ones. */
export const describeError = (code: string): ErrorReply => ({
  code,
  ...(words[code] ?? {
    message: 'The app sent a request that Drawbridge cannot accept.',
    hint: 'Try connecting again. If it happens again, the app and Drawbridge do not fit together.',
  }),
})

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
export function explainError(
  ctx: Pick<KoaContextWithOIDC, 'oidc'>,
  code: string,
  documents: Pick<ClientDocuments, 'problemWith'>,
): ErrorReply {
  const params = ctx.oidc?.params ?? {}
  const host = documentHost(params.client_id)
  if ((code === 'invalid_client' || code === 'invalid_client_metadata') && host !== null)
    return documents.problemWith(params.client_id as string) === 'unfit' ? unfit(host) : unread(host)
  const uri = params.redirect_uri
  if (code !== 'invalid_redirect_uri' || typeof uri !== 'string') return describeError(code)
  if (uri.length > longestShown || !checkRedirectUri(uri).ok) return describeError(code)
  const isRegistered = ctx.oidc.client?.redirectUris?.includes(uri) === true
  return isRegistered ? notAllowed(uri) : notRegistered(uri)
}

const unread = (host: string): ErrorReply => ({
  code: 'document-unread',
  message: `${host} could not be read.`,
  hint: `That is where this app says who it is. Look whether this computer can open ${host} and try again in a minute, ${byKey}`,
})

const unfit = (host: string): ErrorReply => ({
  code: 'document-unfit',
  message: `What ${host} says about this app cannot be used.`,
  hint: `Nothing was connected. Tell the maker of the app, ${byKey}`,
})

const notRegistered = (uri: string): ErrorReply => ({
  code: 'invalid_redirect_uri',
  message: `The app wants to send you to an address that it never registered: ${uri}`,
  hint: `Nothing was connected. If this is your app and that is its address, register the app with it: Access, Register an app. Otherwise remove the connection in the app and add it again, ${byKey}`,
})

const notAllowed = (uri: string): ErrorReply => ({
  code: 'invalid_redirect_uri',
  message: `The app wants to send you to an address that you do not allow: ${uri}`,
  hint: `Nothing was connected. The allowed addresses are in Settings: add ${new URL(uri).hostname} there if you trust it.`,
})
