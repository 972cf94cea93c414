import { say, sayTheSentence } from '../../../locales/say.ts'
import type { ErrorReply } from '../../contract/errors.ts'
import type { ServerState } from '../../contract/servers.ts'
import { errorText, HostError } from '../../kernel/errors.ts'
import { triedAgain } from '../../net/connection-failures.ts'

export const asStartError = (name: string, cause: unknown) =>
  new HostError({
    code: 'server-start-failed',
    params: { name },
    detail: errorText(cause),
    cause,
  })

export const keepsStopping = (name: string, last: HostError, times: number): ErrorReply =>
  new HostError({
    code: 'server-keeps-stopping',
    params: { name, times, last: last.reply().message },
  }).reply()

export const sameAgain = (name: string, last: HostError, times: number): ErrorReply => {
  const params = { name, times, last: last.reply().message, hint: last.reply().hint }
  return new HostError({ code: 'server-keeps-stopping', says: 'server-same-again', params }).reply()
}

export const tooManyServers = (name: string, most: number) =>
  new HostError({
    code: 'too-many-servers',
    params: { name, count: most },
  })

export const draftNotSeen = (name: string) =>
  new HostError({
    code: 'draft-not-seen',
    says: 'draft-not-seen-host',
    params: { name },
  })

/** Why nobody answers for a server that is in this state. */
export function notRunning(name: string, state: ServerState, error: ErrorReply | null): HostError {
  const detail = error?.message
  switch (state) {
    case 'downloading':
      return new HostError({
        code: 'server-restarting',
        says: 'server-downloading',
        params: { name },
        detail,
      })
    case 'waiting':
    case 'starting':
      return new HostError({
        code: 'server-restarting',
        says: 'server-restarting',
        params: { name },
        detail,
      })
    case 'signed-out':
      return new HostError({
        code: 'server-signed-out',
        params: { name },
        detail,
      })
    default:
      return new HostError({
        code: 'server-down',
        params: { name },
        detail,
      })
  }
}

export const notFound = () =>
  new HostError({
    code: 'server-not-found',
    says: 'server-not-found-host',
  })

export const nameTaken = (name: string) =>
  new HostError({
    code: 'name-taken',
    says: 'name-taken-server',
    params: { name },
  })

export const beingEdited = (name: string) =>
  new HostError({
    code: 'server-busy',
    params: { name },
  })

export const noSignIn = (name: string) =>
  new HostError({
    code: 'sign-in-not-possible',
    params: { name },
  })

/** What is left alone is not said to be tried again. */
export const givenUp = (error: ErrorReply): ErrorReply => ({
  ...error,
  hint: error.hint.replace(sayTheSentence(triedAgain), say('part.startItAgain')),
})
