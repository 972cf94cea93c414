import type { Call, CallEnd, CallStart } from '../contract/activity.ts'
import type { Clock } from '../kernel/clock.ts'
import { Emitter } from '../kernel/emitter.ts'
import { errorText, HostError } from '../kernel/errors.ts'
import type { Log } from '../kernel/log/log.ts'
import type { Redactor } from '../kernel/log/redact.ts'
import { createSampler } from '../kernel/log/sampler.ts'
import { shorten } from '../kernel/shorten.ts'
import type { Database } from '../storage/database/database.ts'
import { callId, noRow, seqOf } from './call-id.ts'
import { CallTable } from './call-table.ts'
import { CallsToday } from './calls-today.ts'
import { GroupCommit } from './group-commit.ts'
import { Retention } from './retention.ts'
import { CallSearch } from './search.ts'
import { SearchIndex } from './search-index.ts'

interface Refusal {
  start: CallStart
  end: CallEnd
}

export interface ActivityDeps {
  /** Of the log alone (`openCallLog`). */
  db: Database
  clock: Clock
  log: Log
  redactor: Redactor
  /** Rows that are kept at most; default 100,000. */
  keepRows?: number
  /** How long they are kept, in days; default 90. */
  keepDays?: () => number
}

/** Characters of arguments and of result kept in a row. */
const maxText = 16_000
const maxError = 2_000
const mostRows = 100_000
const day = 24 * 3_600_000
/** Refused calls of one grant that get a row of their own in a minute; what did nothing must not push out what did. */
const refusalsPerMinute = 20
/** How often what was written is moved from the database's log into its file. */
const checkpointEvery = 5_000
/** When what an earlier life left could not be ended at once. */
const endAgainAfter = 10_000

const interrupted = 'Drawbridge was stopped before the answer came.'
const unanswered = 'Drawbridge was stopped before you answered. Nothing was done.'

/**
 * The call log. A promise that resolves means the row is in the database, kill -9 or not; one that rejects means there is no row, and
 * the call must not run. Of calls that were refused before anything was done, twenty a minute get rows and one more row says how many
 * others there were.
 */
export class Activity {
  /** For new rows and, with the same id, for rows that changed. */
  readonly events: Emitter<{ added: Call }>
  readonly #db: Database
  readonly #clock: Clock
  readonly #log: Log
  readonly #redactor: Redactor
  readonly #table: CallTable
  readonly #index: SearchIndex
  readonly #search: CallSearch
  readonly #commit: GroupCommit
  readonly #today: CallsToday
  readonly #retention: Retention
  readonly #refusals
  /** Calls begun in this life that have not ended. */
  readonly #running = new Map<string, Call>()
  readonly #checkpoints: NodeJS.Timeout
  #endAgain: NodeJS.Timeout | undefined

  constructor({ db, clock, log, redactor, keepRows = mostRows, keepDays = () => 90 }: ActivityDeps) {
    this.#db = db
    // 16 MB; sooner where somebody asks for it, which is when no call waits.
    db.exec('PRAGMA wal_autocheckpoint = 4000')
    this.#clock = clock
    this.#log = log
    this.#redactor = redactor
    this.events = new Emitter((error) => log.error('activity.listener', { error: errorText(error) }))
    this.#table = new CallTable(this.#db)
    this.#index = new SearchIndex(this.#db, log)
    this.#search = new CallSearch(this.#table, this.#index, log)
    this.#commit = new GroupCommit(this.#db, log)
    this.#endLeft(this.#table.lastSeq())
    this.#today = new CallsToday(this.#table, clock)
    this.#retention = new Retention(this.#table, log, () => ({
      rows: keepRows,
      since: clock.now() - keepDays() * day,
    }))
    this.#refusals = createSampler<Refusal>({
      clock,
      perMinute: refusalsPerMinute,
      told: (refusal, more) => this.#tellRefusals(refusal, more),
    })
    this.#checkpoints = setInterval(() => this.#checkpoint(), checkpointEvery).unref()
  }

  /** Resolves to the row's id. Rejects with HostError `log-unwritable`. */
  async begin(start: CallStart): Promise<string> {
    return this.#add(this.#callOf(start, this.#clock.now(), this.#stored(start.arguments), null, null))
  }

  /** Rejects with HostError `call-unknown` when no such call is running. */
  finish(id: string, end: CallEnd): Promise<void> {
    const begun = this.#running.get(id)
    if (begun === undefined) return Promise.reject(unknownCall(id))
    // At once, so that it ends once.
    this.#running.delete(id)
    const call: Call = {
      ...begun,
      decision: end.decision ?? begun.decision,
      outcome: end.outcome,
      duration: Math.max(0, this.#clock.now() - begun.at),
      error: this.#storedError(end.error),
      result: end.result === undefined ? null : this.#stored(end.result),
      found: this.#foundIn(end),
    }
    return this.#commit
      .run(() => this.#update(call))
      .then(
        (isThere) => {
          if (!isThere) throw unknownCall(id)
          this.#told(call)
        },
        (error) => {
          this.#running.set(id, begun)
          unwritable(error)
        },
      )
  }

  /**
   * Says what became of a call that was answered with "waiting for your approval". Does nothing when that is not what its row says.
   * Never rejects: the row then goes on saying that it waits, until the next start.
   */
  close(id: string, end: Pick<CallEnd, 'outcome' | 'decision' | 'error'>): Promise<void> {
    const { outcome, decision } = end
    const error = this.#storedError(end.error)
    return this.#commit
      .run(() => {
        const row = this.#table.get(id)
        if (row?.outcome !== 'pending') return null
        const closed: Call = { ...row, outcome, error, decision: decision ?? row.decision }
        this.#update(closed)
        return closed
      })
      .then(
        (call) => {
          if (call !== null) this.#told(call)
        },
        (problem) => this.#log.error('activity.close', { call: id, error: errorText(problem) }),
      )
  }

  /** A call that is over, in one row. `at`: when it came, default now; `duration`: milliseconds since then, default 0. */
  record(start: CallStart, end: CallEnd, at = this.#clock.now(), duration = 0): Promise<string> {
    return this.prepare(start, at)(end, duration)
  }

  /** The same in two steps: what can be done while the call runs, and what is left when it is over. */
  prepare(start: CallStart, at: number): (end: CallEnd, duration: number) => Promise<string> {
    const args = this.#stored(start.arguments)
    return (end, duration) =>
      this.#isKept(start, end)
        ? this.#add(this.#callOf(start, at, args, end, duration))
        : Promise.resolve(callId(at, noRow))
  }

  /** Newest first; `before` is the id of the last row seen. An unknown one ends the list. */
  list({ before, limit }: { before?: string; limit: number }): Call[] {
    return this.#table.list(this.#before(before), limit)
  }

  /**
   * The same, of the rows in which all words of `search` occur, in any field and any case. Takes its time, but not the thread's; one
   * that looked at 50,000 rows and found nothing in them gives what it has.
   */
  search({ before, limit, search }: { before?: string; limit: number; search: string }): Promise<Call[]> {
    return this.#search.find(search, this.#before(before), limit)
  }

  /** Throws HostError `call-unknown`. */
  get(id: string): Call {
    const call = this.#table.get(id)
    if (call === null) throw unknownCall(id)
    return call
  }

  /** Calls since local midnight, by grant. */
  callsToday(): Map<string, number> {
    return this.#today.get()
  }

  /** How long rows are kept is another now. */
  retentionChanged(): void {
    this.#retention.apply()
  }

  /** Brings the search index up to date at once; for tests and tools. */
  finishIndex(): void {
    this.#index.finish()
  }

  stop(): void {
    clearInterval(this.#checkpoints)
    clearTimeout(this.#endAgain)
    this.#retention.stop()
    this.#refusals.close()
    this.#index.stop()
    this.#search.stop()
    this.#commit.stop()
  }

  #add(call: Call): Promise<string> {
    return this.#commit
      .run(() => this.#table.insert(call))
      .then((seq) => {
        call.id = callId(call.at, seq)
        if (call.outcome === 'running') this.#running.set(call.id, call)
        this.#today.add(call)
        this.#told(call)
        return call.id
      }, unwritable)
  }

  #update(call: Call): boolean {
    const seq = seqOf(call.id)
    this.#index.mark(seq)
    return this.#table.update(seq, call)
  }

  #told(call: Call): void {
    this.#index.wake()
    this.events.emit('added', call)
  }

  /** One literal for both kinds: V8 is quickest with objects that are all made in one place. Its id comes with its row. */
  #callOf(start: CallStart, at: number, args: string, end: CallEnd | null, duration: number | null): Call {
    return {
      id: '',
      at,
      grantId: start.grantId,
      clientName: start.clientName,
      tool: start.tool,
      source: start.source,
      risk: start.risk,
      decision: end?.decision ?? start.decision,
      outcome: end === null ? 'running' : end.outcome,
      duration,
      error: this.#storedError(end?.error),
      arguments: args,
      result: end?.result === undefined ? null : this.#stored(end.result),
      found: this.#foundIn(end),
    }
  }

  #stored(value: unknown): string {
    return shorten(this.#redactor.json(value, maxText), maxText)
  }

  #foundIn(end: CallEnd | null): Call['found'] {
    if (end?.found === undefined) return null
    return end.found.map(({ what, text }) => ({ what, text: this.#redactor.text(text) }))
  }

  #storedError(text: string | null | undefined): string | null {
    if (text === null || text === undefined) return null
    return shorten(this.#redactor.text(text.slice(0, 8 * maxError)), maxError, text.length)
  }

  /** Whether it gets a row. What was done, or put to the user, always does. */
  #isKept(start: CallStart, end: CallEnd): boolean {
    if (start.decision !== 'refused' && start.decision !== 'denied') return true
    return this.#refusals.take(`${start.grantId} ${start.decision}`, { start, end })
  }

  #tellRefusals({ start, end }: Refusal, more: number): void {
    const error = `… and ${more.toLocaleString('en')} more like this, which have no rows of their own.`
    const call = this.#callOf(start, this.#clock.now(), '{}', { outcome: end.outcome, error }, 0)
    this.#add(call).catch((cause) => this.#log.error('activity.refusals', { more, error: errorText(cause) }))
  }

  #before(id: string | undefined): number {
    if (id === undefined) return Number.MAX_SAFE_INTEGER
    return this.#table.get(id) === null ? 0 : seqOf(id)
  }

  /** Rows of earlier lives, in which nobody works or waits any more. */
  #endLeft(upTo: number): void {
    const left = () => {
      const calls = this.#table.openCalls(upTo)
      for (const { call } of calls) this.#update(endOf(call))
      return calls.filter(({ call }) => call.outcome === 'running').length
    }
    this.#commit.now(left).then(
      (calls) => calls > 0 && this.#log.warn('activity.interrupted', { calls }),
      (error) => {
        this.#log.error('activity.interrupted', { error: errorText(error) })
        this.#endAgain = setTimeout(() => this.#endLeft(upTo), endAgainAfter).unref()
      },
    )
  }

  #checkpoint(): void {
    if (!this.#commit.hasWritten) return
    this.#commit.hasWritten = false
    try {
      this.#db.exec('PRAGMA wal_checkpoint(PASSIVE)')
    } catch (error) {
      this.#log.debug('activity.checkpoint', { error: errorText(error) })
    }
  }
}

/** Throws HostError `data-folder-unwritable`. */
export const createActivity = (deps: ActivityDeps): Activity => new Activity(deps)

const endOf = (call: Call): Call =>
  call.outcome === 'running'
    ? { ...call, outcome: 'failed', error: interrupted }
    : { ...call, outcome: 'cancelled', decision: 'denied', error: unanswered }

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
