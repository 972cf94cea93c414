/** What is made of the log's rows: filtered lists, exports, sums and the diary. */
import { hash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ActivityFilter, Call, CallEnd, CallStart, ExportPlace } from '../contract/activity.ts'
import { passes } from '../contract/agreed/passes.ts'
import { diarySentences } from '../contract/agreed/words/diary.ts'
import { silentLog } from '../kernel/log/log.ts'
import { createRedactor } from '../kernel/log/redact.ts'
import { type Database, openCallLog } from '../storage/database/database.ts'
import { type Activity, createActivity } from './activity.ts'

let folder: string
let db: Database
let activity: Activity
let now: number
const noon = (date: number) => new Date(2026, 10, date, 12).getTime()

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-record-'))
  db = openCallLog(join(folder, 'd.db'), silentLog).db
  now = noon(20)
  activity = createActivity({
    ...{ db, clock: { now: () => now }, log: silentLog, redactor: createRedactor() },
  })
})
afterEach(() => {
  activity.stop()
  db.close()
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
const done: CallEnd = { outcome: 'answered', result: 'fine' }
const record = (change: Partial<CallStart> = {}, end = done, at = now) =>
  activity.record({ ...start, ...change }, end, at, 10)

const values = {
  grantId: ['grant_1', 'grant_2'],
  tool: ['files__read', 'mail__send', 'a'],
  source: ['Files', 'Mail'],
  risk: ['read', 'write', 'destructive'],
  decision: ['allowed', 'approved'],
  outcome: ['answered', 'failed'],
} as const

describe('a filtered list', () => {
  const pick = <T>(list: readonly T[], n: number): T => list[n % list.length]!
  const all = () => activity.list({ limit: 500 })
  const filters: ActivityFilter[] = [
    ...Object.entries(values).flatMap(([name, list]) => list.map((value) => ({ [name]: value }))),
    { tool: 'a', outcome: 'failed' },
    { grantId: 'grant_2', risk: 'destructive', decision: 'approved', source: 'Mail' },
    { tool: 'mail__sen' },
    { since: noon(20) + 100_000, until: noon(20) + 200_000 },
    { since: noon(20) + 100_000, outcome: 'failed' },
    { until: noon(20) },
  ]
  const fill = async (from: number, to: number) => {
    for (let n = from; n < to; n += 1) {
      now = noon(20) + n * 1_000
      const { grantId, tool, source, risk, decision, outcome } = values
      await record(
        {
          grantId: pick(grantId, n >> 1),
          tool: pick(tool, n),
          source: pick(source, n >> 2),
          risk: pick(risk, n >> 3),
          decision: pick(decision, n >> 4),
          arguments: { n: n % 10 },
        },
        { outcome: pick(outcome, n % 7 === 0 ? 1 : 0) },
      )
    }
  }

  it.each(['in the index', 'in no index', 'half in it'])(
    'has what passes and nothing else, %s',
    async (where) => {
      await fill(0, 150)
      if (where !== 'in no index') activity.finishIndex()
      await fill(150, 300)
      if (where === 'in the index') activity.finishIndex()
      for (const filter of filters) {
        const wanted = all().filter((call) => passes(call, filter))
        const found = await activity.search({ limit: 500, filter })
        expect(
          found.map(({ id }) => id),
          JSON.stringify(filter),
        ).toEqual(wanted.map(({ id }) => id))
        const both = await activity.search({ limit: 500, filter, search: '"n":3' })
        expect(both).toEqual(wanted.filter((call) => call.arguments === '{"n":3}'))
      }
      expect(filters.filter((filter) => all().some((call) => passes(call, filter))).length).toBeGreaterThan(
        15,
      )
    },
  )

  it('follows a row that ends', async () => {
    const id = await activity.begin({ ...start, risk: 'write' })
    activity.finishIndex()
    const running = () => activity.search({ limit: 10, filter: { outcome: 'running' } })
    expect(await running()).toHaveLength(1)
    await activity.finish(id, { outcome: 'failed' })
    expect(await running()).toEqual([])
    expect(await activity.search({ limit: 10, filter: { outcome: 'failed' } })).toHaveLength(1)
    activity.finishIndex()
    expect(await running()).toEqual([])
    expect(await activity.search({ limit: 10, filter: { outcome: 'failed' } })).toHaveLength(1)
  })
})

describe('an export', () => {
  const whole = async (asked: Omit<Parameters<Activity['export']>[0], 'after'>) => {
    const parts: string[] = []
    let after: ExportPlace | undefined
    do {
      const part = await activity.export({ ...asked, ...(after && { after }) })
      parts.push(part.text)
      after = part.next ?? undefined
    } while (after)
    return { text: parts.join(''), parts: parts.length }
  }

  it('has every row once, oldest first, in parts, in each format', async () => {
    const rows = 1_234
    await Promise.all(Array.from({ length: rows }, (_, n) => record({ arguments: { n } })))
    const ids = activity
      .list({ limit: 2_000 })
      .map(({ id }) => id)
      .reverse()
    const lines = await whole({ format: 'jsonl' })
    expect(lines.parts).toBeGreaterThan(2)
    expect(
      lines.text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).id),
    ).toEqual(ids)
    expect(JSON.parse((await whole({ format: 'json' })).text).map((call: Call) => call.id)).toEqual(ids)
    const csv = (await whole({ format: 'csv' })).text.trimEnd().split('\r\n')
    expect(csv).toHaveLength(rows + 1)
    expect(csv[0]).toContain('clientName')
    expect(csv[1]).toContain(new Date(now).toISOString())
  })

  it('of nothing is well-formed', async () => {
    expect(JSON.parse((await whole({ format: 'json' })).text)).toEqual([])
    expect((await whole({ format: 'jsonl' })).text).toBe('')
    expect((await whole({ format: 'csv' })).text).toContain('clientName')
    await record()
    const filter = { tool: 'nobody' }
    expect(JSON.parse((await whole({ format: 'json', filter })).text)).toEqual([])
  })

  it('has only what passes', async () => {
    await Promise.all(
      Array.from({ length: 300 }, (_, n) => record({ tool: n % 3 === 0 ? 'a' : 'b', arguments: { n } })),
    )
    const found = JSON.parse((await whole({ format: 'json', filter: { tool: 'a' }, search: '"n":9' })).text)
    expect(found.map((call: Call) => call.arguments)).toEqual([
      '{"n":9}',
      ...[90, 93, 96, 99].map((n) => `{"n":${n}}`),
    ])
  })

  it('gives no spreadsheet a formula', async () => {
    await record({ clientName: '=HYPERLINK("https://evil.example","x")', tool: '+1', source: '@a' })
    const { text } = await whole({ format: 'csv' })
    for (const cell of ["'=HYPERLINK", "'+1", "'@a"]) expect(text).toContain(cell)
  })

  it('carries the chain, which anybody can check', async () => {
    for (let n = 0; n < 5; n += 1) await record({ arguments: { n } })
    const lines = (await whole({ format: 'jsonl' })).text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    let before = ''
    for (const c of lines) {
      const fields = [c.seq, c.at, c.grantId, c.clientName, c.tool, c.source, c.risk, c.arguments, c.decision]
      const text = JSON.stringify([...fields, c.outcome, c.duration, c.error, c.result, c.found])
      expect(c.link).toBe(hash('sha256', `${before}\n${text}`, 'base64url'))
      before = c.link
    }
  })
})

describe('sums and diary', () => {
  const period = { since: noon(18), until: noon(20) }
  beforeEach(async () => {
    await record({}, done, noon(18))
    await record({}, done, noon(18) + 1)
    await record({ tool: 'web__fetch', source: 'Web' }, { outcome: 'failed', error: 'no' }, noon(18) + 2)
    await record(
      { tool: 'mail__send', source: 'Mail', risk: 'write', decision: 'approved' },
      done,
      noon(18) + 3,
    )
    await record(
      { tool: 'mail__send', source: 'Mail', risk: 'write', decision: 'denied' },
      { outcome: 'denied' },
      noon(18) + 4,
    )
    await record({ grantId: 'grant_2', clientName: 'Claude' }, done, noon(20))
    await record({}, done, noon(17))
    await record({}, done, new Date(2026, 10, 21).getTime())
  })

  it('count each local day, also one without calls', async () => {
    const { days, tools, sources, assistants } = await activity.usage(period)
    expect(
      days.map(({ day, calls, changes, failed, denied }) => [day, calls, changes, failed, denied]),
    ).toEqual([
      ['2026-11-18', 5, 1, 1, 1],
      ['2026-11-19', 0, 0, 0, 0],
      ['2026-11-20', 1, 0, 0, 0],
    ])
    expect(tools.map(({ tool, calls }) => [tool, calls])).toEqual([
      ['files__read', 3],
      ['mail__send', 2],
      ['web__fetch', 1],
    ])
    expect(sources.map(({ source, failed }) => [source, failed])).toContainEqual(['Web', 1])
    expect(assistants.map(({ clientName, calls }) => [clientName, calls])).toEqual([
      ['ChatGPT', 5],
      ['Claude', 1],
    ])
    expect(tools[0]).toMatchObject({ milliseconds: 30, longest: 10 })
  })

  it('tell what was done, by assistant, newest day first', async () => {
    const days = await activity.diary(period)
    expect(days.map(({ day }) => day)).toEqual(['2026-11-20', '2026-11-18'])
    expect(days[1]!.entries).toEqual([
      {
        grantId: 'grant_1',
        clientName: 'ChatGPT',
        looked: [{ tool: 'files__read', source: 'Files', calls: 2 }],
        changed: [
          {
            ...{ id: expect.any(String), at: noon(18) + 3, tool: 'mail__send', source: 'Mail' },
            ...{ decision: 'approved', outcome: 'answered' },
          },
        ],
        ...{ more: 0, failed: 1, denied: 1 },
      },
    ])
  })

  it('name what may have been done although it was broken off, and nothing that only waits', async () => {
    const change = { tool: 'mail__send', source: 'Mail', risk: 'write' } as const
    await record(change, { outcome: 'cancelled', error: 'broken off' }, noon(20))
    // Nobody answered, or it was taken back.
    await record({ ...change, decision: 'denied' }, { outcome: 'cancelled', error: 'no answer' }, noon(20))
    await activity.begin({ ...start, ...change, decision: 'pending' })
    const [today] = await activity.diary({ since: noon(20), until: noon(20) })
    const entry = today!.entries.find(({ clientName }) => clientName === 'ChatGPT')!
    expect(entry.changed.map(({ decision, outcome }) => [decision, outcome])).toEqual([
      ['allowed', 'cancelled'],
    ])
    expect(diarySentences(entry, false).changes.map(({ text }) => text)).toEqual([
      '12:00: mail__send of Mail, broken off before the answer came: it may have happened',
    ])
    expect(entry.denied).toBe(1)
    expect((await activity.usage({ since: noon(20), until: noon(20) })).days[0]!.changes).toBe(1)
  })

  it('count what there is no such tool for as what did not work, as its row says, and not as a change', async () => {
    const missing = { tool: 'files__gone', source: '', risk: 'write', decision: 'refused' } as const
    await record(missing, { outcome: 'failed', error: 'no such tool' }, noon(20))
    const { days, sources } = await activity.usage({ since: noon(20), until: noon(20) })
    // Beside the one of the other assistant.
    expect(days[0]).toMatchObject({ calls: 2, changes: 0, failed: 1, denied: 0 })
    expect(sources).toContainEqual(expect.objectContaining({ source: '', failed: 1 }))
    const [today] = await activity.diary({ since: noon(20), until: noon(20) })
    const entry = today!.entries.find(({ clientName }) => clientName === 'ChatGPT')!
    expect(entry).toMatchObject({ changed: [], failed: 1, denied: 0 })
  })

  it('name fifty changes, and count the rest', async () => {
    await Promise.all(Array.from({ length: 60 }, () => record({ risk: 'write' }, done, noon(20))))
    const [today] = await activity.diary({ since: noon(20), until: noon(20) })
    const entry = today!.entries.find(({ clientName }) => clientName === 'ChatGPT')!
    expect([entry.changed.length, entry.more]).toEqual([50, 10])
  })

  it('go back 366 days and 62, however far is asked', async () => {
    expect((await activity.usage({ since: 0, until: noon(20) })).days).toHaveLength(366)
    await record({}, done, noon(20) - 70 * 24 * 3_600_000)
    expect((await activity.diary({ since: 0, until: noon(20) })).at(-1)!.day).toBe('2026-11-17')
  })
})
