import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import {
  callText,
  closeAll,
  exchange,
  fixture,
  isAlive,
  livingWith,
  type SetUp,
  setUp,
  stdio,
  until,
} from './fixture-setup.ts'
import type { Upstreams } from './upstreams.ts'

let at: SetUp
afterEach(closeAll)

const stateOf = (upstreams: Upstreams, slug: string) =>
  upstreams.list().find(({ name }) => name === slug)!.state

describe('a server that crashes', () => {
  it('20 kills in mid-call: answered within 1 s, back within 5 s, nobody left behind', async () => {
    at = setUp()
    const answered: number[] = []
    const back: number[] = []
    const grandchildren: number[] = []
    const marks = Array.from({ length: 10 }, (_, number) => ({
      name: `k${number}`,
      file: join(at.dir, `k${number}.pid`),
    }))
    await Promise.all(
      marks.map(({ name, file }) => at.upstreams.add(stdio(name, [fixture, '--grandchild', file]))),
    )
    for (let round = 0; round < 2; round += 1) {
      await Promise.all(
        marks.map(async ({ name, file }) => {
          const source = at.upstreams.sources().find(({ slug }) => slug === name)!
          const pid = Number(await callText(at.upstreams, name, 'pid'))
          const grandchild = Number(readFileSync(file, 'utf8'))
          grandchildren.push(grandchild)
          const calls = [1, 2, 3].map(() => source.call('hang', {}, exchange()))
          const failed = Promise.all(
            calls.map((call) => expect(call).rejects.toMatchObject({ code: 'server-died' })),
          )
          await new Promise((resolve) => setTimeout(resolve, 30))
          expect(isAlive(grandchild)).toBe(true)
          const killed = performance.now()
          process.kill(pid, 'SIGKILL')
          await failed
          answered.push(performance.now() - killed)
          await until(() => stateOf(at.upstreams, name) === 'running')
          back.push(performance.now() - killed)
          expect(isAlive(pid)).toBe(false)
          expect(Number(await callText(at.upstreams, name, 'pid'))).not.toBe(pid)
        }),
      )
      // Five crashes in ten minutes would be too many, and the waits would grow.
      at.clock.skip(11 * 60_000)
    }
    expect(answered).toHaveLength(20)
    expect(Math.max(...answered)).toBeLessThan(1_000)
    expect(Math.max(...back)).toBeLessThan(5_000)
    process.stdout.write(
      `answered ≤ ${Math.max(...answered).toFixed(0)} ms, back ≤ ${Math.max(...back).toFixed(0)} ms\n`,
    )
    await until(() => !grandchildren.some(isAlive))
    await at.upstreams.stop()
    expect(livingWith(at.dir)).toEqual([])
    for (const { file } of marks) expect(isAlive(Number(readFileSync(file, 'utf8')))).toBe(false)
    expect(at.upstreams.list().every(({ restarts }) => restarts === 2)).toBe(true)
  })

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

  it('refuses calls while it waits, keeps its last words, and can be stopped then', async () => {
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
