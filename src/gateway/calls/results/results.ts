import type { CallToolResult } from '@modelcontextprotocol/server'
import type { ErrorReply } from '../../../contract/errors.ts'

/**
 * A tool result that tells the model, and through it the user, why there is no other. Errors of input and execution
 * belong here and not into JSON-RPC errors, which models do not get to see (MCP, "Error handling" of tools).
 */
export const errorResult = (error: ErrorReply, meta?: Record<string, unknown>): CallToolResult => ({
  content: [{ type: 'text', text: `${error.message} ${error.hint}`.trim() }],
  isError: true,
  _meta: { 'drawbridge/code': error.code, ...meta },
})

/** Not what they became: the owner may have left something out. */
export const ownerChanged = {
  type: 'text',
  text: 'The owner changed the arguments of this call before allowing it: what was done is not exactly what you asked for.',
} as const

/** In `_meta` of a refusal, for whoever reads it: the scopes with which the call would go through, space-separated. */
export const neededScope = 'drawbridge/scope'

export const notApproved = (title: string): ErrorReply => ({
  code: 'approval-denied',
  message: `“${title}” was not allowed in Drawbridge. Nothing has been done.`,
  hint: 'If that was a mistake, ask again and allow it in the Drawbridge app.',
})

export const notAskedNow = (title: string, seconds: number): ErrorReply => ({
  code: 'approval-denied',
  message: `“${title}” was not allowed: you said no to several calls of this app, so its questions are not shown for now. Nothing has been done.`,
  hint: `Do not repeat it. If you do want it, ask again in ${seconds < 100 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`}.`,
})

export const tooManyApprovals = (title: string): ErrorReply => ({
  code: 'approval-pending',
  message: `“${title}” was not put to you: too many calls of this app wait for your answer already. Nothing has been done.`,
  hint: 'Answer those in the Drawbridge app first, then ask again.',
})

export const nobodyAnswered = (title: string): ErrorReply => ({
  code: 'approval-expired',
  message: `“${title}” was not answered in Drawbridge in time. Nothing has been done.`,
  hint: 'If it is still wanted, ask again and allow it in the Drawbridge app.',
})

export const endedMeanwhile = (title: string): ErrorReply => ({
  code: 'approval-ended',
  message: `“${title}” was taken back before it was answered in Drawbridge, or this app’s access changed. Nothing has been done.`,
  hint: 'If it is still wanted and allowed, ask again.',
})

export const changedMeanwhile = (title: string): ErrorReply => ({
  code: 'tool-changed',
  message: `“${title}” changed while it waited for your approval. Nothing has been done.`,
  hint: 'Ask again.',
})

export const changedJustNow = (title: string): ErrorReply => ({
  code: 'tool-changed',
  message: `“${title}” was changed at this moment. Nothing has been done.`,
  hint: 'Ask again.',
})

export const ruleEnded = (title: string): ErrorReply => ({
  code: 'rule-ended',
  message: `The owner took back what allowed “${title}”. Nothing has been done.`,
  hint: 'Ask again: the owner will be asked.',
})

export const stoppedHalfway = (title: string, { code }: ErrorReply): ErrorReply => ({
  code,
  message: `“${title}” was stopped half way: what allowed it was taken back meanwhile, or it was changed.`,
  hint: 'Part of it may have happened: look before you try again.',
})

export const cannotBeShown = (title: string): ErrorReply => ({
  code: 'arguments-too-long',
  message: `“${title}” was given more than Drawbridge can show its owner whole, so it could not be asked about. Nothing has been done.`,
  hint: 'Do it in smaller steps, or hand over the name of a file instead of what is in it.',
})

export const tooMuchWaits = (title: string): ErrorReply => ({
  code: 'approvals-full',
  message: `Too much of this app’s is waiting for an answer in Drawbridge, so “${title}” was not asked about. Nothing has been done.`,
  hint: 'Allow or deny what is waiting in the Drawbridge app, then ask again.',
})

export const tookTooLong = (source: string, ms: number): ErrorReply => ({
  code: 'call-timeout',
  message: `“${source}” did not answer within ${Math.max(1, Math.round(ms / 1000))} seconds.`,
  hint: 'It may still be at work: before repeating a change, look whether it happened.',
})

export const cancelled: ErrorReply = {
  code: 'call-cancelled',
  message: 'The call was broken off before the answer came.',
  hint: 'Before repeating a change, look whether it happened.',
}

export const resultNotLogged: ErrorReply = {
  code: 'log-unwritable',
  message: 'The call was made, but how it ended could not be written to the activity log.',
  hint: 'Check that the disk is not full. Before repeating a change, look whether it happened.',
}

export const cannotBeAsked = (source: string): ErrorReply => ({
  code: 'client-cannot-answer',
  message: `“${source}” wants to ask you something, and this app cannot show its questions.`,
  hint: 'Use it from an app that can, or do it in another way.',
})

export const tooManyRequests = (source: string): ErrorReply => ({
  code: 'too-many-input-requests',
  message: `“${source}” kept asking and did not come to an end.`,
  hint: 'Try again, or tell the maker of the tool.',
})

export const unanswered: ErrorReply = {
  code: 'input-unanswered',
  message: 'A question to you was not answered in time, so the call was given up.',
  hint: 'Before repeating a change, look whether it happened.',
}
