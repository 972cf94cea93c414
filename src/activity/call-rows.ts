/** It is a little long because where a row is, in the journal, in memory or in the table, is known in one place. */
import type { Call } from '../contract/activity.ts'
import { errorText } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'
import type { Database } from '../storage/database/database.ts'
import { sqliteCode } from '../storage/database/storage-errors.ts'
import { type CallEnding, endingLine, isCall, replay } from './call-lines.ts'
import { createGroupWrite } from './group-write.ts'
import { openJournal } from './journal.ts'
import { createSearch } from './search.ts'
import { createSearchIndex } from './search-index.ts'
import { matches, wordsOf } from './search-words.ts'
import { createCallStore } from './store.ts'

/** How long rows wait in the journal for their transaction, and how many. */
const moveEvery = 4_000
const moveRows = 192
const moveBytes = 8_000_000
/** After the database refused. */
const retryEvery = 1_000
/** Rows that wait while the database refuses; beyond that, new calls are refused. */
const maxWaiting = 5_000
/** How long a move that nobody waits for may be held up by another program that has the database locked. */
const patience = 50

interface Row {
  call: Call
  /** Whether the table has it, in this version or an earlier one. */
  isStored: boolean
  /** The epoch of the journal in which the whole row was written; -1 for rows of earlier lives. */
  epoch: number
  isWaiting: boolean
}

/**
 * The rows of the log: in the journal at once, in the table a moment later, many in one transaction. Whoever reads finds all of
 * them. The journal is emptied once the table has what is in it; after a crash it is read again.
 */
export function createCallRows(deps: {
  db: Database
  file: string
  log: Log
  interrupted: string
  unanswered: string
}) {
  const { db, log } = deps
  const store = createCallStore(db)
  const index = createSearchIndex(db, log)
  const { journal, values, cut } = openJournal(deps.file)
  const group = createGroupWrite(journal.append)
  /** Rows that the table does not have in this version, in the order of the log. */
  let waiting: Row[] = []
  /** Rows begun in this life that have not ended. */
  const running = new Map<string, Row>()
  /** Rows of which it is just being written that they wait for the user. */
  const ending = new Map<string, Promise<Call>>()
  const { timeout } = db.prepare('PRAGMA busy_timeout').get() as { timeout: number }

  let timer: NodeJS.Timeout | undefined
  let soon: NodeJS.Immediate | undefined
  let isRefusing = false
  let isDirty = false
  let isStopped = false
  const search = createSearch({ store, index, log, isStopped: () => isStopped || !db.isOpen })
  /** The last row of earlier lives, until those among them that were left running have been ended. */
  let before: number | null = store.lastSeq()

  if (cut > 0) log.warn('activity.journal', { cut })
  let lost = 0
  for (const call of replay(values)) {
    if (call.outcome === 'running') lost += 1
    waiting.push({
      call: asLeft(call, deps),
      isStored: store.get(call.id) !== null,
      epoch: -1,
      isWaiting: true,
    })
  }

  /** Moves what waits into the table. False when the database refused; then it waits on. Never throws. */
  const move = (): boolean => {
    clearTimeout(timer)
    clearImmediate(soon)
    timer = soon = undefined
    if (waiting.length === 0 && before === null) return true
    const rows = waiting
    try {
      transact(() => {
        for (const row of rows) save(row)
        if (before !== null) lost += store.endLeft(before, deps)
      })
    } catch (error) {
      if (!isRefusing) log.error('activity.move', { rows: rows.length, error: errorText(error) })
      isRefusing = true
      schedule()
      return false
    }
    if (isRefusing) log.info('activity.moved', { rows: rows.length })
    if (lost > 0) log.warn('activity.interrupted', { calls: lost })
    isRefusing = false
    isDirty = true
    before = null
    lost = 0
    for (const row of rows) {
      row.isStored = true
      row.isWaiting = false
    }
    waiting = []
    index.wake()
    if (!journal.clear()) log.error('activity.journal', { bytes: journal.size })
    return true
  }

  const transact = (write: () => void) => {
    db.exec('BEGIN IMMEDIATE')
    try {
      write()
      db.exec('COMMIT')
    } catch (error) {
      // A full disk ends the transaction by itself; then there is nothing left to roll back.
      if (db.isTransaction) db.exec('ROLLBACK')
      throw error
    }
  }

  const save = ({ call, isStored, epoch }: Row) => {
    try {
      store.save(call, !isStored && epoch >= 0)
    } catch (error) {
      // A row that the table can never take would hold all others up for ever.
      if (!neverFits.includes(sqliteCode(error) ?? 0)) throw error
      log.error('activity.row', { call: call.id, error: errorText(error) })
    }
  }

  const moveUnwatched = () => {
    try {
      db.exec(`PRAGMA busy_timeout = ${patience}`)
      move()
      db.exec(`PRAGMA busy_timeout = ${timeout}`)
    } catch (error) {
      // The database was closed before us: the journal has it all.
      log.debug('activity.move', { error: errorText(error) })
    }
  }

  function schedule(): void {
    if (isStopped) return
    if (!isRefusing && (waiting.length >= moveRows || journal.size >= moveBytes))
      soon ??= setImmediate(moveUnwatched)
    else timer ??= setTimeout(moveUnwatched, isRefusing ? retryEvery : moveEvery).unref()
  }

  const wrote = (row: Row) => {
    if (!row.isWaiting) waiting.push(row)
    row.isWaiting = true
    schedule()
  }

  /** Newest first: what the table does not have at all, because it refuses. */
  const unstored = (): Call[] => waiting.flatMap((row) => (row.isStored ? [] : [row.call])).reverse()

  /** What comes before the table's rows in a list, and after which of those it goes on. */
  const fresh = (before: string | undefined): { first: Call[]; older: string | undefined } => {
    if (move()) return { first: [], older: before }
    const rows = unstored()
    const from = before === undefined ? 0 : rows.findIndex(({ id }) => id === before) + 1
    return before !== undefined && from === 0
      ? { first: [], older: before }
      : { first: rows.slice(from), older: undefined }
  }

  const inWaiting = (id: string): Call | undefined => waiting.find(({ call }) => call.id === id)?.call

  return {
    /** Rejects when the row is not in the journal. */
    add(call: Call): Promise<void> {
      if (!isCall(call)) return Promise.reject(new TypeError('A field of the row is missing.'))
      if (waiting.length >= maxWaiting)
        return Promise.reject(new Error(`${waiting.length} rows wait for the database, which refuses them.`))
      const row: Row = { call, isStored: false, epoch: -1, isWaiting: false }
      return group.run(
        () => JSON.stringify(call),
        () => {
          row.epoch = journal.epoch
          if (call.outcome === 'running') running.set(call.id, row)
          wrote(row)
        },
      )
    },

    /** The row as it ended, or null when no such call is running. Rejects when that is not in the journal. */
    async finish(end: CallEnding): Promise<Call | null> {
      const { id, now, decision, ...rest } = end
      const row = running.get(id)
      if (row === undefined) return null
      // At once, so that it ends once.
      running.delete(id)
      const duration = Math.max(0, now - row.call.at)
      const call: Call = { ...row.call, ...rest, duration, decision: decision ?? row.call.decision }
      const written = group.run(
        () => (row.epoch === journal.epoch ? endingLine(call) : JSON.stringify(call)),
        () => {
          row.call = call
          row.epoch = journal.epoch
          wrote(row)
          return call
        },
      )
      if (call.outcome === 'pending') ending.set(id, written)
      try {
        return await written
      } catch (error) {
        running.set(id, row)
        throw error
      } finally {
        ending.delete(id)
      }
    },

    /** The row after it, or null when it does not wait for the user. Rejects when it is not in the journal. */
    async close(id: string, change: Partial<Call>): Promise<Call | null> {
      // The word may come while it is being written that it waits.
      await ending.get(id)?.catch(() => {})
      if (running.has(id)) return null
      const known = waiting.find(({ call }) => call.id === id)
      const before = known?.call ?? store.get(id)
      if (before?.outcome !== 'pending') return null
      const row = known ?? { call: before, isStored: true, epoch: -1, isWaiting: false }
      const call: Call = { ...before, ...change }
      return group.run(
        () => JSON.stringify(call),
        () => {
          row.call = call
          row.epoch = journal.epoch
          wrote(row)
          return call
        },
      )
    },

    get(id: string): Call | null {
      move()
      return inWaiting(id) ?? store.get(id)
    },

    /** Newest first. An unknown `before` ends the list. */
    list(before: string | undefined, limit: number): Call[] {
      const { first, older } = fresh(before)
      const rest = store.list(older, limit)
      return [...first, ...rest.map((call) => inWaiting(call.id) ?? call)].slice(0, limit)
    },

    /** The same, of the rows in which all words of `text` occur. */
    async search(text: string, before: string | undefined, limit: number): Promise<Call[]> {
      const words = wordsOf(text)
      const { first, older } = fresh(before)
      const from = older === undefined ? store.lastSeq() + 1 : (store.seqOf(older) ?? 0)
      const found = first.filter((call) => matches(call, words)).slice(0, limit)
      const rest = found.length < limit ? await search(words, from, limit - found.length) : []
      return [...found, ...rest.map((call) => inWaiting(call.id) ?? call)]
    },

    /** Brings the search index up to date at once. */
    finishIndex: index.finish,

    countsSince(since: number): Map<string, number> {
      move()
      const counts = store.countsSince(since)
      for (const { at, grantId } of unstored())
        if (at >= since) counts.set(grantId, (counts.get(grantId) ?? 0) + 1)
      return counts
    },

    /** How many of the oldest rows went; zero: there are no more to go. */
    forget: (keepRows: number, olderThan: number): number => (move() ? store.forget(keepRows, olderThan) : 0),

    /** Whether the table was written to since this was last asked. */
    wasMoved(): boolean {
      const was = isDirty
      isDirty = false
      return was
    },

    stop(): void {
      isStopped = true
      index.stop()
      group.stop()
      if (db.isOpen) move()
      clearTimeout(timer)
      clearImmediate(soon)
      journal.close()
    },
  }
}

/** A row of an earlier life, in which nobody works or waits any more. */
function asLeft(call: Call, { interrupted, unanswered }: { interrupted: string; unanswered: string }): Call {
  if (call.outcome === 'running') return { ...call, outcome: 'failed', error: interrupted }
  if (call.outcome !== 'pending') return call
  return { ...call, outcome: 'cancelled', decision: 'denied', error: unanswered }
}

/** SQLITE_TOOBIG 18, SQLITE_CONSTRAINT 19, SQLITE_MISMATCH 20 */
const neverFits = [18, 19, 20]
