import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Tool } from '../contract/tools.ts'
import { systemClock } from '../kernel/clock.ts'
import { HostError } from '../kernel/errors.ts'
import { silentLog } from '../kernel/log.ts'
import { type Database, openDatabase } from '../storage/database/database.ts'
import { createSettings, type Settings } from '../storage/settings.ts'
import type { Vault } from '../storage/vault/vault.ts'
import { createAdminKey } from './handlers/admin-key.ts'
import { createPreferences } from './handlers/preferences.ts'
import { openSessionKey } from './handlers/session-key.ts'
import { createToolHandlers } from './handlers/tool-handlers.ts'
import { createToolSettings } from './tools/tool-settings.ts'

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
    })
    settings.set('preferences', { redirectDomains: ['chatgpt.com'] })
    expect(createPreferences(settings, () => {}).get()).toEqual({
      redirectDomains: ['chatgpt.com'],
      requestsPerMinute: 100,
      maxServers: 100,
      largestAnswer: 32,
      activityDays: 90,
    })
    settings.set('preferences', {
      redirectDomains: ['chatgpt.com'],
      requestsPerMinute: -1,
      maxServers: 7,
      activityDays: 8,
    })
    expect(createPreferences(settings, () => {}).get()).toMatchObject({
      redirectDomains: ['chatgpt.com'],
      requestsPerMinute: 100,
      maxServers: 7,
      activityDays: 90,
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
})

describe('the session key', () => {
  const vaultOf = (kept: Map<string, string>, locked = () => false): Vault => {
    const check = () => {
      if (locked())
        throw new HostError({ code: 'keychain-unavailable', message: 'Locked.', hint: 'Unlock it.' })
    }
    return {
      status: { kind: 'file', message: '', hint: '' },
      async get(name) {
        check()
        return kept.get(name) ?? null
      },
      async set(name, value) {
        check()
        kept.set(name, value)
      },
      async delete(name) {
        check()
        kept.delete(name)
      },
    }
  }

  it('is made once, kept, and another one after it was renewed, for those too who hold it', async () => {
    const kept = new Map<string, string>()
    const one = await openSessionKey(vaultOf(kept), silentLog)
    expect(one.sessionKey).toHaveLength(32)
    expect((await openSessionKey(vaultOf(kept), silentLog)).sessionKey.equals(one.sessionKey)).toBe(true)
    const before = Buffer.from(one.sessionKey)
    const held = one.sessionKey
    await one.rotate()
    expect(held.equals(before)).toBe(false)
    expect((await openSessionKey(vaultOf(kept), silentLog)).sessionKey.equals(held)).toBe(true)
  })

  it('is one for this run while the vault is locked, and does not replace the one in it', async () => {
    const kept = new Map<string, string>()
    const real = await openSessionKey(vaultOf(kept), silentLog)
    const standIn = await openSessionKey(
      vaultOf(kept, () => true),
      silentLog,
    )
    expect(standIn.sessionKey).toHaveLength(32)
    expect(standIn.sessionKey.equals(real.sessionKey)).toBe(false)
    expect((await openSessionKey(vaultOf(kept), silentLog)).sessionKey.equals(real.sessionKey)).toBe(true)
  })
})

describe('settings of tools', () => {
  const tool = (id: string, alias: string | null): Tool => ({
    ...{
      id,
      name: alias ?? id,
      original: id,
      alias,
      title: id,
      description: '',
      source: 'Files',
      sourceId: 'files',
    },
    ...{
      sourceKind: 'server',
      risk: 'read',
      openWorld: false,
      enabled: true,
      localOnly: false,
      review: null,
    },
  })

  it('keep what is left out, over a restart too', () => {
    const some = createToolSettings(db)
    expect(some.get('files__read')).toEqual({ enabled: true })
    some.set('files__read', { enabled: false })
    some.set('files__read', { alias: 'look' })
    some.set('files__list', { enabled: undefined, alias: 'all' })
    some.set('files__list', { alias: null })
    reopen()
    const again = createToolSettings(db)
    expect(again.get('files__read')).toEqual({ enabled: false, alias: 'look' })
    expect(again.get('files__list')).toEqual({ enabled: true })
    expect(again.idOfAlias('look')).toBe('files__read')
    expect(again.idOfAlias('all')).toBeUndefined()
    again.set('files__read', { enabled: true })
    expect(again.get('files__read')).toEqual({ enabled: true, alias: 'look' })
  })

  it('give no tool the name of another one, present or away', () => {
    const some = createToolSettings(db)
    const list = () =>
      ['files__read', 'files__list', 'get_stars'].map((id) => tool(id, some.get(id).alias ?? null))
    const handlers = createToolHandlers({
      tools: { list, set: some.set, accept: () => {}, idOfAlias: some.idOfAlias },
    })
    const set = (id: string, alias: string | null) => handlers['tools.set']({ id, alias })
    expect(set('files__read', 'look')).toMatchObject({ name: 'look', id: 'files__read' })
    expect(set('files__read', 'look')).toMatchObject({ name: 'look' })
    for (const taken of ['look', 'get_stars', 'files__read'])
      expect(() => set('files__list', taken), taken).toThrow(expect.objectContaining({ code: 'name-taken' }))
    some.set('gone__tool', { alias: 'away' })
    expect(() => set('files__list', 'away')).toThrow(expect.objectContaining({ code: 'name-taken' }))
    expect(set('files__read', null)).toMatchObject({ name: 'files__read', alias: null })
    expect(set('files__list', 'look')).toMatchObject({ name: 'look' })
    expect(() => set('nothing', 'x')).toThrow(expect.objectContaining({ code: 'tool-unknown' }))
  })
})
