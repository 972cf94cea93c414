import type {
  ActivityCheck,
  ActivityFilter,
  Call,
  CallDetails,
  CallEnd,
  CallStart,
  DiaryDay,
} from '../contract/activity.ts'
import { mostKeptCalls } from '../contract/activity.ts'
import type { Clock } from '../kernel/clock.ts'
import { Emitter } from '../kernel/emitter.ts'
import { errorText } from '../kernel/errors.ts'
import type { Log } from '../kernel/log/log.ts'
import type { Redactor } from '../kernel/log/redact.ts'
import type { Database } from '../storage/database/database.ts'
import { callId, noRow, seqOf } from './call-id.ts'
import { type CallUsage, diary, usage } from './call-sums.ts'
import { CallTable } from './call-table.ts'
import { CallsToday } from './calls-today.ts'
import type { Mark } from './chain/call-chain.ts'
import { checkChain } from './chain/check-chain.ts'
import { exportPart } from './export.ts'
import { Retention } from './retention.ts'
import { CallSearch } from './search/search.ts'
import { SearchIndex } from './search/search-index.ts'
import { type CallNote, CallRows, unknownCall } from './writing/call-rows.ts'
import { Checkpoints } from './writing/checkpoints.ts'
import { GroupCommit } from './writing/group-commit.ts'
import { LeftCalls } from './writing/left-calls.ts'
import { Refusals } from './writing/refusals.ts'
import { RowTexts } from './writing/row-texts.ts'

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

const day = 24 * 3_600_000

/**
 * The call log. A promise that resolves means the row is in the database, kill -9 or not; one that rejects means there is no row, and
 * the call must not run. Of calls that were refused before anything was done, twenty a minute get rows and one more row says how many
 * others there were.
 */
export class Activity {
  /** For new rows and, with the same id, for rows that changed. */
  readonly events: Emitter<{ added: Call }>
  readonly #clock: Clock
  readonly #texts: RowTexts
  readonly #table: CallTable
  readonly #index: SearchIndex
  readonly #search: CallSearch
  readonly #commit: GroupCommit
  readonly #left: LeftCalls
  readonly #today: CallsToday
  readonly #rows: CallRows
  readonly #retention: Retention
  readonly #refusals: Refusals
  readonly #checkpoints: Checkpoints
  readonly #chain: NonNullable<ActivityDeps['chain']>
  #isStopped = false

  constructor(deps: ActivityDeps) {
    const { db, clock, log, redactor, keepRows = mostKeptCalls, keepDays = () => 90, chain = unmarked } = deps
    this.#clock = clock
    this.#texts = new RowTexts(redactor)
    this.events = new Emitter((error) => log.error('activity.listener', { error: errorText(error) }))
    this.#table = new CallTable(db, chain.key)
    this.#index = new SearchIndex(db, this.#table, log)
    this.#search = new CallSearch(this.#table, this.#index, log)
    this.#commit = new GroupCommit(db, log, () => this.#table.rolledBack(), this.#table)
    const parts = { clock, log, table: this.#table, index: this.#index, commit: this.#commit }
    this.#left = new LeftCalls(parts)
    this.#today = new CallsToday(this.#table, clock)
    this.#rows = new CallRows({ ...parts, texts: this.#texts, today: this.#today, events: this.events })
    this.#refusals = new Refusals({ clock, log, rows: this.#rows, texts: this.#texts })
    this.#retention = new Retention(this.#table, log, () => ({
      rows: keepRows,
      age: keepDays() * day,
      now: clock.now(),
    }))
    this.#chain = chain
    this.#checkpoints = new Checkpoints({ ...parts, db, chain })
  }

  /** Resolves to the row's id. Rejects with HostError `log-unwritable`. */
  async begin(start: CallStart): Promise<string> {
    const args = this.#texts.value(start.arguments)
    return this.#rows.add(this.#texts.row(start, this.#clock.now(), args, null, null))
  }

  /** What runs is something else than what was asked for. Rejects with HostError `log-unwritable`, or `call-unknown` when none is running. */
  amend(id: string, change: Pick<CallStart, 'decision' | 'arguments' | 'rule'>): Promise<void> {
    return this.#rows.amend(id, change)
  }

  /** Rejects with HostError `call-unknown` when no such call is running. */
  finish(id: string, end: CallEnd): Promise<void> {
    return this.#rows.finish(id, end)
  }

  /** What is known of a call before it ends. Rejects with HostError `call-unknown`, or `log-unwritable` and then it stays as it was. */
  note(id: string, note: CallNote): Promise<void> {
    return this.#rows.note(id, note)
  }

  /** A call that is over, in one row. `at`: when it came, default now; `duration`: milliseconds since then, default 0. */
  record(start: CallStart, end: CallEnd, at = this.#clock.now(), duration = 0): Promise<string> {
    return this.prepare(start, at)(end, duration)
  }

  /** The same in two steps: what can be done while the call runs, and what is left when it is over. */
  prepare(start: CallStart, at: number): (end: CallEnd, duration: number) => Promise<string> {
    const args = this.#texts.value(start.arguments)
    return (end, duration) =>
      this.#refusals.isKept(start, end)
        ? this.#rows.add(this.#texts.row(start, at, args, end, duration))
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

  /** With its place in the chain. Throws HostError `call-unknown`. */
  details(id: string): CallDetails {
    return { ...this.get(id), link: this.#table.link(seqOf(id)) }
  }

  /** A part of it as text; `next` is where the next part begins. */
  export(asked: Parameters<typeof exportPart>[1]): ReturnType<typeof exportPart> {
    return exportPart(this.#table, asked)
  }

  usage(period: { since: number; until: number }): Promise<CallUsage> {
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
    this.#left.stop()
    this.#retention.stop()
    this.#refusals.close()
    this.#index.stop()
    this.#search.stop()
    this.#rows.stop()
    this.#commit.stop()
    this.#isStopped = true
    this.#checkpoints.stop()
    this.#table.stop()
  }

  #before(id: string | undefined): number {
    if (id === undefined) return Number.MAX_SAFE_INTEGER
    return this.#table.get(id) === null ? 0 : seqOf(id)
  }
}

const unmarked = { key: null, head: () => null, setHead() {} }

/** Throws HostError `data-folder-unwritable` or `disk-full`. */
export const createActivity = (deps: ActivityDeps): Activity => new Activity(deps)
