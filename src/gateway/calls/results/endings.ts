import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server'
import type { Call, CallEnd } from '../../../contract/activity.ts'
import { withoutHidden } from '../../../contract/agreed/visible-text.ts'
import type { ErrorReply } from '../../../contract/errors.ts'
import { shorten } from '../../../kernel/shorten.ts'
import type { Decision } from '../../../mcp/decision.ts'
import type { Raw } from '../../../mcp/tool-source.ts'
import type { Reading } from '../taints/taints.ts'
import { cancelled, errorResult, neededScope, notApproved, ownerChanged, stoppedHalfway } from './results.ts'

/** How a request ended: what the client gets, and what the log keeps. */
export interface Ending {
  /** For anything but tools, `error` takes its place when there is a problem. */
  answer: Raw
  /** Thrown to the client as it is. */
  error?: ProtocolError
  log: CallEnd
  problem?: ErrorReply
  /** Words of the source stand in what is said of the failure. */
  quotes?: true
  /** What of strangers' words may be in it. */
  reading?: Reading
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

/** Instead of an ending that says that nothing was done: its source has heard the first half. */
export const halfDone = ({ problem }: Ending, title: string): Ending =>
  failed(stoppedHalfway(title, problem!))

export function denied(decision: Extract<Decision, { kind: 'deny' }>): Ending {
  const problem = { code: decision.reason, message: decision.message, hint: decision.hint }
  const scope = decision.scopes?.join(' ')
  const answer = errorResult(problem, scope === undefined ? undefined : { [neededScope]: scope })
  if (scope !== undefined) lacking.set(answer, scope)
  return { answer, log: { outcome: 'denied', error: problem.message }, problem }
}

/**
 * What we ourselves refused for a missing scope: results and errors, with all the scopes that are needed. Kept beside them and
 * never read from them, since whatever stands in a result or an error may have been written by a server.
 */
const lacking = new WeakMap<object, string>()

/** The scopes for want of which this was refused, space-separated. The listener turns them into a challenge. */
export const scopeLacking = (told: object): string | undefined => lacking.get(told)

/** Told apart from what else a client can be given: what is asked of it. */
export const isEnding = (told: Ending | Raw): told is Ending => 'log' in told && 'answer' in told

/** Characters of its message, where it is kept. */
const longestRefusal = 2_000

/** Something that only JSON-RPC has a word for: there is no such thing, or the server itself refused. */
export const refused = (error: ProtocolError): Ending => ({
  answer: {},
  error,
  log: { outcome: 'failed', error: shorten(withoutHidden(error.message), longestRefusal) },
  problem: { code: 'refused', message: error.message, hint: '' },
})

/** What the user was not asked, because enough was asked before. */
export const notAsked = (problem: ErrorReply): Ending => ({
  ...failed(problem),
  log: { outcome: 'denied', error: problem.message },
})

/** What was put to the user and came to nothing without a word. */
export const notDone = (problem: ErrorReply): Ending => ({
  ...failed(problem),
  log: { outcome: 'cancelled', decision: 'denied', error: problem.message },
})

export const refusedByUser = (title: string): Ending => {
  const problem = notApproved(title)
  return { ...failed(problem), log: { outcome: 'denied', decision: 'denied', error: problem.message } }
}

/** It holds what a tool answered; any other only says what happened, or did not. */
export const hasResult = ({ problem }: Ending): boolean => problem === undefined

/** What the source itself said stands in it, be it why it refused or failed. */
export const isTheirs = (ending: Ending): boolean =>
  hasResult(ending) || ending.error !== undefined || ending.quotes === true

/** A refusal without what makes it long; anything else as it is. */
export function inShort(ending: Ending): Ending {
  const { error, log } = ending
  if (error === undefined || (error.data === undefined && error.message.length <= longestRefusal))
    return ending
  const short = new ProtocolError(error.code, shorten(error.message, longestRefusal))
  // What is left is its source's word as before.
  return { ...ending, ...refused(short), log }
}

/** What the tool answered, a failure of its own included: that is an answer too. */
export function answered(answer: Raw): Ending {
  const error = answer.isError ? firstText(answer) : null
  return { answer, log: { outcome: error === null ? 'answered' : 'failed', error, result: answer } }
}

/** Who asked for something else than what was done, or may have been, is told so: it would count on what it asked for. */
export function asOwnerChanged(ending: Ending): Ending {
  const { answer, error, log } = ending
  if (log.outcome === 'denied' || log.decision === 'denied') return ending
  if (error) {
    const message = `${error.message} ${ownerChanged.text}`
    return { ...ending, error: new ProtocolError(error.code, message, error.data) }
  }
  if (!Array.isArray(answer.content)) return ending
  return { ...ending, answer: { ...answer, content: [...answer.content, ownerChanged] } }
}

export const saysOwnerChanged = ({ answer: { content } }: Ending): boolean =>
  Array.isArray(content) && content.includes(ownerChanged)

/** What a result with `isError` says first. */
export function firstText(result: Raw): string {
  const content = Array.isArray(result.content) ? result.content : []
  const text = content.find((item) => item?.type === 'text')?.text
  return typeof text === 'string' ? shorten(text, 2_000) : 'The tool reported an error.'
}

/** What the client gets: a result, or an error thrown. Only tools can say in a result what went wrong. */
export function delivered({ answer, error, problem }: Ending, method: string): Raw {
  if (error) throw error
  if (!problem || method === 'tools/call') return answer
  const isInput = deniedOutcomes.has(problem.code)
  const refusal = new ProtocolError(
    isInput ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError,
    `${problem.message} ${problem.hint}`.trim(),
    answer._meta,
  )
  const scope = lacking.get(answer)
  if (scope !== undefined) lacking.set(refusal, scope)
  throw refusal
}

const deniedOutcomes = new Set([
  'paused',
  'disabled',
  'not-accepted',
  'changed',
  'server-changed',
  'not-in-grant',
  'local-only',
  'scope',
  'look-only',
])
