import type { Series } from './services.ts'

/** That values are others from a moment on. */
export interface Change {
  /** The beginning of the step in which it happened. */
  at: number
  /** For each step, on average: shortly before and shortly after. */
  before: number
  after: number
  /** 0 to 1: how much of the larger one is missing from the smaller one. */
  size: number
}

/** Steps that are looked at before a moment, and after it: what lasts, and what is over soon. */
const beforeMost = 24
const afterLengths = [1, 2, 4, 12, 24] as const
/** How many times what is to be expected of chance. */
const leastSure = 4
/** Part of the larger value. */
const leastSize = 0.25

/**
 * The moment within `from` ≤ time ≤ `to` from which values are most plainly others, if any is. `usual`: what was to be expected at each
 * of them, where there is a day or a week before to go by.
 */
export function changeIn(
  { unit, step, points }: Series,
  { from, to }: { from: number; to: number },
  usual: readonly number[] | null = null,
): Change | null {
  const values = points.map(({ value }) => value)
  const off = values.map((value, n) => value - (usual?.[n] ?? 0))
  let best: { change: Change; sure: number } | null = null
  for (let n = 1; n < points.length; n += 1) {
    const { at } = points[n]!
    if (at + step <= from || at > to) continue
    for (const length of afterLengths) {
      if (n + length > points.length) break
      const begin = Math.max(0, n - beforeMost)
      const [was, is] = [spread(off, begin, n), spread(off, n, n + length)]
      const expected = usual ? mean(usual, n, n + length) : 0
      const after = mean(values, n, n + length)
      const before = Math.max(0, was.mean + expected)
      const least = (value: number) =>
        unit === '' ? Math.max(value, 0.5) : Math.max((0.2 * value) ** 2, 1e-12)
      const error = Math.sqrt(
        Math.max(was.variance, least(before)) / (n - begin) + Math.max(is.variance, least(after)) / length,
      )
      const sure = Math.abs(after - before) / error
      const size = Math.abs(after - before) / Math.max(after, before, 1e-9)
      if (sure < leastSure || size < leastSize || sure <= (best?.sure ?? 0)) continue
      best = { change: { at, before, after, size }, sure }
    }
  }
  return best?.change ?? null
}

function mean(values: readonly number[], from: number, to: number): number {
  let sum = 0
  for (let n = from; n < to; n += 1) sum += values[n]!
  return sum / (to - from)
}

function spread(values: readonly number[], from: number, to: number) {
  const middle = mean(values, from, to)
  let squares = 0
  for (let n = from; n < to; n += 1) squares += (values[n]! - middle) ** 2
  return { mean: middle, variance: to - from < 2 ? 0 : squares / (to - from - 1) }
}

/** What is still being counted is made whole where a quarter of its time is over, and left out before. */
export function untilNow({ unit, step, points }: Series, now: number): Series {
  const whole = points.filter(({ at }) => at + step / 4 <= now)
  const last = whole.at(-1)
  if (last === undefined || last.at + step <= now) return { unit, step, points: whole }
  const made = { at: last.at, value: (last.value * step) / (now - last.at) }
  return { unit, step, points: [...whole.slice(0, -1), made] }
}

/** What was counted with `from` ≤ time < `to`: of a step that is only partly in it, that part. Null: nothing is known of that time. */
export function totalIn(
  { step, points }: Series,
  from: number,
  to: number,
): { total: number; steps: number[] } | null {
  const steps: number[] = []
  let total = 0
  for (const { at, value } of points) {
    const part = (Math.min(at + step, to) - Math.max(at, from)) / step
    if (part <= 0) continue
    total += value * part
    steps.push(value)
  }
  return steps.length === 0 ? null : { total, steps }
}

/** What was to be expected at each point: what was counted `earlier` before it, a little smoothed. Null: not known of all of them. */
export function usualOf({ step, points }: Series, since: number, earlier: number): number[] | null {
  const byTime = new Map(points.map(({ at, value }) => [at, value]))
  const found: number[] = []
  for (const { at } of points) {
    if (at < since) continue
    const around = [-2, -1, 0, 1, 2].flatMap((n) => byTime.get(at - earlier + n * step) ?? [])
    if (around.length === 0) return null
    found.push(mean(around, 0, around.length))
  }
  return found.some((value) => value > 0) ? found : null
}
