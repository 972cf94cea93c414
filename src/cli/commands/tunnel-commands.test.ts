import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import type { TunnelWay } from '../../contract/tunnel.ts'
import { startHarness } from '../testing/harness.ts'

let h: Awaited<ReturnType<typeof startHarness>>
beforeAll(async () => {
  h = await startHarness()
})
afterAll(() => h.stop())
beforeEach(() => h.forget())

it('lists the ways, with what each costs and who can read along', async () => {
  const ways = JSON.parse((await h.drawbridge('tunnel', 'list', '--json')).out) as TunnelWay[]
  expect(ways.map(({ id }) => id)).toContain('tailscale')
  const { out } = await h.drawbridge('tunnel', 'list')
  expect(out).toMatch(/localtunnel: localtunnel, in use/)
  expect(out).toMatch(/Can read it\s+Nobody: what passes is encrypted/)
  expect(out).toMatch(/authtoken: Authtoken, a secret, needed/)
})

it('uses one, and says how that goes', async () => {
  const { code, out } = await h.drawbridge(
    'tunnel',
    'use',
    'own-address',
    '--field',
    'address=bridge.example.com',
    '--yes',
  )
  expect(out).toMatch(/Way\s+An address of your own/)
  expect(out).toMatch(/Lead it to\s+http:\/\/127\.0\.0\.1:8470/)
  expect(code).toBe(0)
  expect(h.last('tunnel.use')).toEqual({ id: 'own-address', values: { address: 'bridge.example.com' } })
  expect(JSON.parse((await h.drawbridge('tunnel', 'status', '--json')).out)).toMatchObject({
    way: 'own-address',
  })
  expect(
    (await h.drawbridge('tunnel', 'use', 'own-address', '--field', 'address=http://x', '--yes')).err,
  ).toContain('“Address” does not fit.')
})

it('takes secrets from variables only, and repeats none', async () => {
  const secret = '2abcdefghijklmnopqrstuvwxyz_0123456789'
  const refused = await h.drawbridge('tunnel', 'use', 'ngrok', '--field', `authtoken=${secret}`, '--yes')
  expect(refused.code).toBe(2)
  expect(refused.err).toContain('--env authtoken=VARIABLE')
  expect(refused.err).not.toContain(secret)
  expect(h.last('tunnel.use')).toBeUndefined()
  h.env = { TOKEN: secret }
  await h.drawbridge('tunnel', 'use', 'ngrok', '--env', 'authtoken=TOKEN', '--yes')
  expect(h.last('tunnel.use')).toEqual({ id: 'ngrok', values: { authtoken: secret } })
  h.env = {}
})

it('says beforehand who has to be connected again', async () => {
  await h.drawbridge('key', 'create', '--name', 'laptop', '--access', 'look')
  await h.drawbridge('lower')
  const { publicUrl } = h.state.status.bridge
  h.state.grants[0]!.lastOrigin = new URL(publicUrl!).origin
  const { code, err } = await h.drawbridge('tunnel', 'use', 'cloudflare-quick')
  expect(code).toBe(2)
  expect(err).toContain(h.state.grants[0]!.name)
  expect(h.last('tunnel.use')).toBeUndefined()
  expect((await h.drawbridge('tunnel', 'use', 'nothing')).code).toBe(2)
})

it('tries at once, but lowers no bridge that was raised', async () => {
  await h.drawbridge('tunnel', 'test')
  expect(h.called.map(({ name }) => name)).toContain('bridge.lower')
  await h.drawbridge('raise')
  h.called.length = 0
  await h.drawbridge('tunnel', 'test')
  expect(h.called.map(({ name }) => name)).not.toContain('bridge.lower')
})
