import * as z from 'zod'
import { say } from '../../../locales/say.ts'
import { type ActivityFilter, Call } from '../../../src/contract/activity.ts'

/** What became of a call, as one thing to choose: some are what came of it, some who decided. */
const RESULTS = {
  answered: { outcome: 'answered' },
  approved: { decision: 'approved' },
  failed: { outcome: 'failed' },
  denied: { decision: 'denied' },
  refused: { decision: 'refused' },
  pending: { outcome: 'pending' },
  cancelled: { outcome: 'cancelled' },
  running: { outcome: 'running' },
} as const satisfies Record<string, ActivityFilter>
export type Result = keyof typeof RESULTS
export const results = Object.keys(RESULTS) as Result[]
export const resultWords = (result: Result): string =>
  say(result === 'approved' ? 'outcome.allowedByYou' : `outcome.${result}`)

export const times = ['today', 'week', 'month', 'range'] as const
const DAYS = { today: 1, week: 7, month: 30 }

const Day = z.string().regex(/^\d{4}-\d\d-\d\d$/)
const known = <T extends z.ZodType>(schema: T) => schema.optional().catch(undefined)

/** What stands in the address of the log: a reload keeps it. What does not fit is left out. */
export const LogAddress = z.object({
  assistant: known(z.string()),
  tool: known(z.string()),
  source: known(z.string()),
  result: known(z.enum(results)),
  risk: known(Call.shape.risk),
  time: known(z.enum(times)),
  /** Of `range`: local days, both in it. */
  from: known(Day),
  to: known(Day),
  search: known(z.string().max(200)),
  /** The row that is shown in full. */
  call: known(z.string()),
})
export type LogAddress = z.infer<typeof LogAddress>

const startOf = (at: number | string, daysLater = 0): number => {
  const date = new Date(typeof at === 'string' ? `${at}T00:00` : at)
  date.setHours(0, 0, 0, 0)
  return date.setDate(date.getDate() + daysLater)
}

/** The same within a day: whoever asks again asks for the same. */
function periodOf({ time, from, to }: LogAddress, now: number): Pick<ActivityFilter, 'since' | 'until'> {
  if (time === undefined) return {}
  if (time !== 'range') return { since: startOf(now, 1 - DAYS[time]) }
  // The other way round it means the same days.
  const [first, last] = from !== undefined && to !== undefined && to < from ? [to, from] : [from, to]
  return {
    ...(first !== undefined && { since: startOf(first) }),
    ...(last !== undefined && { until: startOf(last, 1) }),
  }
}

/** What the host is asked for. */
export function filterOf(address: LogAddress, now: number): ActivityFilter {
  const { assistant, tool, source, result, risk } = address
  return {
    ...(assistant !== undefined && { grantId: assistant }),
    ...(tool !== undefined && { tool }),
    ...(source !== undefined && { source }),
    ...(risk !== undefined && { risk }),
    ...(result !== undefined && RESULTS[result]),
    ...periodOf(address, now),
  }
}
