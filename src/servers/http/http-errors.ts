import { SdkError, SdkErrorCode, SdkHttpError } from '@modelcontextprotocol/client'
import { forLog } from '../../kernel/log/log.ts'
import type { ResponseHeaders } from './http-exchange.ts'

/** `retryAfter`: milliseconds. */
export const asError = (status: number, text: string, retryAfter: number | null = null) =>
  new SdkHttpError(SdkErrorCode.ClientHttpNotImplemented, `HTTP ${status}: ${forLog(text)}`, {
    status,
    statusText: '',
    text,
    ...(retryAfter !== null && { retryAfter }),
  })

/** An answer of 200 that is neither JSON nor a stream. */
export const unexpected = (type: string, text: string) =>
  new SdkError(SdkErrorCode.ClientHttpUnexpectedContent, `Unexpected content type: ${type}`, {
    type,
    text: forLog(text),
  })

/** Says where a redirect led that was not followed, without its query. */
export function redirectIn(status: number, { location }: ResponseHeaders): string | null {
  if (status < 300 || status >= 400 || typeof location !== 'string') return null
  return `Redirect to ${location.split(/[?#]/, 1)[0]!.slice(0, 300)} not followed`
}
