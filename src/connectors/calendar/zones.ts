/** Days and times in time zones, by the system's own table (`Intl`). */

const formats = new Map<string, Intl.DateTimeFormat>()

/** Throws RangeError when there is no such zone. */
function formatOf(zone: string): Intl.DateTimeFormat {
  const format =
    formats.get(zone) ??
    new Intl.DateTimeFormat('en', {
      ...{ timeZone: zone, calendar: 'iso8601', numberingSystem: 'latn', hourCycle: 'h23' },
      ...{ year: 'numeric', month: '2-digit', day: '2-digit' },
      ...{ hour: '2-digit', minute: '2-digit', second: '2-digit' },
    })
  if (formats.size < 200) formats.set(zone, format)
  return format
}

/** A name of the IANA table, such as Europe/Berlin. */
export function isZone(name: string): boolean {
  try {
    formatOf(name)
    return true
  } catch {
    return false
  }
}

/** What a clock on the wall shows there, in milliseconds as if it were UTC. */
function wallTime(zone: string, at: number): number {
  const part: Record<string, number> = {}
  for (const { type, value } of formatOf(zone).formatToParts(at)) part[type] = Number(value)
  return Date.UTC(part.year!, part.month! - 1, part.day!, part.hour!, part.minute!, part.second!)
}

const offsetAt = (zone: string, at: number) => wallTime(zone, at) - Math.floor(at / 1_000) * 1_000

/** The moment at which a clock on the wall there shows this, in milliseconds since 1970; of an hour that there is twice, the first. */
export function instantOf(zone: string, wall: number): number {
  const before = wall - offsetAt(zone, wall - 86_400_000)
  if (wallTime(zone, before) === wall) return before
  return wall - offsetAt(zone, wall - offsetAt(zone, wall))
}

/** `2026-11-15`. */
export const dateIn = (zone: string, at: number) => new Date(wallTime(zone, at)).toISOString().slice(0, 10)

/** `2026-11-15T14:30:00+01:00`. */
export function isoIn(zone: string, at: number): string {
  const minutes = Math.round(offsetAt(zone, at) / 60_000)
  const two = (number: number) => String(number).padStart(2, '0')
  const size = Math.abs(minutes)
  const offset = `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`
  return `${new Date(wallTime(zone, at)).toISOString().slice(0, 19)}${offset}`
}

/** `days` after a date. */
export const dateAfter = (date: string, days: number) =>
  new Date(Date.parse(date) + days * 86_400_000).toISOString().slice(0, 10)

/** From the first moment of a day to the first after the last one. */
export function windowOf({ from, days, zone }: { from: string; days: number; zone: string }) {
  const start = (date: string) => instantOf(zone, Date.parse(date))
  return { start: start(from), end: start(dateAfter(from, days)) }
}
