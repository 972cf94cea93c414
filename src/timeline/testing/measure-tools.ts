import { setImmediate as nextTurn } from 'node:timers/promises'
import { longestHold } from '../../kernel/testing/held-thread.ts'
import type { createTimelineSource } from '../source.ts'

const day = 86_400_000

/** Questions of every tool: easy ones, and those for which much must be looked at. */
function questions(now: number, n: number): [name: string, what: string, args: object][] {
  const at = new Date(now - ((n * 17) % 80) * day - 3_600_000).toISOString()
  return [
    ['recent_events', 'all', {}],
    ['recent_events', 'a kind and place', { kind: 'incident', environment: 'staging', limit: 100 }],
    ['recent_events', 'a severity, long ago', { severity: 'critical', until: at }],
    ['search_events', 'frequent words', { query: 'checkout login' }],
    ['search_events', 'one event', { query: `number ${n * 997}` }],
    [
      'search_events',
      'frequent words that are never together',
      { query: 'production', environment: 'staging' },
    ],
    ['search_events', 'no such word', { query: 'checkout zebra' }],
    ['get_event', 'by source and id', { source: 'https://ci.example/nobody', id: 'x' }],
    ['events_around', 'an hour', { at }],
    ['events_around', 'a week', { at, minutesBefore: 10_080, minutesAfter: 10_080, limit: 50 }],
    ['compare_before_after', 'a metric, a day', { at, metric: 'error_rate', minutes: 1_440 }],
    ['compare_before_after', 'a metric, a week', { at, metric: 'latency', minutes: 10_080 }],
    ['what_changed', 'a day', {}],
    ['what_changed', 'an hour', { at }],
    ['event_stats', 'all', {}],
    [
      'event_stats',
      'a part',
      {
        since: '30d',
        until: at < new Date(now - 29 * day).toISOString() ? 'now' : at,
        environment: 'production',
      },
    ],
  ]
}

/** Milliseconds; `processor`: of this thread, on average; `held`: the longest that nothing else had a turn. */
interface Measured {
  name: string
  median: number
  p95: number
  processor: number
  held: number
}

export async function measureTools(
  source: ReturnType<typeof createTimelineSource>,
  now: number,
  rounds: number,
): Promise<Measured[]> {
  const times = new Map<string, number[]>()
  const processor = new Map<string, number>()
  const held = new Map<string, number>()
  const { signal } = new AbortController()
  for (let n = 0; n < rounds; n += 1) {
    for (const [name, what, args] of questions(now, n)) {
      const key = `${name}, ${what}`
      const began = performance.now()
      const used = process.threadCpuUsage()
      const longest = await longestHold(async () => {
        // That there is no such event is an answer, too.
        await source.call(name, args as never, { signal }).catch((error) => {
          if (error.code !== 'event-not-found') throw error
        })
        times.set(key, [...(times.get(key) ?? []), performance.now() - began])
      })
      const { user, system } = process.threadCpuUsage(used)
      processor.set(key, (processor.get(key) ?? 0) + (user + system) / 1_000 / rounds)
      held.set(key, Math.max(held.get(key) ?? 0, longest))
      await nextTurn()
    }
  }
  return [...times].map(([name, all]) => {
    const sorted = all.sort((a, b) => a - b)
    const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * part) - 1)]!
    return { name, median: at(0.5), p95: at(0.95), processor: processor.get(name)!, held: held.get(name)! }
  })
}
