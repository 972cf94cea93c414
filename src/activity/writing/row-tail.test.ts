import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { CallStart } from '../../contract/activity.ts'
import { systemClock } from '../../kernel/clock.ts'
import { silentLog } from '../../kernel/log/log.ts'
import { createRedactor } from '../../kernel/log/redact.ts'
import { type Database, openCallLog } from '../../storage/database/database.ts'
import { type Activity, createActivity } from '../activity.ts'

let folder: string
let db: Database
let activity: Activity
const key = new Uint8Array(32).fill(7)
const tail = () => join(folder, 'd.db-tail')

const open = (at = folder) => {
  db = openCallLog(join(at, 'd.db'), silentLog).db
  activity = createActivity({
    ...{ db, clock: systemClock, log: silentLog, redactor: createRedactor() },
    chain: { key, head: () => null, setHead() {} },
  })
}
const close = () => {
  activity.stop()
  db.close()
}
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-row-tail-'))
  open()
})
afterEach(() => {
  vi.useRealTimers()
  close()
  rmSync(folder, { recursive: true, force: true })
})

const read: CallStart = {
  ...{ grantId: 'grant_1', clientName: 'ChatGPT', tool: 'files__read', source: 'Files', risk: 'read' },
  ...{ decision: 'allowed', arguments: { text: 'one\ntwo' } },
}
const record = (result: unknown) => activity.record(read, { outcome: 'answered', result })
const inTable = () =>
  Number((db.prepare('SELECT count(*) AS rows FROM calls').get() as { rows: number }).rows)
const whole = { changed: [], missing: 0, more: 0, unsealed: 0 }

/** What a kill leaves: the files as they are just now. Goes on with them. */
function killed(change: (left: string) => void = () => {}): void {
  const left = join(folder, 'left')
  mkdirSync(left)
  for (const file of ['d.db', 'd.db-wal', 'd.db-tail']) copyFileSync(join(folder, file), join(left, file))
  change(left)
  close()
  open(left)
}

it('has a row that came alone on record at once, for its owner alone, and gives it up with the next transaction', async () => {
  const ids = [await record(1), await record(2)]
  expect(inTable()).toBe(0)
  expect(readFileSync(tail(), 'utf8').split('\n')).toHaveLength(3)
  if (process.platform !== 'win32') expect(statSync(tail()).mode & 0o777).toBe(0o600)
  ids.push(await activity.begin(read))
  expect(inTable()).toBe(3)
  expect(activity.list({ limit: 9 }).map(({ id }) => id)).toEqual(ids.reverse())
  expect(await activity.check()).toMatchObject({ rows: 3, ...whole })
})

it('shows a row to whoever looks, and empties the file soon by itself', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const id = await record(1)
  expect(activity.get(id)).toMatchObject({ id, result: '1' })
  expect(inTable()).toBe(1)
  expect(statSync(tail()).size).toBeGreaterThan(0)
  await vi.advanceTimersByTimeAsync(200)
  expect(statSync(tail()).size).toBe(0)
})

it('finds after a kill what no transaction took along, once, and nothing that was not written to its end', async () => {
  const ids = [await record(1)]
  ids.push(await activity.begin(read), await record(2), await record(3))
  await activity.finish(ids[1]!, { outcome: 'answered', result: 4 })
  ids.push(await record(5), await record(6))
  killed((left) => appendFileSync(join(left, 'd.db-tail'), '[7,1764352000000,"grant_1"'))
  expect(inTable()).toBe(6)
  const calls = activity.list({ limit: 9 })
  expect(calls.map(({ id }) => id)).toEqual([...ids].reverse())
  expect(calls.map(({ result }) => result)).toEqual(['6', '5', '3', '2', '4', '1'])
  expect(await activity.check()).toMatchObject({ rows: 6, ...whole })
  await record(7)
  for (const line of readFileSync(join(folder, 'left/d.db-tail'), 'utf8').trim().split('\n'))
    expect(JSON.parse(line)).toHaveLength(14)
  expect(await activity.check()).toMatchObject({ rows: 7, ...whole })
})

it('lets the log be read on a disk that takes nothing more, and starts there', async () => {
  const first = await activity.begin(read)
  const full = () => {
    const { page_count } = db.prepare('PRAGMA page_count').get() as { page_count: number }
    db.exec(`PRAGMA max_page_count = ${page_count}`)
  }
  full()
  const last = await record('x'.repeat(12_000))
  expect(activity.list({ limit: 9 }).map(({ id }) => id)).toEqual([first])
  const left = join(folder, 'left')
  mkdirSync(left)
  for (const file of ['d.db', 'd.db-wal', 'd.db-tail']) copyFileSync(join(folder, file), join(left, file))
  db.exec('PRAGMA max_page_count = 1000000')
  close()
  db = openCallLog(join(left, 'd.db'), silentLog).db
  full()
  activity = createActivity({
    ...{ db, clock: systemClock, log: silentLog, redactor: createRedactor() },
    chain: { key, head: () => null, setHead() {} },
  })
  db.exec('PRAGMA max_page_count = 1000000')
  expect(activity.list({ limit: 9 }).map(({ id }) => id)).toEqual([last, first])
  expect(await activity.check()).toMatchObject({ rows: 2, ...whole })
})

it('moves large rows before they are many', async () => {
  for (let n = 0; n < 30; n += 1) await record('x'.repeat(16_000))
  expect(inTable()).toBeGreaterThan(0)
})

it('sets aside with a damaged log what belongs to it', async () => {
  await record(1)
  const left = join(folder, 'left')
  mkdirSync(left)
  copyFileSync(tail(), join(left, 'd.db-tail'))
  writeFileSync(join(left, 'd.db'), 'no database at all'.repeat(999))
  close()
  const { setAside, ...opened } = openCallLog(join(left, 'd.db'), silentLog)
  db = opened.db
  activity = createActivity({
    ...{ db, clock: systemClock, log: silentLog, redactor: createRedactor() },
    chain: { key, head: () => null, setHead() {} },
  })
  expect(readFileSync(`${setAside}-tail`, 'utf8')).toContain('files__read')
  expect(activity.list({ limit: 9 })).toEqual([])
})

it('takes nothing else for a row', async () => {
  await record(1)
  killed((left) => appendFileSync(join(left, 'd.db-tail'), '[2,null]\nhello\n\n{"a":1}\n[3,1,"a"]\n'))
  expect(inTable()).toBe(1)
})

const limitFiles = (bytes: number | 'unlimited') =>
  execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:`])

it.runIf(existsSync('/usr/bin/prlimit'))(
  'refuses what a full disk does not take, and goes on behind what it took',
  async () => {
    const first = await record(1)
    limitFiles(statSync(tail()).size + 20)
    try {
      await expect(record('x'.repeat(200))).rejects.toMatchObject({ code: 'log-unwritable' })
    } finally {
      limitFiles('unlimited')
    }
    const last = await record(2)
    killed()
    expect(activity.list({ limit: 9 }).map(({ id }) => id)).toEqual([last, first])
    expect(await activity.check()).toMatchObject({ rows: 2, ...whole })
  },
)

it('moves a crowd without being told to', async () => {
  for (let n = 0; n < 600; n += 1) await record(n)
  expect(inTable()).toBeGreaterThanOrEqual(600 - 256)
  killed()
  expect(await activity.check()).toMatchObject({ rows: 600, ...whole })
})
