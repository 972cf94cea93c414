const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** "just now", "5 min ago", "3 h ago", "yesterday", "12 Mar 2026". Times ahead of `now` (clocks differ) count as now. */
export function ago(at: number, now: number): string {
  const past = now - at
  if (past < MINUTE) return 'just now'
  if (past < HOUR) return `${Math.floor(past / MINUTE)} min ago`
  const days = daysBetween(at, now)
  if (past < DAY && days <= 1) return `${Math.floor(past / HOUR)} h ago`
  if (days === 1) return 'yesterday'
  if (days < 7) return `${days} days ago`
  return day(at)
}

/** Minutes and seconds left, "9:41"; "0:00" once over. */
export function countdown(until: number, now: number): string {
  const seconds = Math.max(0, Math.ceil((until - now) / SECOND))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

/** A duration in milliseconds as "8 ms", "1.4 s" or "2 min 5 s". */
export function took(ms: number): string {
  if (ms < 0.5) return '<1 ms'
  if (ms < 999.5) return `${Math.round(ms)} ms`
  if (ms < 59_950) return `${(ms / SECOND).toFixed(1)} s`
  const seconds = Math.round(ms / SECOND)
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

/** The time of day for today, otherwise day and time. */
export function moment(at: number, now: number): string {
  const date = new Date(at)
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')
  return daysBetween(at, now) === 0
    ? time
    : `${date.getDate()} ${MONTHS[date.getMonth()]} ${time.slice(0, 5)}`
}

/** For the middle of a sentence: "today at 14:03", "yesterday at 09:20", "on 12 Mar 2026". */
export function dayAndTime(at: number, now: number): string {
  const days = daysBetween(at, now)
  if (days > 1) return `on ${day(at)}`
  const date = new Date(at)
  return `${days === 0 ? 'today' : 'yesterday'} at ${two(date.getHours())}:${two(date.getMinutes())}`
}

export function day(at: number): string {
  const date = new Date(at)
  return `${date.getDate()} ${MONTHS[date.getMonth()]} ${date.getFullYear()}`
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const
const two = (value: number) => String(value).padStart(2, '0')

/** Midnights between two moments, in the computer's time zone. */
function daysBetween(at: number, now: number): number {
  const midnight = (time: number) => new Date(time).setHours(0, 0, 0, 0)
  return Math.max(0, Math.round((midnight(now) - midnight(at)) / DAY))
}
