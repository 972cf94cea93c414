import * as z from 'zod'
import { saidLater } from '../../locales/say.ts'
import { HostError } from '../kernel/errors.ts'
import { type Analytics, analyticsExamples, defineAnalytics, firstCounts, top } from './families/analytics.ts'
import { families } from './families/families.ts'
import { daysOf, type Range } from './families/ranges.ts'
import type { Ask } from './kit/ask.ts'
import { defineConnector } from './kit/connector.ts'
import { secretField, textField, type ValuesOf } from './kit/fields.ts'

const fields = {
  property: textField({
    label: saidLater('connector.ga4.property.label'),
    hint: saidLater('connector.ga4.property.hint'),
    placeholder: '123456789',
    required: true,
    schema: z.string().regex(/^\d{1,15}$/),
  }),
  key: secretField({
    label: saidLater('connector.ga4.key.label'),
    hint: saidLater('connector.ga4.key.hint'),
    required: true,
    scopes: ['Viewer'],
  }),
}
type Asking = Ask<ValuesOf<typeof fields>>

const signInAt = 'https://oauth2.googleapis.com'
const KeyFile = z.lazy(() => z.object({ client_email: z.string(), private_key: z.string() }))
const Token = z.lazy(() => z.object({ access_token: z.string() }))
/** All values are texts; rows are left out where there are none. */
const Report = z.lazy(() =>
  z.object({
    rows: z
      .array(
        z.object({
          dimensionValues: z.array(z.object({ value: z.string() })).optional(),
          metricValues: z.array(z.object({ value: z.coerce.number() })),
        }),
      )
      .default([]),
  }),
)

const unreadable = (cause: unknown) =>
  new HostError({ code: 'service-key-unreadable', says: 'service-key-unreadable-ga4', cause })

function readKeyFile(text: string) {
  try {
    return KeyFile.parse(JSON.parse(text))
  } catch (cause) {
    throw unreadable(cause)
  }
}

/** A service account's signed assertion for a token (RFC 7523), for reading Analytics alone. */
async function signIn(ask: Asking): Promise<Record<string, string>> {
  const { client_email, private_key } = readKeyFile(ask.account.key)
  const { importPKCS8, SignJWT } = await import('jose')
  const key = await importPKCS8(private_key, 'RS256').catch((cause) => {
    throw unreadable(cause)
  })
  const now = Math.floor(ask.now() / 1_000)
  const assertion = await new SignJWT({ scope: 'https://www.googleapis.com/auth/analytics.readonly' })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT' })
    .setIssuer(client_email)
    .setAudience(`${signInAt}/token`)
    .setIssuedAt(now)
    .setExpirationTime(now + 3_600)
    .sign(key)
  const form = new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion })
  const { access_token } = await ask.elsewhere(signInAt).post('/token', form, Token)
  return { authorization: `Bearer ${access_token}` }
}

interface Wanted {
  metrics: readonly string[]
  dimension?: string
  dates: { startDate: string; endDate: string }
}

async function report({ metrics, dimension, dates }: Wanted, headers: Record<string, string>, ask: Asking) {
  const by = dimension && {
    dimensions: [{ name: dimension }],
    orderBys: [{ metric: { metricName: metrics[0] }, desc: true }],
  }
  const body = { dateRanges: [dates], metrics: metrics.map((name) => ({ name })), ...by, limit: String(top) }
  const path = `/v1beta/properties/${encodeURIComponent(ask.account.property)}:runReport`
  const { rows } = await ask.post(path, body, Report, { headers })
  return rows.map(({ dimensionValues, metricValues }) => ({
    name: dimensionValues?.[0]?.value ?? '',
    counts: metricValues.map(({ value }) => value),
  }))
}

async function find({ range }: { range: Range }, ask: Asking): Promise<Analytics> {
  const { from, to } = daysOf(range, ask.now())
  const dates = { startDate: from, endDate: to }
  const headers = await signIn(ask)
  const [[totals], sources, pages] = await Promise.all([
    report({ metrics: ['screenPageViews', 'totalUsers', 'sessions'], dates }, headers, ask),
    report({ metrics: ['totalUsers'], dimension: 'sessionSource', dates }, headers, ask),
    report({ metrics: ['screenPageViews'], dimension: 'pagePath', dates }, headers, ask),
  ])
  const [pageviews = 0, visitors = 0, sessions = 0] = totals?.counts ?? []
  return {
    ...{ range, from, to, site: `GA4 ${ask.account.property}`, pageviews, visitors, sessions },
    ...{ referrers: firstCounts(sources), pages: firstCounts(pages), now: null },
  }
}

export const ga4 = defineConnector({
  slug: 'ga4',
  name: 'Google Analytics',
  family: families.analytics,
  about: saidLater('connector.ga4.about'),
  logo: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#a85a00"/><path d="M10 22v-3M16 22v-8M22 22V9" fill="none" stroke="#fff" stroke-width="3.600" stroke-linecap="round"/></svg>',
  baseUrl: 'https://analyticsdata.googleapis.com',
  refusesKey: (status, body) => status === 400 && /"invalid_grant"/.test(body),
  fields,
  tools: [defineAnalytics(fields, find)],
  examples: analyticsExamples,
  async test(ask) {
    const { from, to } = daysOf('7d', ask.now())
    const dates = { startDate: from, endDate: to }
    const [totals] = await report({ metrics: ['totalUsers'], dates }, await signIn(ask), ask)
    return saidLater('connector.ga4.works', { visitors: (totals?.counts[0] ?? 0).toLocaleString('en') })
  },
})
