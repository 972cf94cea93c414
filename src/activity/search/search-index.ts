import { errorText } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log/log.ts'
import type { Database } from '../../storage/database/database.ts'
import { inTransaction } from '../../storage/database/in-transaction.ts'
import { type CallTable, seqsOf } from '../call-table.ts'
import { facetText } from './call-filter.ts'
import { textOf } from './search-words.ts'

/** How long one step may hold the thread, about: the rest of it is the commit. Milliseconds. */
const stepMs = 4
const stepRows = 64
/** Pages that one merge of the index writes at most. Left to itself, FTS5 merges in a commit, for as long as it likes. */
const mergePages = 16
/** Pieces of the index at which FTS5 merges all the same: that we fall so far behind does not happen. */
const crisis = 64
/** No row for this long: it is quiet. Milliseconds. */
const quietAfter = 5_000
/**
 * Between two steps when it is quiet, and when it is not: a row costs as much here as its call did, so that a flood may fall behind by
 * what searching it one by one bears (1 µs a row), while a call now and then does not.
 */
const pause = { quiet: 20, busy: 1_000 }
const retryEvery = 2_000

const fullText = (db: Database) => ({
  put: db.prepare('INSERT OR REPLACE INTO calls_index (rowid, text) VALUES (?, ?)'),
  drop: db.prepare('DELETE FROM calls_index WHERE rowid = ?'),
  merge: db.prepare("INSERT INTO calls_index (calls_index, rank) VALUES ('merge', ?)"),
  // FTS5 keeps a row for each text here (sqlite.org/fts5.html, 8.6); to ask the index itself would go over all of it.
  last: db.prepare('SELECT max(id) AS seq FROM calls_index_docsize'),
  // Cast, because a bound number arrives as a double, and FTS5 takes no notice of a limit that is no integer.
  find: db.prepare(`SELECT rowid AS seq FROM calls_index WHERE calls_index MATCH ?
    AND rowid >= CAST(? AS INTEGER) AND rowid < CAST(? AS INTEGER) ORDER BY rowid DESC`),
  three: db.prepare('SELECT term FROM temp.calls_threes WHERE term >= ? LIMIT 1'),
})

const statementsOf = (db: Database) => ({
  next: db.prepare('SELECT seq FROM calls WHERE seq > ? ORDER BY seq LIMIT ?'),
  changed: db.prepare('SELECT seq FROM calls_unindexed WHERE seq <= ? ORDER BY seq LIMIT ?'),
  mark: db.prepare('INSERT OR IGNORE INTO calls_unindexed (seq) VALUES (?)'),
  done: db.prepare('DELETE FROM calls_unindexed WHERE seq = ?'),
  changes: db.prepare('SELECT total_changes() AS n'),
})

/**
 * The full-text index over `calls`, of texts cut into threes so that parts of words are found. It is behind the table: it goes up to
 * `last`, and `calls_unindexed` names the rows below whose place in it is out of date; whoever searches looks at those one by one. It
 * is brought up to date in small steps when nothing else is to be done. It holds rowids only, no texts.
 */
export class SearchIndex {
  readonly #db: Database
  readonly #table: CallTable
  readonly #log: Log
  readonly #sql
  /** Null where SQLite has no FTS5. */
  readonly #fullText
  #last = 0
  #timer: NodeJS.Timeout | undefined
  #isStopped = false
  #wokenAt = performance.now()

  constructor(db: Database, table: CallTable, log: Log) {
    this.#db = db
    this.#table = table
    this.#log = log
    this.#sql = statementsOf(db)
    this.#fullText = open(db, log) ? fullText(db) : null
    if (this.#fullText) this.#last = (this.#fullText.last.get() as { seq: number | null }).seq ?? 0
    this.#later(pause.busy)
  }

  get isUsable(): boolean {
    return this.#fullText !== null
  }

  /** The newest row in the index; 0: there is none. */
  get last(): number {
    return this.#last
  }

  /** Rows that may match, `from` ≤ seq < `to`, newest first, as of when they were put into the index. Throws when there is none. */
  find(query: string, from: number, to: number): number[] {
    return seqsOf(this.#fullText!.find.all(query, from, to))
  }

  /** The first of all threes in it from `from` on, in small letters where a letter has them; null: there is none. Throws when there is no index. */
  three(from: string): string | null {
    return (this.#fullText!.three.get(from) as { term: string } | undefined)?.term ?? null
  }

  /** This row is being changed, in the transaction of the caller. */
  mark(seq: number): void {
    if (seq <= this.#last) this.#sql.mark.run(seq)
  }

  /** Rows were written. */
  wake(): void {
    this.#wokenAt = performance.now()
    if (this.#timer === undefined) this.#later(pause.busy)
  }

  /** Does all there is to do, now; for tests and tools. */
  finish(): void {
    while (this.#advance()) {}
  }

  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
  }

  #later(ms: number): void {
    if (!this.#isStopped && this.#fullText) this.#timer ??= setTimeout(() => this.#turn(), ms).unref()
  }

  #turn(): void {
    this.#timer = undefined
    try {
      const isQuiet = performance.now() - this.#wokenAt > quietAfter
      if (this.#advance()) this.#later(isQuiet ? pause.quiet : pause.busy)
    } catch (error) {
      this.#log.debug('activity.index', { error: errorText(error) })
      this.#later(retryEvery)
    }
  }

  /**
   * False: nothing is left to be done. As much as was just written has to be merged some day: in turns, so that neither runs away from
   * the other.
   */
  #advance(): boolean {
    if (!this.#fullText) return false
    const last = inTransaction(this.#db, () => this.#index())
    if (last === null) return inTransaction(this.#db, () => this.#merge())
    this.#last = last
    for (let time = 0; time < 2; time += 1) inTransaction(this.#db, () => this.#merge())
    return true
  }

  /** The newest row that is in the index after it; null when nothing had to be done. */
  #index(): number | null {
    const { changed, next } = this.#sql
    const old = seqsOf(changed.all(this.#last, stepRows))
    // Upwards: each time it goes down, FTS5 begins a new piece of its index.
    const seqs = old.length > 0 ? old : seqsOf(next.all(this.#last, stepRows))
    if (seqs.length === 0) return null
    const began = performance.now()
    let last = this.#last
    for (const seq of seqs) {
      this.#put(seq)
      last = Math.max(last, seq)
      if (performance.now() - began > stepMs) break
    }
    return last
  }

  #put(seq: number): void {
    const call = this.#table.at(seq)
    if (call) this.#fullText!.put.run(seq, `${textOf(call)}\n${facetText(call)}`)
    else this.#fullText!.drop.run(seq)
    this.#sql.done.run(seq)
  }

  /** Whether there is more to merge. */
  #merge(): boolean {
    const before = this.#changes()
    this.#fullText!.merge.run(mergePages)
    return this.#changes() - before >= 2
  }

  #changes(): number {
    return (this.#sql.changes.get() as { n: number }).n
  }
}

/** Here and not among the migrations: without FTS5 everything but the speed of searching is as it should be. */
function open(db: Database, log: Log): boolean {
  try {
    db.exec(`CREATE VIRTUAL TABLE IF NOT EXISTS calls_index
      USING fts5(text, content = '', contentless_delete = 1, tokenize = 'trigram', detail = none)`)
    db.exec(
      `CREATE VIRTUAL TABLE IF NOT EXISTS temp.calls_threes USING fts5vocab('main', 'calls_index', 'instance')`,
    )
    db.exec("INSERT INTO calls_index (calls_index, rank) VALUES ('automerge', 0)")
    db.exec(`INSERT INTO calls_index (calls_index, rank) VALUES ('crisismerge', ${crisis})`)
    return true
  } catch (error) {
    log.warn('activity.no-index', { error: errorText(error) })
    return false
  }
}
