import type { Raw } from '../../../mcp/tool-source.ts'
import type { Ending } from '../results/endings.ts'
import { errorResult } from '../results/results.ts'
import type { RunningCall } from '../running-call.ts'
import type { Reader } from '../taints/taints.ts'
import type { LateCall } from './late-call.ts'
import { isOpen, type LateCalls, type PastCall } from './late-calls.ts'
import { asksElsewhere, notYet, protocolErrorOf } from './late-words.ts'

/** How often a client should ask. Milliseconds. */
const pollInterval = 5_000

/** `Task` of `io.modelcontextprotocol/tasks` (SEP-2663), without what came of it. */
export function taskOf(late: LateCall | PastCall, handle: string): Raw {
  const { madeAt, expiresAt } = late
  return {
    taskId: handle,
    ...statusOf(late, handle),
    createdAt: new Date(madeAt).toISOString(),
    lastUpdatedAt: new Date(madeAt).toISOString(),
    ttlMs: expiresAt === null ? null : expiresAt - madeAt,
    pollIntervalMs: pollInterval,
  }
}

function statusOf(late: LateCall | PastCall, handle: string): Raw {
  if (isOpen(late))
    return { status: late.asks ? 'input_required' : 'working', statusMessage: notYet(late, handle).message }
  if ('isCancelled' in late && late.isCancelled) return { status: 'cancelled' }
  return { status: protocolErrorOf(late.end!) === null ? 'completed' : 'failed' }
}

/** What `tasks/get` says beside that: the result, the error, or what is asked. */
function outcomeOf(late: LateCall | PastCall): { result: Raw } | Raw {
  if (isOpen(late)) return late.asks ? { inputRequests: late.call.input!.required().inputRequests } : {}
  if ('isCancelled' in late && late.isCancelled) return {}
  const error = protocolErrorOf(late.end!)
  return error === null ? { result: shownByHandle(late) } : { error }
}

/** What came of it, for whoever asks by its handle: what it asks of the client can only be answered by the same call. */
export const shownByHandle = ({ end, title }: LateCall | PastCall): Raw =>
  end!.answer.resultType === 'input_required' ? errorResult(asksElsewhere(title)) : end!.answer

type Who = Parameters<LateCalls['byHandle']>[1]

interface TaskDeps {
  onGiven(reader: Reader, end: Ending): void
  /** Whether what lets a call through still stands; where it does not, the call is over. */
  goesOn(call: RunningCall): boolean
  /** What is said instead to a client that may not make such a call now; null: it may. */
  withheld(late: LateCall | PastCall, reader: Reader): Ending | null
}

/** The methods of the extension, for one grant each: null for what is not known to it. */
export class Tasks {
  readonly #late: LateCalls
  readonly #deps: TaskDeps

  constructor(late: LateCalls, deps: TaskDeps) {
    this.#late = late
    this.#deps = deps
  }

  get(id: string, reader: Reader): { task: Raw; outcome: Raw } | null {
    const late = this.#late.byHandle(id, reader.caller.principal)
    if (late === null) return null
    const withheld = this.#deps.withheld(late, reader)
    if (withheld !== null)
      return isOpen(late)
        ? { task: taskOf(late, id), outcome: {} }
        : { task: { ...taskOf(late, id), status: 'completed' }, outcome: { result: withheld.answer } }
    if (!isOpen(late)) this.#deps.onGiven(reader, this.#late.given(late))
    return { task: taskOf(late, id), outcome: outcomeOf(late) }
  }

  update(id: string, who: Who, answers: Raw | undefined): true | null {
    const late = this.#late.byHandle(id, who)
    if (late !== null && isOpen(late) && late.asks && this.#deps.goesOn(late.call))
      late.call.input?.take(answers)
    return late && true
  }

  /** Takes the question back, or breaks the call off; what is over stays as it is. */
  cancel(id: string, who: Who): true | null {
    const late = this.#late.byHandle(id, who)
    if (late !== null && isOpen(late)) late.cancel()
    return late && true
  }
}
