import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { CloudflareSignIn } from '../../contract/tunnel.ts'
import type { Log } from '../../kernel/log/log.ts'
import { HelperProcess } from '../helper-process.ts'
import { tunnelIn } from '../providers/cloudflare-named.ts'
import { installPrograms } from '../testing/installed-programs.ts'
import { CloudflareSignIns } from './cloudflare-sign-in.ts'

/** With a stand-in for the program (fixture-programs.ts): what Cloudflare itself does is not shown. */
// Programs are started one after the other, each a Node of its own.
vi.setConfig({ testTimeout: 90_000 })
let root: string
let signIns: CloudflareSignIns
let told: (CloudflareSignIn | null)[]
let logged: string
let here: string | null
const log: Log = Object.fromEntries(
  ['debug', 'info', 'warn', 'error'].map((level) => [
    level,
    (event: string, fields?: object) => {
      logged += `${event} ${JSON.stringify(fields)}\n`
    },
  ]),
) as never

const at = (name: string) => join(root, name)
const state = (name: string, text = '') => writeFileSync(at(name), text)
const begin = (patience: Partial<Record<'page' | 'user' | 'use' | 'step', number>> = {}) => {
  signIns = new CloudflareSignIns({
    folder: at('ours'),
    env: { ...process.env, SHELL: '', HOME: at('home'), PATH: `${at('bin')}:${process.env.PATH}` },
    log,
    tunnelHere: async () => here,
    changed: (now) => void told.push(now),
    patience,
  })
}
const reached = (wanted: CloudflareSignIn['state']) =>
  expect.poll(() => signIns.now()?.state, { timeout: 40_000, interval: 10 }).toBe(wanted)
const signedIn = async () => {
  signIns.begin()
  await reached('waiting')
  state('signed-in')
  await reached('ready')
}
const running = () =>
  execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(root))
const asked = () => readFileSync(at('asked'), 'utf8').trim().split('\n')
const account = () =>
  JSON.parse(readFileSync(at('account'), 'utf8')) as {
    tunnels: { id: string; name: string; connections: object[] }[]
    records: Record<string, string>
  }
const said = (setUp: Promise<unknown>) =>
  setUp.then(
    () => 'nothing',
    (error: Error & { code: string; hint: string }) => `${error.code}: ${error.message} ${error.hint}`,
  )

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'drawbridge-sign-in-'))
  installPrograms(
    root,
    9,
    () =>
      // What is only looked up, at once.
      `[ "$1" = --version ] && [ ! -e '${root}/old' ] && { echo 'cloudflared version 2026.8.1'; exit; }\n`,
  )
  mkdirSync(at('home'))
  // What opens a browser on Linux.
  writeFileSync(at('bin/xdg-open'), `#!/bin/sh\ntouch '${at('browser')}'\n`)
  chmodSync(at('bin/xdg-open'), 0o755)
  told = []
  logged = ''
  here = null
  begin()
})
afterEach(async () => {
  await signIns.close()
  rmSync(root, { recursive: true, maxRetries: 5, retryDelay: 50 })
})

it('gives the page, and after the sign-in makes the tunnel and its name; nothing else is left', async () => {
  expect(signIns.begin()).toEqual({ state: 'starting', url: null, failure: null })
  await reached('waiting')
  expect(signIns.now()!.url).toMatch(/^https:\/\/dash\.cloudflare\.com\/argotunnel\?/)
  // The owner opens it when he wants to.
  expect(existsSync(at('browser'))).toBe(false)
  expect(statSync(at('ours')).mode & 0o077).toBe(0)
  // Asked again, it is the same one.
  expect(signIns.begin()).toEqual(signIns.now())
  state('signed-in')
  await reached('ready')
  expect(running()).toEqual([])
  expect(statSync(at('ours/.cloudflared/cert.pem')).mode & 0o077).toBe(0)

  const { token, hostname } = await signIns.setUp('bridge', false)
  expect(hostname).toBe('bridge.example.com')
  const [tunnel] = account().tunnels
  expect(tunnel!.name).toBe('Drawbridge bridge 023e105f')
  expect(tunnelIn(token)).toBe(tunnel!.id)
  expect(account().records).toEqual({ 'bridge.example.com': tunnel!.id })
  expect(signIns.now()).toBe(null)
  await expect.poll(() => existsSync(at('ours'))).toBe(false)
  expect(readdirSync(at('home'))).toEqual([])
  expect(told.map((one) => one?.state ?? null)).toEqual(['starting', 'waiting', 'ready', null])
  for (const secret of [token, 'token-of-the-certificate', 'key-of-this-sign-in'])
    expect(logged).not.toContain(secret)
})

it('finds what it made when it is done again, and does not fight another computer', async () => {
  await signedIn()
  const first = await signIns.setUp('bridge', false)
  const made = account()
  made.tunnels[0]!.connections.push({})
  state('account', JSON.stringify(made))
  await signedIn()
  expect(await said(signIns.setUp('bridge', false))).toMatch(/^cloudflare-name-open/)
  // One's own is no other.
  here = made.tunnels[0]!.id
  expect(await signIns.setUp('bridge', false)).toEqual(first)
  expect(account().tunnels).toHaveLength(1)
})

it('takes no name that leads elsewhere unless it is told to, and leaves nothing behind', async () => {
  state('account', JSON.stringify({ tunnels: [], records: { 'bridge.example.com': '192.0.2.7' } }))
  await signedIn()
  expect(await said(signIns.setUp('bridge', false))).toMatch(
    /^cloudflare-name-used: “bridge” under your domain/,
  )
  expect(account()).toEqual({ tunnels: [], records: { 'bridge.example.com': '192.0.2.7' } })
  // Still signed in: another name, or the same all the same.
  expect((await signIns.setUp('bridge', true)).hostname).toBe('bridge.example.com')
  expect(asked().at(-1)).toMatch(/^route dns --overwrite-dns \S+ bridge$/)
})

it('is one at a time', async () => {
  await signedIn()
  const [first, second] = await Promise.all([
    said(signIns.setUp('bridge', false)),
    said(signIns.setUp('bridge', false)),
  ])
  expect([first, second.split(':')[0]]).toEqual(['nothing', 'cloudflare-sign-in-over'])
  expect(account().tunnels).toHaveLength(1)
})

it.each(['starting', 'waiting', 'ready'] as const)(
  'is ended when it is %s, with all that it had',
  async (when) => {
    signIns.begin()
    if (when !== 'starting') await reached('waiting')
    if (when === 'ready') {
      state('signed-in')
      await reached('ready')
    }
    signIns.cancel()
    expect(signIns.now()).toBe(null)
    expect(await said(signIns.setUp('bridge', false))).toMatch(/^cloudflare-sign-in-over/)
    await expect.poll(() => existsSync(at('ours')), { timeout: 5_000 }).toBe(false)
    expect(running()).toEqual([])
    rmSync(at('signed-in'), { force: true })
    // And can begin again.
    await signedIn()
  },
)

it('is ended also while its program is put away, with what it just gave', async () => {
  const certificate = { zoneID: '023e105f4ecef8ad', accountID: 'a', apiToken: 'token-of-the-certificate' }
  const text = Buffer.from(JSON.stringify(certificate)).toString('base64')
  let wasClosed = false
  const start = vi.spyOn(HelperProcess, 'start').mockResolvedValue({
    onExit: (tell: () => void) => tell(),
    said: async () => 'https://dash.cloudflare.com/argotunnel?a=b',
    async close() {
      mkdirSync(at('ours/.cloudflared'))
      state(
        'ours/.cloudflared/cert.pem',
        `-----BEGIN ARGO TUNNEL TOKEN-----\n${text}\n-----END ARGO TUNNEL TOKEN-----\n`,
      )
      signIns.cancel()
      wasClosed = true
    },
  } as never)
  try {
    signIns.begin()
    await expect.poll(() => wasClosed && !existsSync(at('ours')), { timeout: 40_000 }).toBe(true)
    expect(signIns.now()).toBe(null)
    expect(told.map((one) => one?.state ?? null)).toEqual(['starting', 'waiting', null])
  } finally {
    start.mockRestore()
  }
})

it('is not waited for longer than a person takes, nor is what it gave kept longer than that', async () => {
  begin({ user: 1_500 })
  signIns.begin()
  await reached('failed')
  expect(signIns.now()!.failure!.message).toBe('The sign-in at Cloudflare is over.')
  expect(existsSync(at('ours'))).toBe(false)
  expect(running()).toEqual([])
  begin({ use: 200 })
  await signedIn()
  await reached('failed')
  expect(existsSync(at('ours'))).toBe(false)
  expect(await said(signIns.setUp('bridge', false))).toMatch(/^cloudflare-sign-in-over/)
})

it.each<[string, string, string]>([
  ['is refused there', 'signed-in', 'no'],
  [
    'shows a page that is not Cloudflare’s',
    'page',
    'https://dash.cloudflare.com.elsewhere.example/argotunnel?a=b',
  ],
])('a sign-in that %s: what to do, and no page to open', async (_what, file, text) => {
  state(file, text)
  begin({ page: 1_500 })
  signIns.begin()
  await reached('failed')
  expect(signIns.now()).toMatchObject({
    url: null,
    failure: { message: 'The sign-in at Cloudflare came to nothing.' },
  })
  expect(existsSync(at('ours'))).toBe(false)
})

it('a program that is missing, or too old: the same words as elsewhere', async () => {
  state('old')
  signIns.begin()
  await reached('failed')
  expect(signIns.now()!.failure!.message).toBe('The program cloudflared on this computer is too old.')
  rmSync(at('bin/cloudflared'))
  signIns.begin()
  await reached('failed')
  expect(signIns.now()!.failure!.message).toContain('needs the program cloudflared')
})

it.each(['list', 'create', 'token', 'route'])(
  'an account that may not %s: nothing is left behind',
  async (what) => {
    await signedIn()
    state('refuses', what)
    expect(await said(signIns.setUp('bridge', false))).toMatch(/^cloudflare-sign-in-refused/)
    rmSync(at('refuses'))
    if (existsSync(at('account'))) expect(account()).toEqual({ tunnels: [], records: {} })
    await signIns.setUp('bridge', false)
  },
)

it('a name of which Cloudflare says no domain is no address', async () => {
  await signedIn()
  state('no-domain')
  expect(await said(signIns.setUp('bridge', false))).toMatch(/^cloudflare-sign-in-domain/)
  expect(account().tunnels).toEqual([])
})

it('what a crash left is gone at the next start', async () => {
  await signIns.close()
  mkdirSync(at('ours/.cloudflared'), { recursive: true })
  writeFileSync(at('ours/.cloudflared/cert.pem'), 'x')
  begin()
  await expect.poll(() => existsSync(at('ours'))).toBe(false)
})
