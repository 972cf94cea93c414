import { type ProtocolError, SdkError, SdkErrorCode } from '@modelcontextprotocol/client'
import type { CancelSignal } from '../../kernel/cancellation.ts'
import { errorText, HostError } from '../../kernel/errors.ts'
import type { Exchange, Raw } from '../../mcp/tool-source.ts'
import { isCutOff } from '../../net/connection-failures.ts'
import { BrokenOff } from '../failures/broken-off.ts'
import { duration } from '../failures/duration.ts'
import { httpStatus, isForgotten, isUnreachable, restWanted } from '../failures/failures.ts'
import { SessionForgotten } from '../failures/forgotten.ts'
import { httpWords } from '../failures/http-failures.ts'
import { tooDeep } from './depth.ts'
import { NoLongerAllowed } from './pending-request.ts'

/** Refusals that the client has to see as they are, because it can act on them: −32021 and −32042 of MCP. */
const forTheClient: readonly number[] = [-32021, -32042]

/** A result that can be written out again; throws HostError otherwise. */
export function asResult(result: Raw): Raw {
  if (tooDeep(result))
    throw new HostError({
      code: 'server-answer-invalid',
    })
  return result
}

/** What a refusal of a tool call is to the client: a result that the model reads, or an error. */
export function toolRefusal(error: ProtocolError, exchange: Exchange): Raw | ProtocolError {
  const answersInput = exchange.inputResponses !== undefined || exchange.requestState !== undefined
  if (answersInput || forTheClient.includes(error.code)) return error
  return { content: [{ type: 'text', text: error.message }], isError: true }
}

interface Facts {
  name: string
  signal: CancelSignal
  /** Milliseconds. */
  timeout: number
  isHttp: boolean
  /** Takes secrets out of what the server said, before it is quoted. */
  clean(text: string): string
  explain(error: unknown): HostError
}

/**
 * What a failed request means, for people; `lost` when the connection is of no use any more. Throws what kept it from being sent, when
 * that was no failure.
 */
export function requestFailure(error: unknown, facts: Facts): { failure: HostError; lost: boolean } {
  if (facts.signal.aborted) return onlyThis(new HostError({ code: 'call-cancelled', ...because(error) }))
  if (error instanceof NoLongerAllowed) throw error.reason
  if (error instanceof HostError) return { failure: error, lost: isSignedOut(error) }
  const failed = noProperAnswer(error, facts) ?? serverError(error, facts) ?? refused(error, facts)
  if (failed) return failed
  if (facts.isHttp && !isClosed(error)) {
    const failure = facts.explain(error)
    return { failure, lost: isUnreachable(failure) || isForgotten(failure) || isSignedOut(failure) }
  }
  const { name } = facts
  return onlyThis(
    new HostError({ code: 'server-died', says: 'server-stopped', params: { name }, ...because(error) }),
  )
}

const because = (cause: unknown) => ({ detail: errorText(cause), cause })
/** It costs this request and no other. */
const onlyThis = (failure: HostError) => ({ failure, lost: false })

/** It is there: it was late, or what it said is of no use, or its answer broke off. Null: something else. */
function noProperAnswer(error: unknown, { name, timeout, isHttp }: Facts) {
  const code = error instanceof SdkError ? error.code : null
  const common = { params: { name }, ...because(error) }
  if (code === SdkErrorCode.RequestTimeout) {
    const params = { name, seconds: Math.max(1, Math.round(timeout / 1_000)) }
    return onlyThis(new HostError({ code: 'server-timeout', params, ...because(error) }))
  }
  if (code === SdkErrorCode.InvalidResult || code === SdkErrorCode.UnsupportedResultType)
    return onlyThis(new HostError({ code: 'server-answer-invalid', says: 'server-answer-unfit', ...common }))
  if (isUnreadable(error)) {
    const params = { name, isEmpty: wordsOf(error) === '' }
    return onlyThis(
      new HostError({
        code: 'server-answer-invalid',
        says: 'server-answer-unreadable',
        params,
        ...because(error),
      }),
    )
  }
  // It failed at this one: the requests of everybody else go on.
  if (error instanceof BrokenOff || (isHttp && isCutOff(error)))
    return onlyThis(new HostError({ code: 'server-answer-broken', ...common }))
  return null
}

/** HTTP 5xx, in the server's own words; null: something else. */
function serverError(error: unknown, { name, clean }: Facts) {
  const status = httpStatus(error)
  if (status === null || status < 500 || error instanceof SessionForgotten) return null
  const said = clean(httpWords(error))
  const rest = restWanted(error)
  const params = {
    name,
    status,
    said,
    isSilent: said === '',
    isResting: rest !== null,
    time: duration(rest ?? 0),
  }
  return onlyThis(new HostError({ code: 'server-error', params, quotes: said !== '', ...because(error) }))
}

/** What a server that speaks MCP says to one thing that it was asked, and before it is known to would say of its address. */
const refusals: ReadonlySet<unknown> = new Set([400, 404, 405, 406, 410, 411, 414, 415, 416, 417, 422])

function refused(error: unknown, { name, clean }: Facts) {
  const status = httpStatus(error)
  if (status === null || !refusals.has(status) || error instanceof SessionForgotten) return null
  const said = clean(httpWords(error))
  const params = { name, status, said, isSilent: said === '' }
  return onlyThis(
    new HostError({
      ...{ code: 'server-error', says: 'server-refused-this', params, quotes: said !== '' },
      ...because(error),
    }),
  )
}

/** It is there, and what it said to this one request is of no use: that says nothing against its address. */
const isUnreadable = (error: unknown): boolean =>
  error instanceof SyntaxError ||
  (error instanceof SdkError && error.code === SdkErrorCode.ClientHttpUnexpectedContent)

const wordsOf = (error: unknown): string =>
  error instanceof SdkError
    ? String((error.data as { text?: unknown } | undefined)?.text ?? '?')
    : String((error as Error).message).replace('Unexpected end of JSON input', '')

/** The user has to sign in before anything else can be asked. */
export const isSignedOut = (error: HostError): boolean => error.code === 'server-signed-out'

const isClosed = (error: unknown): boolean =>
  error instanceof SdkError &&
  [SdkErrorCode.ConnectionClosed, SdkErrorCode.NotConnected, SdkErrorCode.SendFailed].includes(error.code)
