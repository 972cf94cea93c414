import { afterEach, beforeEach, expect, it } from 'vitest'
import { tunnelIn } from '../providers/cloudflare-named.ts'
import { startCloudflareApi } from '../testing/fixture-cloudflare-api.ts'
import { type CloudflareAccount, createCloudflareAccount } from './cloudflare-account.ts'

let api: Awaited<ReturnType<typeof startCloudflareApi>>
let account: CloudflareAccount
let here: string | null

beforeEach(async () => {
  api = await startCloudflareApi()
  here = null
  account = createCloudflareAccount({
    fetch,
    now: Date.now,
    localPort: () => 8_471,
    tunnelHere: async () => here,
    base: api.base,
  })
})
afterEach(() => api.close())

const setUp = (change: object = {}) =>
  account.setUp({ token: api.token, domain: 'example.com', label: 'bridge', replace: false, ...change })
const said = (asked: Promise<unknown>) =>
  asked.then(
    () => 'nothing',
    (error: Error & { code: string; hint: string }) => `${error.code}: ${error.message} ${error.hint}`,
  )

it('shows the domains, however many pages they fill', async () => {
  api.zones = Array.from({ length: 120 }, (_, at) => `domain-${String(at).padStart(3, '0')}.example`)
  const domains = await account.domains(api.token)
  expect(domains).toHaveLength(120)
  expect(domains.at(-1)).toEqual({ name: 'domain-119.example' })
  expect(api.asked).toEqual(['GET /zones', 'GET /zones', 'GET /zones'])
})

it('makes a tunnel, its rule and its name, and leads nothing else here', async () => {
  const { token } = await setUp()
  const [tunnel] = api.tunnels
  expect(tunnelIn(token)).toBe(tunnel!.id)
  expect(tunnel).toMatchObject({
    name: 'Drawbridge bridge.example.com',
    config: {
      ingress: [
        { hostname: 'bridge.example.com', service: 'http://127.0.0.1:8471' },
        { service: 'http_status:404' },
      ],
    },
  })
  expect(api.records).toMatchObject([
    { type: 'CNAME', name: 'bridge.example.com', content: `${tunnel!.id}.cfargotunnel.com`, proxied: true },
  ])
})

it('finds what it made when it is asked again, also while that is open here', async () => {
  const first = await setUp()
  here = tunnelIn(first.token)
  api.tunnels[0]!.status = 'healthy'
  expect(await setUp()).toEqual(first)
  expect(api.tunnels).toHaveLength(1)
  expect(api.records).toHaveLength(1)
})

it('takes no name that leads elsewhere unless it is told to, and leaves nothing behind', async () => {
  const foreign = { id: 'r1', type: 'A', name: 'bridge.example.com', content: '192.0.2.7', proxied: true }
  api.records = [foreign]
  expect(await said(setUp())).toMatch(/^cloudflare-name-used: bridge.example.com already leads to 192.0.2.7/)
  expect(api.tunnels).toEqual([])
  expect(api.records).toEqual([foreign])
  await setUp({ replace: true })
  expect(api.records).toMatchObject([
    { id: 'r1', type: 'CNAME', content: `${api.tunnels[0]!.id}.cfargotunnel.com` },
  ])
  // One after the other would leave the name without any for a while.
  api.records.push({ ...foreign, id: 'r2' })
  expect(await said(setUp({ replace: true }))).toMatch(/^cloudflare-name-records/)
})

it('does not fight another computer for the name', async () => {
  await setUp()
  api.tunnels[0]!.status = 'healthy'
  const before = structuredClone(api.tunnels)
  expect(await said(setUp())).toMatch(/^cloudflare-name-open: bridge.example.com is open on another computer/)
  expect(api.tunnels).toEqual(before)
  await setUp({ replace: true })
})

it.each<[string, () => void, RegExp]>([
  [
    'is no token any more',
    () => (api.token = `${api.token}x`),
    /^cloudflare-token: Cloudflare does not take/,
  ],
  ['shows no domain', () => (api.lacks = 'zones'), /^cloudflare-no-domain: .*Zone · Zone · Read/],
  [
    'may make no tunnel',
    () => (api.lacks = 'cfd_tunnel'),
    /^cloudflare-rights: .*Account · Cloudflare Tunnel · Edit/,
  ],
  ['may change no name', () => (api.lacks = 'dns_records'), /^cloudflare-rights: .*Zone · DNS · Edit/],
])('a token that %s: which right it needs', async (_what, change, sentence) => {
  const { token } = api
  change()
  const asked = api.lacks === 'zones' ? account.domains(token) : setUp({ token })
  expect(await said(asked)).toMatch(sentence)
  expect(api.tunnels).toEqual([])
})

it('a token that is no shape of one, as an older API says it', async () => {
  api.trouble = {
    status: 400,
    body: { success: false, errors: [{ code: 6003, message: 'Invalid request headers' }], result: null },
  }
  expect(await said(setUp())).toMatch(/^cloudflare-token:/)
})

it.each<[string, () => void, RegExp]>([
  [
    'asks for patience',
    () => (api.trouble = { status: 429, headers: { 'retry-after': '130' }, body: 'error code: 1015' }),
    /^cloudflare-busy: .*3 minutes/,
  ],
  [
    'shows a page',
    () => (api.trouble = { status: 502, body: '<html>Bad gateway</html>' }),
    /^cloudflare-answer: Cloudflare said no: 502/,
  ],
  [
    'answers in another shape',
    () => (api.trouble = { status: 200, body: { success: true, errors: [], result: { zones: [] } } }),
    /^cloudflare-answer/,
  ],
])('a Cloudflare that %s', async (_what, change, sentence) => {
  change()
  expect(await said(setUp())).toMatch(sentence)
})

it('a Cloudflare that does not answer, or sends the token elsewhere', async () => {
  api.trouble = { status: 302, headers: { location: 'https://elsewhere.example/' }, body: '' }
  expect(await said(setUp())).toMatch(/^cloudflare-unreachable/)
  await api.close()
  expect(await said(setUp())).toMatch(/^cloudflare-unreachable/)
  api = await startCloudflareApi()
})

it('no error holds the token', async () => {
  for (const lacks of ['zones', 'cfd_tunnel', 'dns_records'] as const) {
    api.lacks = lacks
    const error = await setUp().catch((thrown: Error) => thrown)
    expect(JSON.stringify([error, (error as { detail?: string }).detail, String(error)])).not.toContain(
      api.token,
    )
  }
})

it('a domain that the token does not show, and a name that cannot be', async () => {
  expect(await said(setUp({ domain: 'other.example' }))).toMatch(/^cloudflare-domain-gone: .*other.example/)
  api.zones = ['printer.local']
  expect(await said(setUp({ domain: 'printer.local' }))).toMatch(/^cloudflare-name: bridge.printer.local/)
})
