/** A clock that somebody sets, or that is wrong for a while. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { silentLog } from '../kernel/log/log.ts'
import { createRedactor } from '../kernel/log/redact.ts'
import { type Database, openCallLog } from '../storage/database/database.ts'
import { type Activity, createActivity } from './activity.ts'

const [minute, hour, day] = [60_000, 3_600_000, 24 * 3_600_000]
let folder: string
let db: Database
let activity: Activity
let now: number

const open = () => {
  db = openCallLog(join(folder, 'd.db'), silentLog).db
  activity = createActivity({ db, clock: { now: () => now }, log: silentLog, redactor: createRedactor() })
}
const close = () => {
  activity.stop()
  db.close()
}
const again = (meanwhile = () => {}) => {
  close()
  meanwhile()
  open()
}
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-clock-'))
  now = new Date(2026, 10, 30, 10).getTime()
  open()
})
afterEach(() => {
  close()
  rmSync(folder, { recursive: true, force: true })
})

async function write(count: number, duration = 0): Promise<void> {
  for (let n = 0; n < count; n += 1)
    await activity.record(
      {
        ...{
          grantId: 'g',
          clientName: 'ChatGPT',
          tool: 't',
          source: 's',
          risk: 'write',
          decision: 'approved',
        },
        arguments: {},
      },
      { outcome: 'answered' },
      now - duration,
      duration,
    )
}
const changesOf = async (since: number, until = since) =>
  (await activity.diary({ since, until })).map(({ day, entries }) => [
    day,
    entries.reduce((sum, { changed, more }) => sum + changed.length + more, 0),
  ])
const callsOf = async (at: number) =>
  (await activity.usage({ since: at, until: at })).days.map((one) => one.calls)
const found = async (since: number, until: number) =>
  (await activity.search({ limit: 500, filter: { since, until } })).length

describe.each([
  ['', () => {}],
  [', started again', () => again()],
  [', as an earlier version left it', () => again(earlier)],
])('the log of a clock%s', (_how, comesBack) => {
  it('that was set back over midnight has the day before', async () => {
    now = new Date(2026, 10, 30, 1, 20).getTime()
    await write(100)
    now -= 90 * minute
    const before = now
    await write(100)
    now = new Date(2026, 10, 30, 12).getTime()
    await write(1)
    comesBack()
    expect(await changesOf(before)).toEqual([['2026-11-29', 100]])
    expect(await changesOf(now)).toEqual([['2026-11-30', 101]])
    expect(await callsOf(before)).toEqual([100])
    expect(await found(before, before + 1)).toBe(100)
    expect(activity.callsToday().get('g')).toBe(101)
  })

  it('that was ahead for a while has what came before and afterwards', async () => {
    now -= 2 * hour
    await write(80)
    now += 2 * day
    await write(150)
    now -= 2 * day - 2 * hour
    await write(80)
    comesBack()
    expect(await found(now - 3 * hour, now + hour)).toBe(160)
    expect(await callsOf(now)).toEqual([160])
    expect(await changesOf(now)).toEqual([['2026-11-30', 160]])
    expect(await changesOf(now - 5 * day, now + 5 * day)).toEqual([
      ['2026-12-02', 150],
      ['2026-11-30', 160],
    ])
    expect(activity.callsToday().get('g')).toBe(160)
    now += 2 * day
    expect(activity.callsToday().get('g')).toBe(150)
  })

  it('that is right has a call that took hours', async () => {
    now = new Date(2026, 10, 30, 3).getTime()
    await write(100)
    await write(1, 5 * hour)
    await write(100)
    comesBack()
    expect(await changesOf(now - day)).toEqual([['2026-11-29', 1]])
    expect(await found(now - 6 * hour, now - hour)).toBe(1)
  })
})

/** One that took no note of it. */
function earlier(): void {
  const { db } = openCallLog(join(folder, 'd.db'), silentLog)
  db.exec('DELETE FROM calls_turns')
  db.close()
}

it('forgets nothing for a start with a clock that is months ahead, also if something was called meanwhile', async () => {
  await write(150)
  now += 120 * day
  again()
  await write(1)
  activity.retentionChanged()
  now -= 120 * day
  again()
  expect(activity.list({ limit: 500 })).toHaveLength(151)
  expect(await activity.check()).toMatchObject({ rows: 151, missing: 0 })
})

it('forgets in time what stands behind calls of a clock that was years ahead, and those with it', async () => {
  now += 1_000 * day
  await write(250)
  now -= 1_000 * day
  again()
  await write(3)
  const pass = async (days: number) => {
    for (let n = 0; n < days; n += 1) {
      now += day
      activity.retentionChanged()
    }
    await write(1)
  }
  await pass(85)
  expect(activity.list({ limit: 500 })).toHaveLength(254)
  await pass(10)
  expect(activity.list({ limit: 500 })).toHaveLength(2)
  expect(await activity.check()).toMatchObject({ rows: 2, missing: 0 })
})

it('keeps what a clock that was set back by years for a while did not write', async () => {
  await write(3)
  now -= 1_000 * day
  again()
  await write(1)
  activity.retentionChanged()
  now += 1_000 * day
  again()
  await write(1)
  activity.retentionChanged()
  expect(activity.list({ limit: 500 })).toHaveLength(5)
})

it.each([false, true])(
  'forgets nothing for a start with a clock that is years behind, after one with a clock that was more so (and a call: %s)',
  async (isCalled) => {
    await write(3)
    now -= 1_000 * day
    again()
    await write(1)
    now += 1_000 * day
    again()
    await write(3)
    now -= 500 * day
    again()
    if (isCalled) await write(1)
    again()
    activity.retentionChanged()
    now += 500 * day
    again()
    expect(activity.list({ limit: 500 })).toHaveLength(isCalled ? 8 : 7)
  },
)

it('notes where the clock was set back in the transaction of the row, and forgets it with the row', async () => {
  await write(1)
  now -= 2 * hour
  const turns = () => db.prepare('SELECT seq FROM calls_turns').all()
  db.exec('CREATE TRIGGER no BEFORE INSERT ON calls BEGIN SELECT RAISE(ABORT, "no"); END')
  await expect(
    activity.begin({
      ...{ grantId: 'g', clientName: 'C', tool: 't', source: 's', risk: 'read', decision: 'allowed' },
      arguments: {},
    }),
  ).rejects.toThrow()
  expect(turns()).toEqual([{ seq: 0 }])
  db.exec('DROP TRIGGER no')
  await write(1)
  expect(activity.list({ limit: 5 })).toHaveLength(2)
  expect(turns()).toEqual([{ seq: 0 }, { seq: 2 }])
})
