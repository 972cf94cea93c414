import { type Load, summary } from './load.ts'
import type { TreeUsage } from './process-tree.ts'
import { median } from './statistics.ts'

/** What a round measures of a subject. Times in milliseconds, CPU in microseconds a call, memory in bytes. */
export type Metric =
  | 'perSecond'
  | 'p50'
  | 'p95'
  | 'p99'
  | 'gatewayCpu'
  | 'upstreamCpu'
  | 'first'
  | 'all'
  | 'memory'

/** Every round's values, by part of the run (`stdio 8`), subject and metric. */
export interface Samples {
  add(part: string, subject: string, values: Partial<Record<Metric, number>>): void
  /** The median of the rounds; null when there was none. */
  median(part: string, subject: string, metric: Metric): number | null
  /** The smallest and the largest of the rounds. */
  range(part: string, subject: string, metric: Metric): [number, number] | null
  /** In the order in which they were first measured. */
  subjects(part: string): string[]
  /** Somebody could not be measured; said in the report. */
  fail(part: string, subject: string, reason: string): void
  failures(): { part: string; subject: string; reason: string }[]
}

export function createSamples(): Samples {
  const parts = new Map<string, Map<string, Map<Metric, number[]>>>()
  const failures: { part: string; subject: string; reason: string }[] = []
  const values = (part: string, subject: string, metric: Metric) =>
    parts.get(part)?.get(subject)?.get(metric) ?? []
  return {
    add(part, subject, found) {
      const subjects = parts.get(part) ?? new Map<string, Map<Metric, number[]>>()
      parts.set(part, subjects)
      const metrics = subjects.get(subject) ?? new Map<Metric, number[]>()
      subjects.set(subject, metrics)
      for (const [metric, value] of Object.entries(found) as [Metric, number][])
        metrics.set(metric, [...(metrics.get(metric) ?? []), value])
    },
    median(part, subject, metric) {
      const had = values(part, subject, metric)
      return had.length === 0 ? null : median(had)
    },
    range(part, subject, metric) {
      const had = values(part, subject, metric)
      return had.length === 0 ? null : [Math.min(...had), Math.max(...had)]
    },
    subjects: (part) => [...(parts.get(part)?.keys() ?? [])],
    fail: (part, subject, reason) => failures.push({ part, subject, reason }),
    failures: () => failures,
  }
}

/** A round's values: all its turns together, and the CPU time that went by between two looks at the processes. */
export function roundOf(turns: readonly Load[], before: TreeUsage, after: TreeUsage) {
  const { calls, perSecond, p50, p95, p99 } = summary(turns)
  return {
    ...{ perSecond, p50, p95, p99 },
    gatewayCpu: (after.gateway.cpu - before.gateway.cpu) / calls,
    upstreamCpu: (after.upstream.cpu - before.upstream.cpu) / calls,
  }
}
