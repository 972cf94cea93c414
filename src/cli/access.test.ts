import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Diagnosis, Finding } from '../contract/doctor.ts'
import { expiry } from './commands/access-options.ts'
import { json, startHarness } from './testing/harness.ts'

let h: Awaited<ReturnType<typeof startHarness>>
beforeAll(async () => {
  h = await startHarness()
})
afterAll(() => h.stop())
beforeEach(() => h.forget())

describe('clients registered by hand', () => {
  it('prints id and secret each alone on its line, words elsewhere', async () => {
    const redirects = ['--redirect', 'https://app.example/back', '--redirect', 'http://127.0.0.1/back']
    const made = await h.drawbridge('client', 'register', '--name', 'App', ...redirects, '--confidential')
    expect(made.code).toBe(0)
    expect(made.out.split('\n')).toEqual(['client_0abc', `db_secret_${'s'.repeat(43)}`])
    expect(made.err).toContain('“App”')
    expect(made.err).toContain('not shown again')
    expect(made.err).toMatch(/Token +http:\/\/127\.0\.0\.1:4000\/oauth\/token/)
    expect(made.err).not.toContain('db_secret_')
    expect(h.last('clients.register')).toEqual({
      name: 'App',
      redirectUris: ['https://app.example/back', 'http://127.0.0.1/back'],
      grantTypes: ['authorization_code', 'refresh_token'],
      scopes: [],
      confidential: true,
      workspace: 'default',
      access: 'look',
    })
  })

  it('has no second line for a client without a secret', async () => {
    const made = await h.drawbridge('client', 'register', '--name', 'App', '--redirect', 'https://a.example/')
    expect(made.out).toBe('client_0abc')
    expect(made.err).not.toContain('secret')
  })

  it('takes grants, scopes, workspace and access, and gives JSON', async () => {
    const made = await h.drawbridge(
      ...['client', 'register', '--name', 'Nightly', '--confidential', '--grant', 'client_credentials'],
      ...[
        '--scope',
        'mcp:read',
        '--scope',
        'github.read',
        '--workspace',
        'work',
        '--access',
        'ask',
        '--json',
      ],
    )
    expect(made.err).toBe('')
    expect(json(made)).toMatchObject({
      clientId: 'client_0abc',
      clientSecret: expect.stringMatching(/^db_secret_/),
      issuer: 'http://127.0.0.1:4000',
      grantTypes: ['client_credentials'],
    })
    expect(h.last('clients.register')).toMatchObject({
      grantTypes: ['client_credentials'],
      scopes: ['mcp:read', 'github.read'],
      workspace: 'work',
      access: 'ask',
      redirectUris: [],
    })
    const two = ['--grant', 'refresh_token', '--grant', 'authorization_code']
    await h.drawbridge('client', 'register', '--name', 'Two', ...two)
    expect(h.last('clients.register')).toMatchObject({ grantTypes: ['refresh_token', 'authorization_code'] })
  })

  it.each([
    [['--redirect', 'https://a.example/']],
    [['--name', 'x', '--grant', 'password']],
    [['--name', 'x', '--access', 'root']],
    [['--name', 'bad\u0000name']],
    [['--name', 'x', '--workspace', 'Not Plain']],
  ])('refuses %j as wrongly written', async (args) => {
    expect((await h.drawbridge('client', 'register', ...args)).code).toBe(2)
    expect(h.state.clients).toEqual([])
  })

  it('lists and forgets them', async () => {
    expect((await h.drawbridge('client', 'registered')).out).toContain('No clients were registered')
    await h.drawbridge('client', 'register', '--name', 'One')
    await h.drawbridge('client', 'register', '--name', 'Two', '--confidential')
    const { out } = await h.drawbridge('client', 'registered')
    expect(out).toMatch(/^NAME +KIND +WORKSPACE +GRANTS +SINCE +ID\nOne +public +default/)
    expect(out).toMatch(/Two +confidential/)
    expect(json(await h.drawbridge('client', 'registered', '--json'))).toHaveLength(2)
    expect((await h.drawbridge('client', 'unregister', 'three')).code).toBe(4)
    expect((await h.drawbridge('client', 'unregister', 'two')).code).toBe(0)
    expect(h.last('clients.remove')).toEqual({ clientId: 'client_1abc' })
    expect((await h.drawbridge('client', 'unregister', 'client_0abc')).code).toBe(0)
    expect(h.state.clients).toEqual([])
  })
})

describe('changing what somebody may do', () => {
  beforeEach(async () => {
    await h.drawbridge('key', 'create', '--name', 'laptop')
    h.state.grants.push({ ...h.state.grants[0]!, id: 'grant_chat', kind: 'client', name: 'MCP — ChatGPT' })
  })

  it('changes only what is given', async () => {
    const date = ['--expires', '2099-12-31']
    const changed = await h.drawbridge('client', 'update', 'grant_chat', '--access', 'look', ...date)
    expect(changed.out).toContain('“MCP — ChatGPT”: look only, every tool, until 2099-12-31 23:59.')
    expect(h.last('grants.update')).toEqual({
      id: 'grant_chat',
      access: 'look',
      expiresAt: Date.parse('2099-12-31T23:59:59'),
    })
    const tools = ['--tool', 'files__read', '--tool', 'files__list']
    expect(json(await h.drawbridge('key', 'update', 'laptop', ...tools, '--json')).tools).toHaveLength(2)
    await h.drawbridge('key', 'update', 'laptop', '--all-tools', '--expires', 'never', '--name', 'desk')
    expect(h.last('grants.update')).toMatchObject({ tools: null, expiresAt: null, name: 'desk' })
  })

  it.each([
    [['update', 'grant_chat']],
    [['update', 'grant_chat', '--expires', 'soon']],
    [['update', 'grant_chat', '--expires', '2020-01-01']],
    [['update', 'grant_chat', '--tool', 'a', '--all-tools']],
  ])('refuses %j', async (args) => {
    const refused = await h.drawbridge('client', ...args)
    expect(refused.code).toBe(2)
    expect(refused.err.split('\n').length).toBeGreaterThanOrEqual(2)
    expect(h.last('grants.update')).toBeUndefined()
  })

  it('reads dates strictly', () => {
    const now = Date.parse('2026-11-21T12:00:00')
    expect(expiry('never', now)).toBeNull()
    expect(expiry('2026-11-21', now)).toBe(Date.parse('2026-11-21T23:59:59'))
    expect(expiry('2026-11-21T12:01', now)).toBe(Date.parse('2026-11-21T12:01:00'))
    expect(expiry('2026-12-01T00:00:00Z', now)).toBe(Date.parse('2026-12-01T00:00:00Z'))
    for (const bad of [
      '',
      'x',
      '2027',
      '2027-02-31',
      '2027-13-01',
      '31.12.2027',
      '2026-11-20',
      '2027-01-01T25:00',
    ])
      expect(() => expiry(bad, now), bad).toThrow()
  })

  it('signs a client out, and only a client', async () => {
    expect((await h.drawbridge('client', 'ask-again', 'laptop')).code).toBe(4)
    const done = await h.drawbridge('client', 'ask-again', 'mcp — chatgpt')
    expect(done).toMatchObject({ code: 0, out: expect.stringContaining('must ask again') })
    expect(h.last('grants.askAgain')).toEqual({ id: 'grant_chat' })
  })
})

describe('workspaces', () => {
  it('makes, shows, changes and removes them', async () => {
    const made = await h.drawbridge(
      ...[
        'workspace',
        'create',
        'office',
        '--title',
        'My office',
        '--source',
        'my files',
        '--source',
        'github',
      ],
    )
    expect(made).toMatchObject({ code: 0 })
    expect(made.out).toMatch(/Local address +http:\/\/127\.0\.0\.1:4000\/mcp\/office/)
    expect(h.last('workspaces.create')).toEqual({
      name: 'office',
      title: 'My office',
      sources: ['files', 'github'],
    })
    expect((await h.drawbridge('workspace', 'list')).out).toMatch(/office +My office +files github +http/)
    expect((await h.drawbridge('workspace', 'update', 'office', '--source', 'github')).code).toBe(0)
    expect(h.last('workspaces.update')).toEqual({ name: 'office', sources: ['github'] })
    expect((await h.drawbridge('workspace', 'update', 'office')).code).toBe(2)
    expect((await h.drawbridge('workspace', 'remove', 'office')).code).toBe(0)
    expect((await h.drawbridge('workspace', 'remove', 'office')).code).toBe(4)
  })

  it('knows no sources that are not there, and no odd names', async () => {
    const unknown = await h.drawbridge('workspace', 'create', 'office', '--source', 'mail')
    expect(unknown.code).toBe(4)
    expect(unknown.err).toContain('files, github')
    expect((await h.drawbridge('workspace', 'create', 'Not plain')).code).toBe(2)
    expect(h.state.workspaces).toEqual([])
  })
})

describe('preferences and keys', () => {
  it('shows and sets what holds for everything', async () => {
    const shown = (await h.drawbridge('settings')).out
    expect(shown).toContain('any host')
    expect(shown).toContain('100 requests a minute')
    expect(shown).toContain('Up to 100 servers')
    expect(shown).toContain('No page on this computer may be a client.')
    expect(h.last('preferences.set')).toBeUndefined()
    const set = ['--redirect-domain', 'chatgpt.com', '--redirect-domain', '*.example.com']
    expect((await h.drawbridge('preferences', ...set)).out).toContain('  *.example.com')
    expect(json(await h.drawbridge('preferences', '--json'))).toEqual({
      redirectDomains: ['chatgpt.com', '*.example.com'],
      requestsPerMinute: 100,
      maxServers: 100,
      largestAnswer: 32,
      activityDays: 90,
      resultMinutes: 30,
    })
    expect(h.last('preferences.set')).toEqual({ redirectDomains: ['chatgpt.com', '*.example.com'] })
    expect((await h.drawbridge('preferences', ...set, '--any-redirect-domain')).code).toBe(2)
    await h.drawbridge('preferences', '--any-redirect-domain')
    expect(h.last('preferences.set')).toEqual({ redirectDomains: null })
    const limits = await h.drawbridge('settings', '--requests-per-minute', '7', '--max-servers', '3')
    expect(limits.out).toContain('7 requests a minute')
    expect(h.last('preferences.set')).toEqual({ requestsPerMinute: 7, maxServers: 3 })
    const free = await h.drawbridge('settings', '--requests-per-minute', 'unlimited')
    expect(free.out).toContain('as many requests as it likes')
    expect(h.state.preferences).toEqual({
      ...{ redirectDomains: null, requestsPerMinute: null, maxServers: 3, largestAnswer: 32 },
      activityDays: 90,
      resultMinutes: 30,
    })
    const large = await h.drawbridge('settings', '--largest-answer', '64')
    expect(large.out).toContain('A server may send up to 64 MB in one answer.')
    expect(h.last('preferences.set')).toEqual({ largestAnswer: 64 })
    for (const wrong of ['0', '257', '1.5', 'x'])
      expect((await h.drawbridge('settings', '--largest-answer', wrong)).code, wrong).toBe(2)
    expect(shown).toContain('The result of a call waits 30 minutes for an assistant that could not.')
    const longer = await h.drawbridge('settings', '--keep-results', '120')
    expect(longer.out).toContain('waits 120 minutes')
    expect(h.last('preferences.set')).toEqual({ resultMinutes: 120 })
    for (const wrong of ['0', '1441', '1.5', 'x'])
      expect((await h.drawbridge('settings', '--keep-results', wrong)).code, wrong).toBe(2)
    expect(shown).toContain('Calls are kept for 90 days.')
    const year = await h.drawbridge('settings', '--keep-activity', '365')
    expect(year.out).toContain('Calls are kept for a year.')
    expect(h.last('preferences.set')).toEqual({ activityDays: 365 })
    for (const wrong of ['0', '8', '90d', ''])
      expect((await h.drawbridge('settings', '--keep-activity', wrong)).code, wrong).toBe(2)
    const page = await h.drawbridge('settings', '--local-page', 'http://localhost:6274')
    expect(page.out).toContain('These pages on this computer may be clients:\n  http://localhost:6274')
    expect(h.last('preferences.set')).toEqual({ localPages: ['http://localhost:6274'] })
    expect((await h.drawbridge('settings', '--local-page', 'x', '--forget-local-pages')).code).toBe(2)
    expect((await h.drawbridge('settings', '--forget-local-pages')).out).not.toContain('may be clients')
    expect(h.last('preferences.set')).toEqual({ localPages: [] })
    for (const wrong of ['0', '-1', '1.5', 'many', '100001', ''])
      expect((await h.drawbridge('settings', '--requests-per-minute', wrong)).code, wrong).toBe(2)
    expect((await h.drawbridge('settings', '--max-servers', '501')).code).toBe(2)
  })

  it('rotates keys only when told --yes', async () => {
    const asked = await h.drawbridge('rotate', '--keys')
    expect(asked.code).toBe(2)
    expect(asked.err).toContain('drawbridge rotate --keys --yes')
    expect(h.last('security.rotate')).toBeUndefined()
    expect((await h.drawbridge('rotate', '--yes')).code).toBe(0)
    expect(h.last('security.rotate')).toEqual({ keys: false })
    await h.drawbridge('rotate', '--keys', '--yes')
    expect(h.last('security.rotate')).toEqual({ keys: true })
  })
})

describe('the doctor', () => {
  const finding = (id: string, more: Partial<Finding> = {}): Finding => ({
    ...{ id, title: `About ${id}`, state: 'ok', sent: 'GET /x', received: '200', problem: null, took: 12 },
    ...more,
  })
  const problem = { code: 'x', message: 'The tunnel\u001b[31m shows a page.', hint: 'Choose another one.' }
  const diagnosis = (findings: Finding[]): Diagnosis => ({
    ...{ url: 'https://name.example/mcp', through: 'public', at: 0, findings, summary: 'In short.' },
    ok: findings.every(({ state }) => state !== 'failed'),
  })

  it('ends with 0 when all is well', async () => {
    h.state.diagnosis = diagnosis([finding('reach'), finding('sign-in', { state: 'skipped', problem })])
    const run = await h.drawbridge('doctor')
    expect(run.code).toBe(0)
    expect(run.out).toMatch(/RESULT +WHAT +TIME\nok +About reach +12 ms/)
    expect(run.out).toContain('In short.')
    expect(run.out).not.toContain('FAILED')
    expect(h.last('doctor.run')).toEqual({ workspace: 'default' })
  })

  it('ends with 1 otherwise, and says what to do', async () => {
    h.state.diagnosis = diagnosis([
      finding('reach'),
      finding('ours', { state: 'failed', problem, received: '511 text/html' }),
    ])
    const run = await h.drawbridge('doctor', '--workspace', 'work', '--local')
    expect(run.code).toBe(1)
    expect(run.out).toContain(
      'FAILED: About ours\n  The tunnel⟨U+001B⟩[31m shows a page.\n  Choose another one.\n  Sent',
    )
    expect(run.out).toContain('511 text/html')
    expect(h.last('doctor.run')).toEqual({ workspace: 'work', through: 'local' })
    const machine = await h.drawbridge('doctor', '--json')
    expect(machine).toMatchObject({ code: 1, err: '' })
    expect(json(machine).findings).toHaveLength(2)
  })
})

describe('a pause', () => {
  it('is an hour, or as long as is said, and can be ended', async () => {
    const made = json(await h.drawbridge('key', 'create', '--name', 'Paused one', '--json'))
    const { id } = made.grant
    const paused = await h.drawbridge('key', 'pause', 'paused one')
    expect(paused.out).toMatch(/^“Paused one” is paused until .*\d/)
    expect(h.last('grants.pause')).toEqual({ id, minutes: 60 })
    expect((await h.drawbridge('key', 'list')).out).toContain('ask, paused')
    expect(json(await h.drawbridge('key', 'pause', id, '--for', '2d', '--json')).pausedUntil).toBe(
      1_799_999_400_000 + 2 * 86_400_000,
    )
    expect(h.last('grants.pause')).toEqual({ id, minutes: 2 * 24 * 60 })
    for (const time of ['', '2', '90x', '-1h', '1h30m'])
      expect((await h.drawbridge('key', 'pause', id, '--for', time)).code, time).toBe(2)
    expect((await h.drawbridge('key', 'pause', id, '--for', '8d')).code).not.toBe(0)
    expect((await h.drawbridge('client', 'pause', 'paused one')).code).toBe(4)
    expect((await h.drawbridge('key', 'resume', 'paused one')).out).toBe(
      '“Paused one” is not paused any more.',
    )
    expect(h.last('grants.resume')).toEqual({ id })
  })
})

describe('the keys that raise the bridge', () => {
  it('are written as people write them, and it is said when they do nothing', async () => {
    const set = await h.drawbridge('preferences', '--raise-shortcut', 'ctrl + alt+b')
    expect(h.last('preferences.set')).toEqual({ raiseShortcut: 'Control+Alt+B' })
    expect(set.out).toContain('raises the bridge from everywhere.')
    for (const keys of ['Ctrl+C', 'B', 'Hyper+X'])
      expect((await h.drawbridge('preferences', '--raise-shortcut', keys)).code, keys).toBe(2)
    h.state.status.raiseShortcut = { keys: 'Control+Alt+B', state: 'taken' }
    expect((await h.drawbridge('preferences')).err).toContain('Another program has these keys')
    expect((await h.drawbridge('preferences', '--raise-shortcut', 'off')).out).toContain(
      'No keys raise the bridge',
    )
    expect(h.last('preferences.set')).toEqual({ raiseShortcut: null })
  })
})
