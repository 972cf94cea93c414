import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../kernel/clock.ts'
import { silentLog } from '../kernel/log/log.ts'
import { type Database, openDatabase } from '../storage/database/database.ts'
import { Reserve } from '../storage/reserve.ts'
import { createSettings, type Settings } from '../storage/settings.ts'
import { createAdminKey } from './admin-key.ts'

let file: string
let db: Database
let settings: Settings
beforeEach(() => {
  file = join(mkdtempSync(join(tmpdir(), 'drawbridge-settings-')), 'd.db')
  reopen()
})
afterEach(() => db.close())
function reopen() {
  if (db?.isOpen) db.close()
  db = openDatabase(file, silentLog).db
  settings = createSettings(db)
}

describe('the admin key', () => {
  it('is known by its hash only, one at a time, and ends when it is removed', () => {
    const first = createAdminKey(settings, systemClock)
    expect(first.get()).toEqual({ createdAt: null })
    expect(first.matches('')).toBe(false)
    const { key } = first.create()
    expect(key).toMatch(/^db_admin_[\w-]{43}$/)
    expect(first.matches(key)).toBe(true)
    expect(first.matches(`${key}x`)).toBe(false)
    reopen()
    expect(JSON.stringify(db.prepare('SELECT * FROM settings').all())).not.toContain(key.slice(9))
    const again = createAdminKey(settings, systemClock)
    expect(again.matches(key)).toBe(true)
    expect(again.get().createdAt).toBeGreaterThan(0)
    const second = again.create().key
    expect([again.matches(key), again.matches(second)]).toEqual([false, true])
    again.remove()
    expect(again.matches(second)).toBe(false)
    expect(createAdminKey(settings, systemClock).get()).toEqual({ createdAt: null })
  })

  it.each([
    [1, false],
    [Number.POSITIVE_INFINITY, true],
  ])(
    'made anew on a disk that is full %d times: the old one still opens after a restart: %s',
    (times, isOldLeft) => {
      const old = createAdminKey(settings, systemClock).create().key
      let left = times
      const onFullDisk: Settings = {
        ...settings,
        set(...told) {
          if (left > 0) {
            left -= 1
            throw Object.assign(new Error('database or disk is full'), { errcode: 13 })
          }
          settings.set(...told)
        },
      }
      const reserve = new Reserve(mkdtempSync(join(tmpdir(), 'drawbridge-reserve-')), silentLog)
      const adminKey = createAdminKey(onFullDisk, systemClock, reserve)
      if (isOldLeft) expect(() => adminKey.create()).toThrow('full')
      else expect(adminKey.matches(adminKey.create().key)).toBe(true)
      expect(adminKey.matches(old)).toBe(isOldLeft)
      expect(createAdminKey(settings, systemClock).matches(old)).toBe(isOldLeft)
    },
  )
})
