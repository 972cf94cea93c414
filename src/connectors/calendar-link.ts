import * as z from 'zod'
import { saidLater, say } from '../../locales/say.ts'
import { HostError } from '../kernel/errors.ts'
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
import { isSafe, secretField, textField, type ValuesOf } from './kit/fields.ts'

/** `webcal://` is what programs for calendars are opened with. */
const asUrl = (text: string): URL | null => URL.parse(text.trim().replace(/^webcals?:/i, 'https:'))
const isLink = (text: string): boolean => {
  const url = asUrl(text)
  return url !== null && /^https?:$/.test(url.protocol) && isSafe(url) && url.username + url.password === ''
}

const fields = {
  link: secretField({
    label: saidLater('connector.calendar-link.link.label'),
    hint: saidLater('connector.calendar-link.link.hint'),
    placeholder: 'https://calendar.google.com/calendar/ical/…/basic.ics',
    required: true,
    schema: z
      .string()
      .max(2_000)
      .refine(isLink, { error: () => say('connector.address') }),
  }),
  name: textField({
    label: saidLater('connector.calendar-link.name.label'),
    hint: saidLater('connector.calendar-link.name.hint'),
  }),
  zone: zoneField(),
}
type Asking = Ask<ValuesOf<typeof fields>>

/** The whole file: it is one. */
async function fileOf(ask: Asking): Promise<string> {
  const url = asUrl(ask.account.link)!
  const refused = () =>
    new HostError({ code: 'not-found', says: 'not-found-calendar-link', params: { host: url.host } })
  try {
    const text = await ask.text('GET', url.href, {
      headers: { accept: 'text/calendar, */*' },
      notFound: refused,
    })
    if (/^\uFEFF?\s*BEGIN:VCALENDAR/i.test(text)) return text
  } catch (error) {
    if (error instanceof HostError && isRefusal.has(error.code)) throw refused()
    throw error
  }
  throw new HostError({
    code: 'service-answer-invalid',
    says: 'calendar-link-no-calendar',
    params: { host: url.host },
  })
}
const isRefusal = new Set(['service-key-refused', 'service-rights-missing'])

/** Programs write the name of a calendar so (draft-ietf-calext, RFC 7986 §5.1). */
const nameIn = (text: string) =>
  /^(?:X-WR-CALNAME|NAME)(?:;[^:\n]*)?:(.+?)\r?$/im.exec(text.slice(0, 20_000))?.[1] ?? ''

const find = async (_days: Days, ask: Asking): Promise<Calendars> => {
  const text = await fileOf(ask)
  return [{ calendar: calendarName(ask.account.name ?? nameIn(text)), text }]
}

export const calendarLink = defineConnector({
  slug: 'calendar-link',
  name: 'Calendar (link)',
  title: saidLater('connector.calendar-link.title'),
  family: families['own-calendars'],
  about: saidLater('connector.calendar-link.about'),
  logo: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#0f766e"/><path d="M8 10h16v14H8zM8 14h16M13 19h6M12 7v5M20 7v5" fill="none" stroke="#fff" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round"/></svg>',
  baseUrl: ({ link }) => asUrl(link)?.origin ?? 'https://calendar.invalid',
  isOwn: true,
  fields,
  tools: [defineToday(fields, find)],
  examples: calendarExamples,
  async test(ask) {
    const text = await fileOf(ask)
    const count = text.match(/^BEGIN:VEVENT/gim)?.length ?? 0
    const name = calendarName(ask.account.name ?? nameIn(text))
    return saidLater('connector.calendar-link.works', { count, name })
  },
})
