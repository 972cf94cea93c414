import type { Request, Response } from 'express'
import type { Door } from '../contract/pipe.ts'
import { sameText } from '../kernel/ids.ts'
import { cookieValue } from '../net/request-headers.ts'
import * as refusals from './refusals.ts'
import type { Session, Sessions } from './sessions.ts'

/**
 * Who knocks: a program that could read the key file, a browser that opened a one-time link, or a program with the admin
 * key, which opens the REST interface and nothing else.
 */
export type Caller = { kind: 'key' } | { kind: 'session'; session: Session } | { kind: 'admin' }

const doors = { key: 'command-line', session: 'window', admin: 'program' } as const

export const doorOf = (caller: Caller): Door => doors[caller.kind]

/** Whom `letIn` let in. */
export const callerOf = (res: Response): Caller => res.locals.caller

export interface CallersDeps {
  /** Of `control.json`. */
  key: string
  sessions: Sessions
  cookieName(): string
  /** Whether a text is the admin key. */
  isAdminKey(text: string): boolean
}

export function createCallers({ key, sessions, cookieName, isAdminKey }: CallersDeps) {
  const withCookie = (cookie: string | undefined) => sessions.find(cookieValue(cookie, cookieName()))
  const session = (req: Request) => withCookie(req.headers.cookie)

  return {
    session,
    /** Whether the session of a request goes on; keeps nothing else of the request. */
    staying({ headers: { cookie } }: Request): () => boolean {
      return () => withCookie(cookie) !== null
    },
    /** A key that was sent must be right: a wrong one never falls back to the cookie. */
    of(req: Request, options: { admin: boolean } = { admin: false }): Caller | null {
      const { authorization } = req.headers
      if (authorization !== undefined) {
        if (sameText(authorization, `Bearer ${key}`)) return { kind: 'key' }
        const sent = options.admin ? /^Bearer ([\w-]{1,200})$/i.exec(authorization) : null
        return sent && isAdminKey(sent[1]!) ? { kind: 'admin' } : null
      }
      const found = session(req)
      return found && { kind: 'session', session: found }
    },
    /** Whatever a browser changes carries our Origin and its session's token. Null means: go on, as `callerOf`. */
    letIn(req: Request, res: Response, caller: Caller): refusals.Refusal | null {
      if (caller.kind === 'session' && req.method !== 'GET' && req.method !== 'HEAD') {
        const token = req.headers['x-drawbridge-csrf'] as string | undefined
        const ours = req.headers.origin !== undefined && sessions.csrfMatches(caller.session, token)
        if (!ours) return refusals.noToken
      }
      res.locals.caller = caller
      return null
    },
  }
}

export type Callers = ReturnType<typeof createCallers>
