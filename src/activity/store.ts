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

/** How a call ended. A decision that is null leaves the one it began with. */
export interface Ending {
  id: string
  now: number
  outcome: Call['outcome']
  decision: Call['decision'] | null
  error: string | null
  result: string | null
}

const columns = ['tool', 'client_name', 'source', 'error', 'arguments', 'result']

/** The `calls` table. */
export function createCallStore(db: Database) {
  const insert = db.prepare(`INSERT INTO calls
    (id, at, grant_id, client_name, tool, source, risk, decision, outcome, duration, error, arguments, result)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const finish = db.prepare(`UPDATE calls SET outcome = ?, decision = coalesce(?, decision),
    duration = max(0, ? - at), error = ?, result = ? WHERE id = ? AND outcome = 'running' RETURNING *`)
  const one = db.prepare('SELECT * FROM calls WHERE id = ?')
  const lost = db.prepare("UPDATE calls SET outcome = 'failed', error = ? WHERE outcome = 'running'")
  const counts = db.prepare('SELECT grant_id, count(*) AS n FROM calls WHERE at >= ? GROUP BY grant_id')
  const forget = db.prepare(
    'DELETE FROM calls WHERE seq IN (SELECT seq FROM calls WHERE seq <= (SELECT max(seq) FROM calls) - ? OR at < ? ORDER BY seq LIMIT 1000)',
  )

  return {
    insert(call: Call): void {
      insert.run(
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
    /** The finished row, or null when there is no running call of that id. */
    finish(ending: Ending): Call | null {
      const row = finish.get(
        ending.outcome,
        ending.decision,
        ending.now,
        ending.error,
        ending.result,
        ending.id,
      ) as unknown as Row | undefined
      return row ? toCall(row) : null
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
    /** Rows that a crash left running. */
    failRunning: (error: string): number => Number(lost.run(error).changes),
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
