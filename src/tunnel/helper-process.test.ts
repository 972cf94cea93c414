import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { createFileLog, silentLog } from '../kernel/log/log.ts'
import { createRedactor } from '../kernel/log/redact.ts'
import { HelperProcess } from './helper-process.ts'
import { createHelperProvider } from './testing/fixture-helper-provider.ts'
import { house, record, until } from './testing/house.ts'

const at = house()
/** Programs of ours that run: what they were started with, environment excepted. */
const programs = () =>
  execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes('Your address is'))

const secrets: Record<string, string> = {}
const begin = (provider: ReturnType<typeof createHelperProvider>, key: string | null = 'key-one') => {
  if (key === null) delete secrets['tunnel/fixture/key']
  else secrets['tunnel/fixture/key'] = key
  return at.begin({}, undefined, {
    providers: [provider],
    vault: { get: async (name) => secrets[name] ?? null },
  })
}

test('a program holds the address open, with its secret in nobody’s sight, and is gone with the tunnel', async () => {
  const provider = createHelperProvider()
  const tunnel = begin(provider)
  tunnel.want()
  const { origin } = await until(tunnel, 'ready')
  expect(await (await fetch(`${origin}/hello`)).text()).toBe('hello')
  expect(programs().join()).not.toContain('key-one')
  expect(programs()).not.toEqual([])
  await tunnel.stop()
  expect(programs()).toEqual([])
  expect(begin(provider).state().origin, 'another one every time').toBeNull()
})

test('a program that ends is started again', async () => {
  const tunnel = begin(createHelperProvider())
  tunnel.want()
  const { origin } = await until(tunnel, 'ready')
  await fetch(`${origin}/end`).catch(() => {})
  await until(tunnel, ['opening', 'offline'])
  expect((await until(tunnel, 'ready')).origin).not.toBe(origin)
})

test('a program that is not there: where to get it, as a button', async () => {
  const tunnel = begin(createHelperProvider({}, 'no-such-program-anywhere'))
  tunnel.want()
  expect(await until(tunnel, 'offline')).toMatchObject({
    message: expect.stringContaining('fixtured, which is not on this computer'),
    action: { label: 'Get fixtured', url: 'https://fixture.example/get' },
  })
})

test('what only the user can do is a button, gone once it was done; asked again, it is tried at once', async () => {
  const tunnel = begin(createHelperProvider(), null)
  tunnel.want()
  expect(await until(tunnel, 'offline')).toMatchObject({
    message: 'Fixture wants to know who you are.',
    action: { label: 'Sign in at Fixture', url: 'https://fixture.example/login' },
  })
  secrets['tunnel/fixture/key'] = 'key-one'
  tunnel.want()
  expect(await until(tunnel, 'ready')).not.toHaveProperty('action')
})

test('what only the user can do is asked for less and less, then not at all, until he or the network is back', async () => {
  const provider = createHelperProvider()
  delete secrets['tunnel/fixture/key']
  const tunnel = at.begin({ first: 10, maxForUser: 100 }, undefined, {
    providers: [provider],
    vault: { get: async (name) => secrets[name] ?? null },
  })
  tunnel.want()
  expect((await until(tunnel, 'offline')).hint).toBe('Sign in there, then come back.')
  // After 10, 20, 40 and 80 ms; 160 would be too long.
  await expect.poll(() => provider.opened, { timeout: 3_000 }).toBe(5)
  await sleep(800)
  expect(provider.opened).toBe(5)
  expect(tunnel.state().hint).toMatch(/^Sign in there, then come back\. .*Try again/)
  tunnel.want()
  await expect.poll(() => provider.opened, { timeout: 3_000 }).toBe(10)
  await sleep(800)
  expect(provider.opened).toBe(10)
  secrets['tunnel/fixture/key'] = 'key-one'
  tunnel.renew()
  await until(tunnel, 'ready')
  const { opened } = provider
  tunnel.renew()
  await sleep(100)
  expect([tunnel.state().kind, provider.opened]).toEqual(['ready', opened])
})

test('a quota that is used up is said, and not asked for again before its time', async () => {
  const provider = createHelperProvider()
  const tunnel = begin(provider, 'used-up')
  const begun = Date.now()
  tunnel.want()
  expect((await until(tunnel, 'offline')).message).toBe('Fixture carries no more this month.')
  expect(provider.opened).toBe(1)
  await expect.poll(() => provider.opened, { timeout: 5_000 }).toBe(2)
  expect(Date.now() - begun).toBeGreaterThan(1_400)
})

test('where a probe costs something it is rare; a look from here is not, and calls for one', async () => {
  const provider = createHelperProvider({ probe: { every: 60_000 } })
  const tunnel = begin(provider)
  tunnel.want()
  await until(tunnel, 'ready')
  const probes = () => at.app.paths.filter((path) => path === '/health').length
  const before = probes()
  await sleep(1_200)
  expect(probes()).toBe(before)
  provider.isUp = false
  await expect.poll(probes, { timeout: 3_000 }).toBeGreaterThan(before)
})

test('a name that the service assigns is asked for from then on', async () => {
  const asked: string[] = []
  const helper = createHelperProvider()
  const provider = createHelperProvider({
    naming: 'assigned',
    open: async (request, kit) => {
      asked.push(request.name)
      return { ...(await helper.open(request, kit)), name: 'otter.fixture.example' }
    },
  })
  const tunnel = begin(provider)
  const seen = record(tunnel)
  tunnel.want()
  const { origin } = await until(tunnel, 'ready')
  await tunnel.stop()
  const again = begin(provider)
  expect(again.state().origin).toBe(origin)
  await until(again, 'ready')
  expect(asked).toEqual(['', 'otter.fixture.example'])
  expect(seen.map(({ kind }) => kind)).not.toContain('offline')
})

test('another way is opened when nothing is left of the one before', async () => {
  const told: string[] = []
  const slow = createHelperProvider()
  const next = createHelperProvider({ id: 'next' })
  secrets['tunnel/next/key'] = 'key-two'
  const provider = createHelperProvider({
    open: async (request, kit) => {
      const opened = await slow.open(request, kit)
      const close = async () => {
        await sleep(200)
        await opened.close()
        told.push(`closed, ${programs().length} left`)
      }
      return { ...opened, close }
    },
  })
  const second = createHelperProvider({
    id: 'next',
    open: (request, kit) => {
      told.push(`opens beside ${programs().length}`)
      return next.open(request, kit)
    },
  })
  secrets['tunnel/fixture/key'] = 'key-one'
  const tunnel = at.begin({}, undefined, {
    providers: [provider, second],
    vault: { get: async (name) => secrets[name] ?? null },
  })
  tunnel.want()
  await until(tunnel, 'ready')
  tunnel.use('next')
  tunnel.use('next')
  await until(tunnel, 'ready')
  expect(told).toEqual(['closed, 0 left', 'opens beside 0'])
})

const node = (script: string) => ({
  ...{ title: 'fixtured', from: 'https://fixture.example/get', command: process.execPath },
  args: ['-e', script],
})

test.skipIf(process.platform === 'win32')('a program ends with us, however we end', async () => {
  const held = node('setInterval(() => {}, 1_000); console.log("held by " + process.pid)')
  const us = spawn(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `const { HelperProcess } = await import(${JSON.stringify(join(import.meta.dirname, 'helper-process.ts'))})
       const log = { info: (_, { line }) => console.log(line) }
       await HelperProcess.start(${JSON.stringify(held)}, process.env, log)`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const [said] = (await once(us.stdout, 'data')) as [Buffer]
  const pid = Number(/held by (\d+)/.exec(String(said))?.[1])
  const isThere = () => {
    try {
      return process.kill(pid, 0)
    } catch {
      return false
    }
  }
  expect(isThere()).toBe(true)
  us.kill('SIGKILL')
  try {
    await expect.poll(isThere, { timeout: 5_000 }).toBe(false)
  } finally {
    if (isThere()) process.kill(pid, 'SIGKILL')
  }
})

test('a line without an end takes no room, and the next one is read', async () => {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void
  const helper = await HelperProcess.start(
    node(
      `const part = 'x'.repeat(1_000_000)
       let n = 0
       const more = () => n++ < 48 ? process.stdout.write(part, more) : process.stderr.write('written\\n')
       more()
       setTimeout(() => process.stdout.write('\\nready\\n'), 4_000)`,
    ),
    process.env,
    silentLog,
  )
  gc()
  const before = process.memoryUsage().heapUsed
  const signal = AbortSignal.timeout(15_000)
  await helper.said((line) => line === 'written' || undefined, signal)
  gc()
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(10_000_000)
  await helper.said((line) => line === 'ready' || undefined, signal)
  await helper.close()
})

test('a secret is taken out of what a program writes before that is cut, wherever in a long line it stands', async () => {
  const secret = 'Correct.Horse.Battery.Staple.0123456789'
  const folder = mkdtempSync(join(tmpdir(), 'drawbridge-helper-'))
  const file = join(folder, 'test.log')
  const redactor = createRedactor()
  redactor.add(secret)
  // Every length at which anything is cut, here or in the log, and a little before it.
  const places = [0, 1_980, 1_990, 3_980, 3_990, 11_980, 11_990, 20_000]
  const program = node(
    `for (const place of ${JSON.stringify(places)}) console.log('x'.repeat(place) + ${JSON.stringify(secret)} + ' and more')
     console.log('written')
     setTimeout(() => {}, 10_000)`,
  )
  const helper = await HelperProcess.start(program, process.env, createFileLog(file, redactor))
  try {
    await helper.said((line) => line === 'written' || undefined, AbortSignal.timeout(15_000))
    const logged = readFileSync(file, 'utf8')
    expect(logged.split('\n').filter((line) => line.includes('tunnel.helper'))).toHaveLength(
      places.length + 1,
    )
    expect(logged).toContain('[redacted] and more')
    expect(logged).not.toContain(secret.slice(0, 6))
    expect(Math.max(...logged.split('\n').map((line) => line.length))).toBeLessThan(5_000)
  } finally {
    await helper.close()
    rmSync(folder, { recursive: true })
  }
})

test('a question that nobody waits for any more is not asked to its end', async () => {
  const given = AbortSignal.abort(new Error('given up'))
  const asked = HelperProcess.ask(node('setTimeout(() => {}, 60_000)'), process.env, given)
  await expect(asked).rejects.toThrow('given up')
})
