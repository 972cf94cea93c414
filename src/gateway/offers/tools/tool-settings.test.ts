import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Tool } from '../../../contract/tools.ts'
import { silentLog } from '../../../kernel/log/log.ts'
import { type Database, openDatabase } from '../../../storage/database/database.ts'
import { toolHandlers } from './handlers.ts'
import { createToolSettings } from './tool-settings.ts'

let file: string
let db: Database
beforeEach(() => {
  file = join(mkdtempSync(join(tmpdir(), 'drawbridge-settings-')), 'd.db')
  reopen()
})
afterEach(() => db.close())
function reopen() {
  if (db?.isOpen) db.close()
  db = openDatabase(file, silentLog).db
}

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
      override: null,
      note: null,
      findings: [],
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

  it('hold what the owner said of a tool, and of which definition', () => {
    const some = createToolSettings(db)
    some.set('files__read', { risk: 'read', riskFor: 'hash', note: 'Only for letters.' })
    some.set('files__read', { enabled: false })
    reopen()
    const again = createToolSettings(db)
    const said = { enabled: false, risk: 'read', riskFor: 'hash', note: 'Only for letters.' }
    expect(again.get('files__read')).toEqual(said)
    again.set('files__read', { risk: null, note: '' })
    expect(again.get('files__read')).toEqual({ enabled: false })
  })

  it('give no tool the name of another one, present or away', () => {
    const some = createToolSettings(db)
    const list = () =>
      ['files__read', 'files__list', 'get_stars'].map((id) => tool(id, some.get(id).alias ?? null))
    const handlers = toolHandlers({
      catalog: {
        ...{ all: list, offers: () => [], accept: () => {}, refresh: () => {}, ownerOfName: () => undefined },
        ...{
          acceptServer: () => {},
          changedServers: () => [],
          differences: () => [],
          hashOf: () => 'hash',
          acceptedHashOf: () => 'hash',
        },
      },
      settings: some,
    })
    const set = (id: string, alias: string | null) => handlers['tools.set']({ id, alias })
    expect(set('files__read', 'look')).toMatchObject({ name: 'look', id: 'files__read' })
    expect(set('files__read', 'look')).toMatchObject({ name: 'look' })
    for (const taken of ['look', 'get_stars', 'files__read', 'drawbridge_check'])
      expect(() => set('files__list', taken), taken).toThrow(expect.objectContaining({ code: 'name-taken' }))
    some.set('gone__tool', { alias: 'away' })
    expect(() => set('files__list', 'away')).toThrow(expect.objectContaining({ code: 'name-taken' }))
    expect(set('files__read', null)).toMatchObject({ name: 'files__read', alias: null })
    expect(set('files__list', 'look')).toMatchObject({ name: 'look' })
    expect(() => set('nothing', 'x')).toThrow(expect.objectContaining({ code: 'tool-unknown' }))
  })
})
