import * as z from 'zod'
import { saidLater } from '../../locales/say.ts'
import { type Analytics, analyticsExamples, defineAnalytics, firstCounts, top } from './families/analytics.ts'
import { families } from './families/families.ts'
import { daysOf, type Range } from './families/ranges.ts'
import type { Ask } from './kit/ask.ts'
import { defineConnector } from './kit/connector.ts'
import { addressField, secretField, textField, type ValuesOf } from './kit/fields.ts'
import { day, hour, minute, type Period, type Series, seriesOf } from './kit/service-events.ts'

const fields = {
  site: textField({
    label: saidLater('connector.plausible.site.label'),
    hint: saidLater('connector.plausible.site.hint'),
    placeholder: 'example.com',
    required: true,
  }),
  key: secretField({
    label: saidLater('connector.plausible.key.label'),
    hint: saidLater('connector.plausible.key.hint'),
    required: true,
    scopes: ['Stats API'],
  }),
  address: addressField({
    label: saidLater('connector.plausible.address.label'),
    hint: saidLater('connector.plausible.address.hint'),
    placeholder: 'https://plausible.example.com',
  }),
}
type Asking = Ask<ValuesOf<typeof fields>>

const Results = z.lazy(() =>
  z.object({
    results: z.array(
      z.object({ metrics: z.array(z.number().nullable()), dimensions: z.array(z.string().nullable()) }),
    ),
  }),
)

/** `POST /api/v2/query` of the Stats API: the rows of `metrics`, the largest first. */
async function query(metrics: string[], dates: string[], dimension: string | null, ask: Asking) {
  const by = dimension === null ? {} : { dimensions: [dimension], order_by: [[metrics[0], 'desc']] }
  const { results } = await ask.post(
    '/api/v2/query',
    { site_id: ask.account.site, metrics, date_range: dates, ...by, pagination: { limit: top } },
    Results,
  )
  return results.map((row) => ({ name: row.dimensions[0] ?? '', counts: row.metrics.map((one) => one ?? 0) }))
}

const realtime = (ask: Asking) =>
  ask.get(`/api/v1/stats/realtime/visitors?site_id=${encodeURIComponent(ask.account.site)}`, z.number())

async function find({ range }: { range: Range }, ask: Asking): Promise<Analytics> {
  const { from, to } = daysOf(range, ask.now())
  const dates = [from, to]
  const [[totals], sources, pages, now] = await Promise.all([
    query(['pageviews', 'visitors', 'visits'], dates, null, ask),
    query(['visitors'], dates, 'visit:source', ask),
    query(['pageviews'], dates, 'event:page', ask),
    realtime(ask),
  ])
  const [pageviews = 0, visitors = 0, sessions = 0] = totals?.counts ?? []
  return {
    ...{ range, from, to, site: ask.account.site, pageviews, visitors, sessions, now },
    ...{ referrers: firstCounts(sources), pages: firstCounts(pages) },
  }
}

const Timed = z.lazy(() =>
  z.object({
    results: z.array(
      z.object({ metrics: z.array(z.number().nullable()), dimensions: z.array(z.string().nullable()) }),
    ),
    meta: z.object({ time_labels: z.array(z.string()) }),
  }),
)

/** By the hour, or the day. What hour it says is that of the site's time zone: the first of all labels is where the time asked for begins. */
const over =
  (metric: 'visitors' | 'pageviews') =>
  async (ask: Asking, period: Period): Promise<Series[]> => {
    const step = period.step <= hour ? hour : day
    const since = Math.floor(period.since / step) * step
    const until = Math.max(Math.ceil(period.until / step) * step, since + step)
    const { results, meta } = await ask.post(
      '/api/v2/query',
      {
        ...{ site_id: ask.account.site, metrics: [metric] },
        date_range: [new Date(since).toISOString(), new Date(until - 1_000).toISOString()],
        dimensions: [step === hour ? 'time:hour' : 'time:day'],
        ...{ include: { time_labels: true }, pagination: { limit: 1_000 } },
      },
      Timed,
    )
    const read = (label: string) =>
      Date.parse(`${label.replace(' ', 'T')}${label.length > 10 ? '' : 'T00:00:00'}Z`)
    const ahead = Math.round((read(meta.time_labels[0] ?? '') - since) / (15 * minute)) * 15 * minute || 0
    const counted = new Map(
      results.map(({ dimensions, metrics }) => [
        Math.floor((read(dimensions[0] ?? '') - ahead) / step) * step,
        metrics[0] ?? 0,
      ]),
    )
    return [seriesOf({ since, until, step }, step, counted)]
  }

export const plausible = defineConnector({
  slug: 'plausible',
  name: 'Plausible',
  family: families.analytics,
  about: saidLater('connector.plausible.about'),
  logo: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#4a56c9"/><path d="M9 22v-5M14 22v-9M19 22v-7M24 22V9" fill="none" stroke="#fff" stroke-width="2.6" stroke-linecap="round"/></svg>',
  baseUrl: ({ address }) => address ?? 'https://plausible.io',
  headers: ({ key }) => ({ authorization: `Bearer ${key}` }),
  fields,
  metrics: { visitors: over('visitors'), pageviews: over('pageviews') },
  tools: [defineAnalytics(fields, find)],
  examples: analyticsExamples,
  async test(ask) {
    const { from, to } = daysOf('7d', ask.now())
    const [totals] = await query(['visitors'], [from, to], null, ask)
    const visitors = (totals?.counts[0] ?? 0).toLocaleString('en')
    return saidLater('connector.plausible.works', { site: ask.account.site, visitors })
  },
})
