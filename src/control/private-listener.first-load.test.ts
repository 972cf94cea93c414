import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createPrivateApp } from './private-app.ts'
import { type Fixture, startFixture } from './testing/fixture.ts'

/** What serves the pages is loaded when somebody first asks; there it fails once, as where no file can be opened any more. */
vi.mock('./private-app.ts', { spy: true })
let f: Fixture
beforeEach(async () => {
  f = await startFixture()
  vi.mocked(createPrivateApp).mockImplementationOnce(() => {
    throw new Error('EMFILE: too many open files')
  })
})
afterEach(() => f.close())

it('a first load that fails says so in words, with a way to try again, which works', async () => {
  const link = new URL(f.listener.oneTimeLink())
  const first = await fetch(link, { redirect: 'manual' })
  expect(first.status).toBe(503)
  const page = await first.text()
  expect(page).toContain('Drawbridge runs, but cannot show its pages just now')
  expect(page).toContain('Wait a moment, then try again.')
  const again = new URL(/<a href="([^"]*)">Try again<\/a>/.exec(page)![1]!, link)
  expect(again.href).toBe(link.href)
  const second = await fetch(again, { redirect: 'manual' })
  expect(second.status).toBe(303)
  expect(second.headers.get('set-cookie')).toContain('drawbridge_')
})

it('programs get an error that they can read', async () => {
  const answer = await f.call(f.byKey, 'status.get')
  expect(answer.status).toBe(503)
  expect(JSON.parse(answer.text)).toMatchObject({ error: { code: 'internal' } })
  expect((await f.call(f.byKey, 'status.get')).status).toBe(200)
})

it('another page’s request learns nothing', async () => {
  const origin = 'http://evil.example'
  await expect(f.send('/', { headers: { origin } })).rejects.toThrow()
})
