import { dirname, join } from 'node:path'
import type { Call, CallEnd, CallStart } from '../contract/activity.ts'
import type { Clock } from '../kernel/clock.ts'
import { Emitter } from '../kernel/emitter.ts'
import { errorText, HostError } from '../kernel/errors.ts'
import { newTimedId } from '../kernel/ids.ts'
import type { Log } from '../kernel/log.ts'
import type { Redactor } from '../kernel/redact.ts'
import { createSampler } from '../kernel/sampler.ts'
import { shorten } from '../kernel/shorten.ts'
import type { Database } from '../storage/database/database.ts'
import { createCallRows } from './call-rows.ts'

/**
 * The call log. A promise that resolves means the row is in the log, kill -9 or not; one that rejects means there is no row, and
 * the call must not run. Rows that come together are written together, to a journal from which they move into the table `calls`.
 * Of calls that were refused before anything was done, twenty a minute get rows and one more row says how many others there were.
 */
export interface Activity {
  /** Resolves to the row's id. Rejects with HostError `log-unwritable`. */
  begin(start: CallStart): Promise<string>
  /** Rejects with HostError `call-unknown` when no such call is running. */
  finish(id: string, end: CallEnd): Promise<void>
  /**
   * Says what became of a call that was answered with "waiting for your approval". Does nothing when that is not what its row says.
   * Never rejects: the row then goes on saying that it waits, until the next start.
   */
  close(id: string, end: Pick<CallEnd, 'outcome' | 'decision' | 'error'>): Promise<void>
  /** A call that is over, in one row. `at`: when it came, default now; `duration`: milliseconds since then, default 0. */
  record(start: CallStart, end: CallEnd, at?: number, duration?: number): Promise<string>
  /** The same in two steps: what can be done while the call runs, and what is left when it is over. */
  prepare(start: CallStart, at: number): (end: CallEnd, duration: number) => Promise<string>
  /** Newest first; `before` is the id of the last row seen. */
  list(query: { before?: string; limit: number }): Call[]
  /**
   * The same, of the rows in which all words of `search` occur, in any field and any case. Takes its time, but not the thread's; one
   * that looked at 50,000 rows and found nothing in them gives what it has.
   */
  search(query: { before?: string; limit: number; search: string }): Promise<Call[]>
  /** Throws HostError `call-unknown`. */
  get(id: string): Call
  /** Calls since local midnight, by grant. */
  callsToday(): Map<string, number>
  /** For new rows and, with the same id, for rows that changed. */
  readonly events: Emitter<{ added: Call }>
  /** Moves what is left into the table. */
  stop(): void
}

interface Refusal {
  start: CallStart
  end: CallEnd
}

/** What of a row can be made before the call is over. */
interface Prepared {
  id: string
  at: number
  args: string
}

/** Characters of arguments and of result kept in a row. */
const maxText = 16_000
const maxError = 2_000
/** The log covers three months or this many rows, whichever is less. */
const keepMs = 90 * 24 * 3_600_000
const mostRows = 100_000
const tidyEvery = 3_600_000
/** Refused calls of one grant that get a row of their own in a minute; what did nothing must not push out what did. */
const refusalsPerMinute = 20
/** Between some rows that go and the next: calls go on meanwhile. */
const tidyPause = 50
/** How often what was written is moved from the database's log into its file: in a commit it would hold calls up. */
const checkpointEvery = 5_000

/**
 * `journal`: the file in which rows wait for the table, default `activity.journal` beside the database. Throws HostError
 * `data-folder-unwritable`.
 */
export function createActivity(deps: {
  db: Database
  clock: Clock
  log: Log
  redactor: Redactor
  journal?: string
  /** Rows that are kept; default 100,000. */
  keepRows?: number
}): Activity {
  const { db, clock, log, redactor, keepRows = mostRows } = deps
  const rows = createCallRows({
    db,
    file: deps.journal ?? besides(db),
    log,
    interrupted: 'Drawbridge was stopped before the answer came.',
    unanswered: 'Drawbridge was stopped before you answered. Nothing was done.',
  })
  const events: Activity['events'] = new Emitter((error) =>
    log.error('activity.listener', { error: errorText(error) }),
  )
  let today = midnight(clock.now())
  let counts = rows.countsSince(today)

  let tidyingOn: NodeJS.Timeout | undefined
  const tidy = () => {
    clearTimeout(tidyingOn)
    try {
      if (rows.forget(keepRows, clock.now() - keepMs) > 0) tidyingOn = setTimeout(tidy, tidyPause).unref()
    } catch (error) {
      log.error('activity.tidy', { error: errorText(error) })
    }
  }
  tidy()
  const tidying = setInterval(tidy, tidyEvery)
  tidying.unref()

  const checkpoint = () => {
    if (!rows.wasMoved()) return
    try {
      db.exec('PRAGMA wal_checkpoint(PASSIVE)')
    } catch (error) {
      log.debug('activity.checkpoint', { error: errorText(error) })
    }
  }
  const checkpointing = setInterval(checkpoint, checkpointEvery)
  checkpointing.unref()

  const stored = (value: unknown) => shorten(redactor.json(value, maxText), maxText)
  const storedError = (text: string | null | undefined) =>
    text === null || text === undefined
      ? null
      : shorten(redactor.text(text.slice(0, 8 * maxError)), maxError, text.length)

  const add = (call: Call): Promise<string> =>
    rows.add(call).then(() => {
      if (call.at >= today) counts.set(call.grantId, (counts.get(call.grantId) ?? 0) + 1)
      events.emit('added', call)
      return call.id
    }, unwritable)

  const prepared = (start: CallStart, at: number): Prepared => ({
    id: newTimedId('call', at),
    at,
    args: stored(start.arguments),
  })

  /** One literal for both kinds: V8 is quickest with objects that are all made in one place. */
  const callOf = (
    { id, at, args }: Prepared,
    start: CallStart,
    end: CallEnd | null,
    duration: number | null,
  ): Call => ({
    id,
    at,
    grantId: start.grantId,
    clientName: start.clientName,
    tool: start.tool,
    source: start.source,
    risk: start.risk,
    decision: end?.decision ?? start.decision,
    outcome: end === null ? 'running' : end.outcome,
    duration,
    error: storedError(end?.error),
    arguments: args,
    result: end?.result === undefined ? null : stored(end.result),
  })

  const refusals = createSampler<Refusal>({
    clock,
    perMinute: refusalsPerMinute,
    told({ start, end }, more) {
      const error = `… and ${more.toLocaleString('en')} more like this, which have no rows of their own.`
      const now = clock.now()
      void add(
        callOf(prepared({ ...start, arguments: {} }, now), start, { outcome: end.outcome, error }, 0),
      ).catch((cause) => log.error('activity.refusals', { more, error: errorText(cause) }))
    },
  })
  /** Whether it gets a row. What was done, or put to the user, always does. */
  const isKept = (start: CallStart, end: CallEnd): boolean =>
    (start.decision !== 'refused' && start.decision !== 'denied') ||
    refusals.take(`${start.grantId} ${start.decision}`, { start, end })

  return {
    events,

    begin: async (start) => add(callOf(prepared(start, clock.now()), start, null, null)),

    prepare(start, at) {
      const ready = prepared(start, at)
      return (end, duration) =>
        isKept(start, end) ? add(callOf(ready, start, end, duration)) : Promise.resolve(ready.id)
    },

    async record(start, end, at = clock.now(), duration = 0) {
      const ready = prepared(start, at)
      return isKept(start, end) ? add(callOf(ready, start, end, duration)) : ready.id
    },

    async finish(id, end) {
      const ending = {
        id,
        now: clock.now(),
        outcome: end.outcome,
        decision: end.decision ?? null,
        error: storedError(end.error),
        result: end.result === undefined ? null : stored(end.result),
      }
      const call = await rows.finish(ending).catch(unwritable)
      if (call === null) throw unknownCall(id)
      events.emit('added', call)
    },

    async close(id, { outcome, decision, error }) {
      const change = { outcome, error: storedError(error), ...(decision && { decision }) }
      try {
        const call = await rows.close(id, change)
        if (call !== null) events.emit('added', call)
      } catch (problem) {
        log.error('activity.close', { call: id, error: errorText(problem) })
      }
    },

    list: ({ before, limit }) => rows.list(before, limit),
    search: ({ before, limit, search }) => rows.search(search, before, limit),

    get(id) {
      const call = rows.get(id)
      if (call === null) throw unknownCall(id)
      return call
    },

    callsToday() {
      const now = midnight(clock.now())
      if (now !== today) {
        today = now
        counts = rows.countsSince(now)
      }
      return new Map(counts)
    },

    stop() {
      clearInterval(tidying)
      clearTimeout(tidyingOn)
      clearInterval(checkpointing)
      refusals.close()
      rows.stop()
    },
  }
}

function besides(db: Database): string {
  const file = db.location()
  if (file === null) throw new TypeError('The log of a database in memory needs a file for its journal.')
  return join(dirname(file), 'activity.journal')
}

const midnight = (now: number): number => new Date(now).setHours(0, 0, 0, 0)

function unwritable(cause: unknown): never {
  throw new HostError({
    code: 'log-unwritable',
    message: 'The call was not made, because it could not be written to the activity log.',
    hint: 'Check that the disk is not full and that the data folder can be written to, then try again.',
    detail: errorText(cause),
    cause,
  })
}

const unknownCall = (id: string): HostError =>
  new HostError({
    code: 'call-unknown',
    message: 'This call is not in the activity log any more.',
    hint: 'Reload the Activity page.',
    detail: id,
  })
