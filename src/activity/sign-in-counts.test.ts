import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { silentLog } from '../kernel/log/log.ts'
import type { Traffic } from '../kernel/traffic.ts'
import { openDatabase } from '../storage/database/database.ts'
import { SignInCounts } from './sign-in-counts.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drawbridge-sign-ins-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const noon = (day: number) => new Date(2026, 10, day, 12).getTime()
const event = (kind: Traffic['kind'], ok: boolean, at: number, clientName?: string): Traffic => ({
  ...{ at, kind, ok, origin: 'https://a.example' },
  ...(clientName !== undefined && { clientName }),
})

it('counts how sign-ins of named clients ended, by day, over restarts, and forgets after a year', () => {
  const { db } = openDatabase(join(folder, 'd.db'), silentLog)
  let now = noon(3)
  const counts = new SignInCounts(db, { now: () => now }, silentLog)
  // Asking to come in is no end, and a stranger's try no sign-in.
  for (const kind of ['authorize', 'register', 'tools-call'] as const)
    counts.note(event(kind, true, noon(3), 'A'))
  for (const kind of ['authorize', 'token'] as const) counts.note(event(kind, false, noon(3)))
  expect(counts.of({ since: 0, until: noon(30) })).toEqual({
    signIns: { worked: 0, failed: 0 },
    tokens: { worked: 0, failed: 0 },
  })
  counts.note(event('approved', true, noon(1), 'A'))
  counts.note(event('authorize', false, noon(2), 'A'))
  counts.note({ ...event('token', true, noon(2)), grantId: 'g' })
  // Nothing is written while they knock.
  expect(db.prepare('SELECT count(*) AS n FROM sign_ins').get()).toEqual({ n: 0 })
  counts.stop()
  const again = new SignInCounts(db, { now: () => now }, silentLog)
  again.note(event('approved', true, noon(2), 'B'))
  expect(again.of({ since: noon(1), until: noon(2) })).toEqual({
    signIns: { worked: 2, failed: 1 },
    tokens: { worked: 1, failed: 0 },
  })
  expect(again.of({ since: noon(2), until: noon(2) }).signIns).toEqual({ worked: 1, failed: 1 })
  expect(again.of({ since: noon(3), until: noon(9) }).tokens).toEqual({ worked: 0, failed: 0 })
  now = noon(1) + 367 * 86_400_000
  again.note(event('approved', true, now, 'B'))
  expect(again.of({ since: 0, until: now })).toMatchObject({ signIns: { worked: 2, failed: 1 } })
  db.close()
})

it('keeps what could not be written for the next time', () => {
  const { db } = openDatabase(join(folder, 'd.db'), silentLog)
  const counts = new SignInCounts(db, { now: () => noon(1) }, silentLog)
  counts.note(event('approved', true, noon(1), 'A'))
  db.exec('PRAGMA query_only = 1')
  expect(counts.of({ since: 0, until: noon(1) }).signIns.worked).toBe(0)
  counts.note(event('approved', true, noon(1), 'A'))
  db.exec('PRAGMA query_only = 0')
  expect(counts.of({ since: 0, until: noon(1) }).signIns.worked).toBe(2)
  db.close()
})
