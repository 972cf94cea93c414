import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { Servers } from '../registry/interface.ts'
import { callText, closeAll, fixture, isAlive, type SetUp, setUp, stdio, until } from '../testing/setup.ts'

let at: SetUp
afterEach(closeAll)

const stateOf = (servers: Servers, slug: string) => servers.list().find(({ name }) => name === slug)!.state

describe('a server that crashes', () => {
  it('is left alone after five crashes in ten minutes, until it is restarted by hand', async () => {
    at = setUp({ firstBackoff: 10 })
    const { id } = await at.servers.add(stdio('crashy', [fixture, '--exit-after', '1']))
    for (let crash = 1; crash <= 5; crash += 1) {
      await until(() => stateOf(at.servers, 'crashy') === 'running')
      await callText(at.servers, 'crashy', 'pid')
      await expect(callText(at.servers, 'crashy', 'pid')).rejects.toMatchObject({ code: 'server-died' })
    }
    const [server] = at.servers.list()
    expect(server).toMatchObject({ state: 'failed', restarts: 4, error: { code: 'server-keeps-stopping' } })
    expect(server!.error!.message).toContain('exit code 7')
    await expect(callText(at.servers, 'crashy', 'pid')).rejects.toMatchObject({ code: 'server-down' })
    // Its tools stay known, so that clients do not lose them.
    expect(at.servers.sources()[0]!.tools()).toHaveLength(12)
    expect((await at.servers.restart(id)).state).toBe('running')
    expect(await callText(at.servers, 'crashy', 'pid')).toMatch(/^\d+$/)
  })

  it('is waited for by a call when it is started again in a moment', async () => {
    at = setUp({ firstBackoff: 500 })
    await at.servers.add(stdio('waiting', [fixture]))
    await expect(callText(at.servers, 'waiting', 'die')).rejects.toMatchObject({ code: 'server-died' })
    expect(stateOf(at.servers, 'waiting')).toBe('waiting')
    expect(await callText(at.servers, 'waiting', 'pid')).toMatch(/^\d+$/)
  })

  it('refuses calls while it waits for longer, keeps its last words, and can be stopped then', async () => {
    at = setUp({ firstBackoff: 5_000 })
    await at.servers.add(stdio('waiting', [fixture]))
    await expect(callText(at.servers, 'waiting', 'die')).rejects.toMatchObject({ code: 'server-died' })
    const [server] = at.servers.list()
    expect(server).toMatchObject({ state: 'waiting', error: { code: 'server-died' } })
    expect(server!.error!.message).toContain('told to die')
    await expect(callText(at.servers, 'waiting', 'pid')).rejects.toMatchObject({
      code: 'server-restarting',
    })
    await at.servers.stop()
    expect(stateOf(at.servers, 'waiting')).toBe('stopped')
  })

  it('is replaced when it lives but does not read any more', async () => {
    at = setUp({ firstBackoff: 10 })
    await at.servers.add(stdio('deaf', [join(import.meta.dirname, '../testing/fixture-full.mjs')]))
    const pid = await callText(at.servers, 'deaf', 'pid')
    await callText(at.servers, 'deaf', 'deaf')
    await new Promise((resolve) => setTimeout(resolve, 150))
    const began = performance.now()
    await expect(callText(at.servers, 'deaf', 'pid')).rejects.toMatchObject({ code: 'server-died' })
    expect(performance.now() - began).toBeLessThan(1_000)
    await until(() => stateOf(at.servers, 'deaf') === 'running')
    expect(await callText(at.servers, 'deaf', 'pid')).not.toBe(pid)
    await until(() => !isAlive(Number(pid)))
  })

  it('does not hold up the others at start', async () => {
    at = setUp({ start: 1_500 })
    await at.servers.add(stdio('good', [fixture]))
    await at.servers.add(stdio('mute', [fixture, '--silent']))
    await at.servers.stop()
    const next = at.create()
    const all = next.startAll()
    await until(() => stateOf(next, 'good') === 'running', 1_000)
    expect(stateOf(next, 'mute')).toBe('starting')
    await all
    expect(stateOf(next, 'mute')).toBe('waiting')
  })
})
