import type { CallToolResult } from '@modelcontextprotocol/server'
import type { Call, ErrorReply } from '../contract/models.ts'
import { shorten } from '../kernel/shorten.ts'
import type { CallEnd, Decision } from './pipeline-deps.ts'
import { cancelled, errorResult, neededScope, notApproved, waitingForApproval } from './results.ts'
import { visibleText } from './visible-text.ts'

/** How a call ended: what the client gets, and what the log keeps. */
export interface Ending {
  answer: CallToolResult
  log: CallEnd
  problem?: ErrorReply
}

export const failed = (problem: ErrorReply, decision?: Call['decision']): Ending => ({
  answer: errorResult(problem),
  log: { outcome: 'failed', error: problem.message, ...(decision && { decision }) },
  problem,
})

export const interrupted = (): Ending => ({
  ...failed(cancelled),
  log: { outcome: 'cancelled', error: cancelled.message },
})

export function denied(decision: Extract<Decision, { kind: 'deny' }>): Ending {
  const problem = { code: decision.reason, message: decision.message, hint: decision.hint }
  // The listener turns this mark into a challenge.
  const meta = decision.scopes && { [neededScope]: decision.scopes.join(' ') }
  return { answer: errorResult(problem, meta), log: { outcome: 'denied', error: problem.message }, problem }
}

export const unknownTool = (name: string): Ending =>
  failed({
    code: 'unknown-tool',
    message: `Unknown tool: ${shorten(visibleText(name), 100)}`,
    hint: 'List the tools again.',
  })

export const pending = (title: string): Ending => {
  const problem = waitingForApproval(title)
  return { ...failed(problem), log: { outcome: 'pending', decision: 'pending', error: problem.message } }
}

export const refusedByUser = (title: string): Ending => {
  const problem = notApproved(title)
  return { ...failed(problem), log: { outcome: 'denied', decision: 'denied', error: problem.message } }
}

/** What the tool answered, a failure of its own included: that is an answer too. */
export function answered(answer: CallToolResult): Ending {
  const error = answer.isError ? firstText(answer) : null
  return { answer, log: { outcome: error === null ? 'answered' : 'failed', error, result: answer } }
}

function firstText(result: CallToolResult): string {
  const text = result.content?.find((item) => item.type === 'text')
  return text ? shorten(text.text, 2_000) : 'The tool reported an error.'
}
