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

interface Parts {
  table: CallTable
  index: SearchIndex
  commit: GroupCommit
  texts: RowTexts
  today: CallsToday
  events: Emitter<{ added: Call }>
  clock: Clock
}

/** When a call's end could not be written. Milliseconds. */
const endAgainAfter = 10_000

/** The rows of this life: written, and changed while their call is under way. */
export class CallRows {
  readonly #parts: Parts
  /** Calls begun in this life that have not ended, and their places. */
  readonly #running = new Map<string, { call: Call; at: Link }>()

  /** How calls ended whose rows do not say so yet, by place. */
  readonly #unwritten = new Map<Link, Call>()
  #endAgain: NodeJS.Timeout | undefined
  #isStopped = false

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Resolves to the row's id. Rejects with HostError `log-unwritable`. */
  add(call: Call): Promise<string> {
    const { table, commit } = this.#parts
    if (call.outcome === 'running')
      return commit
        .run(() => table.insert(call))
        .then((at) => {
          const id = this.#added(call, at.seq)
          this.#running.set(id, { call, at })
          return id
        }, unwritable)
    return commit
      .run(
        () => table.insert(call).seq,
        () => table.append(call),
      )
      .then((seq) => this.#added(call, seq), unwritable)
  }

  #added(call: Call, seq: number): string {
    call.id = callId(call.at, seq)
    this.#parts.today.add(call)
    // First whoever waits for the row: with an answer, mostly.
    process.nextTick(this.#tell, call)
    return call.id
  }

  readonly #tell = (call: Call): void => this.told(call)

  amend(id: string, change: Pick<CallStart, 'decision' | 'arguments' | 'rule'>): Promise<void> {
    const { decision, rule } = change
    const args = this.#parts.texts.value(change.arguments)
    return this.#change(id, { decision, arguments: args, ...(rule && { rule }) })
  }

  note(id: string, { outcome, decision, error }: CallNote): Promise<void> {
    return this.#change(id, { outcome, decision, error: this.#parts.texts.error(error) })
  }

  /** One that rejects with `log-unwritable` is written later: nobody comes back for it, and a row must not run for ever. */
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
      duration: Math.max(0, this.#parts.clock.now() - begun.at),
      error: this.#parts.texts.error(end.error),
      result: this.#parts.texts.result(end),
      found: this.#parts.texts.found(end),
    }
    return this.#end(at, call)
  }

  /** One more try for what is not written; there are no others. */
  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#endAgain)
    for (const [at, call] of this.#unwritten) this.#rewrite(at, call, () => {}).catch(() => {})
  }

  /** Tells whoever shows the log of a row. */
  told(call: Call): void {
    this.#parts.index.wake()
    this.#parts.events.emit('added', call)
  }

  #end(at: Link, call: Call): Promise<void> {
    return this.#rewrite(at, call, () => {
      if (this.#isStopped) return
      this.#unwritten.set(at, call)
      this.#endAgain ??= setTimeout(() => this.#endUnwritten(), endAgainAfter).unref()
    })
  }

  #endUnwritten(): void {
    this.#endAgain = undefined
    const unwritten = [...this.#unwritten]
    this.#unwritten.clear()
    for (const [at, call] of unwritten) this.#end(at, call).catch(() => {})
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
      this.#parts.index.mark(at.seq)
      return this.#parts.table.update(at, call)
    }
    return this.#parts.commit.run(write).then(
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
