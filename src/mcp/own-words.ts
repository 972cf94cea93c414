const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** `1,204 stars`, `1 star`: assistants are told things in English. */
export const counted = (number: number, what: string): string =>
  `${number.toLocaleString('en')} ${what}${number === 1 ? '' : 's'}`

/** `5 minutes`, `3 hours`, `2 days`. */
export function lasting(milliseconds: number): string {
  if (milliseconds < 90 * minute) return counted(Math.round(milliseconds / minute), 'minute')
  if (milliseconds < 36 * hour) return counted(Math.round(milliseconds / hour), 'hour')
  return counted(Math.round(milliseconds / day), 'day')
}
