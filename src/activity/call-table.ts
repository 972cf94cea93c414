import type * as z from 'zod'
import { Call } from '../contract/activity.ts'
import type { Database } from '../storage/database/database.ts'
import { inTransaction } from '../storage/database/in-transaction.ts'
import { callId, seqOf } from './call-id.ts'
import { CallChain, closedCall, closedText, type Link, type Links, type Mark } from './chain/call-chain.ts'
import { ClockTurns } from './clock-turns.ts'
import { RowTail } from './writing/row-tail.ts'

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
  /** Null: it is older than the chain. */
  link: string | null
  seal: string | null
  /** JSON. */
  rule: string | null
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
  found: row.found === null ? null : (written(Call.shape.found, row.found) ?? []),
  rule: row.rule === null ? null : (written(Call.shape.rule, row.rule) ?? noRule),
})

/** As no rule is. */
const noRule: Call['rule'] = {
  ...{ id: '', effect: 'never', clientName: '', tool: '', inChat: false, since: 0, until: null },
  ...{ waivesTaint: false, isExact: false },
}

/** What does not read as what was written (null) was changed: the chain finds that, and nobody is kept from reading the log. */
function written<S extends z.ZodType>(schema: S, text: string): z.output<S> | null {
  try {
    const { data } = schema.safeParse(JSON.parse(text))
    if (data !== undefined && JSON.stringify(data) === text) return data
  } catch {}
  return null
}

const textOf = (value: Call['found'] | Call['rule']) => (value === null ? null : JSON.stringify(value))

/** Milliseconds; local days begin at one in every time zone there is. */
export const quarter = 900_000

/** Calls that are alike in all this. */
export interface Sum
  extends Pick<Call, 'grantId' | 'clientName' | 'tool' | 'source' | 'decision' | 'outcome'> {
  /** When they came: quarters of an hour since 1970. */
  quarter: number
  isChange: number
  calls: number
  /** Milliseconds, of all together and of the longest. */
  milliseconds: number
  longest: number
}

const isOpen = "outcome IN ('running', 'pending')"

/** Whether some field has the pattern. */
const holds = (pattern: string) =>
  ['arguments', 'result', 'tool', 'client_name', 'source', 'error']
    .map((field) => `${field} LIKE ${pattern} ESCAPE '!'`)
    .join(' OR ')
/** `?3` to `?5`: patterns, of which one must be there, null for none; then the values of `facetValues`, null for any. */
const passing = `(?6 IS NULL OR grant_id = ?6) AND (?7 IS NULL OR tool = ?7) AND (?8 IS NULL OR source = ?8)
  AND (?9 IS NULL OR risk = ?9) AND (?10 IS NULL OR decision = ?10) AND (?11 IS NULL OR outcome = ?11)
  AND (?3 IS NULL OR ${holds('?3')} OR (?4 IS NOT NULL AND (${holds('?4')})) OR (?5 IS NOT NULL AND (${holds('?5')})))`

const statementsOf = (db: Database) => ({
  insert: db.prepare(`INSERT INTO calls
    (seq, at, grant_id, client_name, tool, source, risk, decision, outcome, duration, error, arguments, result, found, link, seal, rule)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`),
  update: db.prepare(
    `UPDATE calls SET decision = ?, outcome = ?, duration = ?, error = ?, arguments = ?, result = ?, found = ?, seal = ?, rule = ?
      WHERE seq = ?`,
  ),
  links: db.prepare('SELECT link, seal FROM calls WHERE seq = ?'),
  newest: db.prepare('SELECT seq, link FROM calls ORDER BY seq DESC LIMIT 1'),
  upwards: db.prepare('SELECT * FROM calls WHERE seq > ? ORDER BY seq LIMIT ?'),
  begin: db.prepare('SELECT seq, link, mac FROM calls_begin'),
  setBegin: db.prepare('INSERT OR REPLACE INTO calls_begin (one, seq, link, mac) VALUES (1, ?, ?, ?)'),
  unchained: db.prepare('SELECT max(seq) AS seq FROM calls WHERE link IS NULL'),
  one: db.prepare('SELECT * FROM calls WHERE seq = ?'),
  page: db.prepare('SELECT * FROM calls WHERE seq < ? ORDER BY seq DESC LIMIT ?'),
  some: db.prepare(`SELECT seq FROM calls WHERE seq >= ?1 AND seq < ?2 AND ${passing} ORDER BY seq DESC`),
  changed: db.prepare(`SELECT seq FROM calls
    WHERE seq IN (SELECT seq FROM calls_unindexed WHERE seq >= ?1 AND seq < ?2) AND ${passing} ORDER BY seq DESC`),
  first: db.prepare('SELECT min(seq) AS seq FROM calls'),
  last: db.prepare('SELECT max(seq) AS seq FROM calls'),
  open: db.prepare(`SELECT * FROM calls WHERE ${isOpen} AND seq <= ?`),
  grants: db.prepare(`SELECT grant_id AS grantId, count(*) AS calls FROM calls
    WHERE seq >= ? AND seq < ? AND at >= ? AND at < ? GROUP BY 1`),
  sums: db.prepare(`SELECT at / ${quarter} AS quarter, grant_id AS grantId, client_name AS clientName, tool, source,
    risk <> 'read' AS isChange, decision, outcome, count(*) AS calls, total(duration) AS milliseconds,
    ifnull(max(duration), 0) AS longest
    FROM calls WHERE seq >= ? AND seq < ? GROUP BY 1, 2, 3, 4, 5, 6, 7, 8`),
  changes: db.prepare("SELECT seq FROM calls WHERE seq >= ? AND seq < ? AND risk <> 'read' ORDER BY seq"),
  oldest: db.prepare('SELECT seq, at, link FROM calls ORDER BY seq LIMIT 200'),
  forget: db.prepare('DELETE FROM calls WHERE seq <= ?'),
})

/** What the database can ask of a row by itself. */
export interface Wanted {
  /** Three at most. */
  parts: readonly string[]
  facets: readonly (string | null)[]
}

/** What is beside the table at most, all of which is moved in one go, and for how long, in milliseconds. */
const mostBeside = { rows: 256, characters: 250_000 }
const settleAfter = 200

/** The table `calls`, by `seq`: the order of the log, and what a row's id is made of. Rows follow one another without a gap. */
export class CallTable {
  readonly #database: Database
  readonly #statements
  readonly #chain: CallChain
  readonly #turns: ClockTurns
  /** Null: the database has no file. */
  readonly #tail: RowTail | null
  #settling: NodeJS.Timeout | undefined

  /** `key`: of the chain, 32 bytes; null: nothing can be sealed. */
  constructor(db: Database, key: Uint8Array | null) {
    this.#database = db
    this.#statements = statementsOf(db)
    this.#chain = new CallChain(key, { seq: 0, link: '' })
    this.#turns = new ClockTurns(db)
    const file = db.location()
    this.#tail = file === null ? null : new RowTail(`${file}-tail`)
    this.#takeLeft()
    this.rolledBack()
    if (this.begin() === null) this.#setBegin({ seq: this.#lastUnchained(), link: '' })
  }

  /** Whoever reads the table finds all rows in it; of a disk that takes nothing, those that are there. */
  get #db() {
    try {
      this.settle()
    } catch {}
    return this.#statements
  }

  /** In the transaction of the caller, after `move`. */
  insert(call: Omit<Call, 'id'>, text?: string): Link {
    const { link, seal } = this.#chain.next(call, text)
    const { head } = this.#chain
    this.#turns.note(head.seq, call.at)
    this.#statements.insert.run(
      head.seq,
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
      textOf(call.found),
      link,
      seal,
      textOf(call.rule),
    )
    return head
  }

  /**
   * The seq of a row that will not change, and comes alone: it is on record when this returns. Null: it needs a transaction as any
   * other. Throws, and then it is not.
   */
  append(call: Omit<Call, 'id'>): number | null {
    if (this.#tail === null || !fits(call)) return null
    // A table that takes nothing any more is said so by its next row, instead of filling memory.
    const { rows, characters } = this.#tail
    if (rows.length >= mostBeside.rows || characters >= mostBeside.characters) this.settle()
    const seq = this.#chain.head.seq + this.#tail.rows.length + 1
    this.#tail.add(call, closedText(seq, call))
    this.#settling ??= setTimeout(() => this.#settleSoon(), settleAfter).unref()
    return seq
  }

  /** In the transaction of the caller, before anything else of it: what is beside the table. `moved` once that is committed. */
  move(): void {
    for (const { call, text } of this.#tail?.rows ?? []) this.insert(call, text)
  }

  moved(): void {
    this.#tail?.moved()
  }

  /** Moves what is beside the table into it. Throws what the database throws, and then it is still there. */
  settle(): void {
    if (this.#tail === null || this.#tail.rows.length === 0 || this.#database.isTransaction) return
    let { head } = this.#chain
    try {
      inTransaction(this.#database, () => {
        // A transaction that failed may have left the chain ahead of the table.
        this.rolledBack()
        head = this.#chain.head
        this.move()
      })
    } catch (error) {
      // Not asked of a disk that may not even be read.
      this.#chain.goTo(head)
      throw error
    }
    this.#tail.moved()
  }

  stop(): void {
    try {
      if (this.#database.isOpen) this.#settleSoon()
    } finally {
      this.#tail?.close()
    }
  }

  /** What cannot be moved now is tried again by whoever reads, and by the next row. */
  #settleSoon(): void {
    clearTimeout(this.#settling)
    this.#settling = undefined
    try {
      this.settle()
      this.#tail?.clear()
    } catch {}
  }

  /** Of an earlier life: what follows the last row of the table. */
  #takeLeft(): void {
    if (this.#tail === null || this.#tail.left.length === 0) return
    this.rolledBack()
    const { seq } = this.#chain.head
    for (const text of this.#tail.left) {
      const call = closedCall(seq + this.#tail.rows.length + 1, text)
      if (call !== null && fits(call)) this.#tail.keep(call, text)
    }
    // On a full disk they stay where they are.
    this.#settleSoon()
  }

  /** What of a row changes once it began. False: there is no such row any more. `link`: what it was given. */
  update({ seq, link }: Link, call: Call): boolean {
    return this.#change(seq, call, this.#chain.seal(link, call))
  }

  /** The same of a row of an earlier life. One that somebody changed meanwhile gets no seal that would say nobody did. */
  updateOld(call: Call): boolean {
    const seq = seqOf(call.id)
    const links = this.#db.links.get(seq) as { link: string; seal: string | null } | undefined
    if (links === undefined) return false
    const { link, seal } = links
    const isWhole = Boolean(seal) && this.#chain.isSealed(link, this.at(seq)!, seal!)
    return this.#change(seq, call, isWhole ? this.#chain.seal(link, call) : seal)
  }

  #change(seq: number, call: Call, seal: string | null): boolean {
    const { decision, outcome, duration, error, arguments: args, result } = call
    const [found, rule] = [textOf(call.found), textOf(call.rule)]
    const { changes } = this.#db.update.run(
      decision,
      outcome,
      duration,
      error,
      args,
      result,
      found,
      seal,
      rule,
      seq,
    )
    return changes === 1
  }

  /** Rows that were inserted are not there after all: the chain ends where the table does. */
  rolledBack(): void {
    const newest = this.#statements.newest.get() as { seq: number; link: string | null } | undefined
    const begin = this.#statements.begin.get() as Mark | undefined
    const seq = Math.max(newest?.seq ?? 0, begin?.seq ?? 0)
    const link = newest?.seq === seq ? newest.link : begin?.link
    if (this.#chain.head.seq > seq) this.#turns.reload()
    this.#chain.goTo({ seq, link: link ?? '' })
  }

  get(id: string): Call | null {
    const call = this.at(seqOf(id))
    return call?.id === id ? call : null
  }

  /** Of a row that is there; null: it is older than the chain. */
  link(seq: number): string | null {
    return (this.#db.links.get(seq) as { link: string | null } | undefined)?.link ?? null
  }

  at(seq: number): Call | null {
    const row = this.#db.one.get(seq) as unknown as Row | undefined
    return row ? toCall(row) : null
  }

  /** Newest first, below the seq `to`. */
  list(to: number, limit: number): Call[] {
    return (this.#db.page.all(to, limit) as unknown as Row[]).map(toCall)
  }

  /**
   * Of the rows with `from` ≤ seq < `to`, newest first, those that have the values of `facets` (null: any), and in which one of the
   * `parts` occurs, whatever the case of A to Z (none: any).
   */
  seqs(from: number, to: number, { parts, facets }: Wanted): number[] {
    return seqsOf(this.#db.some.all(from, to, ...patternsOf(parts), ...facets))
  }

  /** The same, of those that are others now than the search index has them. */
  changedSeqs(from: number, to: number, { parts, facets }: Wanted): number[] {
    return seqsOf(this.#db.changed.all(from, to, ...patternsOf(parts), ...facets))
  }

  /** Where all calls of that time are, and others: the rows with `from` ≤ seq < `to`, oldest first. */
  ranges(times: Parameters<ClockTurns['ranges']>[0]): ReturnType<ClockTurns['ranges']> {
    return this.#turns.ranges(times, this.firstSeq(), this.lastSeq() + 1)
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

  /** How many calls each grant made at that time. */
  ofGrants(since: number, until: number): { grantId: string; calls: number }[] {
    return this.ranges({ since, until }).flatMap(
      ({ from, to }) => this.#db.grants.all(from, to, since, until) as { grantId: string; calls: number }[],
    )
  }

  /** Of the oldest 200 rows, so that nothing waits for it: whether there is more shows when it is called again. `now`: no row is later. */
  forget(keepRows: number, before: number, now: number): number {
    const oldest = this.#db.oldest.all() as { seq: number; at: number; link: string | null }[]
    const end = this.lastSeq() - keepRows
    // One of a clock that was ahead is older than what was written when it had been set back.
    let behind: number | undefined
    const timeOf = (at: number) => {
      if (at <= now) return at
      behind ??= this.#turns.timeBehind(now)
      return behind
    }
    const kept = oldest.findIndex(({ seq, at }) => seq > end && timeOf(at) >= before)
    const gone = kept === -1 ? oldest : oldest.slice(0, kept)
    const last = gone.at(-1)
    if (last === undefined) return 0
    return inTransaction(this.#database, () => {
      this.#setBegin({ seq: last.seq, link: last.link ?? '' })
      this.#turns.forget(last.seq)
      return Number(this.#db.forget.run(last.seq).changes)
    })
  }

  /** Of the rows with `from` ≤ seq < `to`. */
  sums(from: number, to: number): Sum[] {
    return this.#db.sums.all(from, to) as unknown as Sum[]
  }

  /** Those of them that may change something, oldest first. */
  changes(from: number, to: number): number[] {
    return seqsOf(this.#db.changes.all(from, to))
  }

  get chain(): CallChain {
    return this.#chain
  }

  /** Where the chain begins: behind the last row that is gone, or is older than the chain. */
  begin(): Mark | null {
    return (this.#db.begin.get() as Mark | undefined) ?? null
  }

  /** Rows above `seq` with what they have of the chain, oldest first. */
  linked(seq: number, limit: number): { seq: number; call: Call; links: Links | null }[] {
    return (this.#db.upwards.all(seq, limit) as unknown as Row[]).map((row) => ({
      seq: row.seq,
      call: toCall(row),
      links: row.link === null ? null : { link: row.link, seal: row.seal },
    }))
  }

  #setBegin(at: Link): void {
    const { seq, link, mac } = this.#chain.mark(at)
    this.#db.setBegin.run(seq, link, mac)
  }

  #lastUnchained(): number {
    return (this.#db.unchained.get() as { seq: number | null }).seq ?? 0
  }
}

const isText = (value: unknown) => typeof value === 'string'
const mayBeText = (value: unknown) => value === null || typeof value === 'string'

/** What the table's columns ask for (STRICT): whatever is beside it must find its way into it. */
const fits = (c: Omit<Call, 'id'>): boolean =>
  Number.isSafeInteger(c.at) &&
  (c.duration === null || Number.isFinite(c.duration)) &&
  isText(c.grantId) &&
  isText(c.clientName) &&
  isText(c.tool) &&
  isText(c.source) &&
  isText(c.risk) &&
  isText(c.decision) &&
  isText(c.outcome) &&
  isText(c.arguments) &&
  mayBeText(c.error) &&
  mayBeText(c.result)

export const seqsOf = (rows: unknown): number[] => (rows as { seq: number }[]).map(({ seq }) => seq)

const patternsOf = (parts: readonly string[]): (string | null)[] =>
  [0, 1, 2].map((n) => (parts[n] === undefined ? null : `%${parts[n].replace(/[!%_]/g, '!$&')}%`))
