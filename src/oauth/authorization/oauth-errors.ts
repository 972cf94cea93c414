import type { KoaContextWithOIDC } from 'oidc-provider'
import { say } from '../../../locales/say.ts'
import { buttonWords } from '../../contract/agreed/button-words.ts'
import type { ErrorReply } from '../../contract/errors.ts'
import type { ClientDocuments } from '../clients/client-documents.ts'
import { checkRedirectUri } from './redirects.ts'

const words: Record<string, { message: string; hint: string }> = {
  access_denied: {
    message: say('oauth.connectionWasDeclined.message'),
    hint: say('oauth.connectionWasDeclined.hint'),
  },
  busy: {
    message: say('oauth.anotherAppAskingConnect.message'),
    hint: say('oauth.anotherAppAskingConnect.hint'),
  },
  invalid_client: {
    message: say('oauth.appNotKnownDrawbridge.message'),
    hint: say('oauth.appNotKnownDrawbridge.hint'),
  },
  invalid_redirect_uri: {
    message: say('oauth.appWantsSendYou.message'),
    hint: say('oauth.appWantsSendYou.hint'),
  },
  invalid_target: {
    message: say('oauth.appAskedForAddress.message'),
    hint: say('oauth.appAskedForAddress.hint'),
  },
  invalid_grant: {
    message: say('oauth.appCameWithAuthorization.message'),
    hint: say('oauth.appCameWithAuthorization.hint'),
  },
  expired: {
    message: say('oauth.requestConnectHasEnded.message'),
    hint: say('oauth.requestConnectHasEnded.hint'),
  },
  'other-browser': {
    message: say('oauth.pageBelongsAnotherBrowser.message'),
    hint: say('oauth.pageBelongsAnotherBrowser.hint'),
  },
  'not-here': {
    message: say('oauth.nothingConnectAtAddress.message'),
    hint: say('oauth.nothingConnectAtAddress.hint'),
  },
  'too-many-registered': {
    message: say('oauth.tooManyAppsTried.message'),
    hint: say('oauth.tooManyAppsTried.hint'),
  },
  'too-many-in-window': {
    message: say('oauth.tooManyAppsTried.tooManyApps.message'),
    hint: say('oauth.tooManyAppsTried.stopWaitingAnd.hint', { createKey: buttonWords.createKey }),
  },
  server_error: {
    message: say('oauth.drawbridgeCouldNotFinish.message'),
    hint: say('oauth.drawbridgeCouldNotFinish.hint'),
  },
}

/** Words for an OAuth error code; unknown codes get the general ones. */
export const describeError = (code: string): ErrorReply => ({
  code,
  ...(words[code] ?? {
    message: say('oauth.appSentRequestDrawbridge.message'),
    hint: say('oauth.appSentRequestDrawbridge.hint'),
  }),
})

/** Longer ones are nobody's to copy. */
const longestShown = 300

const byKey = say('oauth.orGiveAppKey', { createKey: buttonWords.createKey })

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
  message: say('oauth.documentUnread.message', { host }),
  hint: say('oauth.documentUnread.hint', { host, byKey }),
})

const unfit = (host: string): ErrorReply => ({
  code: 'document-unfit',
  message: say('oauth.documentUnfit.message', { host }),
  hint: say('oauth.documentUnfit.hint', { byKey }),
})

const notRegistered = (uri: string): ErrorReply => ({
  code: 'invalid_redirect_uri',
  message: say('oauth.invalidRedirectUri.message', { uri }),
  hint: say('oauth.invalidRedirectUri.hint', { byKey }),
})

const notAllowed = (uri: string): ErrorReply => ({
  code: 'invalid_redirect_uri',
  message: say('oauth.invalidRedirectUri.appWantsSend.message', { uri }),
  hint: say('oauth.invalidRedirectUri.nothingWasConnected.hint', { hostname: new URL(uri).hostname }),
})
