/**
 * Builds of before 28 November 2026 wrote the rows of the log into `activity.journal` first, and moved them into the table seconds
 * later. One that was killed left acknowledged rows there. This file, its call and its test may go with the second release.
 */
import { readFileSync, rmSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { Call } from '../contract/activity.ts'
import { errorText } from '../kernel/errors.ts'
import type { Log } from '../kernel/log/log.ts'
import type { Database } from '../storage/database/database.ts'
import { inTransaction } from '../storage/database/in-transaction.ts'
import { callId } from './call-id.ts'
import { CallTable } from './call-table.ts'

/** The journal was emptied every few seconds: what of it is in the table already is among the newest rows. */
const mostBehind = 10_000

/** Takes over what the file holds, once, and deletes it. When that fails the file stays for the next start. Never throws. */
export function takeOldJournal(db: Database, key: Uint8Array | null, file: string, log: Log): void {
  try {
    const calls = [...callsOf(linesOf(readFileSync(file, 'utf8')))]
    const table = new CallTable(db, key)
    const newest = table.lastSeq() - mostBehind
    inTransaction(db, () => {
      const taken = new Set<number>()
      for (const call of calls) taken.add(take(db, table, call, { taken, newest }))
    })
    rmSync(file)
    log.info('activity.old-journal', { rows: calls.length })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      log.error('activity.old-journal', { error: errorText(error) })
  }
}

/** A line is a CRC-32 in eight hexadecimal digits, a space and JSON. Nothing behind a torn or damaged one is used. */
function* linesOf(text: string): Generator<Record<string, unknown>> {
  for (const line of text.split('\n').slice(0, -1)) {
    const json = line.slice(9)
    if (line.slice(0, 9) !== `${crc32(json).toString(16).padStart(8, '0')} `) return
    yield JSON.parse(json)
  }
}

/** Each in its last version: a line has the whole row, or how one further up ended. */
function callsOf(lines: Iterable<Record<string, unknown>>): Iterable<Call> {
  const calls = new Map<unknown, Call>()
  for (const { ends, ...fields } of lines) {
    const { success, data } = Call.safeParse({ found: null, rule: null, ...calls.get(ends), ...fields })
    if (success) calls.set(data.id, data)
  }
  return calls.values()
}

/** The table may have the row already, under another id, as it ended or as it began. Two calls may be alike. Gives its seq. */
function take(
  db: Database,
  table: CallTable,
  call: Call,
  { taken, newest }: { taken: ReadonlySet<number>; newest: number },
): number {
  const row = db
    .prepare(`SELECT seq, outcome FROM calls
      WHERE seq > ? AND at = ? AND grant_id = ? AND tool = ? AND arguments = ?`)
    .all(newest, call.at, call.grantId, call.tool, call.arguments)
    .find(({ seq }) => !taken.has(seq as number))
  if (row === undefined) return table.insert(call).seq
  const seq = row.seq as number
  if (row.outcome === 'running' || row.outcome === 'pending') {
    db.prepare('INSERT OR IGNORE INTO calls_unindexed (seq) VALUES (?)').run(seq)
    table.updateOld({ ...call, id: callId(call.at, seq) })
  }
  return seq
}
