import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  callText,
  closeAll,
  exchange,
  fixture,
  livingWith,
  type SetUp,
  setUp,
  sourceOf,
  stdio,
  until,
} from '../testing/setup.ts'
import type { Servers } from './interface.ts'

const full = join(import.meta.dirname, '../testing/fixture-full.mjs')
const day = 24 * 60 * 60_000

let at: SetUp
beforeEach(() => {
  at = setUp({ firstBackoff: 20 })
})
afterEach(closeAll)

const server = (servers: Servers, name: string) => servers.list().find((one) => one.name === name)!

describe('what was learnt', () => {
  it('is there in the next life of the host before the server is', async () => {
    const before = await at.servers.add(stdio('Full', [full]))
    expect(before.protocolSince).toBeTypeOf('number')
    await at.servers.stop()
    const next = at.create()
    expect(server(next, 'Full')).toMatchObject({
      state: 'stopped',
      tools: 12,
      resources: 4,
      prompts: 1,
      protocol: '2025-11-25',
      transport: 'stdio',
      protocolSince: before.protocolSince,
    })
    const source = sourceOf(next, 'full')
    expect(source.tools()).toHaveLength(12)
    expect(source.instructions()).toBe('Be kind.')
    expect(source.capabilities()).toMatchObject({ prompts: {} })
    // A call that comes while it starts waits for it.
    let changes = 0
    next.events.on('lists.changed', () => {
      changes += 1
    })
    const starting = next.startAll()
    expect(server(next, 'Full').state).toBe('starting')
    expect(await callText(next, 'full', 'pid')).toMatch(/^\d+$/)
    await starting
    // Nothing about it is new.
    expect(changes).toBe(0)
    await next.remove(before.id)
    expect(at.db.prepare('SELECT count(*) AS n FROM server_facts').get()).toEqual({ n: 0 })
  })

  it('about the older kind is believed for a day, then asked for again', async () => {
    const { protocolSince: first } = await at.servers.add(stdio('Touchy', [fixture, '--exit-on-discover']))
    const starts = (servers: Servers) =>
      server(servers, 'Touchy').log.filter((line) => line.startsWith('log line')).length
    await at.servers.stop()
    at.clock.skip(day - 60_000)
    const second = at.create()
    await second.startAll()
    expect(server(second, 'Touchy')).toMatchObject({ state: 'running', protocolSince: first })
    await second.stop()
    at.clock.skip(2 * 60_000)
    const third = at.create()
    await third.startAll()
    expect(server(third, 'Touchy').state).toBe('running')
    expect(server(third, 'Touchy').protocolSince).toBeGreaterThan(first! + day)
    expect([starts(second), starts(third)]).toEqual([1, 1])
  })
})

describe('a draft', () => {
  it('starts nothing before somebody has seen exactly what it is', async () => {
    const draft = await at.servers.draft(stdio('Draft', [fixture, 'draft-mark'], { env: { SECRET: 'abc' } }))
    expect(draft).toMatchObject({ state: 'draft', env: ['SECRET'], tools: 0, startedAt: null })
    expect(at.servers.sources()).toEqual([])
    const refused = { code: 'draft-not-seen' }
    await expect(at.servers.start(draft.id)).rejects.toMatchObject(refused)
    await expect(at.servers.start(draft.id, 'x'.repeat(43))).rejects.toMatchObject(refused)
    await expect(at.servers.restart(draft.id)).rejects.toMatchObject(refused)
    expect((await at.servers.stopServer(draft.id)).state).toBe('draft')
    await at.servers.startAll()
    await at.servers.stop()
    const next = at.create()
    await next.startAll()
    expect(server(next, 'Draft').state).toBe('draft')
    expect(livingWith('draft-mark')).toEqual([])

    const started = await next.start(draft.id, draft.fingerprint)
    // The values are the user's from here on, so it stands for the rest.
    expect(started).toMatchObject({ state: 'running', values: null })
    expect(next.sources()).toHaveLength(1)
    // It is like any other from now on.
    expect((await next.stopServer(draft.id)).state).toBe('stopped')
    expect((await next.start(draft.id)).state).toBe('running')
  })

  it('has a fingerprint that stands for all that would be started', async () => {
    const fingerprints = new Set<string>()
    const input = stdio('Same', [fixture, 'a'], { env: { A: '1' } })
    for (const change of [{}, { args: [fixture, 'b'] }, { env: { B: '1' } }, { cwd: at.dir }]) {
      const { id, fingerprint } = await at.servers.draft({ ...input, ...change })
      fingerprints.add(fingerprint)
      await at.servers.remove(id)
    }
    expect(fingerprints.size).toBe(4)
    expect(at.secrets.size).toBe(0)
  })
})

describe('the user', () => {
  it('stops one for good, and starts it again', async () => {
    const { id } = await at.servers.add(stdio('Stop', [fixture, 'stop-mark']))
    let changes = 0
    at.servers.events.on('lists.changed', () => {
      changes += 1
    })
    expect(sourceOf(at.servers, 'stop').isStopped()).toBe(false)
    expect(await at.servers.stopServer(id)).toMatchObject({ state: 'stopped', error: null })
    // Others may have its addresses now.
    expect([changes, sourceOf(at.servers, 'stop').isStopped()]).toEqual([1, true])
    expect(livingWith('stop-mark')).toEqual([])
    await expect(callText(at.servers, 'stop', 'pid')).rejects.toMatchObject({ code: 'server-down' })
    const next = at.create()
    await next.startAll()
    expect(server(next, 'Stop').state).toBe('stopped')
    expect(sourceOf(next, 'stop').tools()).toHaveLength(12)
    expect((await next.start(id)).state).toBe('running')
    await next.stop()
    const last = at.create()
    await last.startAll()
    expect(server(last, 'Stop').state).toBe('running')
  })

  it('sets its prefix and its patience', async () => {
    const { id } = await at.servers.add(stdio('Set', [fixture]))
    let changes = 0
    at.servers.events.on('lists.changed', () => {
      changes += 1
    })
    expect(
      at.servers.update({ id, prefixed: false, passesClientContext: true, timeout: 1_000 }),
    ).toMatchObject({
      prefixed: false,
      timeout: 1_000,
    })
    expect(changes).toBe(1)
    expect(sourceOf(at.servers, 'set')).toMatchObject({ prefixed: false, passesClientContext: true })
    // What it says is heard before anybody else cuts it off.
    expect(sourceOf(at.servers, 'set').longest()).toBe(2_000)
    const began = performance.now()
    await expect(callText(at.servers, 'set', 'hang')).rejects.toMatchObject({ code: 'server-timeout' })
    expect(performance.now() - began).toBeLessThan(3_000)
    expect(server(at.create(), 'Set')).toMatchObject({
      prefixed: false,
      passesClientContext: true,
      timeout: 1_000,
    })
    expect(() => at.servers.update({ id: 'srv_x' })).toThrow('not in the list')
  })

  it('says how many may run', async () => {
    await at.servers.stop()
    let most = 2
    const servers = at.create({ maxServers: () => most })
    const { id } = await servers.add(stdio('One', [fixture]))
    await servers.add(stdio('Two', [fixture]))
    expect(await servers.add(stdio('Three', [fixture]))).toMatchObject({
      state: 'failed',
      error: { code: 'too-many-servers', message: expect.stringContaining('2 servers') },
    })
    const three = server(servers, 'Three').id
    await expect(servers.start(three)).rejects.toMatchObject({ code: 'too-many-servers' })
    // One that runs may be restarted.
    expect((await servers.restart(id)).state).toBe('running')
    await servers.stopServer(id)
    expect((await servers.start(three)).state).toBe('running')
    await servers.start(three)
    await servers.stop()
    most = 1
    const next = at.create({ maxServers: () => most })
    await next.startAll()
    expect(next.list().map(({ state }) => state)).toEqual(['stopped', 'running', 'failed'])
  })
})

describe('health', () => {
  it('has response times, the last error, and signs of life', async () => {
    at = setUp({ firstBackoff: 20, call: 300, check: 100 })
    const { id, health } = await at.servers.add(stdio('Full', [full]))
    expect(health).toEqual({
      checkedAt: null,
      ok: null,
      requests: 0,
      median: null,
      p95: null,
      lastError: null,
    })
    for (let call = 0; call < 5; call += 1) await callText(at.servers, 'full', 'pid')
    await expect(callText(at.servers, 'full', 'hang')).rejects.toThrow()
    const later = (await at.servers.check(id)).health
    expect(later).toMatchObject({ requests: 5, ok: true, lastError: { message: expect.any(String) } })
    expect(later.median).toBeGreaterThan(0)
    expect(later.p95).toBeGreaterThanOrEqual(later.median!)
    // By itself, while nothing else is asked of it.
    await until(() => server(at.servers, 'Full').health.checkedAt! > later.checkedAt!)
    const heard = await callText(at.servers, 'full', 'heard')
    expect(heard.match(/"ping"/g)!.length).toBeGreaterThan(1)
    const pid = Number(await callText(at.servers, 'full', 'pid'))
    process.kill(pid, 'SIGSTOP')
    expect((await at.servers.check(id)).health).toMatchObject({
      ok: false,
      lastError: { message: expect.stringContaining('did not answer') },
    })
    process.kill(pid, 'SIGCONT')
    expect((await at.servers.check(id)).health.ok).toBe(true)
  })

  it('asks a server of the 2026 era in its own way, and takes a refusal for a sign of life', async () => {
    const modern = await at.servers.add(stdio('Modern', [full, '--modern']))
    expect((await at.servers.check(modern.id)).health.ok).toBe(true)
    const old = await at.servers.add(stdio('Old', [fixture]))
    expect((await at.servers.check(old.id)).health.ok).toBe(true)
  })
})

describe('many servers', () => {
  it('are ready one after the other, in the order they were added', async () => {
    const names = Array.from({ length: 12 }, (_, number) => `s${number}`)
    for (const name of names) await at.servers.draft(stdio(name, [fixture]))
    at.db.exec("UPDATE servers SET wanted = 'running'")
    const next = at.create()
    const ready: string[] = []
    next.events.on('changed', () => {
      for (const { name, state } of next.list())
        if (state === 'running' && !ready.includes(name)) ready.push(name)
    })
    const all = next.startAll()
    await until(() => ready.length > 0, 20_000)
    expect(ready.length).toBeLessThan(12)
    expect(names.slice(0, 6)).toContain(ready[0])
    expect(await sourceOf(next, ready[0]!).call('pid', {}, exchange())).toBeTruthy()
    await all
    expect(ready).toHaveLength(12)
  })
})
