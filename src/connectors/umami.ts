import * as z from 'zod'
import { saidLater } from '../../locales/say.ts'
import { HostError } from '../kernel/errors.ts'
import { type Analytics, analyticsExamples, defineAnalytics, top } from './families/analytics.ts'
import { families } from './families/families.ts'
import { daysOf, type Range } from './families/ranges.ts'
import type { Ask } from './kit/ask.ts'
import { defineConnector } from './kit/connector.ts'
import { addressField, secretField, textField, type ValuesOf } from './kit/fields.ts'
import { day, hour, type Period, type Series, seriesOf } from './kit/service-events.ts'

const fields = {
  website: textField({
    label: saidLater('connector.umami.website.label'),
    hint: saidLater('connector.umami.website.hint'),
    placeholder: '86d4095c-a2a8-4fc8-9521-103e858e2b41',
    required: true,
    schema: z.string().regex(/^[0-9a-fA-F-]{36}$/),
  }),
  key: secretField({
    label: saidLater('connector.umami.key.label'),
    hint: saidLater('connector.umami.key.hint'),
  }),
  address: addressField({
    label: saidLater('connector.umami.address.label'),
    hint: saidLater('connector.umami.address.hint'),
    placeholder: 'https://umami.example.com',
  }),
  username: textField({
    label: saidLater('connector.umami.username.label'),
    hint: saidLater('connector.umami.username.hint'),
  }),
  password: secretField({
    label: saidLater('connector.umami.password.label'),
    hint: saidLater('connector.umami.password.hint'),
    scopes: ['View only'],
  }),
}
type Asking = Ask<ValuesOf<typeof fields>>

/** A number, or, before version 3, one with that of the time before. */
const Value = z.lazy(() =>
  z.union([z.number(), z.object({ value: z.number() }).transform(({ value }) => value)]),
)
const Stats = z.lazy(() => z.object({ pageviews: Value, visitors: Value, visits: Value }))
const Metrics = z.lazy(() => z.array(z.object({ x: z.string().nullable(), y: z.number() })))

/** Umami Cloud takes the key; one's own server wants a sign-in, and then what it gave. */
async function headersOf(ask: Asking): Promise<Record<string, string>> {
  const { key, address, username, password } = ask.account
  if (address === undefined) {
    if (key === undefined) throw signInMissing()
    return { 'x-umami-api-key': key }
  }
  if (username === undefined || password === undefined) throw signInMissing()
  const { token } = await ask.post('/auth/login', { username, password }, z.object({ token: z.string() }))
  return { authorization: `Bearer ${token}` }
}
const signInMissing = () => new HostError({ code: 'sign-in-missing', says: 'sign-in-missing-umami' })

async function find({ range }: { range: Range }, ask: Asking): Promise<Analytics> {
  const { since, from, to } = daysOf(range, ask.now())
  const headers = await headersOf(ask)
  const when = `startAt=${since}&endAt=${ask.now()}`
  const website = `/websites/${encodeURIComponent(ask.account.website)}`
  const [stats, referrers] = await Promise.all([
    ask.get(`${website}/stats?${when}`, Stats, { headers }),
    ask.get(`${website}/metrics?type=referrer&limit=${top}&${when}`, Metrics, { headers }),
  ])
  const { pageviews, visitors, visits: sessions } = stats
  return {
    ...{ range, from, to, site: `Umami ${ask.account.website}`, pageviews, visitors, sessions },
    ...{ referrers: referrers.map(({ x, y }) => ({ name: x ?? '', count: y })).slice(0, top), pages: [] },
    now: null,
  }
}

const Counted = z.lazy(() => z.array(z.object({ x: z.string(), y: z.number() })))
const Pageviews = z.lazy(() => z.object({ pageviews: Counted, sessions: Counted }))

/** `GET …/pageviews`, by the hour or the day; its sessions are visitors in that time. */
const over =
  (which: 'pageviews' | 'sessions') =>
  async (ask: Asking, period: Period): Promise<Series[]> => {
    const step = period.step <= hour ? hour : day
    const unit = step === hour ? 'hour' : 'day'
    const headers = await headersOf(ask)
    const website = `/websites/${encodeURIComponent(ask.account.website)}`
    const when = `startAt=${period.since}&endAt=${period.until}&unit=${unit}&timezone=UTC`
    const found = await ask.get(`${website}/pageviews?${when}`, Pageviews, { headers })
    const read = (x: string) =>
      Date.parse(x.endsWith('Z') ? x : `${x.replace(' ', 'T')}${x.length > 10 ? '' : 'T00:00:00'}Z`)
    const counted = new Map(found[which].map(({ x, y }) => [Math.floor(read(x) / step) * step, y]))
    return [seriesOf(period, step, counted)]
  }

export const umami = defineConnector({
  slug: 'umami',
  name: 'Umami',
  family: families.analytics,
  about: saidLater('connector.umami.about'),
  logo: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#33363b"/><path d="M7 16h18a9 9 0 0 1-18 0zM12 12c0-2 1-2 1-4M18 12c0-2 1-2 1-4" fill="none" stroke="#fff" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round"/></svg>',
  baseUrl: ({ address }) => (address === undefined ? 'https://api.umami.is/v1' : `${address}/api`),
  fields,
  metrics: { visitors: over('sessions'), pageviews: over('pageviews') },
  tools: [defineAnalytics(fields, find)],
  examples: analyticsExamples,
  async test(ask) {
    const { visitors } = await find({ range: '7d' }, ask)
    return saidLater('connector.umami.works', { visitors: visitors.toLocaleString('en') })
  },
})
