import { InvalidArgumentError } from 'commander'
import { say } from '../../locales/say.ts'

/** `2026-12-31` or `2026-12-31T18:00`, local unless it says otherwise, as milliseconds since 1970. A day alone is its beginning or its end. */
export function momentOf(value: string, edge: 'begins' | 'ends'): number {
  const at = readMoment(value, edge)
  if (at === null) throw new InvalidArgumentError(say('cli.writeDate'))
  return at
}

/** Null: it is no date. */
export function readMoment(value: string, edge: 'begins' | 'ends'): number | null {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(value)
  const at = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2})?)?$/.test(value)
    ? Date.parse(day ? `${value}T${edge === 'begins' ? '00:00:00' : '23:59:59.999'}` : value)
    : Number.NaN
  // Date.parse lets the 31st of February through as a day in March
  const real = new Date(`${value.slice(0, 10)}T00:00:00Z`)
  return Number.isNaN(at) || real.toISOString().slice(0, 10) !== value.slice(0, 10) ? null : at
}
