import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { caldav } from './caldav.ts'
import { Desk, hour } from './testing/business.ts'
import { freePort } from './testing/dovecot.ts'
import { type Fixture, startFixture } from './testing/fixture.ts'
import { type Radicale, startRadicale } from './testing/radicale.ts'

let radicale: Radicale
beforeAll(async () => {
  radicale = await startRadicale('anna', 'app-password')
  await radicale.calendar('/anna/office/', 'Work')
  await radicale.calendar('/anna/home/', 'Home')
  await radicale.put(
    '/anna/office/series.ics',
    'BEGIN:VEVENT\nUID:s\nDTSTAMP:20260101T000000Z\nSUMMARY:Stand-up\nDTSTART:20260105T080000Z\nDURATION:PT15M\nRRULE:FREQ=DAILY\nEND:VEVENT\nBEGIN:VEVENT\nUID:s\nDTSTAMP:20260101T000000Z\nRECURRENCE-ID:20261116T080000Z\nSUMMARY:Stand-up\nDTSTART:20261116T100000Z\nDURATION:PT15M\nEND:VEVENT',
  )
  await radicale.put(
    '/anna/office/old.ics',
    'BEGIN:VEVENT\nUID:o\nDTSTAMP:20260101T000000Z\nSUMMARY:Long ago\nDTSTART:20200105T080000Z\nDURATION:PT15M\nEND:VEVENT',
  )
  await radicale.put(
    '/anna/home/trip.ics',
    'BEGIN:VEVENT\nUID:t\nDTSTAMP:20260101T000000Z\nSUMMARY:Trip\nDTSTART;VALUE=DATE:20261115\nDTEND;VALUE=DATE:20261117\nEND:VEVENT',
  )
}, 60_000)
afterAll(() => radicale?.close())

let fixture: Fixture | undefined
afterEach(async () => {
  await fixture?.close()
  fixture = undefined
})

const right = () => ({
  server: radicale.url,
  username: 'anna',
  password: 'app-password',
  zone: 'Europe/Berlin',
})
async function deskOf(values: Record<string, string>) {
  const desk = new Desk([caldav])
  const { id } = await desk.save(values)
  return { desk, id }
}

it('answers with what is in the calendars of a real server today', async () => {
  const { desk, id } = await deskOf(right())
  const { values, text } = await desk.call('today')
  expect(values).toMatchObject({
    ...{ from: '2026-11-15', to: '2026-11-15', zone: 'Europe/Berlin', more: false, unread: 0, stale: false },
    events: [
      { title: 'Trip', allDay: true, start: '2026-11-15', end: '2026-11-16', calendar: 'Home' },
      { title: 'Stand-up', start: '2026-11-15T09:00:00+01:00', calendar: 'Work', repeats: true },
    ],
  })
  expect((values.calendars as string[]).toSorted()).toEqual(['Home', 'Work'])
  expect(text).toContain('all day “Trip”; 09:00–09:15 “Stand-up”')
  expect((await desk.test(id)).message).toMatch(
    /^It works: 2 calendars can be read: (Home, Work|Work, Home)\.$/,
  )
})

it('answers for other days, and of a single calendar by its own address', async () => {
  const { desk } = await deskOf({ ...right(), server: `${radicale.url}/anna/office/` })
  const { values } = await desk.call('today', { date: '2026-11-16', days: 2 })
  expect(values).toMatchObject({
    to: '2026-11-17',
    events: [{ start: '2026-11-16T11:00:00+01:00', moved: true }, { start: '2026-11-17T09:00:00+01:00' }],
  })
  await expect(desk.call('today', { date: 'tomorrow' })).rejects.toMatchObject({ code: 'arguments-invalid' })
  await expect(desk.call('today', { days: 400 })).rejects.toMatchObject({ code: 'arguments-invalid' })
})

it('says that a password is wrong, and that it may want another one', async () => {
  const { desk, id } = await deskOf({ ...right(), password: 'wrong' })
  for (const ask of [() => desk.call('today'), () => desk.test(id)])
    await expect(ask()).rejects.toMatchObject({
      code: 'service-key-refused',
      message: expect.stringContaining('does not accept the user name or the password'),
      hint: expect.stringContaining('app password'),
    })
})

it('says that nothing answers, that a name is wrong, and that there are no calendars', async () => {
  const gone = await deskOf({ ...right(), server: `http://127.0.0.1:${await freePort()}` })
  await expect(gone.desk.call('today')).rejects.toMatchObject({
    code: 'service-unreachable',
    message: expect.stringContaining('no program answers there'),
  })
  fixture = await startFixture(() => ({
    body: '<html>Hello</html>',
    headers: { 'content-type': 'text/html' },
  }))
  const other = await deskOf({ ...right(), server: fixture.url })
  await expect(other.desk.call('today')).rejects.toMatchObject({ code: 'not-found' })
})

it('asks no address that an answer names elsewhere, and shows it no password', async () => {
  const stranger = await startFixture(() => ({ status: 207, body: '<multistatus/>' }))
  const named = (href: string) =>
    `<d:multistatus xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:response><d:href>/</d:href><d:propstat><d:prop><c:calendar-home-set><d:href>${href}</d:href></c:calendar-home-set></d:prop></d:propstat></d:response></d:multistatus>`
  for (const href of [
    `${stranger.url}/home/`,
    'https://evil.icloud.com.example/',
    '//169.254.169.254/latest/',
  ]) {
    fixture = await startFixture(() => ({ status: 207, body: named(href) }))
    const { desk } = await deskOf({ ...right(), server: fixture.url })
    await expect(desk.call('today')).rejects.toMatchObject({
      message: expect.stringContaining('sends Drawbridge on to another place'),
    })
    await fixture.close()
  }
  fixture = await startFixture(() => ({ status: 302, headers: { location: `${stranger.url}/x` }, body: '' }))
  const { desk } = await deskOf({ ...right(), server: fixture.url })
  await expect(desk.call('today')).rejects.toMatchObject({ code: expect.stringMatching(/refused|not-found/) })
  expect(stranger.requests).toEqual([])
  await stranger.close()
})

it.each([
  ['is refused', { status: 403, body: '' }],
  ['is not there', { status: 404, body: '' }],
  ['is broken', { status: 500, body: 'oops' }],
  ['answers something else', { status: 200, body: 'oops' }],
  ['is elsewhere', null],
])('a calendar that %s costs itself, and is named', async (_, answer) => {
  const place = (href: string, props: string) =>
    `<d:response><d:href>${href}</d:href><d:propstat><d:prop>${props}</d:prop></d:propstat></d:response>`
  const own = (href: string, name: string) =>
    place(
      href,
      `<d:resourcetype><d:collection/><c:calendar/></d:resourcetype><d:displayname>${name}</d:displayname>`,
    )
  const all = (responses: string) => ({
    status: 207,
    body: `<d:multistatus xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav">${responses}</d:multistatus>`,
  })
  const event =
    'BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:x\nSUMMARY:Dentist\nDTSTART:20261115T080000Z\nDURATION:PT15M\nEND:VEVENT\nEND:VCALENDAR'
  fixture = await startFixture(({ method, path }) => {
    if (method === 'REPORT' && path === '/h/bad/') return answer!
    if (method === 'REPORT') return all(place('/e', `<c:calendar-data>${event}</c:calendar-data>`))
    if (path === '/')
      return all(place('/', '<c:calendar-home-set><d:href>/h/</d:href></c:calendar-home-set>'))
    const bad = answer === null ? 'http://169.254.169.254/bad/' : '/h/bad/'
    return all(own('/h/good/', 'Mine') + own(bad, 'Shared'))
  })
  const { desk } = await deskOf({ ...right(), server: fixture.url })
  const { values, text } = await desk.call('today')
  expect(values).toMatchObject({
    ...{ events: [{ title: 'Dentist', calendar: 'Mine' }], calendars: ['Mine'], unreadCalendars: ['Shared'] },
  })
  expect(text).toContain('These calendars could not be read, so what is in them is not known: Shared.')
})

it('expands no entity of an answer, and takes none that is nested without end', async () => {
  const bodies = [
    '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><multistatus><response><href>&a;</href></response></multistatus>',
    `<multistatus>${'<a>'.repeat(100_000)}`,
    'x'.repeat(11_000_000),
  ]
  for (const body of bodies) {
    fixture = await startFixture(() => ({ status: 207, body }))
    const { desk } = await deskOf({ ...right(), server: fixture.url })
    await expect(desk.call('today')).rejects.toMatchObject({
      code: expect.stringMatching(/not-found|invalid/),
    })
    await fixture.close()
  }
})

it('waits as told, says what is broken, and what it last knew with its age', async () => {
  const forward = await startFixture(async ({ method, path, headers, body }) => {
    const answer = await fetch(radicale.url + path, {
      ...{
        method,
        body: Object.entries(body as object)
          .map(([key, value]) => `${key}=${value}`)
          .join(''),
      },
      headers: {
        authorization: headers.authorization!,
        depth: String(headers.depth),
        'content-type': 'application/xml',
      },
    })
    return { status: answer.status, body: await answer.text() }
  })
  fixture = forward
  const { desk } = await deskOf({ ...right(), server: forward.url })
  forward.trouble({ status: 429, headers: { 'retry-after': '1' }, body: '' })
  const before = await desk.call('today')
  expect(before.values.events).toHaveLength(2)
  desk.now += 3 * hour
  forward.trouble(...Array.from({ length: 9 }, () => ({ status: 503, body: '' })))
  const after = await desk.call('today')
  expect(after.values).toEqual({ ...before.values, stale: true })
  expect(after.text).toMatch(/^Last known, from 3 hours ago: /)
})

it('shows made-up days that say DEMO until it is set up', async () => {
  const { values, text } = await new Desk([caldav]).call('today', { days: 7 })
  expect(values.demo).toMatch(/^DEMO/)
  expect(text).toMatch(/DEMO: stand-up/)
  expect((await new Desk([caldav]).shown())[0]!.examples).toHaveLength(3)
})
