import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { CallStart } from '../../contract/activity.ts'
import { systemClock } from '../../kernel/clock.ts'
import { silentLog } from '../../kernel/log/log.ts'
import { createRedactor } from '../../kernel/log/redact.ts'
import { type Database, openCallLog } from '../../storage/database/database.ts'
import { type Activity, createActivity } from '../activity.ts'
import { GroupCommit } from './group-commit.ts'

let folder: string
let db: Database
let activity: Activity
const key = new Uint8Array(32).fill(7)

const open = () => {
  db = openCallLog(join(folder, 'd.db'), silentLog).db
  activity = createActivity({
    ...{ db, clock: systemClock, log: silentLog, redactor: createRedactor() },
    chain: { key, head: () => null, setHead() {} },
  })
}
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-failing-disk-'))
  open()
})
afterEach(() => {
  vi.useRealTimers()
  activity.stop()
  db.close()
  rmSync(folder, { recursive: true, force: true })
})

const start: CallStart = {
  ...{ grantId: 'grant_1', clientName: 'ChatGPT', tool: 'files__write', source: 'Files', risk: 'write' },
  ...{ decision: 'allowed', arguments: {} },
}
const unwritable = { ...start, clientName: 'x', risk: null as never }
const whole = { changed: [], missing: 0, more: 0, unsealed: 0 }

it('a row that fails alone, or among others, leaves no gap in the chain', async () => {
  await activity.begin(start)
  await expect(activity.begin(unwritable)).rejects.toMatchObject({ code: 'log-unwritable' })
  await activity.record(start, { outcome: 'answered' })
  await Promise.allSettled([unwritable, start, unwritable, start].map((one) => activity.begin(one)))
  await expect(activity.begin(unwritable)).rejects.toMatchObject({ code: 'log-unwritable' })
  await activity.begin(start)
  expect(await activity.check()).toMatchObject({ rows: 5, ...whole })
})

it('who could not be told that nothing is there is told before anything else is written', async () => {
  const told: string[] = []
  let fails = 1
  const commit = new GroupCommit(db, silentLog, () => {
    told.push('rolled back')
    if (fails-- > 0) throw new Error('disk I/O error')
  })
  const broken = () => {
    throw new Error('disk I/O error')
  }
  await expect(commit.run(broken)).rejects.toThrow('disk I/O error')
  await commit.run(() => told.push('written'))
  expect(told).toEqual(['rolled back', 'rolled back', 'written'])
})

const limitFiles = (bytes: number | 'unlimited') =>
  execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:`])

it.runIf(existsSync('/usr/bin/prlimit'))(
  'a call that ended on a full disk is ended once there is room',
  async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    const [first, second] = [await activity.begin(start), await activity.begin(start)]
    limitFiles(1)
    try {
      for (const id of [first, second])
        await expect(activity.finish(id, { outcome: 'answered', result: 1 })).rejects.toMatchObject({
          code: 'log-unwritable',
        })
      await vi.advanceTimersByTimeAsync(10_000)
      expect(activity.get(first)).toMatchObject({ outcome: 'running' })
    } finally {
      limitFiles('unlimited')
    }
    await vi.advanceTimersByTimeAsync(10_000)
    await activity.begin(start)
    for (const id of [first, second])
      expect(activity.get(id)).toMatchObject({ outcome: 'answered', result: '1' })
    await expect(activity.finish(first, { outcome: 'failed' })).rejects.toMatchObject({
      code: 'call-unknown',
    })
    expect(await activity.check()).toMatchObject({ rows: 3, ...whole })
  },
)
