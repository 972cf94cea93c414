import {
  AuthorizationServerMismatchError,
  IssuerMismatchError,
  OAuthError,
  OAuthErrorCode,
  RegistrationRejectedError,
} from '@modelcontextprotocol/client'
import { saidLater } from '../../../locales/say.ts'
import { errorText, HostError, isHostError } from '../../kernel/errors.ts'
import { connectionFailure } from '../../net/connection-failures.ts'

// Without `cause`: what is said here is the whole of it for whoever looks for the reason.
const because = (cause: unknown) => ({ detail: errorText(cause) })

export const signedOut = (name: string): HostError =>
  new HostError({ code: 'server-signed-out', says: 'server-signed-out-now', params: { name } })

/** For what was asked for as somebody else. */
export const otherAccount = (name: string): HostError =>
  new HostError({ code: 'server-edited', params: { name } })

/** Why a connection is closed: another account has its own. */
export const signedInAnew = (name: string): HostError =>
  new HostError({ code: 'server-session-ended', says: 'server-signed-in-anew', params: { name } })

export const needsPermission = (name: string): HostError =>
  new HostError({ code: 'server-needs-permission', params: { name } })

export const noSignIn = (name: string): HostError =>
  new HostError({ code: 'server-refused', says: 'sign-in-nowhere', params: { name } })

export const notAccepted = (name: string): HostError =>
  new HostError({ code: 'sign-in-not-accepted', params: { name } })

export const signInUnreachable = (name: string, cause: unknown): HostError =>
  new HostError({
    code: 'server-unreachable',
    says: 'sign-in-not-renewed',
    params: { name },
    ...because(cause),
  })

export const tookTooLong = (): HostError => new HostError({ code: 'sign-in-late' })

/**
 * Why a sign-in did not work, in words for people. What strangers wrote goes to the log only. `redirect`: where the browser comes back
 * to, for who has to register us by hand.
 */
export function signInFailure(name: string, redirect: string, cause: unknown): HostError {
  if (isHostError(cause)) return cause
  const common = { params: { name }, ...because(cause) }
  if (cause instanceof IssuerMismatchError || cause instanceof AuthorizationServerMismatchError)
    return new HostError({ code: 'sign-in-other-issuer', ...common })
  if (cause instanceof OAuthError && cause.code === OAuthErrorCode.AccessDenied)
    return new HostError({ code: 'sign-in-declined', ...common })
  if (
    cause instanceof RegistrationRejectedError ||
    /dynamic client registration|saveable/i.test(errorText(cause))
  )
    return new HostError({ code: 'sign-in-needs-client', params: { name, redirect }, ...because(cause) })
  if (cause instanceof OAuthError) {
    const code = cause.code.slice(0, 60).replace(/[^\w-]/g, '')
    return new HostError({ code: 'sign-in-refused', params: { name, code }, ...because(cause) })
  }
  if (cause instanceof TypeError) return noPage(name, cause)
  return new HostError({ code: 'sign-in-failed', ...common })
}

function noPage(name: string, cause: TypeError): HostError {
  // Which page it was is in the log: the server chose it.
  const way = connectionFailure({ host: saidLater('part.thePageToSignIn'), isHttps: true }, cause)
  if (way === null) return new HostError({ code: 'sign-in-unreachable', params: { name }, ...because(cause) })
  return new HostError({
    code: 'sign-in-unreachable',
    says: 'sign-in-unreachable-way',
    params: { name, why: way.message, whatToDo: way.hint },
    ...because(cause),
  })
}
