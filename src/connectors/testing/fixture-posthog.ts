import { type FixtureAnswer, startFixture } from './fixture.ts'

/** For tests: PostHog's query endpoint as documented, for the questions that the connector asks: rows by what the query selects. */
export const startFixturePosthog = (rows: Record<string, unknown[][]>) =>
  startFixture(({ method, path, headers, body }): FixtureAnswer => {
    if (headers.authorization !== 'Bearer phx_right')
      return {
        status: 401,
        body: {
          type: 'authentication_error',
          code: 'authentication_failed',
          detail: 'Invalid personal API key.',
        },
      }
    if (method !== 'POST' || path !== '/api/projects/42/query/')
      return { status: 404, body: { type: 'invalid_request', detail: 'Not found.' } }
    const { query } = body as { query: { kind: string; query: string } }
    const wanted =
      /^SELECT (.+?) FROM events WHERE event = '\$pageview' AND timestamp >= toDateTime\(\d+\)/.exec(
        query.query,
      )?.[1]
    const results = query.kind === 'HogQLQuery' && wanted !== undefined ? rows[wanted] : undefined
    if (!results)
      return { status: 400, body: { type: 'validation_error', detail: 'Unable to resolve query' } }
    return { body: { results, columns: [], types: [], hasMore: false, limit: 100, offset: 0 } }
  })
