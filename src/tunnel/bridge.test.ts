import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { silentLog } from '../kernel/log/log.ts'
import { openDatabase } from '../storage/database/database.ts'
import { createSettings } from '../storage/settings.ts'
import { createRaised } from './bridge.ts'

it('on a full disk the bridge goes up all the same, and comes down altogether or not at all', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'drawbridge-bridge-')), 'd.db')
  const { db } = openDatabase(file, silentLog)
  const raised = createRaised(createSettings(db), () => 1_000)
  db.exec('PRAGMA query_only = 1')
  expect(() => raised.raise(false)).toThrow(/readonly/)
  expect(raised.since()).toBe(1_000)
  db.exec('PRAGMA query_only = 0')
  raised.raise(false)
  db.exec('PRAGMA query_only = 1')
  expect(() => raised.lower()).toThrow(/readonly/)
  // As it will be after the next start, too.
  expect(raised.since()).toBe(1_000)
  expect(createRaised(createSettings(db), () => 2_000).since()).toBe(1_000)
  db.exec('PRAGMA query_only = 0')
  expect(raised.lower()).toBe(false)
  expect(raised.since()).toBeNull()
  db.close()
})
