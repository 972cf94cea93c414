import { afterEach, expect, it } from 'vitest'
import { Desk, hour, itSurvives, noon } from './testing/business.ts'
import type { Fixture } from './testing/fixture.ts'
import { startFixtureVercel } from './testing/fixture-vercel.ts'
import { vercel } from './vercel.ts'

let made = 0
function deployment(ago: number, more: object = {}) {
  made += 1
  return {
    ...{
      uid: `dpl_${made}`,
      name: 'shop',
      url: `shop-${made}.vercel.app`,
      state: 'READY',
      target: 'production',
    },
    ...{
      created: noon - ago * hour,
      meta: { githubCommitMessage: `Change ${made}\n\nMore`, githubCommitRef: 'main' },
    },
    ...more,
  }
}
const all = [
  deployment(1, { state: 'BUILDING' }),
  deployment(2, { state: 'ERROR' }),
  deployment(3),
  deployment(4, { target: null, state: 'CANCELED', meta: {} }),
  deployment(5),
]
let fixture: Fixture
afterEach(() => fixture?.close())
async function deskOf(list: Parameters<typeof startFixtureVercel>[0], values: object = {}, largest?: number) {
  fixture = await startFixtureVercel(list, largest)
  const desk = new Desk([vercel], { vercel: fixture.url })
  await desk.save({ key: 'right', ...values })
  return desk
}

it('says what is in production, what is being built and what failed', async () => {
  const desk = await deskOf(all)
  const { values, text } = await desk.call('get_vercel_deployments')
  expect(values).toMatchObject({
    latest: {
      ...{
        project: 'shop',
        production: true,
        state: 'ready',
        said: 'READY',
        commit: 'Change 3',
        branch: 'main',
      },
      ...{ at: '2026-11-15T09:00:00.000Z', url: 'https://shop-3.vercel.app' },
    },
    ...{ failed: 1, building: 1 },
  })
  expect(values.deployments).toHaveLength(4)
  expect(text).toMatch(/^Last in production: shop at .+ \(“Change 3”\)\. Of the newest 4, 1 failed and 1 are/)
  const previews = await desk.call('get_vercel_deployments', { production: false })
  expect((previews.values.deployments as object[])[3]).toMatchObject({
    production: false,
    state: 'canceled',
    commit: null,
  })
})

it('reads another page where one is short, and names team and project', async () => {
  const team = all.map((one) => ({ ...one, teamId: 'team_1' }))
  const desk = await deskOf(team, { team: 'team_1', project: 'prj_1' }, 2)
  const { values } = await desk.call('get_vercel_deployments')
  expect(values.deployments).toHaveLength(4)
  expect(fixture.requests.map(({ query }) => query.get('until'))).toEqual([null, String(noon - 2 * hour)])
  expect(fixture.requests.every(({ query }) => query.get('projectId') === 'prj_1')).toBe(true)
})

it('says that a team is missing where nothing is found, and that another’s is not allowed', async () => {
  const desk = await deskOf(all.map((one) => ({ ...one, teamId: 'team_1' })))
  const { id } = (await desk.shown())[0]!.accounts[0]!
  expect((await desk.call('get_vercel_deployments')).text).toMatch(/^There are no deployments\./)
  expect((await desk.test(id)).message).toContain('tell its Team ID')
  await desk.save({ team: 'team_2' }, { id })
  await expect(desk.test(id)).rejects.toMatchObject({ code: 'service-rights-missing' })
})

itSurvives({
  connector: vercel,
  tool: 'get_vercel_deployments',
  start: () => startFixtureVercel(all),
  right: { key: 'right' },
  wrong: { key: 'wrong' },
  works: /^It works: the newest deployment is of shop\.$/,
  odd: { deployments: [{ name: 1 }] },
})
