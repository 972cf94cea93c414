import * as z from 'zod'

const day = 86_400_000
/** Of revenue and visitors; in days. */
const lengths = { '7d': 7, '30d': 30, '3m': 90, '1y': 365 } as const
export type Range = keyof typeof lengths

/** What a call says of it. */
export const range = z
  .enum(['7d', '30d', '3m', '1y'])
  .default('30d')
  .describe('The last 7 days, 30 days, 3 months (90 days) or year (365 days), today included')

/** Whole days in UTC, today the last of them. `from` and `to` are dates, `since` is the first moment of `from` in milliseconds. */
export function daysOf(wanted: Range, now: number) {
  const since = Math.floor(now / day) * day - (lengths[wanted] - 1) * day
  return { since, from: isoDate(since), to: isoDate(now) }
}

export const isoDate = (at: number) => new Date(at).toISOString().slice(0, 10)
