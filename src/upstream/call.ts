import { type CallToolResult, ProtocolError, SdkError, SdkErrorCode } from '@modelcontextprotocol/client'
import { errorText, HostError } from '../kernel/errors.ts'
import { tooDeep } from './depth.ts'
import { httpStatus, isUnreachable } from './failures.ts'

export interface CallOptions {
  signal: AbortSignal
  onProgress?(progress: { progress: number; total?: number; message?: string }): void
}

/** A result that can be written out again; throws HostError otherwise. */
export function asResult(result: CallToolResult): CallToolResult {
  if (tooDeep(result))
    throw new HostError({
      code: 'server-answer-invalid',
      message: 'The server’s answer is nested too deeply and was dropped.',
      hint: 'Ask for something simpler, or report this to the maker of the server.',
    })
  return result
}

interface Facts {
  name: string
  signal: AbortSignal
  timeout: number
  isHttp: boolean
  explain(error: unknown): HostError
}

/**
 * What a failed call means: an answer after all (the server said no, which the model should read), or an error for
 * people; `lost` when the connection is of no use any more.
 */
export function callFailure(
  error: unknown,
  facts: Facts,
): { outcome: HostError | CallToolResult; lost: boolean } {
  const { name } = facts
  const make = (code: string, message: string, hint: string) =>
    new HostError({ code, message, hint, detail: errorText(error), cause: error })
  if (facts.signal.aborted)
    return {
      outcome: make('call-cancelled', 'The call was cancelled.', 'Ask again if it is still wanted.'),
      lost: false,
    }
  if (error instanceof HostError) return { outcome: error, lost: false }
  const unfit = () =>
    make(
      'server-answer-invalid',
      `“${name}” gave an answer that does not fit what it promised.`,
      'Try again. If it happens again, look for a newer version of this server.',
    )
  if (error instanceof ProtocolError) {
    // Found by our own check of the answer, not said by the server.
    if (/structured content|output schema|outputSchema/i.test(error.message))
      return { outcome: unfit(), lost: false }
    return { outcome: { content: [{ type: 'text', text: error.message }], isError: true }, lost: false }
  }
  if (error instanceof SdkError) {
    switch (error.code) {
      case SdkErrorCode.RequestTimeout:
        return {
          outcome: make(
            'server-timeout',
            `“${name}” did not answer within ${Math.max(1, Math.round(facts.timeout / 1_000))} seconds.`,
            'Try again, or ask for less at once. Whether it did anything is not known.',
          ),
          lost: false,
        }
      case SdkErrorCode.InvalidResult:
      case SdkErrorCode.UnsupportedResultType:
        return { outcome: unfit(), lost: false }
    }
  }
  // A session the server has forgotten (404; MCP 2025-11-25, Transports, Session Management) needs a new connection.
  if (facts.isHttp && !isClosed(error)) {
    const outcome = facts.explain(error)
    return { outcome, lost: isUnreachable(outcome) || httpStatus(error) === 404 }
  }
  return {
    outcome: make(
      'server-died',
      `“${name}” stopped before it answered.`,
      'It is being started again. Before you repeat a change, check whether it already happened.',
    ),
    lost: false,
  }
}

const isClosed = (error: unknown): boolean =>
  error instanceof SdkError &&
  [SdkErrorCode.ConnectionClosed, SdkErrorCode.NotConnected, SdkErrorCode.SendFailed].includes(error.code)
