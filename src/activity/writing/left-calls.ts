import { say } from '../../../locales/say.ts'
import type { Call } from '../../contract/activity.ts'
import { errorText } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log/log.ts'
import { seqOf } from '../call-id.ts'
import type { CallTable } from '../call-table.ts'
import type { SearchIndex } from '../search/search-index.ts'
import type { GroupCommit } from './group-commit.ts'

/** When they could not be ended at once. */
const endAgainAfter = 10_000

interface Parts {
  table: CallTable
  index: SearchIndex
  commit: GroupCommit
  log: Log
}

/** Calls that nobody runs any more, and whose rows say that they run or wait. */
export class LeftCalls {
  readonly #parts: Parts
  #endAgain: NodeJS.Timeout | undefined

  /** Ends those of earlier lives. */
  constructor(parts: Parts) {
    this.#parts = parts
    this.#end(this.#parts.table.lastSeq())
  }

  stop(): void {
    clearTimeout(this.#endAgain)
  }

  #end(upTo: number): void {
    const left = () => {
      const calls = this.#parts.table.openCalls(upTo)
      for (const { call } of calls) this.#update(endOf(call))
      return calls.filter(({ call }) => call.outcome === 'running').length
    }
    this.#parts.commit.now(left).then(
      (calls) => calls > 0 && this.#parts.log.warn('activity.interrupted', { calls }),
      (error) => {
        this.#parts.log.error('activity.interrupted', { error: errorText(error) })
        this.#endAgain = setTimeout(() => this.#end(upTo), endAgainAfter).unref()
      },
    )
  }

  #update(call: Call): void {
    this.#parts.index.mark(seqOf(call.id))
    this.#parts.table.updateOld(call)
  }
}

/** What waits for the user's word has not begun, whoever still held on for it; its owner never said no. */
const endOf = (call: Call): Call =>
  call.outcome === 'running' && call.decision !== 'pending'
    ? {
        ...call,
        outcome: 'failed',
        error: say(call.risk === 'read' ? 'activity.row.interrupted' : 'activity.row.interruptedChange'),
      }
    : { ...call, outcome: 'cancelled', decision: 'pending', error: say('activity.row.unanswered') }
