import { afterEach, expect, it } from 'vitest'
import { Desk, itSurvives } from './testing/business.ts'
import type { Fixture } from './testing/fixture.ts'
import { startFixtureUmami, website } from './testing/fixture-umami.ts'
import { umami } from './umami.ts'

const stats = { pageviews: 3_018, visitors: 847, visits: 984, bounces: 537, totaltime: 150_492 }
/** As version 2 has them. */
const older = {
  pageviews: { value: 3_018, prev: 1 },
  visitors: { value: 847, prev: 1 },
  visits: { value: 984, prev: 1 },
}
const referrers = [{ x: 'news.example', y: 52 }]
const right = { website, key: 'right' }
let fixture: Fixture
afterEach(() => fixture?.close())

it.each([
  ['of now', stats],
  ['of version 2', older],
])('tells what there was, in the shape %s', async (_which, shape) => {
  fixture = await startFixtureUmami(shape, referrers)
  const desk = new Desk([umami], { umami: fixture.url })
  await desk.save(right)
  expect((await desk.call('get_analytics', { range: '3m' })).values).toMatchObject({
    ...{ pageviews: 3_018, visitors: 847, sessions: 984, referrers: [{ name: 'news.example', count: 52 }] },
  })
})

it('signs in to a server of one’s own, and says when it was not told how', async () => {
  fixture = await startFixtureUmami(stats, [])
  const desk = new Desk([umami], {})
  const own = { website, address: fixture.url }
  const { id } = await desk.save(own)
  await expect(desk.call('get_analytics')).rejects.toMatchObject({ code: 'sign-in-missing' })
  await desk.save({ username: 'viewer', password: 'wrong' }, { id })
  await expect(desk.call('get_analytics')).rejects.toMatchObject({ code: 'service-key-refused' })
  await desk.save({ password: 'right' }, { id })
  expect((await desk.call('get_analytics')).values).toMatchObject({ visitors: 847, referrers: [] })
  expect((await desk.test(id)).message).toBe('It works: 847 visitors in the last 7 days.')
})

it('of a website without visitors says so', async () => {
  fixture = await startFixtureUmami({ pageviews: 0, visitors: 0, visits: 0 }, [])
  const desk = new Desk([umami], { umami: fixture.url })
  await desk.save(right)
  expect((await desk.call('get_analytics')).values).toMatchObject({ pageviews: 0, visitors: 0 })
})

itSurvives({
  connector: umami,
  tool: 'get_analytics',
  start: () => startFixtureUmami(stats, referrers),
  right,
  wrong: { website, key: 'wrong' },
  works: /^It works: 847 visitors/,
  odd: { pageviews: 'many' },
  requests: 2,
})
