import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import {
  closeAll,
  exchange,
  fixture,
  isAlive,
  livingWith,
  setUp,
  sourceOf,
  stdio,
  until,
} from '../testing/setup.ts'

afterEach(closeAll)

/** All 200 take two minutes: `DRAWBRIDGE_LONG=1`. */
const isLong = process.env.DRAWBRIDGE_LONG === '1'
const servers = isLong ? 5 : 6
const rounds = isLong ? 40 : 5
const moments = ['idle', 'mid-call', 'starting'] as const

it(
  `${servers * rounds} kills: calls answered within 1 s, back within 5 s, nobody left behind`,
  async () => {
    const at = setUp()
    const answered: number[] = []
    const back: number[] = []
    const grandchildren: number[] = []
    let kills = 0

    const life = async (number: number) => {
      const name = `k${number}`
      const files = { pid: join(at.dir, `${name}.pid`), grandchild: join(at.dir, `${name}.grandchild`) }
      const args = [fixture, '--pid', files.pid, '--grandchild', files.grandchild, '--slow-start', '100']
      await at.servers.add(stdio(name, args))
      const state = () => at.servers.list().find((server) => server.name === name)!.state
      const read = (file: string) => Number(readFileSync(file, 'utf8'))
      const source = sourceOf(at.servers, name)
      /** Ends the process and looks how long its calls are left without an answer. */
      const kill = async (calls: Promise<unknown>[]) => {
        const pid = read(files.pid)
        // 0 would be ourselves.
        expect(pid).toBeGreaterThan(1)
        grandchildren.push(read(files.grandchild))
        // Five crashes of one in ten minutes would be too many, and the waits would grow; all 200 within a day, for which its era is
        // believed.
        at.clock.skip(5 * 60_000)
        kills += 1
        const killed = performance.now()
        process.kill(pid, 'SIGKILL')
        const failed = (await Promise.allSettled(calls)).map(({ status }) => status)
        answered.push(performance.now() - killed)
        expect(failed).not.toContain('fulfilled')
        await until(() => state() !== 'running' && read(files.pid) === pid && !isAlive(pid))
        return { pid, killed }
      }
      const hang = () => source.call('hang', {}, exchange())
      for (let round = 0; round < rounds; round += 1) {
        const moment = moments[(number + round) % moments.length]!
        let last: { pid: number; killed: number }
        if (moment === 'idle') last = await kill([])
        else if (moment === 'mid-call') last = await kill([hang(), hang(), hang()])
        else {
          // The first kill makes it start; the second hits the start, and who waits for it.
          const first = await kill([])
          await until(() => read(files.pid) !== first.pid && state() === 'starting')
          round += 1
          last = round < rounds ? await kill([hang(), hang()]) : first
        }
        await until(() => state() === 'running' && read(files.pid) !== last.pid, 20_000)
        back.push(performance.now() - last.killed)
        expect(await source.call('pid', {}, exchange())).toMatchObject({
          content: [{ text: String(read(files.pid)) }],
        })
      }
      return files
    }

    await Promise.all(Array.from({ length: servers }, (_, number) => life(number)))
    process.stdout.write(
      `${kills} kills: answered ≤ ${Math.max(...answered).toFixed(0)} ms, back ≤ ${Math.max(...back).toFixed(0)} ms\n`,
    )
    expect(kills).toBe(servers * rounds)
    expect(Math.max(...answered)).toBeLessThan(1_000)
    expect(Math.max(...back)).toBeLessThan(5_000)
    await until(() => !grandchildren.some(isAlive))
    await at.servers.stop()
    expect(livingWith(at.dir)).toEqual([])
  },
  isLong ? 300_000 : 60_000,
)
