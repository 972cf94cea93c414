import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Rules } from '../approvals/rules.ts'
import { createToolSettings, type ToolSettings } from '../gateway/offers/tools/tool-settings.ts'
import { systemClock } from '../kernel/clock.ts'
import { silentLog } from '../kernel/log/log.ts'
import { createRedactor } from '../kernel/log/redact.ts'
import { type Database, openDatabase } from '../storage/database/database.ts'
import { forgetServer } from './forget-server.ts'

let db: Database
let toolSettings: ToolSettings
let rules: Rules
let isForgotten: boolean
beforeEach(() => {
  db = openDatabase(join(mkdtempSync(join(tmpdir(), 'drawbridge-forget-')), 'd.db'), silentLog).db
  toolSettings = createToolSettings(db)
  rules = new Rules({
    ...{ db, clock: systemClock, log: silentLog, redactor: createRedactor() },
    ...{ toolNow: () => null, isTooMuch: () => false },
  })
  toolSettings.set('s__t', { enabled: false })
  const asked = {
    grantId: 'g',
    clientName: 'C',
    tool: 's__t',
    toolTitle: 'T',
    source: 'S',
    askedAt: Date.now(),
  }
  const subject = { toolId: 's__t', chat: null, definitionHash: 'd', identity: 'i', argumentsHash: 'a' }
  rules.make('never', { ...asked, risk: 'write' } as never, subject, {})()
  isForgotten = false
})
afterEach(() => db.close())

const forget = (also = () => {}) =>
  forgetServer(
    db,
    { id: 'srv_1', slug: 's' },
    {
      ...{ toolSettings, rules, workspaces: { list: () => [], forget() {} }, forgetTools() {} },
      catalog: {
        forgetServer() {
          isForgotten = true
        },
        serverEdited() {},
      },
    },
    also,
    silentLog,
  )
const held = () => [
  toolSettings.get('s__t').enabled,
  rules.of('g', 's__t')?.map(({ effect }) => effect),
  isForgotten,
]

it('a server whose removal could not be written is held to all that was decided about it', () => {
  const exec = db.exec.bind(db)
  const commit = vi.spyOn(db, 'exec').mockImplementation((sql) => {
    if (sql === 'COMMIT') throw Object.assign(new Error('database or disk is full'), { errcode: 13 })
    exec(sql)
  })
  expect(() => forget()).toThrow('full')
  expect(held()).toEqual([false, ['never'], false])
  commit.mockRestore()
  expect(() =>
    forget(() => {
      throw new Error('not that either')
    }),
  ).toThrow('not that')
  expect(held()).toEqual([false, ['never'], false])
})

it('takes it all along once that is written, also what comes after something that fails', () => {
  vi.spyOn(toolSettings, 'forget').mockImplementation(() => {
    throw new Error('database or disk is full')
  })
  forget()
  expect(held()).toEqual([false, undefined, true])
})
