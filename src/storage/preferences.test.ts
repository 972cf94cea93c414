import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { silentLog } from '../kernel/log/log.ts'
import { type Database, openDatabase } from './database/database.ts'
import { createPreferences } from './preferences.ts'
import { createSettings, type Settings } from './settings.ts'

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

describe('preferences', () => {
  it('have defaults, and fields that an earlier version did not know get theirs', () => {
    expect(createPreferences(settings, () => {}).get()).toEqual({
      redirectDomains: null,
      requestsPerMinute: 100,
      maxServers: 100,
      largestAnswer: 32,
      activityDays: 90,
      resultMinutes: 30,
    })
    settings.set('preferences', { redirectDomains: ['chatgpt.com'] })
    expect(createPreferences(settings, () => {}).get()).toEqual({
      redirectDomains: ['chatgpt.com'],
      requestsPerMinute: 100,
      maxServers: 100,
      largestAnswer: 32,
      activityDays: 90,
      resultMinutes: 30,
    })
    settings.set('preferences', {
      redirectDomains: ['chatgpt.com'],
      requestsPerMinute: -1,
      maxServers: 7,
      activityDays: 8,
      resultMinutes: 30,
    })
    expect(createPreferences(settings, () => {}).get()).toMatchObject({
      redirectDomains: ['chatgpt.com'],
      requestsPerMinute: 100,
      maxServers: 7,
      activityDays: 90,
      resultMinutes: 30,
    })
  })

  it('are changed in part, kept, and told', () => {
    const told: unknown[] = []
    const preferences = createPreferences(settings, (now) => told.push(now))
    preferences.set({ redirectDomains: [' ChatGPT.com ', 'chatgpt.com'] })
    preferences.set({ requestsPerMinute: null })
    preferences.set({ maxServers: 3, requestsPerMinute: undefined })
    preferences.set({ largestAnswer: 64 })
    preferences.set({ activityDays: 7 })
    const wanted = {
      ...{ redirectDomains: ['chatgpt.com'], requestsPerMinute: null, maxServers: 3, largestAnswer: 64 },
      activityDays: 7,
      resultMinutes: 30,
    }
    expect(preferences.get()).toEqual(wanted)
    expect(told).toHaveLength(5)
    expect(() => preferences.set({ redirectDomains: ['https://x'], maxServers: 9 })).toThrow(
      /not a host name/,
    )
    expect(preferences.get()).toEqual(wanted)
    reopen()
    const again = createPreferences(settings, () => {})
    expect(again.get()).toEqual(wanted)
    expect(again.set({ redirectDomains: null }).redirectDomains).toBeNull()
    const pages = [' http://localhost:6274/?x#y ', 'http://localhost:6274', 'https://127.0.0.1:80']
    expect(again.set({ localPages: pages }).localPages).toEqual([
      'http://localhost:6274',
      'https://127.0.0.1:80',
    ])
    for (const page of [
      'https://evil.example',
      'localhost:6274',
      'http://me@localhost',
      'http://localhost.x',
      'null',
    ])
      expect(() => again.set({ localPages: [page] }), page).toThrow(
        /not the address of a page on this computer/,
      )
    reopen()
    expect(createPreferences(settings, () => {}).get().localPages).toHaveLength(2)
  })
})
