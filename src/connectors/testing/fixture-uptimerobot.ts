import { type FixtureAnswer, startFixture } from './fixture.ts'

/** For tests: UptimeRobot's `GET /v3/monitors` as documented; pages by the cursor in `nextLink`. */
export const startFixtureUptimerobot = (monitors: object[], largest = 200) =>
  startFixture(({ method, path, query, headers }, url): FixtureAnswer => {
    if (headers.authorization !== 'Bearer ur-right')
      return { status: 401, body: { error: true, message: 'Unauthorized' } }
    if (method !== 'GET' || path !== '/v3/monitors')
      return { status: 404, body: { error: true, message: 'Not found' } }
    const size = Math.min(Number(query.get('limit') ?? 50), largest)
    const from = Number(query.get('cursor') ?? 0)
    const to = from + size
    const nextLink = to < monitors.length ? `${url}/v3/monitors/?limit=${size}&cursor=${to}` : null
    return { body: { data: monitors.slice(from, to), nextLink } }
  })
