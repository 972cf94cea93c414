import { type FixtureAnswer, startFixture } from './fixture.ts'

interface Query {
  site_id: string
  metrics: string[]
  date_range: [string, string]
  dimensions?: string[]
  pagination?: { limit: number }
  include?: { time_labels?: boolean }
}
interface Numbers {
  totals: Record<string, number>
  /** By dimension: name and number. */
  by: Record<string, [string, number][]>
  now: number
  /** Visitors at these times, in milliseconds; what hour it is there, ahead of UTC. */
  visits?: readonly number[]
  hoursAhead?: number
}

/** For tests: Plausible's Stats API as documented: `POST /api/v2/query` and `GET /api/v1/stats/realtime/visitors`, of one site. */
export const startFixturePlausible = (site: string, numbers: Numbers) =>
  startFixture(({ method, path, query, headers, body }): FixtureAnswer => {
    const wrong =
      'Invalid API key or site ID. Please make sure you are using a valid API key with access to the site you have requested.'
    const asked = body as Query | undefined
    const about = asked?.site_id ?? query.get('site_id')
    if (headers.authorization !== 'Bearer right' || about !== site)
      return { status: 401, body: { error: wrong } }
    if (method === 'GET' && path === '/api/v1/stats/realtime/visitors') return { body: String(numbers.now) }
    if (method !== 'POST' || path !== '/api/v2/query' || !asked)
      return { status: 404, body: { error: 'Not found' } }
    const { metrics, dimensions = [], date_range } = asked
    if (dimensions[0] === 'time:hour' || dimensions[0] === 'time:day') return timedOf(asked, numbers)
    if (!date_range.every((day) => /^\d{4}-\d\d-\d\d$/.test(day)))
      return { status: 400, body: { error: '#/date_range: Invalid date range' } }
    const results =
      dimensions.length === 0
        ? [{ metrics: metrics.map((metric) => numbers.totals[metric]), dimensions: [] }]
        : numbers.by[dimensions[0]!]!.slice(0, asked.pagination?.limit).map(([name, count]) => ({
            ...{ metrics: [count], dimensions: [name] },
          }))
    return { body: { results, meta: {}, query: { ...asked, filters: [] } } }
  })

/** With times, the range is exact; labels are in the site's own time, and only hours with visitors are in the results. */
function timedOf({ date_range, dimensions, include, metrics }: Query, numbers: Numbers): FixtureAnswer {
  const { visits = [], hoursAhead = 0 } = numbers
  const step = dimensions![0] === 'time:hour' ? 3_600_000 : 86_400_000
  const ahead = hoursAhead * 3_600_000
  const [from, to] = date_range.map((one) => Date.parse(one)) as [number, number]
  const label = (at: number) =>
    new Date(at + ahead)
      .toISOString()
      .slice(0, step === 3_600_000 ? 13 : 10)
      .replace('T', ' ') + (step === 3_600_000 ? ':00:00' : '')
  const labels: string[] = []
  const counts = new Map<string, number>()
  for (let at = from; at <= to; at += step) labels.push(label(at))
  for (const at of visits) if (at >= from && at <= to) counts.set(label(at), (counts.get(label(at)) ?? 0) + 1)
  const results = [...counts].map(([name, count]) => ({
    metrics: metrics.map(() => count),
    dimensions: [name],
  }))
  return { body: { results, meta: include?.time_labels ? { time_labels: labels } : {}, query: {} } }
}
