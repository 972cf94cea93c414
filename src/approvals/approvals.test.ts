import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Approval, ApprovalAnswer, ApprovalRequest } from '../contract/approvals.ts'
import { Approval as ApprovalSchema } from '../contract/approvals.ts'
import { silentLog } from '../kernel/log/log.ts'
import { createRedactor } from '../kernel/log/redact.ts'
import { type Database, openDatabase } from '../storage/database/database.ts'
import { Approvals } from './approvals.ts'

let db: Database
let approvals: Approvals
const clock = { now: () => Date.now() }
const open = () => new Approvals({ db, clock, log: silentLog, redactor: createRedactor() })

beforeEach(() => {
  vi.useFakeTimers({ now: 1_800_000_000_000, toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  db = openDatabase(join(mkdtempSync(join(tmpdir(), 'drawbridge-approvals-')), 'd.db'), silentLog).db
  approvals = open()
})
afterEach(() => {
  approvals.stop()
  db.close()
  vi.useRealTimers()
})

const question = (change: Partial<ApprovalRequest> = {}): ApprovalRequest => ({
  grantId: 'grant_1',
  clientName: 'ChatGPT',
  tool: 'files__write',
  toolId: 'files__write',
  toolTitle: 'Write a file',
  source: 'Files',
  sourceId: 'files',
  risk: 'write',
  argumentsHash: 'hash-1',
  arguments: { path: 'a' },
  ...change,
})
const only = (): Approval => {
  const list = approvals.list()
  expect(list).toHaveLength(1)
  return list[0]!
}
/** Allowed by somebody who looked at all of it. */
const allow = (id: string) => approvals.decide(id, 'once', approvals.get(id).seen)
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

describe('asking', () => {
  it('tells the user and waits for the word', async () => {
    const asked: Approval[] = []
    const changed: number[] = []
    approvals.events.on('asked', (approval) => asked.push(approval))
    approvals.events.on('changed', (list) => changed.push(list.length))
    const answer = approvals.ask(question())
    expect(ApprovalSchema.parse(only())).toEqual(only())
    expect(asked).toEqual([only()])
    allow(only().id)
    expect(await answer).toBe('allowed')
    expect(approvals.list()).toEqual([])
    expect(changed).toEqual([1, 0])
  })

  it('no means no', async () => {
    const answer = approvals.ask(question())
    approvals.decide(only().id, 'deny')
    expect(await answer).toBe('denied')
  })

  it('waits as long as the question stands, however long that is for its client', async () => {
    let result: ApprovalAnswer | '' = ''
    void approvals.ask(question()).then((answer) => (result = answer))
    await pass(599_000)
    expect(result).toBe('')
    allow(only().id)
    await pass(0)
    expect(result).toBe('allowed')
  })

  it.each([{ argumentsHash: 'hash-2' }, { tool: 'files__delete' }, { grantId: 'grant_2' }])(
    'a decision is for this very call: not with %o',
    async (change) => {
      const first = approvals.ask(question())
      const other = approvals.ask(question(change))
      const [mine, others] = approvals.list()
      allow(mine!.id)
      expect(await first).toBe('allowed')
      expect(only().id).toBe(others!.id)
      approvals.decide(others!.id, 'deny')
      expect(await other).toBe('denied')
    },
  )

  it('identical calls share one question; one yes runs one of them, the newest', async () => {
    const asked: Approval[] = []
    approvals.events.on('asked', (approval) => asked.push(approval))
    const answers = Promise.all([1, 2, 3].map(() => approvals.ask(question())))
    allow(only().id)
    expect(await answers).toEqual(['elsewhere', 'elsewhere', 'allowed'])
    expect(asked).toHaveLength(1)
  })

  it('a no is for all who share the question', async () => {
    const answers = Promise.all([1, 2].map(() => approvals.ask(question())))
    approvals.decide(only().id, 'deny')
    expect(await answers).toEqual(['denied', 'denied'])
  })

  it('whoever takes the question back is not asked about any more', async () => {
    const leaving = new AbortController()
    const first = approvals.ask(question(), leaving.signal)
    const { id } = only()
    leaving.abort()
    expect(await first).toBe('ended')
    expect(approvals.list()).toEqual([])
    expect(() => approvals.decide(id, 'deny')).toThrow('already answered')
  })

  it('the yes goes to the call that is still there', async () => {
    const leaving = new AbortController()
    const first = approvals.ask(question())
    const second = approvals.ask(question(), leaving.signal)
    leaving.abort()
    allow(only().id)
    expect(await second).toBe('ended')
    expect(await first).toBe('allowed')
  })

  it('whoever is gone before asking does not bother the user', async () => {
    expect(await approvals.ask(question(), AbortSignal.abort())).toBe('ended')
    expect(approvals.list()).toEqual([])
  })

  it('one client cannot bury the user: 20 questions wait, others pass by it', async () => {
    for (let n = 0; n < 30; n += 1) void approvals.ask(question({ argumentsHash: `h${n}` }))
    expect(approvals.list()).toHaveLength(20)
    expect(await approvals.ask(question({ argumentsHash: 'more' }))).toBe('pending')
    void approvals.ask(question({ grantId: 'grant_2' }))
    expect(approvals.list()).toHaveLength(21)
    expect(approvals.list().map((approval) => approval.askedAt)).toEqual(
      approvals
        .list()
        .map((approval) => approval.askedAt)
        .sort(),
    )
    approvals.decide(approvals.list()[0]!.id, 'deny')
    void approvals.ask(question({ argumentsHash: 'more' }))
    expect(approvals.list()).toHaveLength(21)
  })

  it('what is stored of very long arguments is shortened and redacted, what is shown is neither', () => {
    const args = { password: 'hunter22', text: '😀'.repeat(100_000) }
    void approvals.ask(question({ arguments: args }))
    expect(JSON.parse(approvals.get(only().id).arguments)).toEqual(args)
    const { stored } = db.prepare('SELECT arguments AS stored FROM approvals').get() as { stored: string }
    expect(stored.length).toBeLessThan(100_100)
    expect(stored).toContain('shortened')
    expect(stored).not.toContain('hunter22')
  })

  it('throws when the question cannot be stored', async () => {
    db.exec('PRAGMA query_only = ON')
    await expect(approvals.ask(question())).rejects.toThrow()
    db.exec('PRAGMA query_only = OFF')
    expect(approvals.list()).toEqual([])
  })

  it('a decision that cannot be stored lets nobody through', async () => {
    const answer = approvals.ask(question())
    db.exec('PRAGMA query_only = ON')
    expect(() => allow(only().id)).toThrow()
    db.exec('PRAGMA query_only = OFF')
    await pass(600_000)
    expect(await answer).toBe('expired')
  })
})

describe('time', () => {
  it('a question is over after ten minutes', async () => {
    const lists: number[] = []
    void approvals.ask(question())
    const { id } = only()
    approvals.events.on('changed', (list) => lists.push(list.length))
    await pass(600_000)
    expect(approvals.list()).toEqual([])
    expect(lists).toEqual([0])
    expect(() => allow(id)).toThrow('already answered')
  })

  it('a clock that jumps ahead, as after sleep, ends what was waiting', () => {
    void approvals.ask(question())
    vi.setSystemTime(Date.now() + 3_600_000)
    expect(approvals.list()).toEqual([])
    approvals.sweep()
    expect(db.prepare('SELECT state FROM approvals').all()).toEqual([{ state: 'expired' }])
  })

  it('a restart means no for what waited', async () => {
    void approvals.ask(question())
    void approvals.ask(question({ argumentsHash: 'h2' }))
    approvals = open()
    expect(approvals.list()).toEqual([])
    void approvals.ask(question())
    only()
    expect(db.prepare("SELECT count(*) AS n FROM approvals WHERE state = 'expired'").get()).toEqual({ n: 2 })
  })

  it('old rows are forgotten after a week', async () => {
    const answer = approvals.ask(question())
    allow(only().id)
    await answer
    vi.setSystemTime(Date.now() + 7 * 24 * 3_600_000)
    approvals.sweep()
    expect(db.prepare('SELECT count(*) AS n FROM approvals').get()).toEqual({ n: 1 })
    vi.setSystemTime(Date.now() + 3_600_000)
    approvals.sweep()
    expect(db.prepare('SELECT count(*) AS n FROM approvals').get()).toEqual({ n: 0 })
  })
})

describe('ending', () => {
  it('cancelFor says no to one grant', async () => {
    void approvals.ask(question({ grantId: 'grant_2' }))
    const waiting = approvals.ask(question())
    approvals.cancelFor('grant_1')
    expect(await waiting).toBe('ended')
    expect(only().grantId).toBe('grant_2')
    void approvals.ask(question({ argumentsHash: 'h2' }))
    expect(approvals.list()).toHaveLength(2)
    approvals.cancelFor(null)
    expect(approvals.list()).toEqual([])
  })

  it('stop says no to everybody, now and later', async () => {
    const waiting = approvals.ask(question())
    approvals.stop()
    approvals.stop()
    expect(await waiting).toBe('ended')
    expect(await approvals.ask(question())).toBe('ended')
    expect(approvals.list()).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })

  it.each(['ask_none', ''])('deciding %j is an error that says so', (id) => {
    expect(() => allow(id)).toThrow(expect.objectContaining({ code: 'approval-gone' }))
  })

  it('deciding twice is an error, and the first decision holds', async () => {
    const answer = approvals.ask(question())
    const { id } = only()
    approvals.decide(id, 'deny')
    expect(() => allow(id)).toThrow(expect.objectContaining({ code: 'approval-gone' }))
    expect(await answer).toBe('denied')
  })
})

describe('a disk that takes nothing', () => {
  it('keeps nobody waiting whose access is ended, and the same question is put again later', async () => {
    const waiting = [approvals.ask(question()), approvals.ask(question({ argumentsHash: 'hash-2' }))]
    const other = approvals.ask(question({ grantId: 'grant_2' }))
    db.exec('PRAGMA query_only = 1')
    approvals.cancelFor('grant_1')
    db.exec('PRAGMA query_only = 0')
    expect(await Promise.all(waiting)).toEqual(['ended', 'ended'])
    expect(approvals.list().map(({ grantId }) => grantId)).toEqual(['grant_2'])
    const again = approvals.ask(question())
    const { id } = approvals.list().find(({ grantId }) => grantId === 'grant_1')!
    allow(id)
    expect(await again).toBe('allowed')
    approvals.cancelFor(null)
    expect(await other).toBe('ended')
  })

  it('ends what nobody answered, what is taken back and what stops', async () => {
    const expired = approvals.ask(question())
    const gone = new AbortController()
    const takenBack = approvals.ask(question({ argumentsHash: 'hash-2' }), gone.signal)
    db.exec('PRAGMA query_only = 1')
    gone.abort()
    expect(await takenBack).toBe('ended')
    expect(approvals.list()).toHaveLength(1)
    await pass(600_100)
    expect(await expired).toBe('expired')
    db.exec('PRAGMA query_only = 0')
    const stopped = approvals.ask(question())
    db.exec('PRAGMA query_only = 1')
    approvals.stop()
    expect(await stopped).toBe('ended')
  })
})
