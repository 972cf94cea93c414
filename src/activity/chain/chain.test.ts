import { hash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { CallRule, CallStart } from '../../contract/activity.ts'
import { silentLog } from '../../kernel/log/log.ts'
import { createRedactor } from '../../kernel/log/redact.ts'
import { type Database, openCallLog } from '../../storage/database/database.ts'
import { type Activity, createActivity } from '../activity.ts'
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
const rule: CallRule = {
  ...{ id: 'rule_1', effect: 'allow', clientName: 'ChatGPT', tool: 'files__write', inChat: false },
  ...{ since: 900_000, until: null, waivesTaint: false, isExact: true },
}
const whole = { changed: [], missing: 0, more: 0, unsealed: 0, isMarked: true }

/** Rows of every kind: read in one, begun and ended, waiting, closed later, running; and those that a rule decided about. */
async function fill(rounds: number, withRules = false): Promise<void> {
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
    await activity.note(two, { outcome: 'pending', decision: 'pending', error: 'Waiting.' })
    await activity.finish(two, { outcome: 'cancelled', decision: 'denied', error: null })
    if (!withRules) continue
    const never = { ...start, decision: 'denied' as const, rule: { ...rule, effect: 'never' as const } }
    await activity.record(never, { outcome: 'denied' })
    const three = await activity.begin({ ...start, rule })
    await activity.amend(three, {
      ...{ decision: 'allowed', arguments: {} },
      rule: { ...rule, id: 'rule_2', until: round },
    })
    await activity.finish(three, { outcome: 'answered', result: round })
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
  // Some days at a time: a clock that leaps is not believed.
  for (let n = 0; n < 60; n += 1) {
    now += 6 * 24 * 3_600_000
    activity.retentionChanged()
  }
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

it('keeps with a row the rule that decided about it, and finds each byte of that', async () => {
  await fill(2, true)
  again()
  expect(await activity.check()).toEqual({ rows: 10, ...whole })
  const rules = activity.list({ limit: 10 }).map((row) => row.rule && [row.rule.id, row.rule.until])
  expect(rules).toEqual(
    [['rule_2', 1], ['rule_1', null], null, null, null, ['rule_2', 0], ['rule_1', null]].concat(
      Array(3).fill(null),
    ),
  )
  const change = db.prepare('UPDATE calls SET rule = ? WHERE seq = ?')
  for (const seq of [1, 2, 3, 4, 5, 10]) {
    const { rule: before } = db.prepare('SELECT rule FROM calls WHERE seq = ?').get(seq) as {
      rule: string | null
    }
    const text = before ?? JSON.stringify(rule)
    const others = [...text].map((_, at) => `${text.slice(0, at)}~${text.slice(at + 1)}`)
    for (const other of [before === null ? text : null, '', 'x', '{}', `${text} `, ...others]) {
      change.run(other, seq)
      expect((await activity.check()).changed, `${other} in row ${seq}`).toEqual([
        expect.stringMatching(new RegExp(`${seq.toString(16)}$`)),
      ])
    }
    change.run(before, seq)
  }
  expect(await activity.check()).toEqual({ rows: 10, ...whole })
})

it('hashes rows without a rule as before there were any', async () => {
  await activity.record(start, { outcome: 'answered', result: 1, found })
  activity.list({ limit: 1 })
  const { seq, link, found: text, ...row } = db.prepare('SELECT * FROM calls').get() as Record<string, string>
  const { at, grant_id, client_name, tool, source, risk, decision, outcome, duration, error, result } = row
  const begun = [seq, at, grant_id, client_name, tool, source, risk, row.arguments, decision]
  const all = [...begun, outcome, duration, error, result, JSON.parse(text!)]
  expect(link).toBe(hash('sha256', `\n${JSON.stringify(all)}`, 'base64url'))
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
    'BEGIN; INSERT INTO calls SELECT 13, at, grant_id, client_name, tool, source, risk, decision, outcome, duration, error, arguments, result, found, link, seal, rule FROM calls WHERE seq = 12',
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

it('finds in a row without a seal what was sealed nowhere, but hangs in the chain', async () => {
  again(null)
  await fill(1)
  again()
  for (const column of ['at', 'grant_id', 'client_name', 'tool', 'source', 'risk', 'link']) {
    const { value } = db.prepare(`SELECT ${column} AS value FROM calls WHERE seq = 2`).get() as {
      value: string
    }
    db.prepare(`UPDATE calls SET ${column} = ? WHERE seq = 2`).run(column === 'at' ? 1 : 'other')
    expect((await activity.check()).changed, column).not.toEqual([])
    db.prepare(`UPDATE calls SET ${column} = ? WHERE seq = 2`).run(value)
  }
  // Nor does it help to take the seal of another away first.
  await fill(1)
  db.exec("UPDATE calls SET seal = '', tool = 'other' WHERE seq = 5")
  expect((await activity.check()).changed).toEqual([expect.stringMatching(/5$/)])
})

it('a call that was left is ended while the vault is closed, and nobody is blamed for it', async () => {
  await activity.begin(start)
  await activity.record(start, { outcome: 'answered' })
  again(null)
  expect(await activity.check()).toMatchObject({ rows: 2, changed: [], missing: 0, unsealed: 1 })
  again()
  expect(await activity.check()).toMatchObject({ rows: 2, changed: [], missing: 0, unsealed: 1 })
})

it('a call that began while the vault was closed gets no seal when it is ended later', async () => {
  again(null)
  await activity.begin(start)
  again()
  expect(await activity.check()).toMatchObject({ rows: 1, changed: [], unsealed: 1 })
})
