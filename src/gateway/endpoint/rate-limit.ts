import type { Clock } from '../../kernel/clock.ts'

interface Bucket {
  tokens: number
  at: number
}

/** Buckets kept at most; beyond that the full ones, which say nothing, are forgotten. */
const most = 1_000

/**
 * So many requests a minute for each grant, in bursts up to all of them at once. By grant and never by address: behind
 * the tunnel everybody has the same one.
 */
export function createRateLimit(deps: { perMinute(): number | null; clock: Clock }) {
  const buckets = new Map<string, Bucket>()

  const refilled = (bucket: Bucket, limit: number, now: number) => {
    // a clock that was set back must not lock anybody out
    const minutes = Math.max(0, now - bucket.at) / 60_000
    bucket.tokens = Math.min(limit, bucket.tokens + minutes * limit)
    bucket.at = now
  }

  return {
    /** 0: go ahead. Otherwise whole seconds until the next request has a chance. */
    take(grantId: string): number {
      const limit = deps.perMinute()
      if (limit === null) return 0
      const now = deps.clock.now()
      let bucket = buckets.get(grantId)
      if (bucket === undefined) {
        if (buckets.size >= most)
          for (const [id, one] of buckets) {
            refilled(one, limit, now)
            if (one.tokens >= limit) buckets.delete(id)
          }
        bucket = { tokens: limit, at: now }
        buckets.set(grantId, bucket)
      } else refilled(bucket, limit, now)
      if (bucket.tokens >= 1) {
        bucket.tokens -= 1
        return 0
      }
      return Math.max(1, Math.ceil(((1 - bucket.tokens) * 60) / limit))
    },
  }
}
