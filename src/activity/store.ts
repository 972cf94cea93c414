import type { Call } from '../contract/activity.ts'
import type { Database } from '../storage/database/database.ts'

interface Row {
  seq: number
  id: string
  at: number
  grant_id: string
  client_name: string
  tool: string
  source: string
  risk: Call['risk']
  decision: Call['decision']
  outcome: Call['outcome']
  duration: number | null
  error: string | null
  arguments: string
  result: string | null
}

const toCall = (row: Row): Call => ({
  id: row.id,
  at: row.at,
  grantId: row.grant_id,
  clientName: row.client_name,
  tool: row.tool,
  source: row.source,
  risk: row.risk,
  decision: row.decision,
  outcome: row.outcome,
  duration: row.duration,
  error: row.error,
  arguments: row.arguments,
  result: row.result,
})

/** Everything of a row that is searched. A line each, so that no word reaches from one into the next. */
export const textOf = (
  row: Pick<Row, 'tool' | 'client_name' | 'source' | 'error' | 'arguments' | 'result'>,
): string =>
  [row.tool, row.client_name, row.source, row.error ?? '', row.arguments, row.result ?? ''].join('\n')

/** The `calls` table. */
export function createCallStore(db: Database) {
  const insertInto = `INSERT INTO calls
    (id, at, grant_id, client_name, tool, source, risk, decision, outcome, duration, error, arguments, result)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
  const insert = db.prepare(insertInto)
  // A row that has ended stays as it is: a journal may be read once more after its rows were moved. One that waits for the
  // user has not.
  const save = db.prepare(`${insertInto} ON CONFLICT (id) DO UPDATE SET decision = excluded.decision,
    outcome = excluded.outcome, duration = excluded.duration, error = excluded.error, result = excluded.result
    WHERE outcome = 'running' OR (outcome = 'pending' AND excluded.outcome <> 'running')`)
  const one = db.prepare('SELECT * FROM calls WHERE id = ?')
  const bySeq = db.prepare('SELECT * FROM calls WHERE seq = ?')
  const page = db.prepare('SELECT * FROM calls WHERE seq < ? ORDER BY seq DESC LIMIT ?')
  const place = db.prepare('SELECT seq FROM calls WHERE id = ?')
  const seqs = db.prepare('SELECT seq FROM calls WHERE seq >= ? AND seq < ? ORDER BY seq DESC')
  const unindexed = db.prepare('SELECT seq FROM calls_unindexed WHERE seq >= ? AND seq < ? ORDER BY seq DESC')
  const holds = `(arguments LIKE ?3 ESCAPE '!' OR result LIKE ?3 ESCAPE '!' OR tool LIKE ?3 ESCAPE '!'
    OR client_name LIKE ?3 ESCAPE '!' OR source LIKE ?3 ESCAPE '!' OR error LIKE ?3 ESCAPE '!')`
  const holding = {
    all: db.prepare(`SELECT seq FROM calls WHERE seq >= ?1 AND seq < ?2 AND ${holds} ORDER BY seq DESC`),
    unindexed: db.prepare(`SELECT seq FROM calls
      WHERE seq IN (SELECT seq FROM calls_unindexed WHERE seq >= ?1 AND seq < ?2) AND ${holds} ORDER BY seq DESC`),
  }
  const first = db.prepare('SELECT min(seq) AS seq FROM calls')
  const last = db.prepare('SELECT max(seq) AS seq FROM calls')
  const left = db.prepare(`UPDATE calls SET
    error = CASE outcome WHEN 'running' THEN ?1 ELSE ?2 END,
    decision = CASE outcome WHEN 'running' THEN decision ELSE 'denied' END,
    outcome = CASE outcome WHEN 'running' THEN 'failed' ELSE 'cancelled' END
    WHERE outcome IN ('running', 'pending') AND seq <= ?3`)
  const counts = db.prepare('SELECT grant_id, count(*) AS n FROM calls WHERE at >= ? GROUP BY grant_id')
  const forget = db.prepare(
    `DELETE FROM calls WHERE seq IN (SELECT seq FROM (SELECT seq, at FROM calls ORDER BY seq LIMIT 200)
      WHERE seq <= (SELECT max(seq) FROM calls) - ? OR at < ?)`,
  )

  return {
    /** Adds a row or, unless it is surely new, brings one that is running up to date. */
    save(call: Call, isNew: boolean): void {
      const statement = isNew ? insert : save
      statement.run(
        call.id,
        call.at,
        call.grantId,
        call.clientName,
        call.tool,
        call.source,
        call.risk,
        call.decision,
        call.outcome,
        call.duration,
        call.error,
        call.arguments,
        call.result,
      )
    },
    get(id: string): Call | null {
      const row = one.get(id) as unknown as Row | undefined
      return row ? toCall(row) : null
    },
    /** Newest first. An unknown `before` ends the list. */
    list(before: string | undefined, limit: number): Call[] {
      const from = before === undefined ? Number.MAX_SAFE_INTEGER : (this.seqOf(before) ?? 0)
      return (page.all(from, limit) as unknown as Row[]).map(toCall)
    },
    seqOf: (id: string): number | null => (place.get(id) as { seq: number } | undefined)?.seq ?? null,
    at(seq: number): Call | null {
      const row = bySeq.get(seq) as unknown as Row | undefined
      return row ? toCall(row) : null
    },
    /**
     * Rows with `from` ≤ seq < `to`, newest first; `unindexed`: those whose place in the search index is out of date. With a `part`,
     * only those in which it occurs, whatever the case of A to Z.
     */
    seqs(from: number, to: number, which: 'all' | 'unindexed', part: string | null): number[] {
      if (part === null) return seqsOf((which === 'all' ? seqs : unindexed).all(from, to))
      return seqsOf(holding[which].all(from, to, `%${part.replace(/[!%_]/g, '!$&')}%`))
    },
    firstSeq: (): number => (first.get() as { seq: number | null }).seq ?? 0,
    lastSeq: (): number => (last.get() as { seq: number | null }).seq ?? 0,
    /** Rows up to this one that were left running by a crash, or waiting for the user. */
    endLeft: (upTo: number, words: { interrupted: string; unanswered: string }): number =>
      Number(left.run(words.interrupted, words.unanswered, upTo).changes),
    countsSince: (since: number): Map<string, number> =>
      new Map((counts.all(since) as { grant_id: string; n: number }[]).map((row) => [row.grant_id, row.n])),
    /** Of the oldest 200 rows, so that nothing waits for it: whether there is more shows when it is called again. */
    forget: (keepRows: number, before: number): number => Number(forget.run(keepRows, before).changes),
  }
}

const seqsOf = (rows: unknown): number[] => (rows as { seq: number }[]).map(({ seq }) => seq)
