import type { Door } from '../contract/pipe.ts'
import type { Clock } from '../kernel/clock.ts'
import { newToken, sameText, sha256 } from '../kernel/ids.ts'

/** A one-time link that nobody opened is worth nothing after ten minutes. */
const linkLife = 10 * 60_000
/** A browser that was not seen for a week has to be let in anew. */
const sessionIdle = 7 * 24 * 3_600_000
/** Caps, so that a script asking for links for ever cannot fill the memory. */
const maxLinks = 100
const maxSessions = 50

export interface Session {
  /** Must come back in the `X-Drawbridge-CSRF` header of every POST of this session. */
  readonly csrf: string
  seenAt: number
}

export interface Sessions {
  /** A code for one browser, 256 bits. `from`: through which door it was asked for. */
  newCode(from: Door): string
  /** Spends a code: the cookie value of a new session, or null for a code that is unknown, used or too old. */
  open(code: string): { cookie: string; from: Door } | null
  /** The session of a cookie value; being asked for keeps it alive. */
  find(cookie: string | undefined): Session | null
  csrfMatches(session: Session, token: string | undefined): boolean
  clear(): void
}

/** Codes and cookies are kept as hashes only. They live as long as the host: a restart asks every browser anew. */
export function createSessions(clock: Clock): Sessions {
  const codes = new Map<string, { until: number; from: Door }>()
  const sessions = new Map<string, Session>()

  const dropOldest = (map: Map<string, unknown>, most: number) => {
    for (const key of map.keys()) {
      if (map.size <= most) return
      map.delete(key)
    }
  }

  return {
    newCode(from) {
      const code = newToken()
      const now = clock.now()
      for (const [hash, { until }] of codes) if (until <= now) codes.delete(hash)
      codes.set(sha256(code), { until: now + linkLife, from })
      dropOldest(codes, maxLinks)
      return code
    },
    open(code) {
      const hash = sha256(code)
      const link = codes.get(hash)
      codes.delete(hash)
      if (link === undefined || link.until <= clock.now()) return null
      const cookie = newToken()
      sessions.set(sha256(cookie), { csrf: newToken(), seenAt: clock.now() })
      dropOldest(sessions, maxSessions)
      return { cookie, from: link.from }
    },
    find(cookie) {
      if (!cookie) return null
      const hash = sha256(cookie)
      const session = sessions.get(hash)
      if (!session) return null
      sessions.delete(hash)
      if (session.seenAt + sessionIdle <= clock.now()) return null
      session.seenAt = clock.now()
      sessions.set(hash, session) // back at the end: the oldest are the first to go
      return session
    },
    csrfMatches: (session, token) => token !== undefined && sameText(session.csrf, token),
    clear() {
      codes.clear()
      sessions.clear()
    },
  }
}
