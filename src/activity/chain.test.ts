import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { CallStart } from '../contract/activity.ts'
import { silentLog } from '../kernel/log/log.ts'
import { createRedactor } from '../kernel/log/redact.ts'
import { type Database, openCallLog } from '../storage/database/database.ts'
import { type Activity, createActivity } from './activity.ts'
import type { Mark } from './call-chain.ts'

let folder: string
let db: Database
let activity: Activity
let head: Mark | null
let now: number
let keepRows: number
const key = new Uint8Array(32).fill(7)

const open = (chainKey: Uint8Array | null = key) => {
  db = openCallLog(join(folder, 'd.db'), silentLog).db
  activity = createActivity({
    db,
    clock: { now: () => now },
    log: silentLog,
    redactor: createRedactor(),
    keepRows,
    chain: {
      key: chainKey,
      head: () => head,
      setHead(mark) {
        head = mark
      },
    },
  })
}
const close = () => {
  if (!db.isOpen) return
  activity.stop()
  db.close()
}
const again = (chainKey?: Uint8Array | null) => {
  close()
  open(chainKey)
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-chain-'))
  head = null
  now = 1_000_000
  keepRows = 1_000_000
  open()
})
afterEach(() => {
  close()
  rmSync(folder, { recursive: true, force: true })
})

const start: CallStart = {
  grantId: 'grant_1',
  clientName: 'ChatGPT \ud800 \u0000',
  tool: 'files__read',
  source: 'Files',
  risk: 'write',
  decision: 'allowed',
  arguments: { path: '/tmp/a', bad: '\udfff\u0000' },
}
const found = [{ what: 'hidden' as const, text: 'obey \udc00' }]
const whole = { changed: [], missing: 0, more: 0, unsealed: 0, isMarked: true }

/** Rows of every kind: read in one, begun and ended, waiting, closed later, running. */
async function fill(rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    now += 1_000
    await activity.record(
      { ...start, risk: 'read' },
      { outcome: 'answered', result: { n: round }, found },
      now,
      0.1 + round,
    )
    const one = await activity.begin(start)
    await activity.finish(one, { outcome: 'failed', error: 'no \udc00', result: round, found })
    const two = await activity.begin({ ...start, decision: 'pending' })
    await activity.finish(two, { outcome: 'pending', error: 'Waiting.' })
    await activity.close(two, { outcome: 'cancelled', decision: 'denied', error: null })
  }
}

it('is whole over restarts, kills in the middle of calls, refused rows, and rows that were forgotten', async () => {
  await fill(5)
  const results = await Promise.allSettled([
    activity.record(start, { outcome: 'answered' }),
    activity.record({ ...start, risk: null as never }, { outcome: 'answered' }),
    activity.record(start, { outcome: 'answered' }),
  ])
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  await activity.begin(start)
  await activity.begin({ ...start, decision: 'pending' })
  again()
  expect(await activity.check()).toEqual({ rows: 19, ...whole })
  keepRows = 10
  again()
  await fill(1)
  activity.retentionChanged()
  again()
  expect(await activity.check()).toEqual({ rows: 10, ...whole })
  await fill(1)
  expect(await activity.check()).toEqual({ rows: 13, ...whole })
  db.exec('DELETE FROM calls')
  again()
  expect(await activity.check()).toMatchObject({ missing: 13 })
})

it('goes on when everything was forgotten, with the ids that come next', async () => {
  await fill(2)
  const last = activity.list({ limit: 1 })[0]!.id
  now += 365 * 24 * 3_600_000
  activity.retentionChanged()
  expect(activity.list({ limit: 10 })).toEqual([])
  again()
  await fill(1)
  expect(activity.list({ limit: 10 }).every(({ id }) => id.slice(-12) > last.slice(-12))).toBe(true)
  expect(await activity.check()).toEqual({ rows: 3, ...whole })
})

it('finds each changed byte in each column of each row', async () => {
  await fill(6)
  const columns = [
    'at',
    'grant_id',
    'client_name',
    'tool',
    'source',
    'risk',
    'decision',
    'outcome',
    'duration',
  ]
  const all = [...columns, 'error', 'arguments', 'result', 'found', 'link']
  let tried = 0
  for (const column of all)
    for (const seq of [1, 2, 3, 5, 8, 12, 17, 18]) {
      const before = db.prepare(`SELECT ${column} AS value FROM calls WHERE seq = ?`).get(seq)!.value
      const other =
        typeof before === 'number' ? before + 1 : before === null ? 'x' : `${String(before).slice(0, -1)}~`
      if (column === 'duration' && before === null) continue
      db.prepare(`UPDATE calls SET ${column} = ? WHERE seq = ?`).run(other, seq)
      const { changed, isMarked } = await activity.check()
      expect(changed.length > 0 || !isMarked, `${column} of row ${seq}`).toBe(true)
      expect(changed[0] ?? '', column).toMatch(new RegExp(`${seq.toString(16)}$`))
      db.prepare(`UPDATE calls SET ${column} = ? WHERE seq = ?`).run(before!, seq)
      tried += 1
    }
  expect(tried).toBeGreaterThanOrEqual(100)
  expect(await activity.check()).toEqual({ rows: 18, ...whole })
})

it('finds rows that were taken away, at either end and in the middle, and one that was put in', async () => {
  await fill(4)
  again()
  for (const gone of ['seq = 1', 'seq = 6', 'seq IN (6, 7, 8)', 'seq = 12', 'seq > 3', 'seq < 9']) {
    db.exec(`BEGIN; DELETE FROM calls WHERE ${gone}`)
    const { missing } = await activity.check()
    expect(missing, gone).toBeGreaterThan(0)
    db.exec('ROLLBACK')
  }
  db.exec(
    'BEGIN; INSERT INTO calls SELECT 13, at, grant_id, client_name, tool, source, risk, decision, outcome, duration, error, arguments, result, found, link, seal FROM calls WHERE seq = 12',
  )
  expect((await activity.check()).changed).toHaveLength(1)
  db.exec('ROLLBACK')
})

it('finds it when all links were made anew, and when the end was cut and the place of it', async () => {
  await fill(3)
  again()
  const forged = createActivity({
    ...{ db, clock: { now: () => now }, log: silentLog, redactor: createRedactor() },
    chain: { key: new Uint8Array(32), head: () => null, setHead() {} },
  })
  db.exec('BEGIN; DELETE FROM calls WHERE seq = 9')
  forged.stop()
  expect((await activity.check()).missing).toBe(1)
  const real = head!
  head = { ...real, seq: 8, link: String(db.prepare('SELECT link FROM calls WHERE seq = 8').get()!.link) }
  expect(await activity.check()).toMatchObject({ isMarked: false })
  db.exec('ROLLBACK')
  head = real
  db.exec('UPDATE calls_begin SET seq = 3, link = (SELECT link FROM calls WHERE seq = 3)')
  expect(await activity.check()).toMatchObject({ isMarked: false })
})

it('a row that somebody set back to running is no better for our ending it', async () => {
  await fill(1)
  close()
  db = openCallLog(join(folder, 'd.db'), silentLog).db
  db.exec("UPDATE calls SET outcome = 'running', result = NULL, error = NULL, duration = NULL WHERE seq = 2")
  db.close()
  open()
  expect((await activity.check()).changed).toHaveLength(1)
})

it('says what could not be sealed while the vault was closed', async () => {
  again(null)
  await fill(1)
  again()
  expect(await activity.check()).toEqual({ rows: 3, ...whole, unsealed: 2, isMarked: false })
  await fill(1)
  again()
  expect(await activity.check()).toMatchObject({ rows: 6, changed: [], missing: 0, unsealed: 2 })
})
