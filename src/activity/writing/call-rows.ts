import type { Call, CallEnd, CallStart } from '../../contract/activity.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Emitter } from '../../kernel/emitter.ts'
import { errorText, HostError } from '../../kernel/errors.ts'
import { callId } from '../call-id.ts'
import type { CallTable } from '../call-table.ts'
import type { CallsToday } from '../calls-today.ts'
import type { Link } from '../chain/call-chain.ts'
import type { SearchIndex } from '../search/search-index.ts'
import type { GroupCommit } from './group-commit.ts'
import type { RowTexts } from './row-texts.ts'

/** What is known of a call before it ends. */
export interface CallNote {
  outcome: 'running' | 'pending'
  decision: Call['decision']
  error?: string
}

export interface CallRowsDeps {
  table: CallTable
  index: SearchIndex
  commit: GroupCommit
  texts: RowTexts
  today: CallsToday
  events: Emitter<{ added: Call }>
  clock: Clock
}

/** The rows of this life: written, and changed while their call is under way. */
export class CallRows {
  readonly #table: CallTable
  readonly #index: SearchIndex
  readonly #commit: GroupCommit
  readonly #texts: RowTexts
  readonly #today: CallsToday
  readonly #events: Emitter<{ added: Call }>
  readonly #clock: Clock
  /** Calls begun in this life that have not ended, and their places. */
  readonly #running = new Map<string, { call: Call; at: Link }>()

  constructor(deps: CallRowsDeps) {
    this.#table = deps.table
    this.#index = deps.index
    this.#commit = deps.commit
    this.#texts = deps.texts
    this.#today = deps.today
    this.#events = deps.events
    this.#clock = deps.clock
  }

  /** Resolves to the row's id. Rejects with HostError `log-unwritable`. */
  add(call: Call): Promise<string> {
    return this.#commit
      .run(() => this.#table.insert(call), true)
      .then((at) => {
        call.id = callId(call.at, at.seq)
        if (call.outcome === 'running') this.#running.set(call.id, { call, at })
        this.#today.add(call)
        this.told(call)
        return call.id
      }, unwritable)
  }

  amend(id: string, { decision, arguments: args }: Pick<CallStart, 'decision' | 'arguments'>): Promise<void> {
    return this.#change(id, { decision, arguments: this.#texts.value(args) })
  }

  note(id: string, { outcome, decision, error }: CallNote): Promise<void> {
    return this.#change(id, { outcome, decision, error: this.#texts.error(error) })
  }

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
      error: this.#texts.error(end.error),
      result: this.#texts.result(end),
      found: this.#texts.found(end),
    }
    return this.#rewrite(at, call, () => this.#running.set(id, running))
  }

  /** Tells whoever shows the log of a row. */
  told(call: Call): void {
    this.#index.wake()
    this.#events.emit('added', call)
  }

  #change(id: string, change: Partial<Call>): Promise<void> {
    const running = this.#running.get(id)
    if (running === undefined) return Promise.reject(unknownCall(id))
    const { call: begun, at } = running
    const call: Call = { ...begun, ...change }
    running.call = call
    return this.#rewrite(at, call, () => {
      if (running.call === call) running.call = begun
    })
  }

  /** `undo`: it was not written. */
  #rewrite(at: Link, call: Call, undo: () => void): Promise<void> {
    const write = () => {
      this.#index.mark(at.seq)
      return this.#table.update(at, call)
    }
    return this.#commit.run(write, at.seq > this.#index.last).then(
      (isThere) => {
        if (!isThere) throw unknownCall(call.id)
        this.told(call)
      },
      (cause) => {
        undo()
        unwritable(cause)
      },
    )
  }
}

function unwritable(cause: unknown): never {
  throw new HostError({ code: 'log-unwritable', detail: errorText(cause), cause })
}

export const unknownCall = (id: string): HostError => new HostError({ code: 'call-unknown', detail: id })
