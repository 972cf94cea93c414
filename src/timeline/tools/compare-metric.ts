import type { Principal } from '../../mcp/principal.ts'
import { totalIn, untilNow } from '../changes.ts'
import { metricOf, type Series, type Services, stepFor } from '../services.ts'
import type { Timeline } from '../timeline.ts'
import { iso } from './event-words.ts'

/** On whose behalf a tool is called, and what ends the call. Without a principal nothing of connected services is seen. */
export interface Asked {
  principal: Principal | undefined
  signal: AbortSignal
  /** Asked before a service is: throws where what let the call through was taken back meanwhile. */
  stillAllowed?: (() => void) | undefined
}

/** Before and after the moment `at`. Milliseconds since 1970. */
interface Period {
  from: number
  at: number
  to: number
}

/** Values of a metric over some time; of a service, of an hour each. */
interface Reading {
  count: number
  average: number
  least: number
  most: number
}

const minute = 60_000
const hour = 60 * minute

/** Values that the user's own programs sent come first: whoever sends them means them. */
export async function compareMetric(
  timeline: Timeline,
  services: Services,
  { metric, environment, ...period }: Period & { metric: string; environment: string | undefined },
  asked: Asked,
) {
  const { from, at, to } = period
  const own = [
    await timeline.measure({ metric, environment }, from, at),
    await timeline.measure({ metric, environment }, at, to),
  ].map(({ count, total, least, most }) =>
    count === 0 ? null : { count, average: rounded(total / count), least: least!, most: most! },
  )
  if (own.some((side) => side !== null)) return comparison(metric, 'events of kind metric', own)
  const counted = await countedByService(services, metric, period, timeline.now(), asked)
  if (counted !== null) return counted
  const note = `There are no values of “${metric}” for that time: no event of kind metric brought one, and no connected service gives it over time. So nothing can be said about whether it changed. Values can be sent to the timeline as events of kind metric, with metric and value.`
  return { name: metric, from: null, before: null, after: null, changePercent: null, note }
}

/** Null: no service counts it. */
async function countedByService(
  services: Services,
  asName: string,
  { from, at, to }: Period,
  now: number,
  asked: Asked,
) {
  const { name, unit } = metricOf(asName)
  if (!services.metrics(asked.principal).includes(name)) return null
  const step = stepFor(to - from)
  const until = Math.min(to, now)
  const period = { since: Math.floor(from / step) * step, until: Math.ceil(until / step) * step, step }
  asked.stillAllowed?.()
  const read = await services.read(name, period, asked.principal, asked.signal)
  const all = read.flatMap((one) =>
    'problem' in one ? [] : one.series.map((series) => ({ ...one, series: untilNow(series, now) })),
  )
  const fitting = all.filter(({ series }) => unit === null || series.unit === unit)
  const [first, ...others] = fitting
  if (first === undefined) {
    const why = read.flatMap((one) => ('problem' in one ? `${one.service}: ${one.problem}` : []))
    const note = `Nobody could say how “${asName}” was in that time. ${why.join(' ')}`.trim()
    return { name: asName, from: null, before: null, after: null, changePercent: null, note }
  }
  const whose = (one: typeof first) =>
    `${one.service} (${one.account}${one.series.unit === '' ? '' : `, ${one.series.unit}`})`
  const made = comparison(name, `${whose(first)}, per hour, as of ${iso(first.asOf)}`, [
    perHour(first.series, from, at),
    perHour(first.series, at, until),
  ])
  const more = others.length > 0 ? ` Each for itself, and not in this: ${others.map(whose).join(', ')}.` : ''
  return { ...made, note: `${made.note}${more}` }
}

function comparison(name: string, from: string, [before = null, after = null]: (Reading | null)[]) {
  const whole = before !== null && after !== null
  const changePercent =
    whole && before.average !== 0
      ? rounded(((after.average - before.average) / Math.abs(before.average)) * 100)
      : null
  const side = (reading: Reading | null) =>
    reading === null ? 'no values' : `${rounded(reading.average)} on average (${reading.count} values)`
  const note = `${name}, from ${from}: ${side(before)} before, ${side(after)} after${changePercent === null ? '' : `, a change of ${changePercent > 0 ? '+' : ''}${changePercent} %`}.`
  return { name, from, before, after, changePercent, note }
}

/** What is counted in an hour of it, and in its quietest and its busiest step. */
function perHour(series: Series, from: number, to: number): Reading | null {
  const found = totalIn(series, from, to)
  if (found === null) return null
  const inHour = (value: number) => rounded((value * hour) / series.step)
  return {
    count: found.steps.length,
    average: rounded((found.total * hour) / Math.max(minute, to - from)),
    least: inHour(Math.min(...found.steps)),
    most: inHour(Math.max(...found.steps)),
  }
}

const rounded = (value: number): number => Number(value.toPrecision(6))
