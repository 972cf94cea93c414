import { say } from '../../locales/say.ts'
import { timeOf } from '../../src/contract/agreed/words/local-time.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** "just now", "5 min ago", "3 h ago", "yesterday", "12 Mar 2026". Times ahead of `now` (clocks differ) count as now. */
export function ago(at: number, now: number): string {
  const past = now - at
  if (past < MINUTE) return say('time.justNow')
  if (past < HOUR) return say('time.minutesAgo', { minutes: Math.floor(past / MINUTE) })
  const days = daysBetween(at, now)
  if (past < DAY && days <= 1) return say('time.hoursAgo', { hours: Math.floor(past / HOUR) })
  if (days === 1) return say('time.yesterday')
  if (days < 7) return say('time.daysAgo', { days })
  return day(at)
}

/** Minutes and seconds left, "9:41"; "0:00" once over. */
export function countdown(until: number, now: number): string {
  const seconds = Math.max(0, Math.ceil((until - now) / SECOND))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

/** A duration in milliseconds as "8 ms", "1.4 s" or "2 min 5 s". */
export function took(ms: number): string {
  if (ms < 0.5) return say('time.underOneMs')
  if (ms < 999.5) return say('time.ms', { ms: Math.round(ms) })
  if (ms < 59_950) return say('time.seconds', { seconds: (ms / SECOND).toFixed(1) })
  const seconds = Math.round(ms / SECOND)
  return say('time.minutesAndSeconds', { minutes: Math.floor(seconds / 60), seconds: seconds % 60 })
}

/** The time of day for today, otherwise day and time. */
export function moment(at: number, now: number): string {
  const date = new Date(at)
  const time = timeOf(at)
  return daysBetween(at, now) === 0
    ? `${time}:${String(date.getSeconds()).padStart(2, '0')}`
    : say('time.moment', { date: date.getDate(), month: month(date), time })
}

/** A time ahead, to the minute: "14:03" today, otherwise with the day. */
export function clockTime(at: number, now: number): string {
  const date = new Date(at)
  const time = timeOf(at)
  return date.toDateString() === new Date(now).toDateString()
    ? time
    : say('time.moment', { date: date.getDate(), month: month(date), time })
}

/** For the middle of a sentence: "today at 14:03", "yesterday at 09:20", "on 12 Mar 2026". */
export function dayAndTime(at: number, now: number): string {
  return daysBetween(at, now) > 1 ? say('time.onDay', { day: day(at) }) : dayOrTime(at, now)
}

/** The same behind a "since": without the "on". */
export function dayOrTime(at: number, now: number): string {
  const days = daysBetween(at, now)
  if (days > 1) return day(at)
  return say(days === 0 ? 'time.todayAt' : 'time.yesterdayAt', { time: timeOf(at) })
}

export function day(at: number): string {
  const date = new Date(at)
  return say('time.day', { date: date.getDate(), month: month(date), year: date.getFullYear() })
}

const month = (date: Date) => say('time.month', { month: String(date.getMonth() + 1) })

/** Midnights between two moments, in the computer's time zone. */
function daysBetween(at: number, now: number): number {
  const midnight = (time: number) => new Date(time).setHours(0, 0, 0, 0)
  return Math.max(0, Math.round((midnight(now) - midnight(at)) / DAY))
}
