import { errorText } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'
import type { Database } from '../storage/database/database.ts'
import { textOf } from './store.ts'

/** How long one step may hold the thread, about: the rest of it is the commit. Milliseconds. */
const stepMs = 4
const stepRows = 64
/** Pages that one merge of the index writes at most. Left to itself, FTS5 merges in a commit, for as long as it likes. */
const mergePages = 16
/** Pieces of the index at which FTS5 merges all the same: that we fall so far behind does not happen. */
const crisis = 64
/** No row for this long: it is quiet. More than rows wait for their transaction. Milliseconds. */
const quietAfter = 5_000
/**
 * Between two steps when it is quiet, and when it is not: a row costs as much here as its call did, so that a flood may fall behind by
 * what searching it one by one bears (1 µs a row), while a call now and then does not.
 */
const pause = { quiet: 20, busy: 1_000 }
const retryEvery = 2_000

/**
 * The full-text index over `calls`, of texts cut into threes so that parts of words are found. It is behind the table:
 * `calls_unindexed` names the rows whose place in it is out of date, which whoever searches looks at one by one. It is brought up
 * to date in small steps when nothing else is to be done. It holds rowids only, no texts.
 */
export interface SearchIndex {
  /** Rows that may match, `from` ≤ seq < `to`, newest first. Throws when there is no index. */
  find(query: string, from: number, to: number): number[]
  readonly isUsable: boolean
  /** Rows were written. */
  wake(): void
  /** Does all there is to do, now; for tests and tools. */
  finish(): void
  stop(): void
}

export function createSearchIndex(db: Database, log: Log): SearchIndex {
  const isUsable = open(db, log)
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  let wokenAt = performance.now()
  const { timeout } = db.prepare('PRAGMA busy_timeout').get() as { timeout: number }

  const due = db.prepare('SELECT seq FROM calls_unindexed ORDER BY seq DESC LIMIT ?')
  const done = db.prepare('DELETE FROM calls_unindexed WHERE seq = ?')
  const fields = db.prepare(
    'SELECT tool, client_name, source, error, arguments, result FROM calls WHERE seq = ?',
  )
  const changes = db.prepare('SELECT total_changes() AS n')
  const index = isUsable
    ? {
        put: db.prepare('INSERT OR REPLACE INTO calls_index (rowid, text) VALUES (?, ?)'),
        drop: db.prepare('DELETE FROM calls_index WHERE rowid = ?'),
        merge: db.prepare("INSERT INTO calls_index (calls_index, rank) VALUES ('merge', ?)"),
        // Cast, because a bound number arrives as a double, and FTS5 takes no notice of a limit that is no integer.
        find: db.prepare(
          'SELECT rowid AS seq FROM calls_index WHERE calls_index MATCH ? AND rowid >= CAST(? AS INTEGER) AND rowid < CAST(? AS INTEGER) ORDER BY rowid DESC',
        ),
      }
    : null

  /** False: nothing is left to be done. */
  function step(): boolean {
    if (!index) return false
    const seqs = (due.all(stepRows) as { seq: number }[]).map(({ seq }) => seq)
    if (seqs.length === 0) return mergeSome(index.merge)
    const began = performance.now()
    // Upwards: each time it goes down, FTS5 begins a new piece of its index.
    for (const seq of seqs.reverse()) {
      const row = fields.get(seq) as unknown as Parameters<typeof textOf>[0] | undefined
      if (row) index.put.run(seq, textOf(row))
      else index.drop.run(seq)
      done.run(seq)
      if (performance.now() - began > stepMs) break
    }
    return true
  }

  function mergeSome(merge: { run(pages: number): unknown }): boolean {
    const before = (changes.get() as { n: number }).n
    merge.run(mergePages)
    return (changes.get() as { n: number }).n - before >= 2
  }

  function transact(work: () => boolean): boolean {
    // Another program that has the database locked must not hold us up.
    db.exec('PRAGMA busy_timeout = 0')
    try {
      db.exec('BEGIN IMMEDIATE')
      const more = work()
      db.exec('COMMIT')
      return more
    } catch (error) {
      if (db.isOpen && db.isTransaction) db.exec('ROLLBACK')
      throw error
    } finally {
      if (db.isOpen) db.exec(`PRAGMA busy_timeout = ${timeout}`)
    }
  }

  /** As much as was just written has to be merged some day: in turns, so that neither runs away from the other. */
  function advance(): boolean {
    const more = transact(step)
    if (more && index) for (let time = 0; time < 2; time += 1) transact(() => mergeSome(index.merge))
    return more
  }

  function turn(): void {
    timer = undefined
    if (stopped || !index || !db.isOpen) return
    try {
      const isQuiet = performance.now() - wokenAt > quietAfter
      if (advance()) later(isQuiet ? pause.quiet : pause.busy)
    } catch (error) {
      log.debug('activity.index', { error: errorText(error) })
      later(retryEvery)
    }
  }

  function later(ms: number): void {
    if (!stopped) timer ??= setTimeout(turn, ms).unref()
  }

  later(pause.busy)
  return {
    isUsable,
    find: (query, from, to) => (index!.find.all(query, from, to) as { seq: number }[]).map(({ seq }) => seq),
    wake() {
      wokenAt = performance.now()
      if (isUsable) later(pause.busy)
    },
    finish() {
      while (advance()) {}
    },
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}

/** Here and not among the migrations: without FTS5 everything but the speed of searching is as it should be. */
function open(db: Database, log: Log): boolean {
  try {
    db.exec(`CREATE VIRTUAL TABLE IF NOT EXISTS calls_index
      USING fts5(text, content = '', contentless_delete = 1, tokenize = 'trigram', detail = none)`)
    db.exec("INSERT INTO calls_index (calls_index, rank) VALUES ('automerge', 0)")
    db.exec(`INSERT INTO calls_index (calls_index, rank) VALUES ('crisismerge', ${crisis})`)
    return true
  } catch (error) {
    log.warn('activity.no-index', { error: errorText(error) })
    return false
  }
}
