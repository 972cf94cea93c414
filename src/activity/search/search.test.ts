import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { silentLog } from '../../kernel/log/log.ts'
import { createRedactor } from '../../kernel/log/redact.ts'
import { longestHold, slowness, surelyHeld } from '../../kernel/testing/held-thread.ts'
import { type Database, openCallLog } from '../../storage/database/database.ts'
import { type Activity, createActivity } from '../activity.ts'
import { seqOf } from '../call-id.ts'
import { mostLooked } from './search.ts'
import { SearchIndex } from './search-index.ts'
import { gramsOf, matches, matchQuery, wordsOf } from './search-words.ts'

let folder: string
let db: Database
let activity: Activity
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-search-'))
  db = openCallLog(join(folder, 'd.db'), silentLog).db
})
afterEach(() => {
  activity?.stop()
  db.close()
  rmSync(folder, { recursive: true, force: true })
})
const open = () => {
  activity = createActivity({
    db,
    clock: { now: Date.now },
    log: silentLog,
    redactor: createRedactor(),
    keepRows: 1_000_000,
  })
}
/** Rows that the index does not have as they are. */
const left = () =>
  (
    db
      .prepare(
        'SELECT (SELECT count(*) FROM calls_unindexed) + (SELECT count(*) FROM calls WHERE seq > coalesce((SELECT max(id) FROM calls_index_docsize), 0)) AS n',
      )
      .get() as { n: number }
  ).n
/** Rows as an older Drawbridge left them: in the table and in no index. */
function fill(count: number, textOf: (n: number) => string): void {
  const insert = db.prepare(
    "INSERT INTO calls (seq, at, grant_id, client_name, tool, source, risk, decision, outcome, duration, arguments, result) VALUES (?, ?, 'g', 'ChatGPT', 'files__read', 'Files', 'read', 'allowed', 'answered', 1, ?, ?)",
  )
  db.exec('BEGIN')
  const at = Date.now() - count
  for (let n = 0; n < count; n += 1) insert.run(n + 1, at + n, `{"path":"${textOf(n)}"}`, '{"ok":true}')
  db.exec('COMMIT')
}
const ids = async (search: string) => (await activity.search({ limit: 10, search })).map(({ id }) => id)
const found = async (search: string, more: { before?: string; limit?: number } = {}) =>
  (await activity.search({ limit: 10, search, ...more })).map((call) => nameOf(call.id))
/** Of the row that `fill` counts so. */
const idOf = (n: number) => activity.list({ limit: 10_000 }).find(({ id }) => seqOf(id) === n + 1)!.id
/** As `fill` counts them. */
const nameOf = (id: string) => `call_${seqOf(id) - 1}`

describe('a search of the log', () => {
  it.each(['before', 'after'])('finds the same %s its rows are in the index', async (when) => {
    fill(3_000, (n) => `/home/Ann/Grüße-${n}.txt`)
    open()
    if (when === 'after') activity.finishIndex()
    expect(await found('GRÜSSE')).toEqual([])
    expect(await found('grüße-17.TXT')).toEqual(['call_17'])
    expect(await found('-2999 ann')).toEqual(['call_2999'])
    expect(await found('e-29', { limit: 3 })).toEqual(['call_2999', 'call_2998', 'call_2997'])
    expect(await found('e-29', { limit: 2, before: idOf(2_990) })).toEqual(['call_2989', 'call_2988'])
    expect(await found('99')).toHaveLength(10)
    expect(await found('ok ß-299')).toEqual([])
    expect(await found('"path":"/home')).toHaveLength(10)
    expect(await found('nowhere')).toEqual([])
  })

  it('finds what a call that was running became, and nothing that was forgotten', async () => {
    open()
    const start = {
      grantId: 'g',
      clientName: 'c',
      tool: 't',
      source: 's',
      risk: 'read',
      arguments: { a: 'begun' },
    } as const
    const id = await activity.begin({ ...start, decision: 'allowed' })
    activity.list({ limit: 1 })
    activity.finishIndex()
    expect(await ids('begun')).toEqual([id])
    expect(await found('finished')).toEqual([])
    await activity.finish(id, { outcome: 'answered', result: { text: 'finished' } })
    expect(await ids('finished')).toEqual([id])
    activity.finishIndex()
    expect(await ids('finished')).toEqual([id])
    db.exec('DELETE FROM calls')
    expect(await found('begun')).toEqual([])
    activity.finishIndex()
    expect(db.prepare('SELECT count(*) AS n FROM calls_index(\'"beg"\')').get()).toEqual({ n: 0 })
    expect(db.prepare('SELECT count(*) AS n FROM calls_unindexed').get()).toEqual({ n: 0 })
  })

  it('works without FTS5', async () => {
    fill(200, (n) => `file-${n}`)
    const { exec } = DatabaseSync.prototype
    const spy = vi.spyOn(DatabaseSync.prototype, 'exec').mockImplementation(function (this: Database, sql) {
      if (sql.includes('fts5')) throw new Error('no such module: fts5')
      exec.call(this, sql)
    })
    open()
    spy.mockRestore()
    expect(await found('FILE-77')).toEqual(['call_77'])
    expect(await found('file-', { limit: 2 })).toEqual(['call_199', 'call_198'])
  })

  it('brings the index up to date by itself, in steps', async () => {
    fill(3_000, (n) => `file-${n} ${'of somebody '.repeat(30)}`)
    open()
    expect(left()).toBe(3_000)
    const held = await longestHold(async () => {
      for (let tries = 0; tries < 150 && left() > 0; tries += 1) await sleep(100)
    })
    expect(held).toBeLessThan(20 * slowness())
    expect(left()).toBe(0)
    expect(await found('file-2977')).toEqual(['call_2977'])
  })

  it('keeps up while calls come now and then', async () => {
    open()
    const start = { grantId: 'g', clientName: 'c', tool: 't', source: 's', risk: 'read' } as const
    for (let n = 0; n < 20; n += 1) {
      const id = await activity.begin({ ...start, arguments: { n }, decision: 'allowed' })
      await activity.finish(id, { outcome: 'answered', result: {} })
      activity.list({ limit: 1 })
      await sleep(200)
    }
    expect(db.prepare('SELECT count(*) AS n FROM calls').get()).toEqual({ n: 20 })
    expect(left()).toBeLessThan(12)
  })

  it('finds the oldest of more rows than it reads one by one, none of which is in the index', async () => {
    fill(mostLooked + 10_000, (n) => `${n === 3 ? 'needle 100%_!' : 'hay'}-${n}`)
    open()
    for (const text of ['NEEDLE', 'needle hay', 'needle-3', '100%_!', '%_!', '!-3']) {
      const isThere = !text.includes(' hay') && text !== 'needle-3'
      expect(await found(text), text).toEqual(isThere ? ['call_3'] : [])
    }
  })

  it('finds a word of one or two letters as somebody would who looks at each row', async () => {
    const letters = ['é', 'É', 'ß', 'x', 'X', '"', '\\', '漢', '😀', '%', '-', 'µ', 'ς', 'ſ']
    const at = (n: number) => letters[((n * 2_654_435_761) >>> 5) % letters.length]!
    open()
    for (let n = 0; n < 120; n += 1) {
      const text = n % 4 === 0 ? `${at(n)}${at(n * 7)}` : n % 4 === 1 ? `plain ${at(n)} ` : 'plain'
      await activity.record(
        {
          ...{ grantId: 'g', clientName: 'c', tool: 't', source: 's', risk: 'read', decision: 'allowed' },
          arguments: text,
        },
        { outcome: 'answered', result: n % 9 === 0 ? at(n * 3) : null },
      )
      // Half of them are in the index, and half are not.
      if (n === 60) activity.finishIndex()
    }
    const all = activity.list({ limit: 200 })
    let hits = 0
    for (const one of letters)
      for (const word of [one, ...letters.map((other) => one + other)]) {
        const expected = all.filter((call) => matches(call, wordsOf(word))).map(({ id }) => id)
        hits += expected.length
        const found = await activity.search({ limit: 200, search: word })
        expect(
          found.map(({ id }) => id),
          word,
        ).toEqual(expected)
      }
    expect(hits).toBeGreaterThan(100)
  })

  const hostile = [
    '"',
    '""',
    '"""',
    '*',
    '^',
    'a*',
    'NEAR(a b)',
    'a NEAR/2 b',
    'AND',
    'OR',
    'NOT',
    'abc AND',
    '(',
    'text:abc',
    '-abc',
    '{text}:abc',
    "'; DROP TABLE calls; --",
    '%',
    '_',
    '\\',
    '\0',
    'ab\0cd',
    '\ud800abc',
    '😀😀',
    '😀😀😀',
    'x'.repeat(10_000),
    '" OR text MATCH "'.repeat(600),
    'a '.repeat(5_000),
    '"'.repeat(10_000),
  ]
  it('is never taken for anything but words', async () => {
    fill(300, (n) => `plain-${n}`)
    open()
    activity.finishIndex()
    const match = db.prepare('SELECT rowid FROM calls_index WHERE calls_index MATCH ?')
    const isQuery = (text: string) => {
      const query = matchQuery(wordsOf(text).map(({ spellings }) => spellings.map(gramsOf)))
      if (query !== null) match.all(query)
    }
    for (const text of hostile) {
      isQuery(text)
      const words = text.toLowerCase().split(/\s+/).filter(Boolean).slice(0, 8)
      const row = 'files__read\nchatgpt\nfiles\n{"path":"plain-299"}\n{"ok":true}'
      const isThere = words.every((word) => row.includes(word))
      expect(await found(text, { limit: 1 }), text.slice(0, 40)).toEqual(isThere ? ['call_299'] : [])
    }
    fc.assert(fc.property(fc.string({ unit: 'binary' }), isQuery), { numRuns: 2_000 })
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom(...'"*()^:{}-+ ANDORabc\0\\\'') }), isQuery), {
      numRuns: 2_000,
    })
  })
})

describe('with 200,000 rows', () => {
  it('a search takes less than 100 ms, the newest page less than 20, and nothing holds the thread', async () => {
    const words = Array.from({ length: 3_000 }, (_, n) => ((n + 1) * 2_654_435_761).toString(36))
    fill(
      200_000,
      (n) => `/home/${words[n % 3_000]}/${words[(n * 7) % 2_999]}/${n === 5 ? 'needle' : 'hay'}-${n}`,
    )
    open()
    activity.finishIndex()
    const slow = slowness()
    /** Of five times the middle one, in milliseconds of this thread: what else the machine does does not count. */
    const took = async (work: () => unknown) => {
      const times: number[] = []
      for (let time = 0; time < 5; time += 1) {
        const before = process.threadCpuUsage()
        await work()
        const { user, system } = process.threadCpuUsage(before)
        times.push((user + system) / 1_000)
        await nextTurn()
      }
      return times.sort((a, b) => a - b)[2]!
    }
    expect(await took(() => activity.list({ limit: 200 })), 'newest page').toBeLessThan(20 * slow)
    for (const text of [
      'needle',
      'needle-5',
      words[17]!,
      'chatgpt files',
      'nowhere-to-be-found',
      'hay-1234',
      'hay-149999',
      'ok',
      ...rareAndShort,
    ])
      expect(await took(() => found(text, { limit: 200 })), text).toBeLessThan(100 * slow)
    expect(await found('needle')).toEqual(['call_5'])
    const limit = 20 * slow
    // Some of them nothing narrows down: they take their time, a little at a time.
    for (const text of ['needle', 'hay-1234', 'ok', ...rareAndShort, ...hostileAndCommon]) {
      const held = await surelyHeld(limit, () => longestHold(() => found(text, { limit: 200 })))
      expect(held, `${text} held the thread`).toBeLessThan(limit)
    }
  }, 180_000)
  /** Too short to have a three, and in no row, or few. */
  const rareAndShort = ['é', 'É', '§ §', '漢', '5é', '=', '"=']
  /** All of their threes are in every row, and they are in none. */
  const hostileAndCommon = ['chatgptfiles', 'okfilesread', '{"path":"/home/hay']
})

it('goes over rows in few steps where the index has two frequent words that are never together', async () => {
  fill(30_000, (n) => (n % 9 < 4 ? 'garden' : n % 9 < 8 ? 'silver' : 'bridge'))
  open()
  activity.finishIndex()
  const { find } = SearchIndex.prototype
  const steps: number[] = []
  vi.spyOn(SearchIndex.prototype, 'find').mockImplementation(function (this: SearchIndex, ...args) {
    const [, from, to] = args
    if (to - from > 256) steps.push(to - from)
    // As long as it takes where there are a million.
    for (const until = performance.now() + 8; performance.now() < until; ) {}
    return find.apply(this, args)
  })
  try {
    expect(await found('garden silver')).toEqual([])
  } finally {
    vi.restoreAllMocks()
  }
  expect(steps.length).toBeGreaterThan(0)
  expect(steps.length, steps.join()).toBeLessThanOrEqual(4)
})
