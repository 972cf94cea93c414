import type { Database } from '../../../storage/database/database.ts'

/** That something was read, as the next life of the program knows it. */
interface TaintRow {
  /** Of whom, or which chat of theirs (`Taints`). */
  reader: string
  /** The short name of the source, where it counts for calls to others only; empty: for all. */
  source: string
  /** The name of what was called: what it was called with may be anything. */
  what: string
  at: number
}

/** The table `taints`: which chats read something that a stranger may have written. */
export function createTaintStore(db: Database) {
  const put = db.prepare(`INSERT INTO taints (reader, source, what, at) VALUES (?, ?, ?, ?)
    ON CONFLICT (reader, source) DO UPDATE SET what = excluded.what, at = excluded.at`)
  const all = db.prepare('SELECT reader, source, what, at FROM taints ORDER BY at')
  const forget = db.prepare('DELETE FROM taints WHERE at < ?')

  return {
    put: ({ reader, source, what, at }: TaintRow): void => void put.run(reader, source, what, at),
    /** What was read last is at the end. */
    all: (): TaintRow[] => all.all() as unknown as TaintRow[],
    forget: (before: number): void => void forget.run(before),
  }
}

export type TaintStore = ReturnType<typeof createTaintStore>
