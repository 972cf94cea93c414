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
    const { id } = await at.upstreams.add(stdio('crashy', [fixture, '--exit-after', '1']))
    for (let crash = 1; crash <= 5; crash += 1) {
      await until(() => stateOf(at.upstreams, 'crashy') === 'running')
      await callText(at.upstreams, 'crashy', 'pid')
      await expect(callText(at.upstreams, 'crashy', 'pid')).rejects.toMatchObject({ code: 'server-died' })
    }
    const [server] = at.upstreams.list()
    expect(server).toMatchObject({ state: 'failed', restarts: 4, error: { code: 'server-keeps-stopping' } })
    expect(server!.error!.message).toContain('exit code 7')
    await expect(callText(at.upstreams, 'crashy', 'pid')).rejects.toMatchObject({ code: 'server-down' })
    // Its tools stay known, so that clients do not lose them.
    expect(at.upstreams.sources()[0]!.tools()).toHaveLength(12)
    expect((await at.upstreams.restart(id)).state).toBe('running')
    expect(await callText(at.upstreams, 'crashy', 'pid')).toMatch(/^\d+$/)
  })

  it('is waited for by a call when it is started again in a moment', async () => {
    at = setUp({ firstBackoff: 500 })
    await at.upstreams.add(stdio('waiting', [fixture]))
    await expect(callText(at.upstreams, 'waiting', 'die')).rejects.toMatchObject({ code: 'server-died' })
    expect(stateOf(at.upstreams, 'waiting')).toBe('waiting')
    expect(await callText(at.upstreams, 'waiting', 'pid')).toMatch(/^\d+$/)
  })

  it('refuses calls while it waits for longer, keeps its last words, and can be stopped then', async () => {
    at = setUp({ firstBackoff: 5_000 })
    await at.upstreams.add(stdio('waiting', [fixture]))
    await expect(callText(at.upstreams, 'waiting', 'die')).rejects.toMatchObject({ code: 'server-died' })
    const [server] = at.upstreams.list()
    expect(server).toMatchObject({ state: 'waiting', error: { code: 'server-died' } })
    expect(server!.error!.message).toContain('told to die')
    await expect(callText(at.upstreams, 'waiting', 'pid')).rejects.toMatchObject({
      code: 'server-restarting',
    })
    await at.upstreams.stop()
    expect(stateOf(at.upstreams, 'waiting')).toBe('stopped')
  })

  it('is replaced when it lives but does not read any more', async () => {
    at = setUp({ firstBackoff: 10 })
    await at.upstreams.add(stdio('deaf', [join(import.meta.dirname, '../testing/fixture-full.mjs')]))
    const pid = await callText(at.upstreams, 'deaf', 'pid')
    await callText(at.upstreams, 'deaf', 'deaf')
    await new Promise((resolve) => setTimeout(resolve, 150))
    const began = performance.now()
    await expect(callText(at.upstreams, 'deaf', 'pid')).rejects.toMatchObject({ code: 'server-died' })
    expect(performance.now() - began).toBeLessThan(1_000)
    await until(() => stateOf(at.upstreams, 'deaf') === 'running')
    expect(await callText(at.upstreams, 'deaf', 'pid')).not.toBe(pid)
    await until(() => !isAlive(Number(pid)))
  })

  it('does not hold up the others at start', async () => {
    at = setUp({ start: 1_500 })
    await at.upstreams.add(stdio('good', [fixture]))
    await at.upstreams.add(stdio('mute', [fixture, '--silent']))
    await at.upstreams.stop()
    const next = at.create()
    const all = next.startAll()
    await until(() => stateOf(next, 'good') === 'running', 1_000)
    expect(stateOf(next, 'mute')).toBe('starting')
    await all
    expect(stateOf(next, 'mute')).toBe('waiting')
  })
})
