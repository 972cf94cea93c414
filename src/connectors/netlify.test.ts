import { afterEach, expect, it } from 'vitest'
import { netlify } from './netlify.ts'
import { Desk, hour, itSurvives, noon } from './testing/business.ts'
import type { Fixture } from './testing/fixture.ts'
import { startFixtureNetlify } from './testing/fixture-netlify.ts'

const deploy = (name: string, ago: number, state: string, more: object = {}) => ({
  ...{
    id: `${name}${ago}`,
    name,
    state,
    context: 'production',
    branch: 'main',
    title: 'Better words\nand more',
  },
  ...{ created_at: new Date(noon - ago * hour).toISOString(), deploy_ssl_url: `https://${name}.netlify.app` },
  ...{ error_message: null, ...more },
})
const sites = {
  blog: [
    deploy('blog', 1, 'error', { error_message: 'Failed during stage "building site"' }),
    deploy('blog', 2, 'error', { error_message: 'Canceled build' }),
    deploy('blog', 3, 'ready'),
    deploy('blog', 4, 'ready', { context: 'deploy-preview' }),
  ],
  shop: [deploy('shop', 0, 'enqueued'), deploy('shop', 5, 'processing')],
}
let fixture: Fixture
afterEach(() => fixture?.close())
async function deskOf(list: Parameters<typeof startFixtureNetlify>[0], values: object = {}) {
  fixture = await startFixtureNetlify(list)
  const desk = new Desk([netlify], { netlify: fixture.url })
  await desk.save({ key: 'right', ...values })
  return desk
}

it('says what is in production, of the sites that changed last', async () => {
  const desk = await deskOf(sites)
  const { values } = await desk.call('get_vercel_deployments')
  const all = values.deployments as { project: string; state: string }[]
  expect(all.map(({ project, state }) => `${project} ${state}`)).toEqual([
    ...['shop queued', 'blog failed', 'blog canceled', 'blog ready', 'shop building'],
  ])
  expect(values).toMatchObject({
    failed: 1,
    building: 2,
    latest: { project: 'blog', commit: 'Better words' },
  })
})

it('asks the named sites alone, and says which is not there', async () => {
  const desk = await deskOf(sites, { sites: 'shop.netlify.app' })
  expect((await desk.call('get_vercel_deployments')).values.deployments).toHaveLength(2)
  expect(fixture.requests.map(({ path }) => path)).toEqual(['/api/v1/sites/shop.netlify.app/deploys'])
  await desk.save({ sites: 'other.example' }, { id: (await desk.shown())[0]!.accounts[0]!.id })
  await expect(desk.call('get_vercel_deployments')).rejects.toMatchObject({
    code: 'not-found',
    message: expect.stringContaining('other.example'),
  })
})

it('of an account without sites says so', async () => {
  const desk = await deskOf({})
  expect((await desk.call('get_vercel_deployments')).text).toMatch(/^There are no deployments\./)
  const { id } = (await desk.shown())[0]!.accounts[0]!
  expect((await desk.test(id)).message).toBe('It works: there are no sites yet.')
})

itSurvives({
  connector: netlify,
  tool: 'get_vercel_deployments',
  start: () => startFixtureNetlify({ blog: sites.blog }),
  right: { key: 'right' },
  wrong: { key: 'wrong' },
  works: /^It works: the site that changed last is blog\.$/,
  odd: { sites: 'none' },
})
