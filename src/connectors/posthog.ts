import * as z from 'zod'
import { saidLater } from '../../locales/say.ts'
import { type Analytics, analyticsExamples, defineAnalytics, top } from './families/analytics.ts'
import { families } from './families/families.ts'
import { daysOf, type Range } from './families/ranges.ts'
import type { Ask } from './kit/ask.ts'
import { defineConnector } from './kit/connector.ts'
import { addressField, secretField, textField, type ValuesOf } from './kit/fields.ts'
import { type Period, type Series, seriesOf } from './kit/service-events.ts'

const fields = {
  project: textField({
    label: saidLater('connector.posthog.project.label'),
    hint: saidLater('connector.posthog.project.hint'),
    placeholder: '12345',
    required: true,
    schema: z.string().regex(/^\d{1,12}$/),
  }),
  key: secretField({
    label: saidLater('connector.posthog.key.label'),
    hint: saidLater('connector.posthog.key.hint'),
    placeholder: 'phx_…',
    required: true,
    scopes: ['query:read'],
  }),
  address: addressField({
    label: saidLater('connector.posthog.address.label'),
    hint: saidLater('connector.posthog.address.hint'),
    placeholder: 'https://eu.posthog.com',
  }),
}
type Asking = Ask<ValuesOf<typeof fields>>

const Results = z.lazy(() =>
  z.object({ results: z.array(z.array(z.union([z.string(), z.number(), z.null()]))) }),
)

/** `POST /api/projects/{id}/query/`. What stands in it is written here alone, dates included. */
async function query(hogql: string, ask: Asking) {
  const path = `/api/projects/${encodeURIComponent(ask.account.project)}/query/`
  return (await ask.post(path, { query: { kind: 'HogQLQuery', query: hogql } }, Results)).results
}

const views = (since: number) =>
  `FROM events WHERE event = '$pageview' AND timestamp >= toDateTime(${since / 1_000})`

async function find({ range }: { range: Range }, ask: Asking): Promise<Analytics> {
  const { since, from, to } = daysOf(range, ask.now())
  const where = views(since)
  const most = `GROUP BY name ORDER BY found DESC LIMIT ${top}`
  const [totals, referrers, pages] = await Promise.all([
    query(`SELECT count(), uniq(person_id), uniq(properties.$session_id) ${where}`, ask),
    query(`SELECT properties.$referring_domain AS name, uniq(person_id) AS found ${where} ${most}`, ask),
    query(`SELECT properties.$pathname AS name, count() AS found ${where} ${most}`, ask),
  ])
  const [pageviews = 0, visitors = 0, sessions = 0] = (totals[0] ?? []).map(Number)
  const counted = (rows: typeof pages) =>
    rows.map(([name, count]) => ({ name: String(name ?? ''), count: Number(count) }))
  return {
    ...{ range, from, to, site: `PostHog ${ask.account.project}`, pageviews, visitors, sessions, now: null },
    ...{ referrers: counted(referrers), pages: counted(pages) },
  }
}

const over =
  (what: 'uniq(person_id)' | 'count()') =>
  async (ask: Asking, period: Period): Promise<Series[]> => {
    const { since, until, step } = period
    const seconds = step / 1_000
    const at = `intDiv(toUnixTimestamp(timestamp), ${seconds}) * ${seconds}`
    const where = `${views(since)} AND timestamp < toDateTime(${until / 1_000})`
    const each = 'GROUP BY at ORDER BY at LIMIT 1000'
    const rows = await query(`SELECT ${at} AS at, ${what} AS found ${where} ${each}`, ask)
    return [seriesOf(period, step, new Map(rows.map(([at, found]) => [Number(at) * 1_000, Number(found)])))]
  }

export const posthog = defineConnector({
  slug: 'posthog',
  name: 'PostHog',
  family: families.analytics,
  about: saidLater('connector.posthog.about'),
  logo: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#b4530b"/><path d="M8 23 16 9l8 14M12 23l4-7 4 7" fill="none" stroke="#fff" stroke-width="2.4" stroke-linejoin="round" stroke-linecap="round"/></svg>',
  // What pages send to (`us.i.`) is not what can be asked.
  baseUrl: ({ address = 'https://us.posthog.com' }) =>
    address.replace(/^https:\/\/(us|eu)\.i\.posthog\.com$/, 'https://$1.posthog.com'),
  headers: ({ key }) => ({ authorization: `Bearer ${key}` }),
  fields,
  metrics: { visitors: over('uniq(person_id)'), pageviews: over('count()') },
  tools: [defineAnalytics(fields, find)],
  examples: analyticsExamples,
  async test(ask) {
    const { since } = daysOf('7d', ask.now())
    const [[found = 0] = []] = await query(`SELECT count() ${views(since)}`, ask)
    return saidLater('connector.posthog.works', { views: Number(found).toLocaleString('en') })
  },
})
