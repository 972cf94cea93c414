import type { LoggingLevel } from '@modelcontextprotocol/server'
import type { Clock } from '../../../kernel/clock.ts'
import { errorText } from '../../../kernel/errors.ts'
import type { Log } from '../../../kernel/log/log.ts'
import type { Database } from '../../../storage/database/database.ts'
import type { Session } from './sessions.ts'

/** Of a client that went without a word. Milliseconds. */
const keepFor = 30 * 24 * 3_600_000
/** What is kept of one grant, which may begin sessions without end: rows, and characters of an address. */
const mostRows = 5_000
const longestUri = 8_000
/** In the place of an address: the log level. */
const ofLevel = ''

type Whose = Pick<Session, 'chat' | 'principal'>

/**
 * What clients asked for in their sessions (table `session_wishes`), so that it goes on with the session after a restart. What cannot be
 * written down holds until then.
 */
export function createSessionWishes({ db, clock, log }: { db: Database; clock: Clock; log: Log }) {
  const insert = db.prepare(
    'INSERT INTO session_wishes (session, grant_id, uri, level, at) VALUES (?, ?, ?, ?, ?)',
  )
  const change = db.prepare('UPDATE session_wishes SET level = ?, at = ? WHERE session = ? AND uri = ?')
  const count = db.prepare('SELECT count(*) AS rows FROM session_wishes WHERE grant_id = ?')
  const removeOldest = db.prepare(`DELETE FROM session_wishes WHERE session =
    (SELECT session FROM session_wishes WHERE grant_id = ? AND session <> ? ORDER BY at LIMIT 1)`)
  const all = db.prepare('SELECT uri, level FROM session_wishes WHERE session = ?')
  const seen = db.prepare('UPDATE session_wishes SET at = ? WHERE session = ?')
  const removeOne = db.prepare('DELETE FROM session_wishes WHERE session = ? AND uri = ?')
  const removeSession = db.prepare('DELETE FROM session_wishes WHERE session = ?')
  const removeGrant = db.prepare('DELETE FROM session_wishes WHERE grant_id = ?')
  const tried = (write: () => unknown): void => {
    try {
      write()
    } catch (error) {
      log.warn('sessions.not-kept', { error: errorText(error) })
    }
  }
  const put = ({ chat, principal: { grantId } }: Whose, uri: string, level: LoggingLevel | null): void => {
    // What was kept once must not come back as it was then.
    if (change.run(level, clock.now(), chat, uri).changes === 1) return
    if (uri.length > longestUri) return
    const isFull = (count.get(grantId)?.rows as number) >= mostRows
    // Its client has most likely gone without a word; of one session alone no more is kept.
    if (isFull && removeOldest.run(grantId, chat).changes === 0) return
    insert.run(chat, grantId, uri, level, clock.now())
  }
  tried(() => db.prepare('DELETE FROM session_wishes WHERE at < ?').run(clock.now() - keepFor))

  return {
    setLevel: (whose: Whose, level: LoggingLevel): void => tried(() => put(whose, ofLevel, level)),
    subscribe: (whose: Whose, uri: string): void => tried(() => uri !== ofLevel && put(whose, uri, null)),
    unsubscribe: ({ chat }: Whose, uri: string): void =>
      tried(() => uri !== ofLevel && removeOne.run(chat, uri)),
    /** Of a session that is there again. */
    of({ chat }: Whose): { logLevel: LoggingLevel | null; uris: string[] } {
      const rows = all.all(chat) as unknown as { uri: string; level: LoggingLevel | null }[]
      if (rows.length > 0) tried(() => seen.run(clock.now(), chat))
      return {
        logLevel: rows.find(({ uri }) => uri === ofLevel)?.level ?? null,
        uris: rows.map(({ uri }) => uri).filter((uri) => uri !== ofLevel),
      }
    },
    end: ({ chat }: Whose): void => tried(() => removeSession.run(chat)),
    endGrant: (grantId: string): void => tried(() => removeGrant.run(grantId)),
  }
}

export type SessionWishes = ReturnType<typeof createSessionWishes>
