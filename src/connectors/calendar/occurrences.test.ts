import { expect, it } from 'vitest'
import { NotRead, ReadingThread } from '../reading/reading-thread.ts'
import { calendarFile } from '../testing/radicale.ts'
import { type CalendarJob, occurrencesIn } from './occurrences.ts'

const berlin = `BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:DAYLIGHT
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE`
let made = 0
const event = (lines: string, uid?: string) => {
  made += 1
  return `BEGIN:VEVENT\nUID:${uid ?? `e${made}`}\nDTSTAMP:20260101T000000Z\n${lines.trim()}\nEND:VEVENT`
}
const job = (events: string[], more: Partial<CalendarJob> = {}): CalendarJob => ({
  texts: [{ calendar: 'Mine', text: calendarFile(events.join('\n')) }],
  ...{ from: '2026-11-15', days: 1, zone: 'Europe/Berlin', skip: [] },
  ...more,
})
const found = (events: string[], more: Partial<CalendarJob> = {}) =>
  occurrencesIn(job(events, more), () => {})
const brief = (events: string[], more: Partial<CalendarJob> = {}) =>
  found(events, more).events.map(({ title, start }) => `${title} ${start}`)

it.each<[string, string[], Partial<CalendarJob>, string[]]>([
  [
    'a moment in UTC',
    [event('SUMMARY:A\nDTSTART:20261115T080000Z\nDTEND:20261115T090000Z')],
    {},
    ['A 2026-11-15T09:00:00+01:00'],
  ],
  [
    'a zone that the file describes',
    [berlin, event('SUMMARY:A\nDTSTART;TZID=Europe/Berlin:20261115T080000\nDURATION:PT1H')],
    {},
    ['A 2026-11-15T08:00:00+01:00'],
  ],
  [
    'a zone that the file only names',
    [event('SUMMARY:A\nDTSTART;TZID=America/New_York:20261115T080000\nDURATION:PT1H')],
    {},
    ['A 2026-11-15T14:00:00+01:00'],
  ],
  [
    'a zone of its own making',
    [
      berlin.replace('TZID:Europe/Berlin', 'TZID:W. Europe Standard Time'),
      event('SUMMARY:A\nDTSTART;TZID=W. Europe Standard Time:20261115T080000\nDURATION:PT1H'),
    ],
    { zone: 'UTC' },
    ['A 2026-11-15T07:00:00+00:00'],
  ],
  [
    'no zone',
    [event('SUMMARY:A\nDTSTART:20261115T080000\nDURATION:PT1H')],
    {},
    ['A 2026-11-15T08:00:00+01:00'],
  ],
  [
    'nothing of the day before',
    [event('SUMMARY:A\nDTSTART:20261114T200000Z\nDTEND:20261114T230000Z')],
    {},
    [],
  ],
  [
    'what lasts over midnight, on both days',
    [event('SUMMARY:A\nDTSTART:20261114T200000Z\nDTEND:20261115T010000Z')],
    {},
    ['A 2026-11-14T21:00:00+01:00'],
  ],
  ['what has no length', [event('SUMMARY:A\nDTSTART:20261115T080000Z')], {}, ['A 2026-11-15T09:00:00+01:00']],
  [
    'a day in another zone',
    [event('SUMMARY:A\nDTSTART:20261115T080000Z\nDTEND:20261115T090000Z')],
    { zone: 'Pacific/Auckland' },
    ['A 2026-11-15T21:00:00+13:00'],
  ],
  [
    'a series over the change of the clocks',
    [berlin, event('SUMMARY:A\nDTSTART;TZID=Europe/Berlin:20260601T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY')],
    { from: '2026-10-24', days: 2 },
    ['A 2026-10-24T09:00:00+02:00', 'A 2026-10-25T09:00:00+01:00'],
  ],
  [
    'the second Sunday of each month, and no other',
    [event('SUMMARY:A\nDTSTART:20260111T080000Z\nDURATION:PT1H\nRRULE:FREQ=MONTHLY;BYDAY=2SU')],
    { from: '2026-11-01', days: 30 },
    ['A 2026-11-08T09:00:00+01:00'],
  ],
  [
    'a birthday of the 29th of February in a leap year only',
    [event('SUMMARY:A\nDTSTART;VALUE=DATE:20000229\nRRULE:FREQ=YEARLY')],
    { from: '2027-02-27', days: 5 },
    [],
  ],
  [
    'nothing of the 31st in a month of 30 days',
    [event('SUMMARY:A\nDTSTART:20260131T080000Z\nDURATION:PT1H\nRRULE:FREQ=MONTHLY')],
    { from: '2026-11-25', days: 10 },
    [],
  ],
  [
    'of three times the 29th of February each in a leap year',
    [event('SUMMARY:A\nDTSTART;VALUE=DATE:20240229\nRRULE:FREQ=YEARLY;COUNT=3')],
    { from: '2032-02-20', days: 20 },
    ['A 2032-02-29'],
  ],
  [
    'no fourth of those three',
    [event('SUMMARY:A\nDTSTART;VALUE=DATE:20240229\nRRULE:FREQ=YEARLY;COUNT=3')],
    { from: '2036-02-20', days: 20 },
    [],
  ],
  [
    'nothing of the 29th of February on the 1st of March, with its month said',
    [event('SUMMARY:A\nDTSTART;VALUE=DATE:20240229\nRRULE:FREQ=YEARLY;BYMONTH=2')],
    { from: '2027-02-20', days: 20 },
    [],
  ],
  [
    'of the 31st of four months those that have one',
    [event('SUMMARY:A\nDTSTART;VALUE=DATE:20260131\nRRULE:FREQ=YEARLY;BYMONTH=1,2,3,4')],
    { from: '2026-01-20', days: 31 },
    ['A 2026-01-31'],
  ],
  [
    'the same in the spring',
    [event('SUMMARY:A\nDTSTART;VALUE=DATE:20260131\nRRULE:FREQ=YEARLY;BYMONTH=1,2,3,4')],
    { from: '2026-03-01', days: 31 },
    ['A 2026-03-31'],
  ],
  [
    'nothing of a 31st on the 1st of May',
    [event('SUMMARY:A\nDTSTART;VALUE=DATE:20260131\nRRULE:FREQ=YEARLY;BYMONTH=1,2,3,4')],
    { from: '2026-04-20', days: 31 },
    [],
  ],
  [
    'of the 31st of each month the third that there is',
    [event('SUMMARY:A\nDTSTART;VALUE=DATE:20260131\nRRULE:FREQ=MONTHLY;COUNT=3')],
    { from: '2026-05-20', days: 20 },
    ['A 2026-05-31'],
  ],
  [
    'a series that ended',
    [event('SUMMARY:A\nDTSTART:20261101T080000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;UNTIL=20261114T235959Z')],
    {},
    [],
  ],
  [
    'a series of so many',
    [event('SUMMARY:A\nDTSTART:20261114T080000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=2')],
    { days: 5 },
    ['A 2026-11-15T09:00:00+01:00'],
  ],
  [
    'a series without the day that was taken out',
    [
      berlin,
      event(
        'SUMMARY:A\nDTSTART;TZID=Europe/Berlin:20261101T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY\nEXDATE;TZID=Europe/Berlin:20261115T090000',
      ),
    ],
    { days: 2 },
    ['A 2026-11-16T09:00:00+01:00'],
  ],
])('has %s', (_what, events, more, expected) => {
  expect(brief(events, more)).toEqual(expected)
  expect(found(events, more).unread).toBe(0)
})

it('has an all-day event on its days and on no others, wherever the owner is', () => {
  const trip = [event('SUMMARY:Trip\nDTSTART;VALUE=DATE:20261114\nDTEND;VALUE=DATE:20261117')]
  for (const zone of ['Pacific/Auckland', 'America/Los_Angeles', 'Europe/Berlin']) {
    const on = (from: string) => found(trip, { from, zone }).events
    expect(on('2026-11-13')).toEqual([])
    expect(on('2026-11-14')).toMatchObject([{ start: '2026-11-14', end: '2026-11-16', allDay: true }])
    expect(on('2026-11-16')).toHaveLength(1)
    expect(on('2026-11-17')).toEqual([])
  }
})

const weekly = `SUMMARY:Weekly\nDTSTART;TZID=Europe/Berlin:20261101T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY`
it('has a moved one where it was moved to, and not where it was', () => {
  const away = [
    ...[berlin, event(weekly, 'w')],
    event(
      'SUMMARY:Weekly\nRECURRENCE-ID;TZID=Europe/Berlin:20261115T090000\nDTSTART;TZID=Europe/Berlin:20261117T150000\nDURATION:PT1H',
      'w',
    ),
  ]
  expect(found(away).events).toEqual([])
  expect(found(away, { from: '2026-11-17' }).events).toMatchObject([
    { start: '2026-11-17T15:00:00+01:00', moved: true, repeats: true },
  ])
  const here = [
    ...[berlin, event(weekly, 'w')],
    // from a week after those that are asked about
    event('SUMMARY:Weekly\nRECURRENCE-ID:20261122T080000Z\nDTSTART:20261115T200000Z\nDURATION:PT1H', 'w'),
  ]
  expect(brief(here)).toEqual(['Weekly 2026-11-15T09:00:00+01:00', 'Weekly 2026-11-15T21:00:00+01:00'])
  expect(brief(here, { from: '2026-11-22' })).toEqual([])
})

it('has all that follow one that was moved with those after it', () => {
  const events = [
    ...[berlin, event(weekly, 'w')],
    event(
      'SUMMARY:Later\nRECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Berlin:20261108T090000\nDTSTART;TZID=Europe/Berlin:20261108T110000\nDURATION:PT2H',
      'w',
    ),
  ]
  expect(found(events).events).toMatchObject([
    { title: 'Later', start: '2026-11-15T11:00:00+01:00', end: '2026-11-15T13:00:00+01:00' },
  ])
})

it('tells what was called off, of a series too, apart from what takes place', () => {
  const { events, cancelled } = found([
    ...[berlin, event(weekly, 'w')],
    event(
      'SUMMARY:Weekly\nSTATUS:CANCELLED\nRECURRENCE-ID;TZID=Europe/Berlin:20261115T090000\nDTSTART;TZID=Europe/Berlin:20261115T090000\nDURATION:PT1H',
      'w',
    ),
    event('SUMMARY:Party\nSTATUS:CANCELLED\nDTSTART:20261115T180000Z'),
    event('SUMMARY:Perhaps\nSTATUS:TENTATIVE\nDTSTART:20261115T190000Z'),
  ])
  expect(events).toMatchObject([{ title: 'Perhaps', tentative: true }])
  expect(cancelled.map(({ title }) => title)).toEqual(['Weekly', 'Party'])
})

it('shows text of strangers as short lines', () => {
  const [one] = found([
    event(
      `SUMMARY:Now\\nignore\u202E all ${'x'.repeat(999)}\nDTSTART:20261115T080000Z\nDESCRIPTION:a\\n\\nb`,
    ),
  ]).events
  expect(one!.title).not.toMatch(/[\n\u202E]/)
  expect(one!.title.length).toBeLessThanOrEqual(200)
  expect(one!.notes).toBe('a b')
})

it('loses no more than the events that cannot be read', () => {
  const { events, unread } = found([
    event('SUMMARY:Bad\nDTSTART:2026111XT080000Z\nDURATION:nonsense'),
    event('SUMMARY:Rule\nDTSTART:20261101T080000Z\nRRULE:FREQ=SOMETIMES'),
    'BEGIN:VEVENT\nSUMMARY no colon\nEND:VEVENT',
    event('SUMMARY:Never\nDTSTART:20250101T080000Z\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30'),
    event('SUMMARY:Good\nDTSTART:20261115T080000Z'),
  ])
  expect(events.map(({ title }) => title)).toContain('Good')
  expect(unread).toBeGreaterThanOrEqual(3)
})

it('an event that never comes to an end takes its thread with it, and is named', async () => {
  const endless = event('SUMMARY:Mad\nDTSTART:20000101T000000Z\nRRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30')
  const good = event('SUMMARY:Good\nDTSTART:20261115T080000Z')
  const thread = new ReadingThread(undefined, 900)
  const asked = job([good, endless])
  const failed = await thread.read('calendar', asked).catch((error) => error)
  expect(failed).toBeInstanceOf(NotRead)
  expect(failed.at).toBe(1)
  const { events, unread } = await thread.read('calendar', { ...asked, skip: [1] })
  expect(events.map(({ title }) => title)).toEqual(['Good'])
  expect(unread).toBe(1)
  await thread.end()
})

it('many that never come to an end cost only themselves, and no more time than one reading has', async () => {
  const mad = ['SECONDLY', 'MINUTELY', 'HOURLY', 'DAILY', 'WEEKLY'].map((freq) =>
    event(`SUMMARY:Mad\nDTSTART:20000101T000000Z\nRRULE:FREQ=${freq};BYMONTH=2;BYMONTHDAY=30`),
  )
  const good = event('SUMMARY:Good\nDTSTART:20261115T080000Z')
  const thread = new ReadingThread()
  const all = Array.from({ length: 8 }, (_, at) => mad.map((one) => one.replace('UID:', `UID:${at}-`)))
  const { events, unread } = await thread.read('calendar', job([...all.flat(), good]))
  expect(events.map(({ title }) => title)).toEqual(['Good'])
  expect(unread).toBe(40)
  await thread.end()
})

it('reads ten thousand events of many years within a second', () => {
  const many = Array.from({ length: 10_000 }, (_, at) => {
    const day = new Date(Date.UTC(2010, 0, 1) + at * 86_400_000)
      .toISOString()
      .slice(0, 10)
      .replaceAll('-', '')
    return event(`SUMMARY:Day ${at}\nDTSTART:${day}T080000Z\nDTEND:${day}T090000Z`)
  })
  const begun = performance.now()
  expect(found(many).events).toHaveLength(1)
  expect(performance.now() - begun).toBeLessThan(5_000)
})

it('takes a zone only from the calendar that describes it', () => {
  const noon = event('SUMMARY:Mine\nDTSTART;TZID=Europe/Berlin:20261115T120000\nDURATION:PT1H')
  const theirs = berlin.replaceAll('+0100', '+1200').replaceAll('+0200', '+1300')
  const invitation = `${theirs}\n${event('SUMMARY:Theirs\nDTSTART:20261115T080000Z\nDURATION:PT1H')}`
  for (const first of [invitation, invitation.replace('TZOFFSETTO:+1200', 'TZOFFSETTO:soon')]) {
    const text = `${calendarFile(first)}\n${calendarFile(`${berlin}\n${noon}`)}`
    const { events, unread } = found([], { texts: [{ calendar: 'Mine', text }] })
    expect(events.map(({ title, start }) => `${title} ${start}`)).toContain('Mine 2026-11-15T12:00:00+01:00')
    expect(unread).toBe(0)
  }
})

it('is not crowded out by one that happens every minute', () => {
  const mad = event('SUMMARY:Mad\nDTSTART:20261115T000000Z\nDURATION:PT1M\nRRULE:FREQ=MINUTELY')
  const dentist = event('SUMMARY:Dentist\nDTSTART:20261115T140000Z\nDURATION:PT1H')
  for (const days of [1, 31]) {
    const titles = found([mad, dentist], { days }).events.map(({ title }) => title)
    expect(titles).toContain('Dentist')
    expect(titles.length).toBeLessThan(100)
  }
})

it('is not crowded out by several without end, together: each has its share', () => {
  const mad = Array.from({ length: 12 }, (_, at) =>
    event(
      `SUMMARY:Mad ${at}\nDTSTART:20261115T0000${String(at).padStart(2, '0')}Z\nDURATION:PT1M\nRRULE:FREQ=MINUTELY`,
    ),
  )
  const daily = event('SUMMARY:Stand-up\nDTSTART:20261115T080000Z\nDURATION:PT15M\nRRULE:FREQ=DAILY')
  const dentist = event('SUMMARY:Dentist\nDTSTART:20261120T140000Z\nDURATION:PT1H')
  const { events, more } = found([...mad, daily, dentist], { days: 31 })
  const titles = events.map(({ title }) => title)
  expect(titles).toContain('Dentist')
  const count = (title: string) => titles.filter((one) => one === title).length
  expect([count('Mad 0'), count('Mad 11'), count('Stand-up')]).toEqual([7, 7, 7])
  expect([titles.length <= 100, more]).toEqual([true, true])
  expect(events.map(({ start }) => start)).toEqual(events.map(({ start }) => start).toSorted())
  // Those that were called off have a list of their own, shared in the same way.
  const off = mad.map((one) => one.replace('DURATION', 'STATUS:CANCELLED\nDURATION'))
  const called = found([...off, event('SUMMARY:Off\nSTATUS:CANCELLED\nDTSTART:20261130T140000Z')], {
    days: 31,
  })
  expect(called.cancelled.map(({ title }) => title)).toContain('Off')
  expect(called.more).toBe(false)
})

it('says that there is more where it lists a part of one series', () => {
  const pills = event(
    'SUMMARY:Pills\nDTSTART:20260105T060000Z\nDURATION:PT15M\nRRULE:FREQ=DAILY;BYHOUR=6,12,18,22',
  )
  const { events, more } = found([pills], { days: 31 })
  expect([events.length, more]).toEqual([62, true])
  const twice = pills.replace('6,12,18,22', '6,18')
  expect(found([twice], { days: 31 })).toMatchObject({ events: { length: 62 }, more: false })
})

it('lists all of a series where there is room', () => {
  const daily = event('SUMMARY:Stand-up\nDTSTART:20261115T080000Z\nDURATION:PT15M\nRRULE:FREQ=DAILY')
  expect(found([daily], { days: 31 })).toMatchObject({ events: { length: 31 }, more: false })
})
