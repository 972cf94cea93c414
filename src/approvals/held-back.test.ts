import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { silentLog } from '../kernel/log/log.ts'
import { createRedactor } from '../kernel/log/redact.ts'
import { type Database, openDatabase } from '../storage/database/database.ts'
import { Approvals } from './approvals.ts'

let db: Database
let approvals: Approvals

beforeEach(() => {
  vi.useFakeTimers({ now: 1_800_000_000_000 })
  db = openDatabase(join(mkdtempSync(join(tmpdir(), 'drawbridge-closed-')), 'd.db'), silentLog).db
  approvals = new Approvals({
    ...{ db, clock: { now: () => Date.now() }, log: silentLog, redactor: createRedactor() },
  })
})
afterEach(() => {
  approvals.stop()
  db.close()
  vi.useRealTimers()
})

const ask = (_call: string, args: unknown = { path: 'a' }) =>
  approvals.ask({
    ...{ grantId: 'g1', clientName: 'ChatGPT', tool: 'write', toolId: 'files__write', toolTitle: 'Write' },
    ...{ source: 'Files', sourceId: 'files', risk: 'write', arguments: args },
    argumentsHash: JSON.stringify(args),
  })
const waiting = () => approvals.list()[0]!
const allow = () => approvals.decide(waiting().id, 'once', approvals.get(waiting().id).seen)

it('of two that wait at once, one is let through', async () => {
  const answers = [ask('c1'), ask('c2')]
  allow()
  expect(await Promise.all(answers)).toEqual(['elsewhere', 'allowed'])
})

it('what is one too many is not even asked', async () => {
  for (let n = 0; n < 20; n++) void ask(`c${n}`, { n })
  expect(await ask('one too many', { n: 20 })).toBe('pending')
  expect(approvals.list()).toHaveLength(20)
})

it('who is refused three times in a row is said to be held back, until that is over or a yes', async () => {
  const told: (number | null)[] = []
  const left = () => {
    const until = approvals.heldBackUntil('g1')
    return until === null ? null : until - Date.now()
  }
  approvals.events.on('heldBack', ({ grantId }) => told.push(grantId === 'g1' ? left() : -1))
  const no = (n: number) => {
    void ask(`c${n}`, { n })
    approvals.decide(waiting().id, 'deny')
  }
  no(1)
  no(2)
  expect([left(), told]).toEqual([null, []])
  no(3)
  expect([left(), told]).toEqual([30_000, [30_000]])
  expect(approvals.heldBackUntil('g2')).toBeNull()
  await vi.advanceTimersByTimeAsync(30_100)
  expect([left(), told]).toEqual([null, [30_000, null]])
  no(4)
  expect(left()).toBe(60_000)
  await vi.advanceTimersByTimeAsync(60_100)
  void ask('c5', { n: 5 })
  allow()
  no(6)
  expect([left(), told]).toEqual([null, [30_000, null, 60_000, null]])
})
