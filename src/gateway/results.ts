import { type CallToolResult, isCallToolResult } from '@modelcontextprotocol/server'
import type { ErrorReply } from '../contract/models.ts'
import { HostError } from '../kernel/errors.ts'

/**
 * A tool result that tells the model, and through it the user, why there is no other. Errors of input and execution
 * belong here and not into JSON-RPC errors, which models do not get to see (MCP, "Error handling" of tools).
 */
export const errorResult = (error: ErrorReply, meta?: Record<string, unknown>): CallToolResult => ({
  content: [{ type: 'text', text: `${error.message} ${error.hint}`.trim() }],
  isError: true,
  _meta: { 'drawbridge/code': error.code, ...meta },
})

/** In `_meta` of a refusal: the scopes with which the call would go through, space-separated. */
export const neededScope = 'drawbridge/scope'

export const waitingForApproval = (title: string): ErrorReply => ({
  code: 'approval-pending',
  message: `Waiting for your approval in Drawbridge: “${title}”. Nothing has been done yet.`,
  hint: 'Allow or deny it in the Drawbridge app, then ask again with the same words.',
})

export const notApproved = (title: string): ErrorReply => ({
  code: 'approval-denied',
  message: `“${title}” was not allowed in Drawbridge. Nothing has been done.`,
  hint: 'If that was a mistake, ask again and allow it in the Drawbridge app.',
})

export const changedMeanwhile = (title: string): ErrorReply => ({
  code: 'tool-changed',
  message: `“${title}” changed while it waited for your approval. Nothing has been done.`,
  hint: 'Ask again.',
})

export const unfitArguments = (problem: string): ErrorReply => ({
  code: 'arguments-invalid',
  message: problem,
  hint: 'Nothing has been done. The tool’s input schema says what it takes.',
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

/** What a result says about us, and only we may say: our own marks, and that the client should sign in again. */
const ours = /^(?:drawbridge\/|mcp\/www_authenticate$)/

/** The result as it came, when it is one and can be passed on; throws HostError otherwise. */
export function checkedResult(result: unknown, source: string, maxSize: number): CallToolResult {
  const unfit = (message: string, detail: string) =>
    new HostError({
      code: 'answer-invalid',
      message,
      hint: 'Ask for less at a time, or tell the maker of the tool.',
      detail,
    })
  let size: number
  let isResult: boolean
  try {
    size = JSON.stringify(result)?.length ?? 0
    isResult = size <= maxSize && isCallToolResult(result)
  } catch (error) {
    throw unfit(`“${source}” gave an answer that cannot be passed on.`, String(error))
  }
  if (size > maxSize)
    throw unfit(
      `“${source}” gave an answer of ${(size / 1024 / 1024).toFixed(1)} MB; ${Math.round(maxSize / 1024 / 1024)} MB can be passed on.`,
      `${size} characters`,
    )
  // MCP 2026-07-28: another `resultType` asks the client for something, which only we may do.
  const kind = (result as { resultType?: unknown } | null)?.resultType
  if (!isResult || (kind !== undefined && kind !== 'complete'))
    throw unfit(`“${source}” gave an answer that is not a tool result.`, `resultType ${String(kind)}`)
  const checked = result as CallToolResult
  const meta = Object.entries(checked._meta ?? {})
  const kept = meta.filter(([key]) => !ours.test(key))
  return kept.length === meta.length ? checked : { ...checked, _meta: Object.fromEntries(kept) }
}
