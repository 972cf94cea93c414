import type { SQLInputValue } from 'node:sqlite'
import type { Call } from '../contract/models.ts'
import type { Database } from '../storage/database.ts'

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

const columns = ['tool', 'client_name', 'source', 'error', 'arguments', 'result']

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
  const last = db.prepare('SELECT max(seq) AS seq FROM calls')
  const left = db.prepare(`UPDATE calls SET
    error = CASE outcome WHEN 'running' THEN ?1 ELSE ?2 END,
    decision = CASE outcome WHEN 'running' THEN decision ELSE 'denied' END,
    outcome = CASE outcome WHEN 'running' THEN 'failed' ELSE 'cancelled' END
    WHERE outcome IN ('running', 'pending') AND seq <= ?3`)
  const counts = db.prepare('SELECT grant_id, count(*) AS n FROM calls WHERE at >= ? GROUP BY grant_id')
  const forget = db.prepare(
    'DELETE FROM calls WHERE seq IN (SELECT seq FROM calls WHERE seq <= (SELECT max(seq) FROM calls) - ? OR at < ? ORDER BY seq LIMIT 1000)',
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
    list(before: string | undefined, limit: number, search: string | undefined): Call[] {
      const where: string[] = []
      const values: SQLInputValue[] = []
      if (before !== undefined) {
        where.push('seq < (SELECT seq FROM calls WHERE id = ?)')
        values.push(before)
      }
      for (const word of (search ?? '').split(/\s+/).filter(Boolean).slice(0, 8)) {
        const forms = spellings(word)
        where.push(
          `(${columns.flatMap((name) => forms.map(() => `${name} LIKE ? ESCAPE '\\'`)).join(' OR ')})`,
        )
        for (const _ of columns) values.push(...forms)
      }
      const clause = where.length > 0 ? `WHERE ${where.join(' AND ')}` : ''
      const rows = db.prepare(`SELECT * FROM calls ${clause} ORDER BY seq DESC LIMIT ?`).all(...values, limit)
      return (rows as unknown as Row[]).map(toCall)
    },
    lastSeq: (): number => (last.get() as { seq: number | null }).seq ?? 0,
    /** Rows up to this one that were left running by a crash, or waiting for the user. */
    endLeft: (upTo: number, words: { interrupted: string; unanswered: string }): number =>
      Number(left.run(words.interrupted, words.unanswered, upTo).changes),
    countsSince: (since: number): Map<string, number> =>
      new Map((counts.all(since) as { grant_id: string; n: number }[]).map((row) => [row.grant_id, row.n])),
    /** At most 1,000 at a time, so that nothing waits for it. */
    forget: (keepRows: number, before: number): number => Number(forget.run(keepRows, before).changes),
  }
}

/** LIKE patterns for a word: SQLite folds the case of ASCII only, and JSON writes quotes with a backslash. */
function spellings(word: string): string[] {
  const forms = [
    word,
    word.toLowerCase(),
    word.toUpperCase(),
    word[0]!.toUpperCase() + word.slice(1).toLowerCase(),
  ]
  const distinct = /^[\x20-\x7e]*$/.test(word) ? [word] : [...new Set(forms)]
  return [...new Set(distinct.flatMap((form) => [form, JSON.stringify(form).slice(1, -1)]))].map(
    (form) => `%${form.replace(/[\\%_]/g, '\\$&')}%`,
  )
}
