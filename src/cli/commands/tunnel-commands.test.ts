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

it('says the tunnel to choose where there is no address to paste', async () => {
  const tunnelId = 'tunnel_0123456789abcdef0123456789abcdef'
  const { bridge } = h.state.status
  h.state.status.bridge = {
    ...{ ...bridge, state: 'open', tunnelId, publicUrl: 'https://tunnel-0.openai-tunnel.invalid/mcp' },
  }
  for (const command of [['status'], ['tunnel', 'status'], ['tunnel', 'stale'], ['lower']]) {
    const { out } = await h.drawbridge(...command)
    expect(out).not.toContain('.invalid')
    if (command[1] !== 'stale') expect(out).toMatch(new RegExp(`Tunnel\\s+${tunnelId}`))
  }
  h.state.status.bridge = bridge
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

it('fetches a program, and says when it is there, or why not', async () => {
  const { out } = await h.drawbridge('tunnel', 'list')
  expect(out).toMatch(/cloudflared, which is not on this computer/)
  const fetching = h.drawbridge('tunnel', 'fetch', '--json')
  await expect.poll(() => h.state.downloads.length).toBe(1)
  h.state.downloads = []
  expect(JSON.parse((await fetching).out)).toEqual({ id: 'cloudflared', version: '2026.8.2' })
  expect(h.last('helpers.fetch')).toEqual({ id: 'cloudflared' })

  const failing = h.drawbridge('tunnel', 'fetch', 'cloudflared')
  await expect.poll(() => h.state.downloads.length).toBe(1)
  h.state.downloads[0]!.failure = { message: 'cloudflared could not be downloaded.', hint: 'Try again.' }
  const { code, err } = await failing
  expect(code).not.toBe(0)
  expect(err).toContain('cloudflared could not be downloaded.')
  h.state.downloads = []
  expect((await h.drawbridge('tunnel', 'fetch', 'curl')).code).toBe(2)
})

it('sets up a name at Cloudflare, with a token from a variable only', async () => {
  const token = 'token_0123456789_0123456789_0123456789'
  expect((await h.drawbridge('tunnel', 'cloudflare')).code).toBe(2)
  h.env = { CF: token }
  const given = ['tunnel', 'cloudflare', '--token-env', 'CF']
  expect((await h.drawbridge(...given)).out).toBe('example.com\nbakery.example')
  const nowhere = await h.drawbridge(...given, '--name', 'bridge.elsewhere.example')
  expect(nowhere.err).toContain('bridge.elsewhere.example is under none of your domains.')
  expect(nowhere.code).toBe(2)
  const taken = await h.drawbridge(...given, '--name', 'www.example.com', '--yes')
  expect(taken.err).toContain('already leads to 192.0.2.7')
  expect((await h.drawbridge(...given, '--name', 'www.example.com', '--replace', '--yes')).code).toBe(0)
  expect(h.last('tunnel.cloudflareSetUp')).toEqual({
    ...{ token, domain: 'example.com', label: 'www', replace: true },
  })
  h.env = {}
})

it('sets up a name at Cloudflare after a sign-in in the browser', async () => {
  const signing = h.drawbridge('tunnel', 'cloudflare', '--sign-in', '--name', 'bridge', '--yes', '--json')
  await expect.poll(() => h.state.signIn?.state).toBe('waiting')
  h.state.signIn = { state: 'ready', url: null, failure: null }
  const { code, err, out } = await signing
  expect(code).toBe(0)
  expect(err).toContain('https://dash.cloudflare.com/argotunnel?')
  expect(JSON.parse(out)).toMatchObject({ way: 'cloudflare' })
  expect(h.last('tunnel.cloudflareSignInSetUp')).toEqual({ label: 'bridge', replace: false })

  const failing = h.drawbridge('tunnel', 'cloudflare', '--sign-in', '--yes')
  await expect.poll(() => h.state.signIn?.state).toBe('waiting')
  h.state.signIn = { state: 'failed', url: null, failure: { message: 'It is over.', hint: 'Sign in again.' } }
  expect(await failing).toMatchObject({ code: 1, err: expect.stringContaining('It is over.') })
  expect((await h.drawbridge('tunnel', 'cloudflare', '--cancel')).code).toBe(0)
  expect(h.state.signIn).toBe(null)
})

it('tries at once, but lowers no bridge that was raised', async () => {
  await h.drawbridge('tunnel', 'test')
  expect(h.called.map(({ name }) => name)).toContain('bridge.lower')
  await h.drawbridge('raise')
  h.called.length = 0
  await h.drawbridge('tunnel', 'test')
  expect(h.called.map(({ name }) => name)).not.toContain('bridge.lower')
})
