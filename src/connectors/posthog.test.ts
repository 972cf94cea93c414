import { afterEach, expect, it } from 'vitest'
import { posthog } from './posthog.ts'
import { Desk, itSurvives } from './testing/business.ts'
import type { Fixture } from './testing/fixture.ts'
import { startFixturePosthog } from './testing/fixture-posthog.ts'

const start = (
  totals: number[],
  referrers: unknown[][] = [
    ['$direct', 300],
    [null, 2],
  ],
) =>
  startFixturePosthog({
    'count(), uniq(person_id), uniq(properties.$session_id)': [totals],
    'properties.$referring_domain AS name, uniq(person_id) AS found': referrers,
    'properties.$pathname AS name, count() AS found': referrers.length > 0 ? [['/', 800]] : [],
    'count()': [[totals[0]]],
  })
const right = { project: '42', key: 'phx_right' }
let fixture: Fixture
afterEach(() => fixture?.close())

it('tells views, visitors, sessions, referrers and pages', async () => {
  fixture = await start([1_200, 400, 500])
  const desk = new Desk([posthog], { posthog: fixture.url })
  await desk.save(right)
  const { values } = await desk.call('get_analytics', { range: '7d' })
  expect(values).toMatchObject({
    ...{ site: 'PostHog 42', pageviews: 1_200, visitors: 400, sessions: 500, now: null },
    referrers: [
      { name: '$direct', count: 300 },
      { name: '', count: 2 },
    ],
    pages: [{ name: '/', count: 800 }],
  })
  const { query } = (fixture.requests[0]!.body as { query: { query: string } }).query
  expect(query).toContain(`toDateTime(${Date.UTC(2026, 10, 9) / 1_000})`)
})

it('of a project without visitors says so', async () => {
  fixture = await start([0, 0, 0], [])
  const desk = new Desk([posthog], { posthog: fixture.url })
  await desk.save(right)
  expect((await desk.call('get_analytics')).values).toMatchObject({ pageviews: 0, referrers: [], pages: [] })
})

it('is asked where questions are answered, not where pages send to', async () => {
  const { baseUrl } = posthog as unknown as { baseUrl(account: { address?: string }): string }
  expect(baseUrl({ address: 'https://eu.i.posthog.com' })).toBe('https://eu.posthog.com')
  expect(baseUrl({})).toBe('https://us.posthog.com')
  const desk = new Desk([posthog], {})
  await expect(desk.save({ ...right, project: '42) OR (1' })).rejects.toMatchObject({ code: 'field-invalid' })
})

itSurvives({
  connector: posthog,
  tool: 'get_analytics',
  start: () => start([1_200, 400, 500]),
  right,
  wrong: { project: '42', key: 'phx_wrong' },
  works: /^It works: 1,200 page views/,
  odd: { results: [{ count: 1 }] },
  requests: 3,
})
