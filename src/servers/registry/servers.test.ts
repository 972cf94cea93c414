import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  callText,
  closeAll,
  everything,
  exchange,
  filesystem,
  fixture,
  isAlive,
  livingWith,
  modern,
  type SetUp,
  setUp,
  stdio,
  until,
} from '../testing/setup.ts'

let at: SetUp
beforeEach(() => {
  at = setUp({ start: 4_000, firstBackoff: 30 })
})
afterEach(closeAll)

describe('real servers', () => {
  it('runs server-everything and server-filesystem and calls them', async () => {
    writeFileSync(join(at.dir, 'note.txt'), 'the note')
    const [one, two] = await Promise.all([
      at.servers.add(stdio('Everything', [everything, 'stdio'])),
      at.servers.add(stdio('My files', [filesystem, at.dir])),
    ])
    expect(one).toMatchObject({ state: 'running', error: null, protocol: expect.stringMatching(/^20/) })
    expect(one.tools).toBeGreaterThan(5)
    expect(two).toMatchObject({ state: 'running', error: null })
    expect(at.servers.sources().map(({ slug }) => slug)).toEqual(
      expect.arrayContaining(['everything', 'my-files']),
    )
    expect(await callText(at.servers, 'everything', 'echo', { message: 'hi there' })).toContain('hi there')
    expect(
      await callText(at.servers, 'my-files', 'read_text_file', { path: join(at.dir, 'note.txt') }),
    ).toContain('the note')
    const listed = at.servers.sources().find(({ slug }) => slug === 'my-files')!
    expect(listed.tools().find(({ name }) => name === 'read_text_file')?.annotations).toMatchObject({
      readOnlyHint: true,
    })
  })

  it('speaks 2026-07-28 with a server that knows nothing else', async () => {
    const server = await at.servers.add(stdio('Modern', [modern]))
    expect(server).toMatchObject({ state: 'running', protocol: '2026-07-28', tools: 1 })
    expect(await callText(at.servers, 'modern', 'hello')).toBe('hello')
  })

  it('gives a second life to a server that ends when asked before initialize', async () => {
    const server = await at.servers.add(stdio('Touchy', [fixture, '--exit-on-discover']))
    expect(server).toMatchObject({ state: 'running', protocol: '2025-11-25' })
    expect(server.log.filter((line) => line.startsWith('log line'))).toHaveLength(1)
  })
})

describe('what a program takes of the computer', () => {
  it.runIf(process.platform !== 'win32')(
    'is told for those that run, and is nothing once they are stopped',
    async () => {
      const [one, two] = await Promise.all([
        at.servers.add(stdio('Modern', [modern])),
        at.servers.add(stdio('Touchy', [fixture, '--exit-on-discover'])),
      ])
      const some = { programs: 1, memory: expect.any(Number), cpu: expect.any(Number) }
      const found = await at.servers.use()
      expect(found).toEqual([
        { id: one.id, name: 'Modern', ...some },
        { id: two.id, name: 'Touchy', ...some },
      ])
      for (const { memory } of found) expect(memory).toBeGreaterThan(10_000_000)
      await at.servers.stopServer(one.id)
      expect(await at.servers.use()).toMatchObject([{ programs: 0, memory: 0, cpu: 0 }, { programs: 1 }])
    },
  )
})

describe('what a child gets', () => {
  it('sees nothing of our environment but what it needs, and its own values', async () => {
    process.env.DRAWBRIDGE_CANARY = 'canary-value'
    const inherited = setUp()
    const server = await inherited.servers.add(
      stdio('Env', [fixture], { env: { SECRET: 'open sesame 42', EMPTY: '' } }),
    )
    expect(server.env).toEqual(['SECRET', 'EMPTY'])
    const env = JSON.parse(await callText(inherited.servers, 'env', 'env')) as Record<string, string>
    expect(env).toMatchObject({ SECRET: 'open sesame 42', EMPTY: '' })
    expect(JSON.stringify(env)).not.toContain('canary')
    // The mark is random, new for each start, and leads nowhere.
    expect(env.MCP_SERVER_MARK).toMatch(/^[0-9a-f]{32}$/)
    expect(Object.keys(env).sort()).toEqual(['EMPTY', 'HOME', 'LANG', 'MCP_SERVER_MARK', 'PATH', 'SECRET'])
    expect(env.PATH!.split(':')).toContain(join(process.execPath, '..'))
    // Shown redacted, stored in the vault only.
    await until(() => inherited.servers.list()[0]!.log.some((line) => line.startsWith('log line')))
    expect(inherited.servers.list()[0]!.log.join()).not.toContain('sesame')
    expect(inherited.secrets.get(`server/${server.id}/env/SECRET`)).toBe('open sesame 42')
    for (const suffix of ['', '-wal'])
      expect(readFileSync(join(inherited.dir, `test.db${suffix}`)).includes('sesame')).toBe(false)
    delete process.env.DRAWBRIDGE_CANARY
  })

  it('gets its arguments unharmed, whatever a shell would make of them', async () => {
    const marker = join(at.dir, 'pwned')
    const args = [
      '$(touch pwned)',
      `; touch ${marker}`,
      '`id`',
      '*',
      '"q\'',
      '',
      'ü\n',
      '%PATH%',
      '--x=a b',
      '&&',
    ]
    await at.servers.add(stdio('Args', [fixture, ...args]))
    expect(JSON.parse(await callText(at.servers, 'args', 'argv'))).toEqual(args)
    expect(existsSync(marker)).toBe(false)
  })

  it('shows the absolute path that is started', async () => {
    const server = await at.servers.add(stdio('Bare', [fixture], { command: 'node' }))
    expect(server.state).toBe('running')
    expect(server.command).toMatch(/^\/.*\/node$/)
  })
})

describe('bad servers', () => {
  it('says what to install when the command is not there, and keeps nothing', async () => {
    at = setUp()
    const add = (command: string, args: string[] = []) =>
      at.servers.add(stdio('Missing', args, { command, env: { KEY: 'some secret' } }))
    await expect(add('no-such-program-here')).rejects.toMatchObject({
      code: 'command-not-found',
      message: expect.stringContaining('no-such-program-here'),
    })
    await expect(add('/no/such/uvx')).rejects.toMatchObject({ hint: expect.stringContaining('uv') })
    await expect(add('npxx -y thing')).rejects.toMatchObject({ hint: expect.stringContaining('“npxx”') })
    await expect(add('./server.js')).rejects.toMatchObject({ code: 'command-not-found' })
    await expect(add(at.dir)).rejects.toMatchObject({ code: 'command-not-found' })
    await expect(add('node', ['a\0b'])).rejects.toMatchObject({ code: 'server-invalid' })
    expect(at.servers.list()).toEqual([])
    expect(at.secrets.size).toBe(0)
  })

  it('refuses a name that is taken, also by one that is just being added', async () => {
    const results = await Promise.allSettled([
      at.servers.add(stdio('Twin', [fixture])),
      at.servers.add(stdio('twin', [fixture])),
    ])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    await expect(at.servers.add(stdio('TWIN', [fixture]))).rejects.toMatchObject({ code: 'name-taken' })
    expect(at.servers.list()).toHaveLength(1)
  })

  it('keeps one that dies at start, with its last words', async () => {
    const server = await at.servers.add(stdio('Dead', [fixture, '--die-at-start']))
    expect(server).toMatchObject({ state: 'failed', error: { code: 'server-died-at-start' } })
    expect(server.error!.message).toContain('exit code 3')
    expect(server.error!.message).toContain('Error: API_KEY is missing')
    expect(server.log).toContain('Error: API_KEY is missing')
    expect(at.servers.list()).toHaveLength(1)
    // Mended outside, restarted by hand.
    expect((await at.servers.restart(server.id)).state).toBe('failed')
  })

  it('tells silence, rubbish and a banner apart', async () => {
    at = setUp({ start: 700 })
    const [silent, rubbish, banner] = await Promise.all([
      at.servers.add(stdio('Silent', [fixture, '--silent'])),
      at.servers.add(stdio('Rubbish', [fixture, '--rubbish'])),
      at.servers.add(stdio('Banner', [fixture, '--banner'])),
    ])
    expect(silent.error).toMatchObject({ code: 'server-silent' })
    expect(rubbish.error).toMatchObject({ code: 'server-not-mcp' })
    expect(rubbish.log).toContain('(standard output) hello world')
    expect(banner).toMatchObject({ state: 'running' })
    expect(banner.log).toContain('(standard output) red')
    expect(livingWith(`${fixture}\0--silent`)).toEqual([])
    expect(livingWith(`${fixture}\0--rubbish`)).toEqual([])
  })

  it('answers a 10 MB line with an error and lives on', async () => {
    await at.servers.add(stdio('Big', [fixture]))
    const pid = await callText(at.servers, 'big', 'pid')
    expect(await callText(at.servers, 'big', 'big')).toContain('larger than 4 MB')
    expect(await callText(at.servers, 'big', 'pid')).toBe(pid)
  })

  it('passes a refusal on, and what does not fit; drops what is too deep', async () => {
    await at.servers.add(stdio('Odd', [fixture]))
    expect(await callText(at.servers, 'odd', 'refuse')).toContain('I will not')
    // Whether it fits the tool's schema is for the client to judge, who has the schema too.
    expect(await callText(at.servers, 'odd', 'unfit')).toContain('"n":"not a number"')
    await expect(callText(at.servers, 'odd', 'deep')).rejects.toMatchObject({ name: 'HostError' })
    expect(await callText(at.servers, 'odd', 'pid')).toMatch(/^\d+$/)
  })
})

describe('calls', () => {
  it('passes progress on, which also keeps a slow call alive', async () => {
    at = setUp({ call: 400 })
    await at.servers.add(stdio('Slow', [fixture]))
    const [source] = at.servers.sources()
    const seen: number[] = []
    const result = await source!.call(
      'progress',
      {},
      exchange({ onProgress: ({ progress }) => seen.push(progress) }),
    )
    expect(result.content).toEqual([{ type: 'text', text: 'done' }])
    expect(seen).toEqual([1, 2, 3, 4])
    await expect(callText(at.servers, 'slow', 'hang')).rejects.toMatchObject({ code: 'server-timeout' })
  })

  it('can be cancelled', async () => {
    await at.servers.add(stdio('Cancel', [fixture]))
    const abort = new AbortController()
    const call = at.servers.sources()[0]!.call('hang', {}, exchange({ signal: abort.signal }))
    setTimeout(() => abort.abort(), 50)
    await expect(call).rejects.toMatchObject({ code: 'call-cancelled' })
    await expect(
      at.servers.sources()[0]!.call('pid', {}, exchange({ signal: abort.signal })),
    ).rejects.toMatchObject({
      code: 'call-cancelled',
    })
  })

  it('fetches every page of tools, and again when the list changed', async () => {
    await at.servers.add(stdio('Pages', [fixture]))
    const [source] = at.servers.sources()
    expect(source!.tools().length).toBe(12)
    expect(source!.tools()[11]).toMatchObject({ name: 'deep', _meta: { kept: true } })
    let changes = 0
    at.servers.events.on('lists.changed', () => {
      changes += 1
    })
    await callText(at.servers, 'pages', 'change')
    await until(() => source!.tools().some(({ name }) => name === 'fresh'))
    expect(changes).toBe(1)
  })
})

describe('a life', () => {
  it('is stored, started again with the next host, and removed with its secrets', async () => {
    await at.servers.add(stdio('Café Größe', [fixture], { env: { SECRET: 'abcdefgh' } }))
    await at.servers.add(stdio('Dies', [fixture, '--die-at-start']))
    await at.servers.stop()
    expect(at.servers.list().map(({ state }) => state)).toEqual(['stopped', 'stopped'])

    const next = at.create()
    expect(next.list()).toMatchObject([{ name: 'Café Größe', env: ['SECRET'], state: 'stopped' }, {}])
    await next.startAll()
    expect(next.list()[0]!.state).toBe('running')
    expect(JSON.parse(await callText(next, 'cafe-gro-e', 'env'))).toMatchObject({ SECRET: 'abcdefgh' })
    await until(() => next.list()[1]!.state === 'failed')
    expect(next.list()[1]).toMatchObject({ restarts: 4, error: { code: 'server-keeps-stopping' } })

    for (const { id } of next.list()) await next.remove(id)
    expect(next.list()).toEqual([])
    expect(at.secrets.size).toBe(0)
    expect(at.create().list()).toEqual([])
    await expect(next.remove('srv_x')).rejects.toMatchObject({ code: 'server-not-found' })
  })

  it('says which secret is gone', async () => {
    const server = await at.servers.add(stdio('Gone', [fixture], { env: { SECRET: 'abcdefgh' } }))
    at.secrets.clear()
    expect(await at.servers.restart(server.id)).toMatchObject({
      state: 'failed',
      error: { code: 'secret-missing', message: expect.stringContaining('SECRET') },
    })
  })

  it('leaves nobody behind, not even a grandchild that ignores SIGTERM', async () => {
    const dir = mkdtempSync(join(at.dir, 'g-'))
    at = setUp({ afterTerm: 200 })
    const file = join(dir, 'pid')
    const server = await at.servers.add(stdio('Parent', [fixture, '--grandchild', file]))
    const grandchild = Number(readFileSync(file, 'utf8'))
    expect(isAlive(grandchild)).toBe(true)
    await at.servers.remove(server.id)
    expect(isAlive(grandchild)).toBe(false)
    expect(livingWith(file)).toEqual([])
  })

  it('can be stopped while it starts', async () => {
    const adding = at.servers.add(stdio('Starting', [fixture, '--silent', 'stop-while-starting']))
    await until(() => livingWith('stop-while-starting').length > 0)
    await at.servers.stop()
    expect((await adding).state).toBe('stopped')
    expect(livingWith('stop-while-starting')).toEqual([])
  })
})
