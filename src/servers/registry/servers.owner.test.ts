import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  callText,
  closeAll,
  fixture,
  livingWith,
  type SetUp,
  server,
  setUp,
  sourceOf,
  stdio,
} from '../testing/setup.ts'

let at: SetUp
beforeEach(() => {
  at = setUp({ firstBackoff: 20 })
})
afterEach(closeAll)

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
