import type { Database } from '../../../storage/database/database.ts'

/** What is known of a late call in the next life of the program. */
export interface LateRow {
  /** SHA-256 of its handle. */
  handle: string
  grantId: string
  /** What the same call, made again, is found by. */
  key: string
  /** Its row in the log; null: it has none before it ends, as everything that only reads. */
  call: string | null
  title: string
  madeAt: number
  /** Until when what came of it is told; null: it was open. */
  expiresAt: number | null
  /** The client has had it. */
  isGiven: boolean
}

/** The table `late_calls`: which handles were given out, and for what. What came of each stands in the log. */
export function createLateStore(db: Database) {
  const insert = db.prepare(`INSERT INTO late_calls (handle, grant_id, key, call, title, made_at, given)
    VALUES (?, ?, ?, ?, ?, ?, 0) ON CONFLICT (handle) DO UPDATE SET call = excluded.call`)
  const all = db.prepare(`SELECT handle, grant_id AS grantId, key, call, title, made_at AS madeAt,
    expires_at AS expiresAt, given AS isGiven FROM late_calls ORDER BY made_at`)
  const end = db.prepare('UPDATE late_calls SET expires_at = ?, given = ? WHERE handle = ?')
  const remove = db.prepare('DELETE FROM late_calls WHERE handle = ?')
  const forget = db.prepare('DELETE FROM late_calls WHERE expires_at <= ?')

  return {
    /** Once more when its row in the log is known. */
    insert: ({ handle, grantId, key, call, title, madeAt }: LateRow): void =>
      void insert.run(handle, grantId, key, call, title, madeAt),
    all: (): LateRow[] =>
      (all.all() as unknown as (Omit<LateRow, 'isGiven'> & { isGiven: number })[]).map((row) => ({
        ...row,
        isGiven: row.isGiven === 1,
      })),
    end: (handle: string, expiresAt: number, isGiven: boolean): void =>
      void end.run(expiresAt, isGiven ? 1 : 0, handle),
    remove: (handle: string): void => void remove.run(handle),
    forget: (now: number): void => void forget.run(now),
  }
}

export type LateStore = ReturnType<typeof createLateStore>
