import { once } from 'node:events'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { childEnv } from '../../system/child-env.ts'
import { allProcesses, familyOf } from '../../system/processes.ts'
import type { Servers } from '../registry/interface.ts'
import {
  callText,
  closeAll,
  everything,
  livingWith,
  node,
  type SetUp,
  setUp,
  stdio,
  until,
} from '../testing/setup.ts'
import { createConfinement, programFolders } from './confinement.ts'
import { bubblewrapRules, seatbeltArgs } from './sandbox-rules.ts'

const secret = 'canary-of-the-data-folder'
let at: SetUp
let servers: Servers
let data: string
let spy: string
beforeEach(() => {
  at = setUp({ start: 10_000, firstBackoff: 30 })
  // Home is `at.dir`; in it ours, keys of the user's, and the server's program.
  data = join(at.dir, '.local/share/drawbridge')
  for (const folder of [data, join(at.dir, '.ssh'), join(at.dir, 'programs/spy')])
    mkdirSync(folder, { recursive: true })
  writeFileSync(join(data, 'control.json'), secret)
  writeFileSync(join(at.dir, '.ssh/id_ed25519'), secret)
  spy = join(at.dir, 'programs/spy/server.mjs')
  copyFileSync(join(import.meta.dirname, '../testing/fixture-spy.mjs'), spy)
  writeFileSync(join(at.dir, 'programs/spy/package.json'), '{"name": "spy"}')
  servers = at.create({ dataDir: data })
})
afterEach(closeAll)

const look = async (slug: string, args: object) =>
  JSON.parse(await callText(servers, slug, 'spy', args as Record<string, unknown>))
const isRefusal = { failed: expect.stringMatching(/^(ENOENT|EACCES|EPERM|EROFS)$/) }

it('a server finds nothing of ours in its environment, folder, descriptors and command line', async () => {
  process.env.DRAWBRIDGE_CANARY = secret
  process.env.NODE_COMPILE_CACHE = join(data, 'cache')
  process.env.INIT_CWD = data
  const more = { HOME: at.dir, TMPDIR: join(data, 'tmp'), XDG_DATA_HOME: join(data, 'x') }
  Object.assign(process.env, { npm_config_cache: data, OLDPWD: data })
  const before = { ...process.env }
  try {
    Object.assign(process.env, more)
    await servers.add(stdio('Spy', [spy], { env: { API_KEY: 'its own value' } }))
    const found = await look('spy', {})
    expect(found.env.API_KEY).toBe('its own value')
    const all = JSON.stringify([found.env, found.cwd, found.argv, found.fds])
    for (const word of [data, 'DRAWBRIDGE', 'COMPILE_CACHE', 'npm_', secret]) expect(all).not.toContain(word)
    // Its three pipes; the fourth is the one it reads the list with.
    expect(Object.keys(found.fds).filter((fd) => Number(fd) < 3)).toEqual(['0', '1', '2'])
    for (const [fd, target] of Object.entries(found.fds))
      if (Number(fd) >= 3 && typeof target === 'string')
        expect(target).toMatch(/^(socket:|pipe:|anon_inode:|\/dev\/|\/proc\/)/)
  } finally {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name]
    Object.assign(process.env, before)
    for (const name of ['DRAWBRIDGE_CANARY', 'NODE_COMPILE_CACHE', 'INIT_CWD', 'npm_config_cache', 'OLDPWD'])
      delete process.env[name]
  }
})

it('what of our own environment leads to the data folder is not handed on', () => {
  const env = childEnv(
    { HOME: '/home/me/data', TMPDIR: '/home/me/data/tmp', LANG: 'C' },
    ['/usr/bin', '/home/me/data/bin'],
    {},
    '/home/me/data',
  )
  expect(env).toEqual({ LANG: 'C', PATH: '/usr/bin' })
})

const screen = { DISPLAY: ':0', WAYLAND_DISPLAY: 'wayland-0', XAUTHORITY: '/home/me/.Xauthority' }

it('where the screen is reaches a server, unless it leads to the data folder', () => {
  expect(childEnv({ ...screen, XDG_SESSION_ID: '3' }, ['/usr/bin'], {}, '/home/me/data')).toEqual({
    ...screen,
    PATH: '/usr/bin',
  })
  const led = { ...screen, XAUTHORITY: '/home/me/data/.Xauthority' }
  const { XAUTHORITY: _, ...rest } = screen
  expect(childEnv(led, ['/usr/bin'], {}, '/home/me/data')).toEqual({ ...rest, PATH: '/usr/bin' })
})

it('and does not reach one that is kept to its own folder', async () => {
  const run = { command: node, args: [], cwd: '/', env: { ...screen, LANG: 'C' } }
  const { aside } = await createConfinement(data).wrap('srv_x', null, run, {})
  const words = aside!.split('\0')
  expect(words).toContain('LANG')
  for (const name of Object.keys(screen)) expect(words).not.toContain(name)
})

describe('only its own folder', () => {
  it('works as a server, and reaches nothing else', async () => {
    const server = await servers.add(stdio('Spy', [spy], { confined: true }))
    expect(server).toMatchObject({ state: 'running', confined: true, tools: 2, error: null })
    const outside = join(at.dir, 'outside')
    const found = await look('spy', {
      read: [
        ...[data, join(data, 'control.json'), join(at.dir, '.ssh'), join(at.dir, '.ssh/id_ed25519')],
        ...[`${data}-servers`, join(at.dir, 'test.db'), '/root', '/var', spy],
      ],
      write: [outside, join(data, 'x'), join(at.dir, 'programs/spy/x'), '/usr/x', '/etc/x', '/own/sub/x'],
      words: [secret, data, 'DRAWBRIDGE'],
    })
    const { [spy]: program, ...read } = found.read
    expect(program).toContain('looks around')
    for (const [path, text] of Object.entries(read)) expect([path, text]).toEqual([path, isRefusal])
    for (const path of Object.keys(read)) expect([path, found.list[path]]).toEqual([path, isRefusal])
    expect(existsSync(outside) || existsSync(join(data, 'x'))).toBe(false)
    expect(existsSync(join(at.dir, 'programs/spy/x'))).toBe(false)
    const { '/own/sub/x': inside, '/usr/x': usr, '/etc/x': etc } = found.write
    expect([inside, usr, etc]).toEqual(['written', isRefusal, isRefusal])
    expect(found).toMatchObject({ cwd: '/own', env: { HOME: '/own', TMPDIR: '/tmp' } })
    // Other processes are not there: it sees the sandbox itself and its own.
    expect(found.pids.length).toBeLessThan(4)
    expect(found.seen).toEqual([])
    // What it wrote is kept for its next life, beside the data folder.
    const folder = join(`${data}-servers`, server.id)
    expect(readFileSync(join(folder, 'sub/x'), 'utf8')).toBe('was here')
    await servers.restart(server.id)
    expect((await look('spy', { read: ['/own/sub/x'] })).read['/own/sub/x']).toBe('was here')
  })

  it('is enough for a server from npm', async () => {
    const one = await servers.add(stdio('Everything', [everything, 'stdio'], { confined: true }))
    expect(one).toMatchObject({ state: 'running', error: null })
    expect(await callText(servers, 'everything', 'echo', { message: 'hi' })).toBe('Echo: hi')
  })

  it('is the folder that was given, and that one alone', async () => {
    const folder = join(at.dir, 'notes')
    mkdirSync(folder)
    await servers.add(stdio('Spy', [spy], { confined: true, cwd: folder }))
    const found = await look('spy', { read: [data], write: [join(folder, 'a'), join(at.dir, 'b')] })
    expect(found.cwd).toBe(folder)
    expect(found.env.HOME).toBe(folder)
    expect(existsSync(join(folder, 'a'))).toBe(true)
    expect(existsSync(join(at.dir, 'b'))).toBe(false)
    expect(found.read[data]).toEqual(isRefusal)
  })

  it('may not be a folder with other things in it', async () => {
    for (const cwd of [at.dir, '/', '/tmp', '/etc', data, join(at.dir, '.local')])
      await expect(servers.add(stdio('Spy', [spy], { confined: true, cwd }))).rejects.toMatchObject({
        code: 'folder-too-wide',
        hint: expect.stringContaining('Give a folder of its own'),
      })
    expect(servers.list()).toEqual([])
  })

  it('has its variables inside only: the sandbox itself is started with none', async () => {
    const env = {
      ...{ LD_DEBUG: 'libs', LD_DEBUG_OUTPUT: join(at.dir, 'outside'), LD_LIBRARY_PATH: '/own/lib' },
      ...{ EMPTY_LOOKING: ' ', API_KEY: 'one\ntwo' },
    }
    await servers.add(stdio('Spy', [spy], { confined: true, env }))
    const found = await look('spy', {})
    expect(found.env).toMatchObject({ ...env, HOME: '/own' })
    expect(readdirSync(at.dir).filter((name) => name.startsWith('outside'))).toEqual([])
  })

  it('does not grow by links that the server lays in it', async () => {
    const folder = join(at.dir, 'work/notes')
    const secrets = join(at.dir, 'work/secrets')
    for (const one of [folder, secrets]) mkdirSync(one, { recursive: true })
    writeFileSync(join(secrets, 'one'), secret)
    mkdirSync(join(folder, 'data'))
    const args = [spy, join(folder, 'data')]
    const server = await servers.add(stdio('Spy', args, { confined: true, cwd: folder }))
    renameSync(join(folder, 'data'), join(folder, 'before'))
    symlinkSync(secrets, join(folder, 'data'))
    await servers.restart(server.id)
    const paths = [join(folder, 'data/one'), join(secrets, 'one')]
    const found = await look('spy', { read: paths })
    for (const path of paths) expect([path, found.read[path]]).toEqual([path, isRefusal])
    // Nor by way of a link of the user's, nor by the command.
    const link = join(at.dir, 'link')
    symlinkSync(join(folder, 'data'), link)
    const edit = { id: server.id, kind: 'stdio' as const, name: 'Spy', command: node, cwd: folder, env: {} }
    await servers.edit({ ...edit, args: [spy, `--data=${link}`] })
    const again = await look('spy', { read: [join(link, 'one'), join(secrets, 'one')] })
    expect(Object.values(again.read)).toEqual([isRefusal, isRefusal])
    symlinkSync(node, join(folder, 'run'))
    const byLink = { ...edit, command: join(folder, 'run'), args: [spy] }
    expect(await servers.edit(byLink).catch((error) => error)).toMatchObject({
      error: { code: 'link-leads-out' },
    })
  })

  it('is not opened by arguments that name the machine, its processes or a socket', async () => {
    const socket = join(at.dir, 'work/bus/socket')
    mkdirSync(join(at.dir, 'work/bus'), { recursive: true })
    const bus = createServer().listen(socket)
    await once(bus, 'listening')
    try {
      for (const path of ['/proc', `/proc/${process.pid}`, '/dev', '/sys', '/run/lock', socket]) {
        const args = [spy, path, `--path=${path}`]
        const server = await servers.add(stdio('Spy', args, { confined: true }))
        const inside = [path, server.state, await look('spy', { words: [secret] })]
        expect(inside).toMatchObject([path, 'running', { seen: [] }])
        const found = await look('spy', { read: [`/proc/${process.pid}/status`, '/dev/kmsg', socket] })
        expect([path, Object.values(found.read)]).toEqual([
          path,
          [isRefusal, isRefusal, { failed: 'ENOENT' }],
        ])
        expect([path, found.list['/dev/kmsg'], found.pids.length < 4]).toEqual([path, isRefusal, true])
        await servers.remove(server.id)
      }
      const cwd = `${data}-servers`
      await expect(servers.add(stdio('Spy', [spy], { confined: true, cwd }))).rejects.toMatchObject({
        code: 'folder-too-wide',
      })
    } finally {
      bus.close()
    }
  })

  it('leaves nobody behind', async () => {
    const server = await servers.add(stdio('Spy', [spy], { confined: true }))
    const seconds = String(3_000_000 + (process.pid % 1_000_000))
    await callText(servers, 'spy', 'leave', { seconds })
    expect(livingWith(seconds)).toHaveLength(1)
    const asked = performance.now()
    await servers.stopServer(server.id)
    await until(() => livingWith(seconds).length === 0)
    expect(performance.now() - asked).toBeLessThan(5_000)
    // Also when the sandbox itself is killed.
    await servers.start(server.id)
    await callText(servers, 'spy', 'leave', { seconds })
    // Ours only: other tests beside this one have sandboxes, too.
    const mine = familyOf((await allProcesses())!, process.pid).map(({ pid }) => pid)
    for (const pid of livingWith('--args')) if (mine.includes(pid)) process.kill(pid, 'SIGKILL')
    await until(() => livingWith(seconds).length === 0)
  })

  it('is never left out silently: not by a change, not where there is no sandbox', async () => {
    const server = await servers.add(stdio('Spy', [spy], { confined: true }))
    const { id, fingerprint } = server
    const edit = { id, kind: 'stdio' as const, name: 'Spy', command: node, args: [spy], env: {} }
    expect(await servers.edit(edit)).toMatchObject({ confined: true, fingerprint, state: 'running' })
    expect((await look('spy', { read: [data] })).read[data]).toEqual(isRefusal)
    const free = await servers.edit({ ...edit, confined: false })
    expect(free).toMatchObject({ confined: false, state: 'running' })
    expect(free.fingerprint).not.toBe(fingerprint)
    expect((await look('spy', { read: [join(data, 'control.json')] })).read).toEqual({
      [join(data, 'control.json')]: secret,
    })
    await servers.edit({ ...edit, confined: true })
    await servers.stop()
    // Without a place to keep it in, it does not run.
    const other = at.create()
    await other.startAll()
    expect(other.list()[0]).toMatchObject({
      state: 'failed',
      error: { code: 'sandbox-missing' },
    })
    await other.stop()
    await expect(createConfinement(data, { platform: 'win32' }).check(null)).rejects.toMatchObject({
      code: 'sandbox-missing',
      hint: expect.stringContaining('Only its own folder'),
    })
    await expect(createConfinement(data, { platform: 'freebsd' }).check(null)).rejects.toThrow(
      'This computer has no way to keep a program to its own folder',
    )
  })
})

describe('what a program needs to be started', () => {
  const tooWide = (path: string) => [at.dir, '/tmp', '/', join(at.dir, '.local'), data].includes(path)
  const folders = (command: string, args: string[] = []) =>
    programFolders(command, args, at.dir, tooWide).map(({ to }) => to.replace(at.dir, '~'))

  it('is its package, its modules or its folder, and never what is around them', () => {
    const put = (path: string) => {
      mkdirSync(join(at.dir, path, '..'), { recursive: true })
      writeFileSync(join(at.dir, path), '')
      return join(at.dir, path)
    }
    expect(folders('/usr/bin/env', [spy])).toEqual(['~/programs/spy'])
    expect(folders('/usr/bin/env', [`--main=${spy}`])).toEqual(['~/programs/spy'])
    const loose = put('Downloads/loose.mjs')
    expect(folders('/usr/bin/env', [loose])).toEqual(['~/Downloads/loose.mjs'])
    const top = put('top.mjs')
    expect(folders('/usr/bin/env', [top])).toEqual(['~/top.mjs'])
    const deep = put('code/one/script.mjs')
    expect(folders('/usr/bin/env', [deep])).toEqual(['~/code/one'])
    const npx = put('.nvm/versions/node/v24/bin/npx')
    put('.nvm/versions/node/v24/lib/node_modules/npm/bin/npx-cli.js')
    expect(folders(npx)).toEqual(['~/.nvm/versions/node/v24/bin', '~/.nvm/versions/node/v24/lib'])
    const module = put('code/two/node_modules/a/node_modules/b/cli.js')
    expect(folders('/usr/bin/env', [module])).toEqual(['~/code/two/node_modules'])
    // Never ours, nor all of the user's.
    expect(folders('/usr/bin/env', [data, at.dir, '/', 'relative', '--x=~'])).toEqual([])
  })
})

describe('the rules of the sandboxes', () => {
  const rules = {
    ...{ command: '/usr/bin/node', args: ['a b', '--', '-p'], folder: '/h/own "x"', appears: '/own' },
    ...{
      readable: [{ from: '/h/app', to: '/h/app' }],
      hidden: ['/h', '/opt/ours'],
      system: ['/usr', '/opt'],
    },
  }
  it('of bubblewrap: what is hidden below a system folder is covered, and nothing of the user’s is there but what is named', () => {
    const args = bubblewrapRules(rules)
    expect(args.join(' ')).toContain('--ro-bind /opt /opt --tmpfs /opt/ours --ro-bind /h/app /h/app --bind')
    expect(args).not.toContain('/h')
    for (const flag of ['--unshare-pid', '--die-with-parent', '--new-session', '--unshare-user'])
      expect(args).toContain(flag)
    expect(args).not.toContain('--unshare-net')
  })

  // Its effect can only be seen on a Mac.
  it('of macOS: all writing and the user’s folders are closed, then the own one is opened', () => {
    const [flag, profile, ...run] = seatbeltArgs(rules) as [string, string, ...string[]]
    expect([flag, run]).toEqual(['-p', ['/usr/bin/node', 'a b', '--', '-p']])
    const lines = profile.split('\n')
    const at = (text: string) => lines.findIndex((line) => line.startsWith(text))
    expect(at('(deny file-write*)')).toBeGreaterThan(at('(allow default)'))
    expect(lines).toContain(
      '(deny file-read* (subpath "/Users") (subpath "/Volumes") (subpath "/h") (subpath "/opt/ours"))',
    )
    expect(lines).toContain('(allow file-read* file-write* (subpath "/h/own \\"x\\""))')
    expect(at('(allow file-read* file-write*')).toBeGreaterThan(at('(deny file-read*'))
    expect(profile).not.toContain('(allow file-write* (subpath "/"')
  })
})
