import { generateKeyPairSync } from 'node:crypto'
import { afterEach, expect, it } from 'vitest'
import { ga4 } from './ga4.ts'
import { Desk, itSurvives, noon } from './testing/business.ts'
import type { Fixture } from './testing/fixture.ts'
import { startFixtureGa4 } from './testing/fixture-ga4.ts'

const pair = () =>
  generateKeyPairSync('rsa', {
    modulusLength: 2_048,
    ...{
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    },
  } as const)
const [ours, another] = [pair(), pair()]
const file = (private_key: string) =>
  JSON.stringify({ type: 'service_account', client_email: 'reader@project.example', private_key }, null, 2)
const right = { property: '42', key: file(ours.privateKey) }
const rows: Record<string, [string, ...number[]][]> = {
  '': [['', 900, 300, 400]],
  sessionSource: [
    ['google', 200],
    ['(direct)', 80],
  ],
  pagePath: [['/', 500]],
}
const start = (all = rows) => startFixtureGa4(ours.publicKey, noon, all)
let fixture: Fixture
afterEach(() => fixture?.close())

it('signs in with the key of a service account and tells what there was', async () => {
  fixture = await start()
  const desk = new Desk([ga4], { ga4: fixture.url })
  await desk.save(right)
  const { values } = await desk.call('get_analytics', { range: '7d' })
  expect(values).toMatchObject({
    ...{ pageviews: 900, visitors: 300, sessions: 400, now: null, from: '2026-11-09' },
    referrers: [{ name: 'google', count: 200 }, { name: '(direct)' }],
    pages: [{ name: '/', count: 500 }],
  })
  expect(JSON.stringify(fixture.requests)).not.toContain('PRIVATE KEY')
})

it('of a property without visitors says so', async () => {
  fixture = await start({})
  const desk = new Desk([ga4], { ga4: fixture.url })
  await desk.save(right)
  expect((await desk.call('get_analytics')).values).toMatchObject({ pageviews: 0, referrers: [], pages: [] })
})

it('says that what was pasted is no key, and that a property is not allowed', async () => {
  fixture = await start()
  const desk = new Desk([ga4], { ga4: fixture.url })
  const { id } = await desk.save({ property: '42', key: 'AIza-something' })
  await expect(desk.call('get_analytics')).rejects.toMatchObject({ code: 'service-key-unreadable' })
  await desk.save({ key: file('-----BEGIN PRIVATE KEY-----\nxx\n-----END PRIVATE KEY-----\n') }, { id })
  await expect(desk.call('get_analytics')).rejects.toMatchObject({ code: 'service-key-unreadable' })
  await desk.save({ ...right, property: '43' }, { id })
  await expect(desk.test(id)).rejects.toMatchObject({ code: 'service-rights-missing' })
})

itSurvives({
  connector: ga4,
  tool: 'get_analytics',
  start,
  right,
  wrong: { property: '42', key: file(another.privateKey) },
  works: /^It works: 300 visitors/,
  odd: { rows: 'none' },
})
