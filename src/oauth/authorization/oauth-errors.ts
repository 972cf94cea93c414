import type { KoaContextWithOIDC } from 'oidc-provider'
import { say } from '../../../locales/say.ts'
import { buttonWords } from '../../contract/agreed/words/button.ts'
import type { ErrorReply } from '../../contract/errors.ts'
import type { ClientDocuments } from '../clients/client-documents.ts'
import { checkRedirectUri } from '../clients/redirects.ts'

/** By its code: the name of its sentences. */
const texts = {
  access_denied: 'declined',
  busy: 'busy',
  invalid_client: 'unknownApp',
  invalid_redirect_uri: 'wrongRedirect',
  invalid_target: 'wrongTarget',
  invalid_grant: 'usedUp',
  expired: 'ended',
  'begun-anew': 'begunAnew',
  'let-in': 'letIn',
  'other-browser': 'otherBrowser',
  'not-here': 'notHere',
  'too-many-registered': 'tooMany',
  server_error: 'unfinished',
} as const

function wordsFor(code: string): { message: string; hint: string } {
  if (code === 'too-many-in-window')
    return {
      message: say('oauth.tooManyInWindow.message'),
      hint: say('oauth.tooManyInWindow.hint', { createKey: buttonWords.createKey }),
    }
  if (!Object.hasOwn(texts, code))
    return {
      message: say('oauth.unacceptable.message'),
      hint: say('oauth.unacceptable.hint', { byKey: byKey() }),
    }
  const text = texts[code as keyof typeof texts]
  return { message: say(`oauth.${text}.message`), hint: say(`oauth.${text}.hint`) }
}

/** Words for an OAuth error code; unknown codes get the general ones. */
export const describeError = (code: string): ErrorReply => ({ code, ...wordsFor(code) })

/** Longer ones are nobody's to copy. */
const longestShown = 300

const byKey = () => say('oauth.orGiveAppKey', { createKey: buttonWords.createKey })

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
  if (code === 'invalid_request' && isWithoutPkce(params)) return withoutPkce()
  const uri = params.redirect_uri
  if (code !== 'invalid_redirect_uri' || typeof uri !== 'string') return describeError(code)
  if (uri.length > longestShown || !checkRedirectUri(uri).ok) return describeError(code)
  const isRegistered = ctx.oidc.client?.redirectUris?.includes(uri) === true
  return isRegistered ? notAllowed(uri) : notRegistered(uri)
}

/** RFC 7636 §4.3; what is `plain` there is as good as nothing. */
const isWithoutPkce = ({ response_type, code_challenge, code_challenge_method }: Record<string, unknown>) =>
  response_type === 'code' && (code_challenge === undefined || code_challenge_method !== 'S256')

const withoutPkce = (): ErrorReply => ({
  code: 'invalid_request',
  message: say('oauth.withoutPkce.message'),
  hint: say('oauth.withoutPkce.hint', { byKey: byKey() }),
})

const unread = (host: string): ErrorReply => ({
  code: 'document-unread',
  message: say('oauth.documentUnread.message', { host }),
  hint: say('oauth.documentUnread.hint', { host, byKey: byKey() }),
})

const unfit = (host: string): ErrorReply => ({
  code: 'document-unfit',
  message: say('oauth.documentUnfit.message', { host }),
  hint: say('oauth.documentUnfit.hint', { byKey: byKey() }),
})

const notRegistered = (uri: string): ErrorReply => ({
  code: 'invalid_redirect_uri',
  message: say('oauth.notRegistered.message', { uri }),
  hint: say('oauth.notRegistered.hint', { byKey: byKey() }),
})

const notAllowed = (uri: string): ErrorReply => ({
  code: 'invalid_redirect_uri',
  message: say('oauth.notAllowed.message', { uri }),
  hint: say('oauth.notAllowed.hint', { hostname: new URL(uri).hostname }),
})
