import { beforeEach, expect, it, vi } from 'vitest'
import type { TunnelId } from '../contract/tunnel.ts'
import { ngrok } from './providers/ngrok.ts'
import { createWays } from './ways.ts'

const kept = new Map<string, unknown>()
const secrets = new Map<string, string>()
const use = vi.fn()
const ways = createWays({
  settings: {
    get: (name) => kept.get(name) as never,
    set: (name, value) => void kept.set(name, value),
    delete: (name) => void kept.delete(name),
  },
  vault: {
    status: { kind: 'file', message: '', hint: '' },
    get: async (name) => secrets.get(name) ?? null,
    set: async (name, value) => void secrets.set(name, value),
    delete: async (name) => void secrets.delete(name),
  },
  env: { PATH: '/nowhere' },
  localPort: () => 8_470,
  tunnel: { provider: () => 'localtunnel', use },
})
const find = async (id: TunnelId) => (await ways.list()).find((one) => one.id === id)!
beforeEach(() => {
  kept.clear()
  secrets.clear()
  use.mockClear()
})

it('says of each way all that somebody who chooses wants to know', async () => {
  for (const way of await ways.list())
    for (const words of [way.title, way.about, way.price, way.account, way.reads, way.restart, way.browser])
      expect(words, way.id).not.toBe('')
  expect((await ways.list()).filter(({ lasts }) => !lasts).map(({ id }) => id)).toEqual([
    'localtunnel',
    'cloudflare-quick',
  ])
  expect(await find('own-address')).toMatchObject({ leadsTo: 'http://127.0.0.1:8470', helper: null })
  expect(await find('ngrok')).toMatchObject({ leadsTo: null, helper: { title: 'ngrok', found: false } })
})

it('keeps what is secret in the vault, and never gives it back', async () => {
  const authtoken = '2abcdefghijklmnopqrstuvwxyz_0123456789'
  await ways.use('ngrok', { authtoken: `ngrok config add-authtoken ${authtoken}` })
  expect(use).toHaveBeenCalledWith('ngrok')
  expect([...secrets]).toEqual([['tunnel/ngrok/authtoken', authtoken]])
  expect(JSON.stringify([await ways.list(), [...kept]])).not.toContain(authtoken)
  expect(await find('ngrok')).toMatchObject({ secrets: ['authtoken'], values: {} })
  // What is not named stays; without what it needs, a way is not used.
  await ways.use('ngrok', {})
  await expect(ways.use('ngrok', { authtoken: '' })).rejects.toMatchObject({ code: 'tunnel-field-missing' })
  expect(secrets.size).toBe(1)
})

it('forgets the name that came with one token when another is given', async () => {
  const token = (tunnel: string) =>
    Buffer.from(JSON.stringify({ a: 'acc', t: tunnel, s: 'a-long-secret-of-the-tunnel' })).toString('base64')
  await ways.use('cloudflare', { token: token('one'), hostname: 'bridge.example.com' })
  const known = await find('cloudflare')
  expect(known.values).toEqual({ hostname: 'bridge.example.com' })
  // Nobody is asked for it.
  expect(known.fields.map(({ name }) => name)).toEqual(['token'])
  await ways.use('cloudflare', {})
  expect((await find('cloudflare')).values).toEqual({ hostname: 'bridge.example.com' })
  await ways.use('cloudflare', { token: token('two') })
  expect((await find('cloudflare')).values).toEqual({})
  await expect(ways.use('cloudflare', { hostname: 'localhost' })).rejects.toMatchObject({
    code: 'tunnel-field-invalid',
  })
})

it('takes the token out of the command that Cloudflare shows, and nothing that is none', async () => {
  const token = Buffer.from(
    JSON.stringify({ a: 'acc', t: 'tun', s: 'a-long-secret-of-the-tunnel' }),
  ).toString('base64')
  await ways.use('cloudflare', { token: `sudo cloudflared service install ${token}` })
  expect(secrets.get('tunnel/cloudflare/token')).toBe(token)
  for (const wrong of [
    'hello',
    `eyJ${'x'.repeat(80)}`,
    Buffer.from('{"a":1,"b":"0123456789012345678901234567890123"}').toString('base64'),
  ])
    await expect(ways.use('cloudflare', { token: wrong })).rejects.toMatchObject({
      code: 'tunnel-field-invalid',
    })
})

it.each([
  ['bridge.example.com', 'https://bridge.example.com'],
  ['https://Bridge.Example.com/mcp', 'https://bridge.example.com'],
  ['https://bridge.example.com/', 'https://bridge.example.com'],
])('takes an address that assistants can reach: %s', async (address, origin) => {
  await ways.use('own-address', { address })
  expect((await find('own-address')).values).toEqual({ address: origin })
})

it.each([
  ['https://bridge.example.com/drawbridge', '/drawbridge'],
  ['bridge.example.com/a/mcp', '/a/mcp'],
  ['https://bridge.example.com/mcp/work', '/mcp/work'],
  ['https://bridge.example.com?to=here', '?to=here'],
  ['https://bridge.example.com/mcp#x', '/mcp#x'],
])('drops nothing of what was typed without a word: %s', async (address, path) => {
  for (const use of [ways.use('own-address', { address }), ways.use('ssh', { ...good, address })])
    await expect(use).rejects.toMatchObject({
      code: 'tunnel-address-path',
      message: expect.stringContaining(`“${path}”`),
      hint: expect.stringContaining('https://bridge.example.com'),
    })
  expect(use).not.toHaveBeenCalled()
})

it.each([
  ...[
    'http://bridge.example.com',
    'https://bridge.example.com:8443',
    'https://me:pw@bridge.example.com',
    'https://192.168.0.5',
  ],
  ...[
    'https://bridge',
    'https://localhost',
    'https://nas.local',
    'https://x.internal',
    'https://[::1]',
    'javascript:alert(1)',
  ],
])('takes no other: %s', async (address) => {
  await expect(ways.use('own-address', { address })).rejects.toMatchObject({ code: 'tunnel-field-invalid' })
  expect(use).not.toHaveBeenCalled()
})

const good = { address: 'https://bridge.example.com', server: 'me@server.example.com:2222', port: '8470' }
it('lets nothing that is typed become an option of ssh', async () => {
  await ways.use('ssh', good)
  const all: Record<string, string>[] = [
    ...[
      { server: '-oProxyCommand=sh@x' },
      { server: 'me@-oProxyCommand=sh' },
      { server: 'me@host -o X' },
      { server: 'me@host:0' },
    ],
    ...[
      { port: '8470:evil:22' },
      { port: '0' },
      { port: '70000' },
      { fingerprint: 'MD5:aa' },
      { fingerprint: 'SHA256:short' },
    ],
    ...[{ keyFile: '-oX' }, { keyFile: 'id' }, { keyFile: '/a"b' }, { keyFile: '/a\nb' }],
  ]
  for (const wrong of all)
    await expect(ways.use('ssh', { ...good, ...wrong }), JSON.stringify(wrong)).rejects.toMatchObject({
      code: 'tunnel-field-invalid',
    })
  await expect(ways.use('ssh', { nothing: 'x' })).rejects.toMatchObject({ code: 'tunnel-field-unknown' })
})

it('leaves a hundredth of ngrok’s free requests to our own probes, at most', () => {
  const month = 31 * 24 * 3_600_000
  expect(month / ngrok.probe.every).toBeLessThanOrEqual(20_000 / 100)
})
