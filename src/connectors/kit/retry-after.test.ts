import { describe, expect, it } from 'vitest'
import { rateLimit, retryAfter } from './retry-after.ts'

const now = Date.parse('2026-11-01T12:00:00Z')

describe('Retry-After', () => {
  const headers = (values: Record<string, string>) => new Headers(values)
  it('is seconds or a date, and nothing else', () => {
    expect(retryAfter(headers({ 'retry-after': '12' }), now)).toBe(12_000)
    const date = new Date(Math.floor(now / 1_000) * 1_000 + 30_000).toUTCString()
    expect(retryAfter(headers({ 'retry-after': date }), now)).toBeGreaterThan(28_000)
    expect(retryAfter(headers({ 'retry-after': 'soon' }), now)).toBeNull()
    expect(retryAfter(headers({}), now)).toBeNull()
  })

  it('tells a limit from a refusal', () => {
    expect(rateLimit(403, headers({}), now)).toBeNull()
    expect(rateLimit(403, headers({ 'x-ratelimit-remaining': '59' }), now)).toBeNull()
    expect(rateLimit(429, headers({}), now)).toBe(60_000)
    expect(rateLimit(200, headers({ 'x-ratelimit-remaining': '0' }), now)).toBeNull()
    const endless = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1e999' }
    expect(rateLimit(429, headers(endless), now)).toBe(60_000)
  })
})
