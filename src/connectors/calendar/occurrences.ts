import ICAL from 'ical.js'
import { visibleLine } from '../../contract/agreed/visible-text.ts'
import { dateAfter, dateIn, instantOf, isoIn, isZone, windowOf } from './zones.ts'

export interface CalendarJob {
  /** iCalendar (RFC 5545). */
  texts: readonly { calendar: string; text: string }[]
  /** `2026-11-15`. */
  from: string
  days: number
  /** Of the owner: days begin there at midnight, and what names no zone is meant there. */
  zone: string
  /** Events that never came to an end. */
  skip: readonly number[]
  /** Only events before this one, counted from 0: the time for the others is over. */
  until?: number
}
interface Occurrence {
  title: string
  /** A date, or a moment with its offset. */
  start: string
  /** Of all-day events the last day. */
  end: string
  allDay: boolean
  location: string
  notes: string
  calendar: string
  tentative: boolean
  repeats: boolean
  /** One of a series that takes place at another time than the others. */
  moved: boolean
}
export interface CalendarFound {
  /** By their start, a hundred at most; the same of those below. */
  events: Occurrence[]
  /** There are more than those. */
  more: boolean
  cancelled: Occurrence[]
  /** Events that could not be read. */
  unread: number
}

/** Of one series: every hour for five years. */
const mostSteps = 50_000
/** And this long, in milliseconds; of all that take longer than `shortest` together; and then of each. */
const longest = 1_000
const longestOfAll = 2_000
const shortest = 10
const day = 86_400_000

/** When the series that is being looked at has taken too long, in `performance.now()`. */
let over = Number.POSITIVE_INFINITY

/** The library looks for the next occurrence without end where there is none; each step of that passes here. */
const { check_contracting_rules: fits } = ICAL.RecurIterator.prototype
ICAL.RecurIterator.prototype.check_contracting_rules = function check(): boolean {
  if (performance.now() > over) throw new Error('a series without end')
  return fits.call(this)
}

type Window = ReturnType<typeof windowOf> & { zone: string }

/** What takes place in those days. `begins`: with which event it begins, counted from 0. */
export function occurrencesIn(job: CalendarJob, begins: (index: number) => void): CalendarFound {
  const window = { ...windowOf(job), zone: job.zone }
  const found: (Occurrence & { at: number; isCancelled: boolean; series: number })[] = []
  let unread = 0
  let index = 0
  let isCut = false
  let left = longestOfAll
  const within = (work: () => void) => {
    const begun = performance.now()
    over = begun + Math.max(shortest, Math.min(longest, left))
    try {
      work()
    } finally {
      left -= Math.max(0, performance.now() - begun - shortest)
    }
  }
  for (const { calendar, text } of job.texts) {
    const { series, broken } = seriesIn(text, window)
    unread += broken
    for (const one of series) {
      const here = index
      index += 1
      if (job.skip.includes(here) || here >= (job.until ?? Number.POSITIVE_INFINITY)) {
        unread += 1
        continue
      }
      begins(here)
      try {
        within(() => {
          let count = 0
          for (const instance of instancesOf(one, window)) {
            const occurrence = { ...shown(instance, calendar, window), series: here }
            count += 1
            isCut ||= count > mostOfSeries && !occurrence.isCancelled
            if (count > mostOfSeries) break
            found.push(occurrence)
          }
        })
      } catch {
        unread += 1
      }
    }
  }
  const sorted = found.toSorted((a, b) => a.at - b.at || Number(b.allDay) - Number(a.allDay))
  const events = sorted.filter((one) => !one.isCancelled)
  const cancelled = sorted.filter((one) => one.isCancelled)
  const listed = (all: typeof sorted) => fairly(all).map(({ at, isCancelled: _, series, ...one }) => one)
  const more = isCut || events.length > most
  return { events: listed(events), more, cancelled: listed(cancelled), unread }
}

/** Of all, in one answer. */
const most = 100

/** As many of each series as leave room for the others: some without end, together, must not crowd out what takes place once. */
function fairly<T extends { series: number }>(all: readonly T[]): readonly T[] {
  if (all.length <= most) return all
  const counts = new Map<number, number>()
  for (const { series } of all) counts.set(series, (counts.get(series) ?? 0) + 1)
  const listed = (share: number) => [...counts.values()].reduce((sum, one) => sum + Math.min(one, share), 0)
  let share = 1
  while (listed(share + 1) <= most) share += 1
  const taken = new Map<number, number>()
  const some = all.filter(({ series }) => {
    const nth = (taken.get(series) ?? 0) + 1
    taken.set(series, nth)
    return nth <= share
  })
  return some.slice(0, most)
}

/** Of one series at most: twice a day for a month. */
const mostOfSeries = 62

/** All that stands under one UID. */
interface Series {
  masters: ICAL.Event[]
  exceptions: ICAL.Event[]
}

/** Events that may matter. Each is read by itself: what is wrong with one is the fault of no other. */
function seriesIn(text: string, window: Window): { series: Series[]; broken: number } {
  const byUid = new Map<string, Series>()
  let broken = 0
  const blocks = calendarsIn(text).flatMap((one) => {
    const holder = zonesOf(one)
    return blocksOf(one, 'VEVENT').map((block) => ({ block, holder }))
  })
  for (const { block, holder } of blocks) {
    if (isFarAway(block, window)) continue
    try {
      const component = calendarOf(block).getFirstSubcomponent('vevent')!
      holder.addSubcomponent(component)
      const event = new ICAL.Event(component, { exceptions: [] })
      const uid = event.uid ?? `${byUid.size}`
      const series = byUid.get(uid) ?? { masters: [], exceptions: [] }
      byUid.set(uid, series)
      if (event.isRecurrenceException()) series.exceptions.push(event)
      else series.masters.push(event)
    } catch {
      broken += 1
    }
  }
  return { series: [...byUid.values()], broken }
}

const blocksOf = (text: string, name: string): string[] =>
  text.match(new RegExp(`^BEGIN:${name}[ \\t]*\\r?\\n[^]*?^END:${name}[ \\t]*\\r?$`, 'gim')) ?? []

/** Each with zones of its own: what one calls by a name is nothing to the others. */
const calendarsIn = (text: string): string[] => text.split(/^(?=BEGIN:VCALENDAR)/im)

/** Each is read by itself. */
function zonesOf(text: string): ICAL.Component {
  const holder = new ICAL.Component(['vcalendar', [], []])
  for (const block of blocksOf(text, 'VTIMEZONE')) {
    const zone = calendarOf(block).getFirstSubcomponent('vtimezone')
    if (zone) holder.addSubcomponent(zone)
  }
  return holder
}

/** A zone that cannot be read is as if it was not there. */
function calendarOf(block: string): ICAL.Component {
  const text = ['BEGIN:VCALENDAR', block, 'END:VCALENDAR'].join('\r\n')
  try {
    return new ICAL.Component(ICAL.parse(text) as never)
  } catch (error) {
    if (/^BEGIN:VEVENT/i.test(block)) throw error
    return new ICAL.Component(['vcalendar', [], []])
  }
}

/** Told by dates alone, for calendars of many years: what begins after those days, or was once before them. */
function isFarAway(block: string, { start, end }: Window): boolean {
  if (/^RECURRENCE-ID/im.test(block)) return false
  const dateOf = (name: string) => {
    const [, year, month, date] =
      new RegExp(`^${name}(?:;[^\\n]*)?:(\\d{4})(\\d\\d)(\\d\\d)`, 'im').exec(block) ?? []
    return year === undefined ? null : Date.UTC(Number(year), Number(month) - 1, Number(date))
  }
  const begins = dateOf('DTSTART')
  if (begins === null) return false
  if (begins > end + 2 * day) return true
  if (/^(?:RRULE|RDATE|DURATION)/im.test(block)) return false
  return (dateOf('DTEND') ?? begins) < start - 2 * day
}

interface Instance {
  event: ICAL.Event
  start: ICAL.Time
  end: ICAL.Time
  repeats: boolean
  moved: boolean
}

/** Those of one series that touch the window. An instance that was moved stands where it was moved to, and nowhere else. */
function* instancesOf({ masters, exceptions }: Series, window: Window): Generator<Instance> {
  const replaced = new Set(exceptions.map((one) => momentOf(one.recurrenceId, one, window.zone)))
  for (const event of exceptions) {
    const moved =
      momentOf(event.startDate, event, window.zone) !== momentOf(event.recurrenceId, event, window.zone)
    const instance = { event, start: event.startDate, end: event.endDate, repeats: true, moved }
    if (touches(instance, window)) yield instance
  }
  for (const master of masters) {
    if (!master.isRecurring()) {
      const instance = {
        event: master,
        start: master.startDate,
        end: master.endDate,
        repeats: false,
        moved: false,
      }
      if (touches(instance, window)) yield instance
      continue
    }
    for (const one of exceptions) if (one.modifiesFuture()) master.relateException(one)
    const isOnItsDay = saysItsDay(master)
    const all = master.iterator()
    for (let steps = 0; ; steps += 1) {
      if (steps > mostSteps || performance.now() > over) throw new Error('a series without end')
      const next = all.next()
      if (!next) break
      const at = momentOf(next, master, window.zone)
      if (at >= window.end) break
      if (replaced.has(at) || (isOnItsDay && next.day !== master.startDate.day)) continue
      const { item, startDate: start, endDate: end } = master.getOccurrenceDetails(next)
      const instance = { event: item, start, end, repeats: true, moved: item !== master }
      if (touches(instance, window)) yield instance
    }
  }
}

/** What recurs on a day that this month has not takes place in no other (RFC 5545 §3.3.10): said in the rule, the library counts by it too. */
function saysItsDay({ component, startDate }: ICAL.Event): boolean {
  const rule = component.getFirstPropertyValue('rrule')
  if (startDate.day < 29 || !(rule instanceof ICAL.Recur) || !/^(?:YEARLY|MONTHLY)$/.test(rule.freq))
    return false
  const { parts } = rule
  if (Object.keys(parts).some((part) => /DAY|WEEKNO|SETPOS/.test(part))) return false
  parts.BYMONTHDAY = [startDate.day]
  if (rule.freq === 'YEARLY') parts.BYMONTH ??= [startDate.month]
  return !component.hasProperty('rdate')
}

function touches({ event, start, end }: Instance, window: Window): boolean {
  const from = momentOf(start, event, window.zone)
  return from < window.end && (momentOf(end, event, window.zone) > window.start || from >= window.start)
}

/** In milliseconds. What names no zone is meant where the owner is; days begin there at midnight. */
function momentOf(time: ICAL.Time, event: ICAL.Event, zone: string): number {
  const { year, month, day: date, hour, minute, second } = time
  const wall = Date.UTC(year, month - 1, date, hour, minute, second)
  if (time.isDate) return instantOf(zone, wall)
  if (time.zone === ICAL.Timezone.utcTimezone) return wall
  const isFloating = time.zone === ICAL.Timezone.localTimezone
  const named = isFloating
    ? event.component.getFirstProperty('dtstart')?.getParameter('tzid')
    : time.zone.tzid
  // The system's table is newer than what stands in a file; some write a path before the name.
  const name = /[A-Za-z_]+(?:\/[\w+-]+)*$/.exec(String(named ?? ''))?.[0] ?? ''
  const known = [name, name.split('/').slice(-2).join('/')].find((one) => one !== '' && isZone(one))
  if (known !== undefined) return instantOf(known, wall)
  return isFloating ? instantOf(zone, wall) : time.toUnixTime() * 1_000
}

/** Invitations are written by whoever sent them. */
const told = (text: unknown, longest: number) =>
  visibleLine(
    String(text ?? '')
      .slice(0, 4 * longest)
      .replace(/\s+/g, ' ')
      .trim(),
    longest,
  )

function shown({ event, start, end, repeats, moved }: Instance, calendar: string, { zone }: Window) {
  const at = momentOf(start, event, zone)
  const till = momentOf(end, event, zone)
  const status = String(event.component.getFirstPropertyValue('status') ?? '').toUpperCase()
  const first = dateIn(zone, at)
  const last = dateAfter(dateIn(zone, till), -1)
  return {
    ...{ at, isCancelled: status === 'CANCELLED', title: told(event.summary, 200), calendar, repeats, moved },
    start: start.isDate ? first : isoIn(zone, at),
    end: start.isDate ? (last < first ? first : last) : isoIn(zone, till),
    ...{ allDay: start.isDate, tentative: status === 'TENTATIVE' },
    ...{ location: told(event.location, 200), notes: told(event.description, 300) },
  }
}
