const two = (number: number) => String(number).padStart(2, '0')

/** The day on this computer: `2026-11-28`. */
export function dayOf(at: number): string {
  const date = new Date(at)
  const year = String(date.getFullYear()).padStart(4, '0')
  return `${year}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}

/** The time of day on this computer: `14:05`. */
export function timeOf(at: number): string {
  const date = new Date(at)
  return `${two(date.getHours())}:${two(date.getMinutes())}`
}

/** The last `days` local days up to now. */
export function daysBack(days: number, now: number): { since: number; until: number } {
  const since = new Date(now)
  since.setHours(0, 0, 0, 0)
  return { since: since.setDate(since.getDate() + 1 - days), until: now }
}
