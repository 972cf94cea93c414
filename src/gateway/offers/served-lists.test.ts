import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Grant } from '../../contract/access.ts'
import { silentLog } from '../../kernel/log/log.ts'
import { type Database, openDatabase } from '../../storage/database/database.ts'
import { createServedLists } from './served-lists.ts'

const grant = { id: 'grant_1' } as Grant
const list = (hash: string) => ({ items: ['a', 'b'], hash })
const who = { grantId: 'grant_1', scopes: null }

let file: string
let db: Database
let time: number
let hashesNow: string[]
let asked: unknown[]
let told: number
let lists: ReturnType<typeof createServedLists>
const open = () => {
  db = openDatabase(file, silentLog).db
  lists = createServedLists({
    db,
    clock: { now: () => time },
    hashesNow: (_grant, scopes) => {
      asked.push(scopes)
      return hashesNow
    },
    changed: () => {
      told += 1
    },
  })
}
const rows = () => db.prepare('SELECT grant_id, kind, hash, count, at FROM served_lists ORDER BY 1, 2').all()

beforeEach(() => {
  vi.useFakeTimers()
  file = join(mkdtempSync(join(tmpdir(), 'drawbridge-served-')), 'd.db')
  time = 1_000_000
  hashesNow = []
  asked = []
  told = 0
  open()
})
afterEach(() => {
  db.close()
  vi.useRealTimers()
})

it('knows what somebody has, and whether it is still what they would get', () => {
  expect(lists.of(grant)).toBeNull()
  lists.note(who, 'prompts', list('p'))
  expect(lists.of(grant)).toBeNull()
  lists.note(who, 'tools', list('one'))
  hashesNow = ['zero', 'one']
  expect(lists.of(grant)).toEqual({ at: time, tools: 2, hash: 'one', current: true })
  hashesNow = ['zero', 'two']
  expect(lists.of(grant)?.current).toBe(false)
})

it('writes a moment after a change, and at most once a minute without one', () => {
  const writes = () => told
  for (let i = 0; i < 1_000; i += 1) lists.note(who, 'tools', list('one'))
  expect(rows()).toEqual([])
  vi.advanceTimersByTime(1_000)
  expect(rows()).toEqual([{ grant_id: 'grant_1', kind: 'tools', hash: 'one', count: 2, at: 1_000_000 }])
  expect(writes()).toBe(1)
  for (let second = 0; second < 59; second += 1) {
    time += 1_000
    lists.note(who, 'tools', list('one'))
    vi.advanceTimersByTime(1_000)
  }
  expect(writes()).toBe(1)
  expect(lists.of(grant)?.at).toBe(time)
  time += 1_000
  lists.note(who, 'tools', list('one'))
  vi.advanceTimersByTime(1_000)
  expect(writes()).toBe(2)
  expect(rows()).toMatchObject([{ at: time }])
})

it('knows it over a restart, with the scopes that it was fetched with', () => {
  lists.note({ grantId: 'grant_1', scopes: new Set(['mcp:use', 'mcp:read']) }, 'tools', list('narrow'))
  lists.stop()
  db.close()
  open()
  hashesNow = ['narrow']
  expect(lists.of(grant)).toMatchObject({ hash: 'narrow', current: true, at: time })
  expect(asked).toEqual([['mcp:use', 'mcp:read']])
  lists.note({ grantId: 'grant_1', scopes: null }, 'tools', list('narrow'))
  lists.of(grant)
  expect(asked.at(-1)).toBeNull()
})

it('forgets what nobody has any more after a week', () => {
  lists.note(who, 'tools', list('one'))
  lists.note({ ...who, grantId: 'grant_2' }, 'tools', list('one'))
  lists.stop()
  const week = 7 * 24 * 3_600_000
  time += week - 1
  lists.sweep(new Set(['grant_2']))
  expect(rows()).toHaveLength(2)
  time += 1
  lists.sweep(new Set(['grant_2']))
  expect(rows()).toMatchObject([{ grant_id: 'grant_2' }])
  expect(lists.of(grant)).toBeNull()
})
