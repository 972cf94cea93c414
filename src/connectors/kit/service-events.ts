import * as z from 'zod'
import type { Severity } from '../../contract/timeline.ts'

/** Something that happened at a service, as the timeline takes it. */
export interface ServiceEvent {
  /** The service's own: it is told once, however often it is seen. */
  id: string
  /** Milliseconds since 1970. */
  at: number
  kind: 'deployment' | 'release' | 'incident' | 'recovery' | 'error'
  /** Whether it is a deployment that never went live. */
  failed?: boolean
  title: string
  /** What it is about: a project, a monitor. */
  subject: string | null
  environment?: string | null
  version?: string | null
  severity: Severity
  url?: string | null
}

/** What is known of an account when it is asked what happened. */
export interface Looked {
  /** What is older was told, or is of no interest. Milliseconds since 1970. */
  since: number
  /** Of this account, as long as the host runs: where a service only says how things are, what they were before. */
  memory: Map<string, string>
}

/** `since` ≤ time < `until`, milliseconds, both of them multiples of `step`. */
export interface Period {
  since: number
  until: number
  /** The shortest time that a value may stand for. */
  step: number
}

/** What was counted over a time, oldest first: a value for each `step` from `at` on, those of nothing included. */
export const Series = z.object({
  /** Such as a currency; '' for a number. */
  unit: z.string(),
  /** Milliseconds; may be more than what was asked for. */
  step: z.number(),
  points: z.array(z.object({ at: z.number(), value: z.number() })),
})
export type Series = z.infer<typeof Series>

/** All steps of a period, those in which nothing was counted, too. `counted`: by the beginning of the step. */
export function seriesOf(
  { since, until }: Period,
  step: number,
  counted: ReadonlyMap<number, number>,
  unit = '',
): Series {
  const points: Series['points'] = []
  for (let at = Math.floor(since / step) * step; at < until; at += step)
    points.push({ at, value: counted.get(at) ?? 0 })
  return { unit, step, points }
}

export const minute = 60_000
export const hour = 3_600_000
export const day = 86_400_000
