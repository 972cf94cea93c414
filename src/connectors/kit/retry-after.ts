import { readRetryAfter } from '../../net/retry-after.ts'

/** Without a word from the service. Milliseconds. */
export const usualWait = 60_000

/** `Retry-After` in milliseconds from now; null when absent or unreadable. */
export const retryAfter = (headers: Headers, now: number): number | null =>
  readRetryAfter(headers.get('retry-after'), now)

/**
 * How long to wait when the answer says "too many": 429 (RFC 6585 §4), or a 403 with `retry-after` or a used-up
 * `x-ratelimit-remaining`, as some services have it. Null: it says something else.
 */
export function rateLimit(status: number, headers: Headers, now: number): number | null {
  const wait = retryAfter(headers, now)
  const usedUp = headers.get('x-ratelimit-remaining') === '0'
  if (status !== 429 && !(status === 403 && (wait !== null || usedUp))) return null
  if (wait !== null) return wait
  const reset = Number(headers.get('x-ratelimit-reset') ?? Number.NaN)
  return usedUp && reset > 0 && reset < Number.POSITIVE_INFINITY
    ? Math.max(1_000, reset * 1_000 - now)
    : usualWait
}
