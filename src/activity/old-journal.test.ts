import { copyFileSync, existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { expect, it } from 'vitest'
import { silentLog } from '../kernel/log/log.ts'
import { openCallLog } from '../storage/database/database.ts'
import { takeOldJournal } from './old-journal.ts'

/** As the earlier version wrote it. */
const line = (value: unknown) => {
  const json = JSON.stringify(value)
  return `${crc32(json).toString(16).padStart(8, '0')} ${json}\n`
}
const call = (id: string, more = {}) => ({
  ...{ id, at: 1_790_000_000_000, grantId: 'grant_1', clientName: 'ChatGPT', tool: `s__${id}`, source: 'S' },
  ...{ risk: 'read', decision: 'allowed', outcome: 'running', duration: null, error: null },
  ...{ arguments: '{"text":"ä\\n"}', result: null, ...more },
})
const done = { outcome: 'answered', duration: 12.5, error: null, result: '"yes"', decision: 'allowed' }
const open = () => {
  const folder = mkdtempSync(join(tmpdir(), 'drawbridge-journal-'))
  const { db } = openCallLog(join(folder, 'd.db'), silentLog)
  const rows = () => db.prepare('SELECT tool, outcome, duration, result FROM calls ORDER BY seq').all()
  return { db, rows, file: join(folder, 'activity.journal') }
}

it('what an earlier version had acknowledged when it was killed is in the log, each row once', () => {
  const { db, rows, file } = open()
  const text =
    line(call('a')) +
    line(call('b', { outcome: 'failed', error: 'no' })) +
    line({ ends: 'a', ...done }) +
    line({ ends: 'nobody', ...done }) +
    line({ id: 'odd' }) +
    line(call('c'))
  const expected = [
    { tool: 's__a', outcome: 'answered', duration: 12.5, result: '"yes"' },
    { tool: 's__b', outcome: 'failed', duration: null, result: null },
    { tool: 's__c', outcome: 'running', duration: null, result: null },
  ]
  writeFileSync(file, `${text}${line(call('torn')).slice(0, -5)}`)
  takeOldJournal(db, null, file, silentLog)
  expect(rows()).toEqual(expected)
  expect(existsSync(file)).toBe(false)
  // killed between the commit and the end of the file; and of a call that the table had as it began, the end
  writeFileSync(file, text + line({ ends: 'c', ...done }) + line(call('b', { ...done })))
  takeOldJournal(db, null, file, silentLog)
  expect(rows()).toEqual([
    ...expected.slice(0, 2),
    { ...expected[2], ...{ outcome: 'answered', duration: 12.5, result: '"yes"' } },
  ])
  expect(db.prepare('SELECT seq FROM calls_unindexed').all()).toEqual([{ seq: 3 }])
})

it('a file that the earlier version itself wrote, until it was killed, is understood', () => {
  const { db, rows, file } = open()
  copyFileSync(join(import.meta.dirname, 'testing/old-activity.journal'), file)
  takeOldJournal(db, null, file, silentLog)
  const outcomes = ['answered', 'answered', 'answered', 'failed', 'running', 'running']
  expect(rows()).toMatchObject(outcomes.map((outcome, n) => ({ tool: `files__read${n}`, outcome })))
})

it('two calls that are alike are two rows, also when the file is read twice', () => {
  const { db, rows, file } = open()
  for (let life = 0; life < 2; life += 1) {
    writeFileSync(file, ['a', 'b', 'c'].map((id) => line({ ...call(id), tool: 's__same', ...done })).join(''))
    takeOldJournal(db, null, file, silentLog)
    expect(rows()).toHaveLength(3)
  }
})

it('nothing behind a damaged line is used', () => {
  const { db, rows, file } = open()
  writeFileSync(file, line(call('a')) + line(call('b')).replace('ChatGPT', 'ChatGPU') + line(call('c')))
  takeOldJournal(db, null, file, silentLog)
  expect(rows()).toMatchObject([{ tool: 's__a' }])
})

it('a file that cannot be taken over stays for the next start', () => {
  const { db, file } = open()
  writeFileSync(file, line(call('a')))
  db.exec('ALTER TABLE calls RENAME TO elsewhere')
  takeOldJournal(db, null, file, silentLog)
  expect(existsSync(file)).toBe(true)
})
