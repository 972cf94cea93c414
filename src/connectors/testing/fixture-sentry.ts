import { type FixtureAnswer, startFixture } from './fixture.ts'

const minutes: Readonly<Record<string, number>> = { '5m': 5, '15m': 15, '60m': 60, '1440m': 1_440 }

/**
 * For tests: Sentry's `GET /api/0/organizations/{org}/issues/` as documented, of one organization; pages by `Link`, at another region's
 * address; and `…/events-stats/` of errors that happened at these times, in milliseconds.
 */
export const startFixtureSentry = (issues: object[], largest = 100, errors: readonly number[] = []) =>
  startFixture(({ method, path, query, headers }, url): FixtureAnswer => {
    if (headers.authorization !== 'Bearer right') return { status: 401, body: { detail: 'Invalid token' } }
    if (path === '/api/0/organizations/my-company/events-stats/') return statsOf(query, errors)
    if (method !== 'GET' || path !== '/api/0/organizations/my-company/issues/')
      return { status: 404, body: { detail: 'The requested resource does not exist' } }
    if (query.get('query') !== 'is:unresolved' || query.get('project') !== '-1')
      return { status: 400, body: { detail: 'Error parsing search query' } }
    const size = Math.min(Number(query.get('limit') ?? 25), largest)
    const firstSeen = (one: object) => Date.parse((one as { firstSeen: string }).firstSeen)
    if (query.get('sort') === 'new') issues = issues.toSorted((a, b) => firstSeen(b) - firstSeen(a))
    const [, from = '0'] = (query.get('cursor') ?? '0:0:0').split(':')
    const at = Number(from)
    const link = (rel: string, to: number, more: boolean) =>
      `<${url.replace('127.0.0.1', 'us.sentry.example')}${path}?&cursor=0:${to}:0>; rel="${rel}"; results="${more}"; cursor="0:${to}:0"`
    const links = [
      link('previous', Math.max(0, at - size), at > 0),
      link('next', at + size, at + size < issues.length),
    ]
    return { headers: { link: links.join(', ') }, body: issues.slice(at, at + size) }
  })

function statsOf(query: URLSearchParams, errors: readonly number[]): FixtureAnswer {
  const step = (minutes[query.get('interval') ?? ''] ?? 0) * 60_000
  const [start, end] = [Date.parse(query.get('start') ?? ''), Date.parse(query.get('end') ?? '')]
  if (step === 0 || !(start < end) || query.get('dataset') !== 'errors' || query.get('yAxis') !== 'count()')
    return { status: 400, body: { detail: 'Invalid query' } }
  const data: [number, { count: number }[]][] = []
  for (let at = start; at < end; at += step)
    data.push([at / 1_000, [{ count: errors.filter((one) => one >= at && one < at + step).length }]])
  return { body: { data, start: start / 1_000, end: end / 1_000, isMetricsData: false } }
}
