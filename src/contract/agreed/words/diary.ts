import { say } from '../../../../locales/say.ts'
import type { DiaryDay, DiaryEntry } from '../../activity.ts'
import { visibleLine } from '../visible-text.ts'
import { dayOf, timeOf } from './local-time.ts'

/** What one assistant did on a day or in a week, in sentences. */
export interface DiarySentences {
  /** Calls that only looked; null: none. */
  looked: string | null
  /** How many changes there were; null: none. */
  changed: string | null
  /** One for each row that is named, oldest first. */
  changes: { id: string; text: string }[]
  /** How many more there were, what did not work, what was not allowed. */
  rest: string[]
}

type TitleOf = (called: { tool: string; source: string }) => string | undefined
type NameOf = (called: { tool: string; source: string }) => string

/** Tools that a sentence names; the others are counted. */
const mostNamed = 5
const longestName = 80

const named = (text: string) => visibleLine(text, longestName)

const dateOf = (day: string): Date => new Date(`${day}T12:00`)

function dateWords(day: string): string {
  const date = dateOf(day)
  const month = say('time.month', { month: String(date.getMonth() + 1) })
  return say('time.day', { date: date.getDate(), month, year: date.getFullYear() })
}

/** The heading of a day. `now`: milliseconds since 1970. */
export function dayWords(day: string, now: number): string {
  if (day === dayOf(now)) return say('diary.today', { day: dateWords(day) })
  if (day === dayOf(new Date(now).setHours(-12))) return say('diary.yesterday', { day: dateWords(day) })
  return dateWords(day)
}

/** The heading of the week that begins on that day. */
export const weekWords = (monday: string): string => say('diary.week', { day: dateWords(monday) })

const mondayOf = (day: string): string => {
  const date = dateOf(day)
  return dayOf(date.setDate(date.getDate() - ((date.getDay() + 6) % 7)))
}

function merged(a: DiaryEntry, b: DiaryEntry): DiaryEntry {
  const looked = a.looked.map((one) => ({ ...one }))
  for (const other of b.looked) {
    const same = looked.find(({ tool, source }) => tool === other.tool && source === other.source)
    if (same === undefined) looked.push({ ...other })
    else same.calls += other.calls
  }
  return {
    ...a,
    looked: looked.sort((x, y) => y.calls - x.calls),
    changed: [...a.changed, ...b.changed].sort((x, y) => x.at - y.at),
    more: a.more + b.more,
    failed: a.failed + b.failed,
    denied: a.denied + b.denied,
  }
}

/** Days put together to weeks, newest first; `day` is then the Monday. */
export function weeksOf(days: readonly DiaryDay[]): DiaryDay[] {
  const weeks = Map.groupBy(days, ({ day }) => mondayOf(day))
  return [...weeks].map(([day, those]) => {
    const entries = new Map<string, DiaryEntry>()
    for (const entry of those.flatMap((one) => one.entries)) {
      const before = entries.get(entry.grantId)
      entries.set(entry.grantId, before === undefined ? entry : merged(before, entry))
    }
    return { day, entries: [...entries.values()] }
  })
}

function lookedWords(client: string, looked: DiaryEntry['looked'], name: NameOf): string | null {
  if (looked.length === 0) return null
  const count = looked.reduce((sum, { calls }) => sum + calls, 0)
  const tools = looked
    .slice(0, mostNamed)
    .map((one) => say('diary.tool', { tool: name(one), source: named(one.source), count: one.calls }))
  const more = looked.length - mostNamed
  if (more > 0) tools.push(say('diary.moreTools', { count: more }))
  return say('diary.looked', { client, count, tools: tools.join(say('diary.and')) })
}

/** `withDay`: changes are of several days. `titleOf`: what a tool calls itself, where that is known; its own name follows. */
export function diarySentences(
  entry: DiaryEntry,
  withDay: boolean,
  titleOf: TitleOf = () => undefined,
): DiarySentences {
  const { looked, changed, more, failed, denied } = entry
  const client = named(entry.clientName)
  const name: NameOf = (called) => {
    const title = titleOf(called)
    return title === undefined ? named(called.tool) : `${named(title)}: ${named(called.tool)}`
  }
  const changes = changed.map((change) => {
    const { id, at, source, decision, outcome } = change
    const clock = timeOf(at)
    const time = withDay ? say('diary.dayAndTime', { day: dateWords(dayOf(at)), time: clock }) : clock
    const how = outcome === 'running' || outcome === 'cancelled' ? outcome : decision
    return { id, text: say('diary.change', { time, tool: name(change), source: named(source), how }) }
  })
  const all = changed.length + more
  return {
    looked: lookedWords(client, looked, name),
    changed: all === 0 ? null : say('diary.changed', { client, count: all }),
    changes,
    rest: [
      ...(more > 0 ? [say('diary.more', { count: more })] : []),
      ...(failed > 0 ? [say('diary.failed', { count: failed })] : []),
      ...(denied > 0 ? [say('diary.denied', { count: denied })] : []),
    ],
  }
}
