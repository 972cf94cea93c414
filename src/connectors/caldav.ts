import { saidLater } from '../../locales/say.ts'
import { HostError } from '../kernel/errors.ts'
import { Dav, type DavCalendar } from './calendar/dav.ts'
import { dateIn, windowOf } from './calendar/zones.ts'
import {
  type Calendars,
  calendarExamples,
  calendarName,
  type Days,
  defineToday,
  zoneField,
} from './families/calendar.ts'
import { families } from './families/families.ts'
import type { Ask } from './kit/ask.ts'
import { defineConnector } from './kit/connector.ts'
import { addressField, secretField, textField, type ValuesOf } from './kit/fields.ts'
import { ReadingThread } from './reading/reading-thread.ts'

const fields = {
  server: addressField({
    label: saidLater('connector.caldav.server.label'),
    hint: saidLater('connector.caldav.server.hint'),
    placeholder: 'https://caldav.icloud.com',
    required: true,
  }),
  username: textField({
    label: saidLater('connector.caldav.username.label'),
    hint: saidLater('connector.caldav.username.hint'),
    required: true,
  }),
  password: secretField({
    label: saidLater('connector.caldav.password.label'),
    hint: saidLater('connector.caldav.password.hint'),
    required: true,
  }),
  zone: zoneField(),
}
type Asking = Ask<ValuesOf<typeof fields>>

/** Asked for at the same time. */
const atOnce = 4

/** RFC 7617. */
const headersOf = ({ username, password }: ValuesOf<typeof fields>) => ({
  authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
})

async function connected<T>(ask: Asking, thread: ReadingThread, what: (dav: Dav) => Promise<T>): Promise<T> {
  try {
    return await what(new Dav(ask, thread, headersOf(ask.account)))
  } catch (error) {
    if (!isKeyRefused(error)) throw error
    throw new HostError({
      code: 'service-key-refused',
      says: 'service-password-refused-calendar',
      params: { host: new URL(ask.account.server).host },
      cause: error,
    })
  }
}

/** In the order of the calendars. One that fails costs itself; throws why when there is none that does not, or the key is refused. */
async function eventsOf(dav: Dav, calendars: readonly DavCalendar[], days: Days): Promise<Calendars> {
  const { start, end } = windowOf(days)
  const texts: { calendar: string; text: string | null }[] = []
  const reasons: unknown[] = []
  for (let from = 0; from < calendars.length; from += atOnce) {
    const some = calendars.slice(from, from + atOnce)
    const found = await Promise.allSettled(some.map((one) => dav.events(one, start, end)))
    for (const [index, one] of found.entries()) {
      if (one.status === 'rejected') reasons.push(one.reason)
      const text = one.status === 'fulfilled' ? one.value : null
      texts.push({ calendar: calendarName(some[index]!.name), text })
    }
    const refused = reasons.find(isKeyRefused)
    if (refused) throw refused
  }
  if (reasons.length > 0 && reasons.length === texts.length) throw reasons[0]
  return texts
}

const isKeyRefused = (error: unknown): error is HostError =>
  error instanceof HostError && error.code === 'service-key-refused'

const find = (days: Days, ask: Asking, thread: ReadingThread): Promise<Calendars> =>
  connected(ask, thread, async (dav) => eventsOf(dav, await dav.calendars(), days))

export const caldav = defineConnector({
  slug: 'caldav',
  name: 'Calendar (CalDAV)',
  title: saidLater('connector.caldav.name'),
  family: families['own-calendars'],
  about: saidLater('connector.caldav.about'),
  logo: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#c2410c"/><path d="M8 10h16v14H8zM8 14h16M12 7v5M20 7v5" fill="none" stroke="#fff" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round"/></svg>',
  baseUrl: ({ server }) => server,
  isOwn: true,
  fields,
  tools: [defineToday(fields, find)],
  examples: calendarExamples,
  async test(ask) {
    const thread = new ReadingThread(ask)
    try {
      return await connected(ask, thread, async (dav) => {
        const calendars = await dav.calendars()
        const zone = ask.account.zone ?? 'UTC'
        await eventsOf(dav, calendars.slice(0, 1), { from: dateIn(zone, ask.now()), days: 1, zone })
        const names = calendars.map(({ name }) => calendarName(name)).slice(0, 5)
        return saidLater('connector.caldav.works', { count: calendars.length, names: names.join(', ') })
      })
    } finally {
      await thread.end()
    }
  },
})
