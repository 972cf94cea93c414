import { afterEach, expect, it } from 'vitest'
import { betterStack } from './better-stack.ts'
import { Desk, itSurvives } from './testing/business.ts'
import type { Fixture } from './testing/fixture.ts'
import { startFixtureBetterStack } from './testing/fixture-better-stack.ts'

const monitor = (pronounceable_name: string, status: string) => ({
  ...{ pronounceable_name, url: `https://${pronounceable_name}.example`, status, monitor_type: 'status' },
  last_checked_at: '2026-11-15T11:59:00.000Z',
})
const monitors = [
  monitor('one', 'up'),
  monitor('two', 'paused'),
  monitor('three', 'validating'),
  monitor('four', 'down'),
]
const heartbeats = [
  { name: 'backup', status: 'down' },
  { name: 'mail', status: 'pending' },
]
let fixture: Fixture
afterEach(() => fixture?.close())
async function deskOf(lists: Parameters<typeof startFixtureBetterStack>[0], largest?: number) {
  fixture = await startFixtureBetterStack(lists, largest)
  const desk = new Desk([betterStack], { 'better-stack': fixture.url })
  await desk.save({ key: 'right' })
  return desk
}

it('says what is down first, over pages, heartbeats too', async () => {
  const desk = await deskOf({ monitors, heartbeats }, 3)
  const { values, text } = await desk.call('get_health_checks')
  expect(values).toMatchObject({ up: 1, down: 2, paused: 1, unknown: 2, more: false })
  expect((values.monitors as { name: string }[]).map(({ name }) => name)).toEqual([
    'four',
    'backup',
    'three',
    'mail',
    'two',
    'one',
  ])
  expect((values.monitors as object[])[0]).toEqual({
    ...{ name: 'four', url: 'https://four.example', kind: 'monitor', state: 'down', said: 'down' },
    checkedAt: '2026-11-15T11:59:00.000Z',
  })
  expect(text).toMatch(/^2 down: four, backup\. 1 up, 1 paused, 2 unknown\./)
})

it('names the team to a global token', async () => {
  const desk = await deskOf({ monitors, heartbeats })
  await desk.save({ team: 'My team & co' }, { id: (await desk.shown())[0]!.accounts[0]!.id })
  await desk.call('get_health_checks')
  expect(fixture.requests.every(({ query }) => query.get('team_name') === 'My team & co')).toBe(true)
})

it('of an account without monitors says so', async () => {
  const desk = await deskOf({ monitors: [], heartbeats: [] })
  expect((await desk.call('get_health_checks')).text).toMatch(/^Nothing is watched\./)
  const { id } = (await desk.shown())[0]!.accounts[0]!
  expect((await desk.test(id)).message).toBe('It works: there are no monitors yet.')
})

itSurvives({
  connector: betterStack,
  tool: 'get_health_checks',
  start: () => startFixtureBetterStack({ monitors, heartbeats }),
  right: { key: 'right' },
  wrong: { key: 'wrong' },
  works: /^It works: 4 monitors\.$/,
  odd: { data: {} },
  requests: 2,
})
