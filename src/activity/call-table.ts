import type { Call } from '../contract/activity.ts'
import type { Database } from '../storage/database/database.ts'
import { callId, seqOf } from './call-id.ts'

interface Row {
  seq: number
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
  /** JSON. */
  found: string | null
}

const toCall = (row: Row): Call => ({
  id: callId(row.at, row.seq),
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
  found: row.found === null ? null : JSON.parse(row.found),
})

const foundText = ({ found }: Pick<Call, 'found'>) => (found === null ? null : JSON.stringify(found))

/** Everything of a row that is searched. A line each, so that no word reaches from one into the next. */
export const textOf = (
  row: Pick<Row, 'tool' | 'client_name' | 'source' | 'error' | 'arguments' | 'result'>,
): string =>
  [row.tool, row.client_name, row.source, row.error ?? '', row.arguments, row.result ?? ''].join('\n')

const isOpen = "outcome IN ('running', 'pending')"

/** `?3`: a pattern. */
const holds = `(arguments LIKE ?3 ESCAPE '!' OR result LIKE ?3 ESCAPE '!' OR tool LIKE ?3 ESCAPE '!'
  OR client_name LIKE ?3 ESCAPE '!' OR source LIKE ?3 ESCAPE '!' OR error LIKE ?3 ESCAPE '!')`

const statementsOf = (db: Database) => ({
  insert: db.prepare(`INSERT INTO calls
    (at, grant_id, client_name, tool, source, risk, decision, outcome, duration, error, arguments, result, found)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`),
  update: db.prepare(
    'UPDATE calls SET decision = ?, outcome = ?, duration = ?, error = ?, result = ?, found = ? WHERE seq = ?',
  ),
  one: db.prepare('SELECT * FROM calls WHERE seq = ?'),
  page: db.prepare('SELECT * FROM calls WHERE seq < ? ORDER BY seq DESC LIMIT ?'),
  some: db.prepare('SELECT seq FROM calls WHERE seq >= ? AND seq < ? ORDER BY seq DESC'),
  holding: db.prepare(`SELECT seq FROM calls WHERE seq >= ?1 AND seq < ?2 AND ${holds} ORDER BY seq DESC`),
  changed: db.prepare('SELECT seq FROM calls_unindexed WHERE seq >= ? AND seq < ? ORDER BY seq DESC'),
  changedHolding: db.prepare(`SELECT seq FROM calls
    WHERE seq IN (SELECT seq FROM calls_unindexed WHERE seq >= ?1 AND seq < ?2) AND ${holds} ORDER BY seq DESC`),
  first: db.prepare('SELECT min(seq) AS seq FROM calls'),
  last: db.prepare('SELECT max(seq) AS seq FROM calls'),
  open: db.prepare(`SELECT * FROM calls WHERE ${isOpen} AND seq <= ?`),
  times: db.prepare('SELECT seq, at, grant_id FROM calls WHERE seq < ? ORDER BY seq DESC LIMIT ?'),
  forget:
    db.prepare(`DELETE FROM calls WHERE seq IN (SELECT seq FROM (SELECT seq, at FROM calls ORDER BY seq LIMIT 200)
    WHERE seq <= (SELECT max(seq) FROM calls) - ? OR at < ?)`),
})

/** The table `calls`, by `seq`: the order of the log, and what a row's id is made of. */
export class CallTable {
  readonly #db

  constructor(db: Database) {
    this.#db = statementsOf(db)
  }

  /** Gives the row's seq. */
  insert(call: Omit<Call, 'id'>): number {
    const { lastInsertRowid } = this.#db.insert.run(
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
      foundText(call),
    )
    return Number(lastInsertRowid)
  }

  /** What of a row changes once it began. False: there is no such row any more. */
  update(seq: number, call: Call): boolean {
    const { decision, outcome, duration, error, result } = call
    return this.#db.update.run(decision, outcome, duration, error, result, foundText(call), seq).changes === 1
  }

  get(id: string): Call | null {
    const call = this.at(seqOf(id))
    return call?.id === id ? call : null
  }

  at(seq: number): Call | null {
    const row = this.#db.one.get(seq) as unknown as Row | undefined
    return row ? toCall(row) : null
  }

  /** Newest first, below the seq `to`. */
  list(to: number, limit: number): Call[] {
    return (this.#db.page.all(to, limit) as unknown as Row[]).map(toCall)
  }

  /** Of the rows with `from` ≤ seq < `to`, newest first; with a `part` only those in which it occurs, whatever the case of A to Z. */
  seqs(from: number, to: number, part: string | null): number[] {
    const { some, holding } = this.#db
    return seqsOf(part === null ? some.all(from, to) : holding.all(from, to, patternOf(part)))
  }

  /** The same, of those that are others now than the search index has them. */
  changedSeqs(from: number, to: number, part: string | null): number[] {
    const { changed, changedHolding } = this.#db
    return seqsOf(part === null ? changed.all(from, to) : changedHolding.all(from, to, patternOf(part)))
  }

  firstSeq(): number {
    return (this.#db.first.get() as { seq: number | null }).seq ?? 0
  }

  lastSeq(): number {
    return (this.#db.last.get() as { seq: number | null }).seq ?? 0
  }

  /** Rows up to this one that are running or wait for the user. */
  openCalls(upTo: number): { seq: number; call: Call }[] {
    return (this.#db.open.all(upTo) as unknown as Row[]).map((row) => ({ seq: row.seq, call: toCall(row) }))
  }

  /** Newest first, below the seq `to`. */
  times(to: number, limit: number): { seq: number; at: number; grant_id: string }[] {
    return this.#db.times.all(to, limit) as { seq: number; at: number; grant_id: string }[]
  }

  /** Of the oldest 200 rows, so that nothing waits for it: whether there is more shows when it is called again. */
  forget(keepRows: number, before: number): number {
    return Number(this.#db.forget.run(keepRows, before).changes)
  }
}

const seqsOf = (rows: unknown): number[] => (rows as { seq: number }[]).map(({ seq }) => seq)

const patternOf = (part: string): string => `%${part.replace(/[!%_]/g, '!$&')}%`
