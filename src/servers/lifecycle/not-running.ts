import type { ErrorReply } from '../../contract/errors.ts'
import type { ServerState } from '../../contract/servers.ts'
import { errorText, HostError } from '../../kernel/errors.ts'
import { triedAgain } from '../../net/connection-failures.ts'

export const asStartError = (name: string, cause: unknown) =>
  new HostError({
    code: 'server-start-failed',
    message: `“${name}” could not be started.`,
    hint: 'Restart it. If that does not help, look whether what it is started with is right, and change it.',
    detail: errorText(cause),
    cause,
  })

export const keepsStopping = (name: string, last: HostError, times: number): ErrorReply => ({
  code: 'server-keeps-stopping',
  message: `“${name}” stopped ${times} times within ten minutes, so it is not started any more. ${last.message}`,
  hint: 'Read its log, mend the cause, then press Restart.',
})

export const sameAgain = (name: string, last: HostError, times: number): ErrorReply => ({
  code: 'server-keeps-stopping',
  message: `“${name}” said the same ${times} times, so it is not started any more. ${last.message}`,
  hint: last.hint,
})

export const tooManyServers = (name: string, most: number) =>
  new HostError({
    code: 'too-many-servers',
    message: `“${name}” was not started: ${most === 1 ? 'one server runs' : `${most} servers run`} already, which is as many as you allow.`,
    hint: 'Stop one that you do not need, or allow more in the settings.',
  })

export const draftNotSeen = (name: string) =>
  new HostError({
    code: 'draft-not-seen',
    message: `“${name}” was added by a program and has not been looked at yet.`,
    hint: 'Open it in Drawbridge, look at what it would start, and start it there.',
  })

/** Why nobody answers for a server that is in this state. */
export function notRunning(name: string, state: ServerState, error: ErrorReply | null): HostError {
  const detail = error?.message
  switch (state) {
    case 'downloading':
      return new HostError({
        code: 'server-restarting',
        message: `The program of “${name}” is still being downloaded.`,
        hint: 'Try again in a minute.',
        detail,
      })
    case 'waiting':
    case 'starting':
      return new HostError({
        code: 'server-restarting',
        message: `“${name}” is just being started again.`,
        hint: 'Try again in a few seconds.',
        detail,
      })
    case 'signed-out':
      return new HostError({
        code: 'server-signed-out',
        message: `“${name}” wants you to sign in first.`,
        hint: 'Open Drawbridge and sign in to it there.',
        detail,
      })
    default:
      return new HostError({
        code: 'server-down',
        message: `“${name}” is not running.`,
        hint: 'Open Drawbridge to see why, and restart it there.',
        detail,
      })
  }
}

export const notFound = () =>
  new HostError({
    code: 'server-not-found',
    message: 'This server is not in the list any more.',
    hint: 'It may have been removed in another window.',
  })

export const nameTaken = (name: string) =>
  new HostError({
    code: 'name-taken',
    message: `There is already a server called “${name}”.`,
    hint: 'Choose another name, or remove the other server first.',
  })

export const beingEdited = (name: string) =>
  new HostError({
    code: 'server-busy',
    message: `“${name}” is just being changed.`,
    hint: 'Try again in a moment.',
  })

export const noSignIn = (name: string) =>
  new HostError({
    code: 'sign-in-not-possible',
    message: `“${name}” runs on this computer, so there is nothing to sign in to.`,
    hint: 'If it needs a key, it is given to it as an environment variable.',
  })

/** What is left alone is not said to be tried again. */
export const givenUp = (error: ErrorReply): ErrorReply => ({
  ...error,
  hint: error.hint.replace(triedAgain, 'Then start it again.'),
})
