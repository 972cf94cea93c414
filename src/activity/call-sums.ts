import type { Call, Counts, DiaryDay, DiaryEntry, Usage } from '../contract/activity.ts'
import { dayOf } from '../contract/agreed/words/local-time.ts'
import { type CallTable, quarter, type Sum } from './call-table.ts'
import { Slice } from './slice.ts'

/** Rows that are added up in one step. */
const step = 2_000
const most = { usage: 366, diary: 62 }
/** Changes of one assistant and day that are named. */
const mostChanges = 50

export type CallUsage = Omit<Usage, 'signIns'>

/** Local, from midnight on. Milliseconds since 1970. */
interface Period {
  since: number
  until: number
}

function wholeDays({ since, until }: Period, mostDays: number): Period {
  const end = new Date(until)
  end.setHours(24, 0, 0, 0)
  // Not so many hours: with the clocks a day of 23 or 25 of them comes.
  const first = new Date(end).setDate(end.getDate() - mostDays)
  return { since: new Date(Math.max(since, first)).setHours(0, 0, 0, 0), until: end.getTime() }
}

/** The rows among which those of a period are, some at a time. */
function* stepsOf(table: CallTable, period: Period): Generator<[from: number, to: number]> {
  for (const { from: first, to: end } of table.ranges(period))
    for (let from = first; from < end; from += step) yield [from, Math.min(end, from + step)]
}

/** What was called in a period, added up a few milliseconds at a time from the rows themselves. */
async function* sumsOf(table: CallTable, period: Period): AsyncGenerator<readonly Sum[]> {
  const { since, until } = period
  const slice = new Slice()
  for (const [from, to] of stepsOf(table, period)) {
    const sums = table.sums(from, to)
    yield sums.filter((one) => one.quarter * quarter >= since && one.quarter * quarter < until)
    await slice.rest()
  }
}

const none = (): Counts => ({ calls: 0, changes: 0, failed: 0, denied: 0, milliseconds: 0, longest: 0 })
/** What never began. */
const isRefused = ({ decision, outcome }: Pick<Call, 'decision' | 'outcome'>): boolean =>
  decision === 'denied' || decision === 'refused' || outcome === 'denied'
/** As its row says: what could not be done, such as with a tool that there is not, did not work. */
const isDenied = (call: Pick<Call, 'decision' | 'outcome'>): boolean =>
  call.outcome !== 'failed' && isRefused(call)
/** It was made, or may have been: one that was broken off had begun. What waits for the owner has not. */
const isMade = (call: Pick<Call, 'decision' | 'outcome'>): boolean =>
  !isRefused(call) && call.decision !== 'pending' && call.outcome !== 'pending'

function add<T extends object>(to: Map<string, Counts & T>, key: string, named: () => T, sum: Sum): void {
  const counts = to.get(key) ?? { ...none(), ...named() }
  to.set(key, counts)
  counts.calls += sum.calls
  if (sum.isChange === 1 && isMade(sum)) counts.changes += sum.calls
  if (isDenied(sum)) counts.denied += sum.calls
  else if (sum.outcome === 'failed') counts.failed += sum.calls
  counts.milliseconds += sum.milliseconds
  counts.longest = Math.max(counts.longest, sum.longest)
}

const mostFirst = <T extends Counts>(all: Map<string, T>): T[] =>
  [...all.values()].sort((a, b) => b.calls - a.calls)

export async function usage(table: CallTable, asked: Period): Promise<CallUsage> {
  const period = wholeDays(asked, most.usage)
  const days = new Map<string, Counts & { day: string }>()
  for (let at = period.since; at < period.until; at = new Date(at).setHours(24, 0, 0, 0))
    days.set(dayOf(at), { ...none(), day: dayOf(at) })
  const tools = new Map<string, Usage['tools'][number]>()
  const sources = new Map<string, Usage['sources'][number]>()
  const assistants = new Map<string, Usage['assistants'][number]>()
  for await (const sums of sumsOf(table, period))
    for (const sum of sums) {
      const { tool, source, grantId, clientName } = sum
      const name = dayOf(sum.quarter * quarter)
      add(days, name, () => ({ day: name }), sum)
      add(tools, `${source}\n${tool}`, () => ({ tool, source }), sum)
      add(sources, source, () => ({ source }), sum)
      add(assistants, grantId, () => ({ grantId, clientName }), sum)
    }
  return {
    days: [...days.values()],
    tools: mostFirst(tools),
    sources: mostFirst(sources),
    assistants: mostFirst(assistants),
  }
}

interface Page {
  looked: Map<string, DiaryEntry['looked'][number]>
  entry: DiaryEntry
}

/** What was done, day by day, newest first. */
export async function diary(table: CallTable, asked: Period): Promise<DiaryDay[]> {
  const period = wholeDays(asked, most.diary)
  const days = new Map<string, Map<string, Page>>()
  for await (const sums of sumsOf(table, period))
    for (const sum of sums) note(pageOf(days, sum.quarter * quarter, sum), sum)
  await nameChanges(table, period, days)
  return [...days]
    .sort(([a], [b]) => (a < b ? 1 : -1))
    .map(([name, pages]) => ({
      day: name,
      entries: [...pages.values()].map(({ entry, looked }) => ({
        ...entry,
        looked: [...looked.values()].sort((a, b) => b.calls - a.calls),
      })),
    }))
}

function pageOf(
  days: Map<string, Map<string, Page>>,
  at: number,
  { grantId, clientName }: Pick<Call, 'grantId' | 'clientName'>,
): Page {
  const name = dayOf(at)
  const pages = days.get(name) ?? new Map<string, Page>()
  days.set(name, pages)
  const entry = { grantId, clientName, looked: [], changed: [], more: 0, failed: 0, denied: 0 }
  const page = pages.get(grantId) ?? { looked: new Map(), entry }
  pages.set(grantId, page)
  return page
}

function note({ looked, entry }: Page, sum: Sum): void {
  if (isDenied(sum)) entry.denied += sum.calls
  else if (sum.outcome === 'failed') entry.failed += sum.calls
  else if (sum.isChange === 0) {
    const { tool, source } = sum
    const one = looked.get(`${source}\n${tool}`) ?? { tool, source, calls: 0 }
    looked.set(`${source}\n${tool}`, one)
    one.calls += sum.calls
  }
}

async function nameChanges(
  table: CallTable,
  period: Period,
  days: Map<string, Map<string, Page>>,
): Promise<void> {
  const slice = new Slice()
  for (const [from, to] of stepsOf(table, period)) {
    for (const seq of table.changes(from, to)) {
      const call = table.at(seq)!
      if (call.at < period.since || call.at >= period.until || !isMade(call) || call.outcome === 'failed')
        continue
      const { entry } = pageOf(days, call.at, call)
      const { id, at, tool, source, decision, outcome } = call
      if (entry.changed.length < mostChanges) entry.changed.push({ id, at, tool, source, decision, outcome })
      else entry.more += 1
      await slice.rest()
    }
    await slice.rest()
  }
}
