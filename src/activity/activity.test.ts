/** Long because every promise of the log is tried on one real file. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Call, CallStart } from '../contract/activity.ts'
import { Call as CallSchema } from '../contract/activity.ts'
import { silentLog } from '../kernel/log/log.ts'
import { createRedactor } from '../kernel/log/redact.ts'
import { type Database, openCallLog } from '../storage/database/database.ts'
import { type Activity, createActivity } from './activity.ts'
import { callId } from './call-id.ts'

let folder: string
let db: Database
let now: number
let keepDays: number
let activity: Activity

const open = () => {
  db = openCallLog(join(folder, 'd.db'), silentLog).db
  activity = createActivity({
    ...{ db, clock: { now: () => now }, log: silentLog, redactor: createRedactor() },
    keepDays: () => keepDays,
  })
}
/** Past the log itself. */
const inTable = () =>
  db
    .prepare('SELECT at, seq FROM calls ORDER BY seq')
    .all()
    .map(({ at, seq }) => callId(at as number, seq as number))
const close = () => {
  activity.stop()
  if (db.isOpen) db.close()
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-activity-'))
  now = new Date(2026, 10, 20, 12).getTime()
  keepDays = 90
  open()
})
afterEach(() => {
  close()
  rmSync(folder, { recursive: true, force: true })
})

const start: CallStart = {
  grantId: 'grant_1',
  clientName: 'ChatGPT',
  tool: 'files__read',
  source: 'Files',
  risk: 'read',
  decision: 'allowed',
  arguments: { path: '/tmp/a' },
}

describe('a call', () => {
  it('is stored when it begins and when it ends, and told both times', async () => {
    const told: Call[] = []
    activity.events.on('added', (call) => told.push(call))
    const id = await activity.begin(start)
    expect(activity.get(id)).toMatchObject({
      outcome: 'running',
      duration: null,
      arguments: '{"path":"/tmp/a"}',
    })
    now += 250
    await activity.finish(id, { outcome: 'answered', decision: 'approved', result: { ok: 1 } })
    const call = activity.get(id)
    expect(call).toMatchObject({
      outcome: 'answered',
      decision: 'approved',
      duration: 250,
      result: '{"ok":1}',
    })
    expect(CallSchema.parse(call)).toEqual(call)
    expect(told.map((one) => [one.id, one.outcome])).toEqual([
      [id, 'running'],
      [id, 'answered'],
    ])
    expect(told[1]).toEqual(call)
  })

  it('is told to those who look on after whoever waits for its row, in the same turn', async () => {
    const heard: string[] = []
    activity.events.on('added', () => heard.push('looking on'))
    const turn = new Promise((resolve) => setImmediate(resolve))
    await activity.record(start, { decision: 'denied', outcome: 'denied', error: 'Look only.' })
    heard.push('waiting')
    await turn
    await new Promise((resolve) => setImmediate(resolve))
    expect(heard).toEqual(['waiting', 'looking on'])
  })

  it('that is over at once takes one row', async () => {
    const id = await activity.record(start, { decision: 'denied', outcome: 'denied', error: 'Look only.' })
    expect(activity.get(id)).toMatchObject({
      outcome: 'denied',
      error: 'Look only.',
      duration: 0,
      result: null,
    })
  })

  it('ends once', async () => {
    const id = await activity.begin(start)
    await activity.finish(id, { outcome: 'answered' })
    await expect(activity.finish(id, { outcome: 'failed' })).rejects.toMatchObject({ code: 'call-unknown' })
    await expect(activity.finish('call_none', { outcome: 'failed' })).rejects.toMatchObject({
      code: 'call-unknown',
    })
    expect(activity.get(id).outcome).toBe('answered')
    expect(() => activity.get('call_none')).toThrow('not in the activity log')
  })

  it('that waited for the user when the host was stopped waits no more', async () => {
    const id = await activity.begin({ ...start, decision: 'pending' })
    await activity.finish(id, { outcome: 'pending', error: 'Waiting.' })
    close()
    open()
    expect(activity.get(id)).toMatchObject({
      outcome: 'cancelled',
      decision: 'pending',
      error: 'Drawbridge was stopped before you answered. Nothing was done.',
    })
  })

  it('keeps secrets, depth and size out', async () => {
    let deep: unknown = 1
    for (let level = 0; level < 100_000; level += 1) deep = [deep]
    const id = await activity.begin({
      ...start,
      arguments: { password: 'hunter22', deep, emoji: '😀'.repeat(20_000) },
    })
    await activity.finish(id, {
      outcome: 'failed',
      error: `Bearer abcdefgh123456 ${'x'.repeat(5_000)}`,
      result: undefined,
    })
    const call = activity.get(id)
    expect(call.arguments).not.toContain('hunter22')
    expect(call.arguments).toContain('[too deep]')
    expect(call.arguments).toContain('shortened')
    expect(call.arguments.length).toBeLessThan(16_100)
    expect(call.arguments.isWellFormed()).toBe(true)
    expect(call.error).not.toContain('abcdefgh123456')
    expect(call.error!.length).toBeLessThan(2_100)
    const odd = await activity.begin({ ...start, arguments: undefined })
    expect(activity.get(odd).arguments).toBe('null')
  })
})

describe('writing', () => {
  it('writes the calls of one turn in one transaction', async () => {
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    const begun = Array.from({ length: 200 }, () => activity.begin(start))
    expect(inTable()).toEqual([])
    const ids = await Promise.all(begun)
    expect(new Set(ids).size).toBe(200)
    expect(inTable()).toEqual(ids)
    await Promise.all(ids.map((id) => activity.finish(id, { outcome: 'answered' })))
    expect(activity.list({ limit: 500 }).map((call) => call.id)).toEqual([...ids].reverse())
    // A commit of its own writes a page or more.
    const { log: pages } = db.prepare('PRAGMA wal_checkpoint(PASSIVE)').get() as { log: number }
    expect(pages).toBeLessThan(60)
  })

  it('refuses nothing of a flood within one turn', async () => {
    const ids = await Promise.all(Array.from({ length: 12_000 }, () => activity.begin(start)))
    expect(inTable()).toEqual(ids)
  })

  it('calls that run at the same time end each by itself', async () => {
    const [a, b] = await Promise.all([activity.begin(start), activity.begin(start)])
    expect(activity.list({ limit: 10 }).map((call) => call.outcome)).toEqual(['running', 'running'])
    now += 90_000
    await activity.finish(a, { outcome: 'answered', result: 1 })
    expect(activity.get(a)).toMatchObject({ outcome: 'answered', duration: 90_000, result: '1' })
    expect(activity.list({ limit: 10 }).map((call) => call.id)).toEqual([b, a])
  })

  it('a row that cannot be written does not take the others with it', async () => {
    const results = await Promise.allSettled([
      activity.begin(start),
      activity.begin({ ...start, clientName: null as never }),
      activity.begin(start),
    ])
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(activity.list({ limit: 10 })).toHaveLength(2)
  })

  it('nobody else can lock it, or change it behind its back', async () => {
    const running = await activity.begin(start)
    const other = new DatabaseSync(join(folder, 'd.db'), { timeout: 0 })
    for (const sql of ['BEGIN IMMEDIATE', 'SELECT * FROM calls', 'DELETE FROM calls'])
      expect(() => other.exec(sql)).toThrow('database is locked')
    other.close()
    await activity.finish(running, { outcome: 'answered' })
    expect(inTable()).toEqual([running])
  })

  it('rejects once it is stopped', async () => {
    const running = await activity.begin(start)
    activity.stop()
    await expect(activity.begin(start)).rejects.toMatchObject({ code: 'log-unwritable' })
    await expect(activity.finish(running, { outcome: 'answered' })).rejects.toMatchObject({
      code: 'log-unwritable',
    })
  })

  it('stop() writes what is waiting', async () => {
    const waiting = activity.begin(start)
    close()
    const id = await waiting
    open()
    expect(inTable()).toEqual([id])
    expect(activity.get(id).tool).toBe('files__read')
  })
})

describe('reading', () => {
  const record = (change: Partial<CallStart> & { result?: unknown; error?: string; at?: number }) => {
    const { result, error = null, at, ...begun } = change
    return activity.record({ ...start, ...begun }, { outcome: 'answered', result, error }, at)
  }

  it('pages by id, newest first', async () => {
    for (let n = 0; n < 25; n += 1) await record({ tool: `t${n}` })
    const seen: string[] = []
    let before: string | undefined
    for (;;) {
      const page = activity.list({ limit: 10, before })
      if (page.length === 0) break
      seen.push(...page.map((call) => call.tool))
      before = page.at(-1)!.id
    }
    expect(seen).toEqual(Array.from({ length: 25 }, (_, n) => `t${24 - n}`))
    expect(activity.list({ limit: 10, before: 'call_none' })).toEqual([])
  })

  it('finds words anywhere, in any case', async () => {
    const a = await record({ tool: 'get_github_stars', arguments: { repo: '100%_sure' } })
    const b = await record({ clientName: 'Claude', result: { text: 'Grüße aus ÖSTERREICH, "quoted"' } })
    const c = await record({ error: 'The server is gone.' })
    const found = async (search: string) =>
      (await activity.search({ limit: 10, search })).map((call) => call.id)
    expect(await found('GITHUB')).toEqual([a])
    expect(await found('100%_sure')).toEqual([a])
    expect(await found('100__sure')).toEqual([])
    expect(await found('claude')).toEqual([b])
    expect(await found('österreich')).toEqual([b])
    expect(await found('"quoted"')).toEqual([b])
    expect(await found('gone server')).toEqual([c])
    expect(await found('gone nowhere')).toEqual([])
    expect(await found('  ')).toEqual([c, b, a])
    expect(await found("'; DROP TABLE calls; --")).toEqual([])
    expect(await found('\\')).toEqual([b])
  })

  it('counts the calls of today by grant, also after midnight and after a restart', async () => {
    await record({})
    await record({})
    await record({ grantId: 'grant_2' })
    expect(activity.callsToday()).toEqual(
      new Map([
        ['grant_1', 2],
        ['grant_2', 1],
      ]),
    )
    close()
    open()
    expect(activity.callsToday().get('grant_1')).toBe(2)
    now = new Date(2026, 10, 21, 0, 0, 1).getTime()
    expect(activity.callsToday().size).toBe(0)
    await record({})
    expect(activity.callsToday()).toEqual(new Map([['grant_1', 1]]))
  })

  it('forgets what is too old as soon as that is another time, a little at a time', async () => {
    for (let n = 0; n < 300; n += 1) await record({})
    now += 10 * 24 * 3_600_000
    const young = await record({})
    close()
    open()
    keepDays = 30
    activity.retentionChanged()
    expect(inTable()).toHaveLength(301)
    keepDays = 7
    activity.retentionChanged()
    expect(inTable()).toHaveLength(101)
    await expect.poll(inTable).toEqual([young])
  })

  it('forgets what is older than three months when it starts', async () => {
    const old = await record({})
    now += 89 * 24 * 3_600_000
    const young = await record({})
    now += 2 * 24 * 3_600_000
    close()
    open()
    expect(activity.list({ limit: 10 }).map((call) => call.id)).toEqual([young])
    expect(() => activity.get(old)).toThrow()
  })
})
