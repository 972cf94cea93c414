import { afterEach, expect, it } from 'vitest'
import { betterStack } from './better-stack.ts'
import { Desk, itSurvives } from './testing/business.ts'
import type { Fixture } from './testing/fixture.ts'
import { startFixtureBetterStack } from './testing/fixture-better-stack.ts'
import { startFixtureUptimerobot } from './testing/fixture-uptimerobot.ts'
import { uptimerobot } from './uptimerobot.ts'

const monitor = (friendlyName: string, status: string | null, type = 'HTTP') => ({
  ...{ id: 1, friendlyName, url: `https://${friendlyName}.example`, type, status, interval: 300 },
})
const monitors = [
  monitor('one', 'UP'),
  monitor('two', 'DOWN'),
  monitor('three', 'PAUSED'),
  monitor('four', null),
]
let fixture: Fixture
afterEach(() => fixture?.close())

it('says what is down first, over pages', async () => {
  fixture = await startFixtureUptimerobot([...monitors, monitor('five', 'UP', 'HEARTBEAT')], 2)
  const desk = new Desk([uptimerobot], { uptimerobot: fixture.url })
  await desk.save({ key: 'ur-right' })
  const { values, text } = await desk.call('get_health_checks')
  expect(values).toMatchObject({ up: 2, down: 1, paused: 1, unknown: 1, more: false })
  expect(values.monitors).toMatchObject([
    { name: 'two' },
    { name: 'four' },
    { name: 'three' },
    {},
    { kind: 'heartbeat' },
  ])
  expect(text).toMatch(/^1 down: two\./)
  expect(fixture.requests.map(({ query }) => query.get('cursor'))).toEqual([null, '2', '4'])
})

it('of an account without monitors says so', async () => {
  fixture = await startFixtureUptimerobot([])
  const desk = new Desk([uptimerobot], { uptimerobot: fixture.url })
  await desk.save({ key: 'ur-right' })
  expect((await desk.call('get_health_checks')).text).toMatch(/^Nothing is watched\./)
})

it('and Better Stack are asked with one tool, each for itself', async () => {
  fixture = await startFixtureUptimerobot(monitors)
  const other = await startFixtureBetterStack({ monitors: [], heartbeats: [] })
  const both = new Desk([uptimerobot, betterStack], { uptimerobot: fixture.url, 'better-stack': other.url })
  expect(both.tools().map(({ name }) => name)).toEqual(['get_health_checks'])
  expect((await both.call('get_health_checks')).text).toContain('set up UptimeRobot or Better Stack')
  await both.save({ key: 'right' }, { slug: 'better-stack' })
  expect((await both.call('get_health_checks')).values).toMatchObject({ up: 0, stale: false })
  await both.save({ key: 'ur-right' })
  const { values, text } = await both.call('get_health_checks')
  expect(values.accounts).toMatchObject([
    { account: 'UptimeRobot: My account', service: 'UptimeRobot', down: 1 },
    { account: 'Better Stack: My account', service: 'Better Stack', monitors: [] },
  ])
  expect(text).toContain('UptimeRobot (UptimeRobot: My account): 1 down: two.')
  const one = await both.call('get_health_checks', { account: 'Better Stack: My account' })
  expect(one.values.accounts).toHaveLength(1)
  await other.close()
})

itSurvives({
  connector: uptimerobot,
  tool: 'get_health_checks',
  start: () => startFixtureUptimerobot(monitors),
  right: { key: 'ur-right' },
  wrong: { key: 'ur-wrong' },
  works: /^It works: 4 monitors\.$/,
  odd: { data: 'none' },
})
