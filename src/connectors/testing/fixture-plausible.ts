import { type FixtureAnswer, startFixture } from './fixture.ts'

interface Query {
  site_id: string
  metrics: string[]
  date_range: [string, string]
  dimensions?: string[]
  pagination?: { limit: number }
}
interface Numbers {
  totals: Record<string, number>
  /** By dimension: name and number. */
  by: Record<string, [string, number][]>
  now: number
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
