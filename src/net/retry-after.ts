/** `Retry-After` in milliseconds from now (RFC 9110 §10.2.3: seconds or a date); null when absent or unreadable. */
export function readRetryAfter(given: string | null | undefined, now: number): number | null {
  const value = given?.trim()
  if (!value) return null
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1_000
  const at = Date.parse(value)
  return Number.isNaN(at) ? null : Math.max(0, at - now)
}
