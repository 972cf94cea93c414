import {
  AuthorizationServerMismatchError,
  IssuerMismatchError,
  OAuthError,
  OAuthErrorCode,
  RegistrationRejectedError,
} from '@modelcontextprotocol/client'
import { errorText, HostError, isHostError } from '../../kernel/errors.ts'
import { connectionFailure } from '../../net/connection-failures.ts'

const make = (code: string, message: string, hint: string, cause?: unknown): HostError =>
  // Without `cause`: what is said here is the whole of it for whoever looks for the reason.
  new HostError({ code, message, hint, ...(cause !== undefined && { detail: errorText(cause) }) })

export const signedOut = (name: string): HostError =>
  make(
    'server-signed-out',
    `“${name}” wants you to sign in first.`,
    'Open Drawbridge, look for this server and press Sign in.',
  )

export const needsPermission = (name: string): HostError =>
  make(
    'server-needs-permission',
    `“${name}” wants you to allow more before it does this.`,
    'Open Drawbridge, look for this server and sign in to it again.',
  )

export const noSignIn = (name: string): HostError =>
  make(
    'server-refused',
    `“${name}” wants a key, and offers no page to sign in (HTTP 401).`,
    'Change the server and give the header it needs, for example “Authorization: Bearer …”. If you know that one can sign in there, press Sign in.',
  )

export const notAccepted = (name: string): HostError =>
  make(
    'sign-in-not-accepted',
    `You signed in, but “${name}” does not accept that (HTTP 401).`,
    'Sign in again, perhaps with another account. If it stays so, it probably wants a key: change the server and give it the header it needs.',
  )

export const signInUnreachable = (name: string, cause: unknown): HostError =>
  make(
    'server-unreachable',
    `The sign-in of “${name}” could not be renewed: the service for it does not answer.`,
    'It is tried again. If it lasts, check that this computer is online.',
    cause,
  )

export const tookTooLong = (): HostError =>
  make(
    'sign-in-late',
    'The sign-in was not finished in time.',
    'Press Sign in again and follow the page in your browser.',
  )

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

/** Why a sign-in did not work, in words for people. What strangers wrote goes to the log only. */
export function signInFailure(name: string, cause: unknown): HostError {
  if (isHostError(cause)) return cause
  if (cause instanceof IssuerMismatchError || cause instanceof AuthorizationServerMismatchError)
    return make(
      'sign-in-other-issuer',
      `“${name}” was answered for by another service than the one it belongs to, so nothing was sent there.`,
      'Try again. If it stays so, ask whoever runs this server before you trust it.',
      cause,
    )
  if (cause instanceof OAuthError && cause.code === OAuthErrorCode.AccessDenied)
    return make(
      'sign-in-declined',
      `The sign-in to “${name}” was declined.`,
      'Press Sign in again if you want to use this server.',
      cause,
    )
  if (
    cause instanceof RegistrationRejectedError ||
    /dynamic client registration|saveable/i.test(errorText(cause))
  )
    return make(
      'sign-in-needs-client',
      `“${name}” does not let Drawbridge introduce itself.`,
      'Ask whoever runs it for a client ID, then change the server and give it there.',
      cause,
    )
  if (cause instanceof OAuthError)
    return make(
      'sign-in-refused',
      `“${name}” did not accept the sign-in (${cause.code.slice(0, 60).replace(/[^\w-]/g, '')}).`,
      'Try again. If it stays so, ask whoever runs this server.',
      cause,
    )
  if (cause instanceof TypeError) {
    // Which page it was is in the log: the server chose it.
    const way = connectionFailure({ host: 'the page to sign in', isHttps: true }, cause)
    return make(
      'sign-in-unreachable',
      `The page to sign in to “${name}” cannot be reached.${way ? ` ${capital(way.message)}` : ''}`,
      way?.hint ?? 'Check that this computer is online, and try again in a minute.',
      cause,
    )
  }
  return make(
    'sign-in-failed',
    `“${name}” cannot be signed in to: what it says about signing in does not fit together.`,
    'Look for news about this server, or ask whoever runs it.',
    cause,
  )
}
