import { afterEach, expect, it } from 'vitest'
import { caldav } from './caldav.ts'
import { calendarLink } from './calendar-link.ts'
import { Desk } from './testing/business.ts'
import { type Fixture, startFixture } from './testing/fixture.ts'
import { calendarFile } from './testing/radicale.ts'

const file = `X-WR-CALNAME:Family
BEGIN:VEVENT
UID:a
DTSTAMP:20260101T000000Z
SUMMARY:Choir
DTSTART:20261115T180000Z
DTEND:20261115T200000Z
END:VEVENT`
let fixture: Fixture
afterEach(() => fixture?.close())
async function deskOf(body: string = calendarFile(file), status = 200) {
  fixture = await startFixture(({ path, query }) =>
    path === '/private-s3cret/basic.ics' && query.get('k') === '1'
      ? { status, body }
      : { status: 404, body: '' },
  )
  const desk = new Desk([caldav, calendarLink])
  const values = { link: `${fixture.url}/private-s3cret/basic.ics?k=1`, zone: 'Europe/Berlin' }
  const { id } = await desk.save(values, { slug: 'calendar-link' })
  return { desk, id }
}

it('answers with what is in the file at the link, under the name that stands in it', async () => {
  const { desk, id } = await deskOf()
  expect(desk.tools().map(({ name }) => name)).toEqual(['today'])
  const { values } = await desk.call('today')
  expect(values).toMatchObject({
    events: [{ title: 'Choir', start: '2026-11-15T19:00:00+01:00', calendar: 'Family' }],
    calendars: ['Family'],
  })
  expect((await desk.test(id)).message).toBe('It works: Family has one entry.')
})

it('keeps the link like a password', async () => {
  const { desk } = await deskOf()
  await desk.call('today')
  expect(JSON.stringify([...desk.memory.stored])).not.toContain('s3cret')
  expect(JSON.stringify(await desk.shown())).not.toContain('s3cret')
  fixture.trouble({ status: 500, body: '' }, { status: 500, body: '' }, { status: 500, body: '' })
  await desk.call('today')
  expect(desk.logged).not.toEqual([])
  expect(desk.logged.join()).not.toContain('s3cret')
  const kept = desk.memory.db.prepare('SELECT value FROM connector_answers').all()
  expect(JSON.stringify(kept)).not.toContain('s3cret')
})

it.each<[string, string, number, string]>([
  ['refuses', '', 403, 'not-found'],
  ['is gone', '', 404, 'not-found'],
  ['is a page', '<html>Sign in</html>', 200, 'service-answer-invalid'],
  ['is broken', '', 500, 'service-broken'],
  ['has too much', `BEGIN:VCALENDAR\n${'x'.repeat(11_000_000)}`, 200, 'service-answer-invalid'],
])('says so of a link that %s', async (_what, body, status, code) => {
  const { desk, id } = await deskOf(body, status)
  await expect(desk.call('today')).rejects.toMatchObject({ code })
  await expect(desk.test(id)).rejects.toMatchObject({ code })
})

it('takes a webcal link, and none that others could read along or that is no address', async () => {
  const desk = new Desk([calendarLink])
  await desk.save({ link: 'webcal://calendar.example.com/a.ics' })
  for (const link of [
    'http://calendar.example.com/a.ics',
    'file:///etc/passwd',
    'ftp://a.example/x',
    'calendar',
  ])
    await expect(desk.save({ link })).rejects.toMatchObject({ code: 'field-invalid' })
})

it('tells the other events when one never comes to an end', async () => {
  const mad = 'DTSTART:20000101T000000Z\nRRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30'
  const { desk } = await deskOf(
    calendarFile(`BEGIN:VEVENT\nUID:m\nDTSTAMP:20260101T000000Z\nSUMMARY:Mad\n${mad}\nEND:VEVENT\n${file}`),
  )
  const { values, text } = await desk.call('today')
  expect(values).toMatchObject({ events: [{ title: 'Choir' }], unread: 1 })
  expect(text).toContain('Not readable: 1.')
}, 60_000)
