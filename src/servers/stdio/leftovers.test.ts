import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, it, vi } from 'vitest'
import { allProcesses } from '../../system/processes.ts'
import {
  callText,
  closeAll,
  fixture,
  isAlive,
  livingWith,
  node,
  type SetUp,
  setUp,
  stdio,
  until,
} from '../testing/setup.ts'
import { markName } from './leftovers.ts'

// As it is; one test has it fail as it does where no file can be opened any more.
vi.mock('../../system/processes.ts', { spy: true })
let at: SetUp
const strangers: number[] = []
afterEach(async () => {
  await closeAll()
  for (const pid of strangers.splice(0)) if (isAlive(pid)) process.kill(pid, 'SIGKILL')
})

const rows = () =>
  at.db
    .prepare('SELECT leader FROM server_groups')
    .all()
    .map(({ leader }) => Number(leader))

it('what a killed host left running is ended at the next start', async () => {
  at = setUp()
  const file = join(at.dir, 'grandchild')
  const script = join(import.meta.dirname, '../testing/fixture-host.ts')
  const host = spawn(node, [script, at.dir, node, fixture, '--grandchild', file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [said] = await once(host.stdout, 'data')
  expect(String(said)).toBe('running\n')
  host.kill('SIGKILL')
  await once(host, 'exit')
  const grandchild = Number(readFileSync(file, 'utf8'))
  // It ignores the end of its input, and does not even hear SIGTERM.
  expect(livingWith(file)).toHaveLength(1)
  expect(isAlive(grandchild)).toBe(true)
  const before = livingWith(file)
  const next = at.create()
  await next.startAll()
  await until(() => !isAlive(grandchild))
  expect(before.some(isAlive)).toBe(false)
  // Its own, of now, runs.
  expect(next.list()[0]).toMatchObject({ state: 'running' })
  expect(rows()).toEqual([Number(await callText(next, 'left', 'pid'))])
  await next.stop()
  expect(rows()).toEqual([])
})

it('by its mark, in its group and below it; nobody else is touched', async () => {
  at = setUp()
  const start = async (script: string, mark: string | null) => {
    const value = randomBytes(16).toString('hex')
    const env = { PATH: process.env.PATH, ...(mark !== null && { [markName]: value }) }
    const child = spawn('/bin/sh', ['-c', script], {
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const [pids] = await once(child.stdout, 'data')
    child.unref()
    at.db.prepare('INSERT INTO server_groups VALUES (?, ?)').run(value, child.pid!)
    const all = [child.pid!, ...String(pids).trim().split(' ').map(Number)]
    strangers.push(...all)
    return all
  }
  const inGroup = 'sleep 600 & one=$!'
  const apart = 'setsid sleep 600 & two=$!'
  const ours = await start(`${inGroup}; ${apart}; echo $one $two; wait`, 'ours')
  // The leader has gone, and what it started apart from itself with it: as when a server is stopped.
  const orphans = await start(`${inGroup}; ${apart}; echo $one $two`, 'ours')
  // Somebody else has the number by now.
  const theirs = await start(`${inGroup}; echo $one; wait`, null)
  // `setsid` may not have come to it yet.
  for (const pid of [ours[2]!, orphans[2]!])
    await vi.waitFor(async () =>
      expect((await allProcesses())!.find((one) => one.pid === pid)?.group).toBe(pid),
    )
  const next = at.create()
  await next.startAll()
  await until(() => !ours.some(isAlive))
  await until(() => !isAlive(orphans[1]!))
  expect(isAlive(orphans[2]!)).toBe(true)
  expect(theirs.every(isAlive)).toBe(true)
  expect(rows()).toEqual([])
})

it('the mark is another one for each start, and nothing of it is kept once the server has ended', async () => {
  at = setUp()
  const { id } = await at.servers.add(stdio('Marked', [fixture]))
  const mark = async () =>
    (JSON.parse(await callText(at.servers, 'marked', 'env')) as Record<string, string>)[markName]!
  const first = await mark()
  expect(first).toMatch(/^[0-9a-f]{32}$/)
  await at.servers.restart(id)
  expect(await mark()).not.toBe(first)
  expect(rows()).toHaveLength(1)
  await at.servers.stopServer(id)
  expect(rows()).toEqual([])
})

it('a look for what was left that fails stops no start, and is made again at the next one', async () => {
  at = setUp()
  at.db.prepare('INSERT INTO server_groups VALUES (?, ?)').run('a'.repeat(32), 999_999)
  vi.mocked(allProcesses).mockRejectedValueOnce(new Error('EMFILE: too many open files'))
  await at.create().startAll()
  expect(rows()).toEqual([999_999])
  await at.create().startAll()
  expect(rows()).toEqual([])
})
