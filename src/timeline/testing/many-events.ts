import type { Timeline } from '../timeline.ts'

const words = [
  'checkout',
  'login',
  'search',
  'payment',
  'mail',
  'import',
  'export',
  'webhook',
  'cache',
  'queue',
]
const kinds = ['deployment', 'incident', 'alert', 'config_change', 'error', 'build', 'metric'] as const
const environments = ['production', 'staging', 'preview', 'development']
const severities = ['info', 'minor', 'major', 'critical']

/** The same for the same number: no randomness, so that a failure can be seen again. */
const pick = <T>(from: readonly T[], n: number): T => from[((n * 2_654_435_761) >>> 7) % from.length]!

/** One of many events that are spread over the time from `since` to `until`. */
export function manyEvent(n: number, count: number, since: number, until: number): object {
  const at = Math.floor(since + ((until - since) * n) / count)
  const kind = pick(kinds, n)
  const what = `${pick(words, n + 3)} ${pick(words, n * 7 + 1)}`
  return {
    specversion: '1.0',
    id: `event-${n}`,
    source: `https://ci.example/${pick(words, n * 3)}`,
    type: `com.example.${kind}`,
    time: new Date(at).toISOString(),
    subject: `service/${pick(words, n * 5)}-${n % 37}`,
    kind,
    environment: pick(environments, n + 11),
    ...(kind === 'deployment' && { version: `1.${n % 50}.${n % 7}` }),
    severity: pick(severities, n * 13),
    data: {
      title: `${kind} of ${what}, number ${n}`,
      commit: ((n * 2_654_435_761) >>> 0).toString(16),
      by: `person-${n % 200}`,
      ...(kind === 'metric' && { metric: pick(['error_rate', 'latency'], n), value: (n % 1_000) / 10 }),
    },
  }
}

/** Gives the longest that the processor was busy with what was sent together, in milliseconds. */
export async function fill(
  timeline: Timeline,
  count: number,
  since: number,
  until: number,
  batch = 64,
): Promise<number> {
  let longest = 0
  for (let from = 0; from < count; from += batch) {
    const events = Array.from({ length: Math.min(batch, count - from) }, (_, n) =>
      manyEvent(from + n, count, since, until),
    )
    const before = process.threadCpuUsage()
    await timeline.send(events)
    const { user, system } = process.threadCpuUsage(before)
    longest = Math.max(longest, (user + system) / 1_000)
  }
  return longest
}
