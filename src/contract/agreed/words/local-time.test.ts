import { expect, it } from 'vitest'
import { dayOf, daysBack } from './local-time.ts'

it('goes back so many local days, also where the clocks change', () => {
  const zone = process.env.TZ
  process.env.TZ = 'Europe/Berlin'
  try {
    // The 25th has 25 hours, and the night of the 29th of March 23.
    for (const [now, first] of [
      ['2026-10-31T23:30', '2026-10-25'],
      ['2026-10-31T00:10', '2026-10-25'],
      ['2026-04-01T00:10', '2026-03-26'],
    ] as const) {
      const { since, until } = daysBack(7, new Date(now).getTime())
      expect([dayOf(since), new Date(since).getHours(), until]).toEqual([first, 0, new Date(now).getTime()])
    }
  } finally {
    if (zone === undefined) delete process.env.TZ
    else process.env.TZ = zone
  }
})
