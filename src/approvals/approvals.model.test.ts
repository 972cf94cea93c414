import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { ApprovalAnswer } from '../contract/approvals.ts'
import { silentLog } from '../kernel/log/log.ts'
import { createRedactor } from '../kernel/log/redact.ts'
import { openDatabase } from '../storage/database/database.ts'
import { Approvals } from './approvals.ts'

const keepMs = 600_000

type Step =
  | { do: 'ask'; grant: number; call: number; leaveAfter: number | null }
  | { do: 'decide'; which: number; yes: boolean }
  | { do: 'pass'; ms: number }
  | { do: 'cancel'; grant: number | null }
  | { do: 'restart'; clean: boolean }

const grant = fc.integer({ min: 0, max: 1 })
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('ask' as const),
      grant,
      call: fc.integer({ min: 0, max: 2 }),
      leaveAfter: fc.option(fc.integer({ min: 0, max: 50_000 })),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('decide' as const), which: fc.nat(5), yes: fc.boolean() }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      ms: fc.constantFrom(1, 1_000, 39_999, 40_000, 119_000, 121_000, 599_000, 700_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cancel' as const), grant: fc.option(grant) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const), clean: fc.boolean() }) },
)

/** What the user said yes to, and until when it may be used. */
interface Credit {
  key: string
  until: number
}

const { db } = openDatabase(join(mkdtempSync(join(tmpdir(), 'drawbridge-approvals-')), 'd.db'), silentLog)
beforeAll(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }))
afterAll(() => {
  vi.useRealTimers()
  db.close()
})
const open = () =>
  new Approvals({
    db,
    clock: { now: () => Date.now() },
    log: silentLog,
    redactor: createRedactor(),
    keepMs,
  })

async function play(steps: Step[]): Promise<number> {
  db.exec('DELETE FROM approvals')
  vi.setSystemTime(1_800_000_000_000)
  let approvals: Approvals = open()
  let life = 0
  let credits: Credit[] = []
  let executions = 0
  const violations: string[] = []

  const settled = async () => {
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve()
  }
  const answered = (key: string, answer: ApprovalAnswer, askedIn: number) => {
    // A process that was killed tells nobody anything.
    if (askedIn !== life || answer !== 'allowed') return
    executions += 1
    const index = credits.findIndex((credit) => credit.key === key && credit.until > Date.now() - 1)
    if (index < 0) violations.push(`executed without an approval: ${key}`)
    else credits.splice(index, 1)
  }

  for (const one of steps) {
    if (one.do === 'ask') {
      const key = `${one.grant}/${one.call}`
      const leaving = new AbortController()
      if (one.leaveAfter !== null) setTimeout(() => leaving.abort(), one.leaveAfter)
      const born = life
      void approvals
        .ask(
          {
            grantId: `g${one.grant}`,
            clientName: 'c',
            tool: 't',
            toolId: 't',
            toolTitle: 'T',
            source: 's',
            sourceId: 's',
            risk: 'write',
            argumentsHash: `h${one.call}`,
            arguments: {},
          },
          leaving.signal,
        )
        .then((answer) => answered(key, answer, born))
    } else if (one.do === 'decide') {
      const waiting = approvals.list()
      const target = waiting[one.which % (waiting.length || 1)]
      if (target) {
        if (one.yes) {
          const { hash } = db
            .prepare('SELECT arguments_hash AS hash FROM approvals WHERE id = ?')
            .get(target.id) as { hash: string }
          credits.push({
            key: `${target.grantId.slice(1)}/${hash.slice(1)}`,
            until: target.expiresAt,
          })
        }
        const { seen } = approvals.get(target.id)
        expect(() => approvals.decide(target.id, 'once', one.yes ? undefined : 'x')).toThrow('not been shown')
        approvals.decide(target.id, one.yes ? 'once' : 'deny', seen)
        expect(approvals.list().some((other) => other.id === target.id)).toBe(false)
        expect(() => approvals.decide(target.id, 'once', seen)).toThrow()
      }
    } else if (one.do === 'pass') {
      await vi.advanceTimersByTimeAsync(one.ms)
    } else if (one.do === 'cancel') {
      approvals.cancelFor(one.grant === null ? null : `g${one.grant}`)
      await settled()
      credits = credits.filter((credit) => one.grant !== null && !credit.key.startsWith(`${one.grant}/`))
      expect(approvals.list().some((other) => one.grant === null || other.grantId === `g${one.grant}`)).toBe(
        false,
      )
    } else {
      await settled()
      if (one.clean) approvals.stop()
      await settled()
      life += 1
      credits = []
      approvals = open()
      expect(approvals.list()).toEqual([])
    }
    await settled()
    expect(violations).toEqual([])
    const keys = db
      .prepare("SELECT grant_id, arguments_hash FROM approvals WHERE state = 'waiting' AND expires_at > ?")
      .all(Date.now())
      .map((row) => `${row.grant_id}/${row.arguments_hash}`)
    expect(new Set(keys).size, 'one question per call').toBe(keys.length)
  }
  approvals.stop()
  await settled()
  return executions
}

it('nothing runs without a yes of its own, whatever happens in between', { timeout: 60_000 }, async () => {
  let executions = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60, size: '+1' }), async (steps) => {
      executions += await play(steps)
    }),
    { numRuns: 600 },
  )
  // The property would also hold for a host that never lets anything through.
  expect(executions).toBeGreaterThan(300)
})
