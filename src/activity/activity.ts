import { say } from '../../locales/say.ts'
import type {
  ActivityCheck,
  ActivityFilter,
  Call,
  CallEnd,
  CallStart,
  DiaryDay,
  Usage,
} from '../contract/activity.ts'
import type { Clock } from '../kernel/clock.ts'
import { Emitter } from '../kernel/emitter.ts'
import { errorText, HostError } from '../kernel/errors.ts'
import type { Log } from '../kernel/log/log.ts'
import type { Redactor } from '../kernel/log/redact.ts'
import { createSampler } from '../kernel/log/sampler.ts'
import { shorten } from '../kernel/shorten.ts'
import type { Database } from '../storage/database/database.ts'
import type { Link, Mark } from './call-chain.ts'
import { callId, noRow, seqOf } from './call-id.ts'
import { diary, usage } from './call-sums.ts'
import { CallTable } from './call-table.ts'
import { CallsToday } from './calls-today.ts'
import { checkChain } from './check-chain.ts'
import { exportPart } from './export.ts'
import { GroupCommit } from './group-commit.ts'
import { Retention } from './retention.ts'
import { CallSearch } from './search.ts'
import { SearchIndex } from './search-index.ts'

interface Note {
  outcome: 'running' | 'pending'
  decision: Call['decision']
  error?: string
}

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
  /** Rows that are kept at most; default 1,000,000. */
  keepRows?: number
  /** How long they are kept, in days; default 90. */
  keepDays?: () => number
  /** Of the chain of rows: its key (null: the vault could not be opened), and where the newest place is written down. */
  chain?: { key: Uint8Array | null; head(): Mark | null; setHead(mark: Mark): void }
}

/** Characters of arguments and of result kept in a row. */
const maxText = 16_000
const maxError = 2_000
const mostRows = 1_000_000
const day = 24 * 3_600_000
/** Refused calls of one grant that get a row of their own in a minute; what did nothing must not push out what did. */
const refusalsPerMinute = 20
/** How often what was written is moved from the database's log into its file. */
const checkpointEvery = 5_000
/** When what an earlier life left could not be ended at once. */
const endAgainAfter = 10_000

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
  readonly #chain: NonNullable<ActivityDeps['chain']>
  /** Calls begun in this life that have not ended, and their places. */
  readonly #running = new Map<string, { call: Call; at: Link }>()
  readonly #checkpoints: NodeJS.Timeout
  #endAgain: NodeJS.Timeout | undefined
  #isStopped = false

  constructor(deps: ActivityDeps) {
    const { db, clock, log, redactor, keepRows = mostRows, keepDays = () => 90, chain = unmarked } = deps
    this.#db = db
    this.#chain = chain
    // 16 MB; sooner where somebody asks for it, which is when no call waits.
    db.exec('PRAGMA wal_autocheckpoint = 4000')
    this.#clock = clock
    this.#log = log
    this.#redactor = redactor
    this.events = new Emitter((error) => log.error('activity.listener', { error: errorText(error) }))
    this.#table = new CallTable(db, chain.key)
    this.#index = new SearchIndex(db, this.#table, log)
    this.#search = new CallSearch(this.#table, this.#index, log)
    this.#commit = new GroupCommit(this.#db, log, () => this.#table.rolledBack())
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

  /** What runs is something else than what was asked for. Rejects with HostError `log-unwritable`, or `call-unknown` when none is running. */
  async amend(id: string, change: Pick<CallStart, 'decision' | 'arguments'>): Promise<void> {
    const running = this.#running.get(id)
    if (running === undefined) throw unknownCall(id)
    const { at } = running
    const { decision } = change
    const call: Call = { ...running.call, decision, arguments: this.#stored(change.arguments) }
    const isThere = await this.#rewrite(at, call).catch(unwritable)
    if (!isThere) throw unknownCall(id)
    this.#running.set(id, { call, at })
    this.#told(call)
  }

  /** Rejects with HostError `call-unknown` when no such call is running. */
  finish(id: string, end: CallEnd): Promise<void> {
    const running = this.#running.get(id)
    if (running === undefined) return Promise.reject(unknownCall(id))
    const { call: begun, at } = running
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
    return this.#rewrite(at, call).then(
      (isThere) => {
        if (!isThere) throw unknownCall(id)
        this.#told(call)
      },
      (error) => {
        this.#running.set(id, running)
        unwritable(error)
      },
    )
  }

  /** What is known of a call before it ends. Rejects with HostError `call-unknown`, or `log-unwritable` and then it stays as it was. */
  note(id: string, { outcome, decision, error }: Note): Promise<void> {
    const running = this.#running.get(id)
    if (running === undefined) return Promise.reject(unknownCall(id))
    const { call: begun, at } = running
    const call: Call = { ...begun, outcome, decision, error: this.#storedError(error) }
    running.call = call
    return this.#rewrite(at, call).then(
      (isThere) => {
        if (!isThere) throw unknownCall(id)
        this.#told(call)
      },
      (cause) => {
        if (running.call === call) running.call = begun
        unwritable(cause)
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
        this.#updateOld(closed)
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
   * The same, of the rows that pass the filter and in which all words of `search` occur, in any field and any case. Takes its time, but
   * not the thread's; one that looked at 50,000 rows and found nothing in them gives what it has.
   */
  search(asked: {
    before?: string | undefined
    limit: number
    search?: string | undefined
    filter?: ActivityFilter | undefined
  }): Promise<Call[]> {
    const { before, limit, search = '', filter = {} } = asked
    return this.#search.find(search, filter, this.#before(before), limit)
  }

  /** Throws HostError `call-unknown`. */
  get(id: string): Call {
    const call = this.#table.get(id)
    if (call === null) throw unknownCall(id)
    return call
  }

  /** A part of it as text; `next` is where the next part begins. */
  export(asked: Parameters<typeof exportPart>[1]): ReturnType<typeof exportPart> {
    return exportPart(this.#table, asked)
  }

  usage(period: { since: number; until: number }): Promise<Usage> {
    return usage(this.#table, period)
  }

  diary(period: { since: number; until: number }): Promise<DiaryDay[]> {
    return diary(this.#table, period)
  }

  /** Goes over all of it, without holding the thread. */
  check(): Promise<ActivityCheck> {
    return checkChain(this.#table, this.#chain.head(), () => this.#isStopped)
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
    this.#isStopped = true
    if (this.#db.isOpen) this.#checkpoint()
  }

  #add(call: Call): Promise<string> {
    return this.#commit
      .run(() => this.#table.insert(call), true)
      .then((at) => {
        call.id = callId(call.at, at.seq)
        if (call.outcome === 'running') this.#running.set(call.id, { call, at })
        this.#today.add(call)
        this.#told(call)
        return call.id
      }, unwritable)
  }

  /** A row of this life. False: it is not there any more. */
  #rewrite(at: Link, call: Call): Promise<boolean> {
    return this.#commit.run(() => {
      this.#index.mark(at.seq)
      return this.#table.update(at, call)
    }, at.seq > this.#index.last)
  }

  #updateOld(call: Call): void {
    this.#index.mark(seqOf(call.id))
    this.#table.updateOld(call)
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
      // As the database gives them back: half a surrogate pair is none.
      clientName: start.clientName.toWellFormed(),
      tool: start.tool.toWellFormed(),
      source: start.source.toWellFormed(),
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
    return shorten(this.#redactor.text(text.slice(0, 8 * maxError)), maxError, text.length).toWellFormed()
  }

  /** Whether it gets a row. What was done, or put to the user, always does. */
  #isKept(start: CallStart, end: CallEnd): boolean {
    if (start.decision !== 'refused' && start.decision !== 'denied') return true
    return this.#refusals.take(`${start.grantId} ${start.decision}`, { start, end })
  }

  #tellRefusals({ start, end }: Refusal, more: number): void {
    const error = say('activity.row.more', { count: more })
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
      for (const { call } of calls) this.#updateOld(endOf(call))
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
    const { chain } = this.#table
    const head = chain.head
    try {
      this.#db.exec('PRAGMA wal_checkpoint(PASSIVE)')
      // Only what is on the disk: after a power cut the log must not look as if its end had been taken away.
      this.#chain.setHead(chain.mark(head))
    } catch (error) {
      this.#log.debug('activity.checkpoint', { error: errorText(error) })
    }
  }
}

const unmarked = { key: null, head: () => null, setHead() {} }

/** Throws HostError `data-folder-unwritable`. */
export const createActivity = (deps: ActivityDeps): Activity => new Activity(deps)

/** What waits for the user's word has not begun, whoever still held on for it. */
const endOf = (call: Call): Call =>
  call.outcome === 'running' && call.decision !== 'pending'
    ? {
        ...call,
        outcome: 'failed',
        error: say(call.risk === 'read' ? 'activity.row.interrupted' : 'activity.row.interruptedChange'),
      }
    : { ...call, outcome: 'cancelled', decision: 'denied', error: say('activity.row.unanswered') }

function unwritable(cause: unknown): never {
  throw new HostError({
    code: 'log-unwritable',
    detail: errorText(cause),
    cause,
  })
}

const unknownCall = (id: string): HostError =>
  new HostError({
    code: 'call-unknown',
    detail: id,
  })
