import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { systemClock } from '../../kernel/clock.ts'
import { silentLog } from '../../kernel/log/log.ts'
import { openDatabase } from '../../storage/database/database.ts'
import { Workspaces } from './workspaces.ts'

it('keeps workspaces, knows which sources they have, and leaves the default one alone', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'drawbridge-ws-')), 'd.db')
  const { db } = openDatabase(file, silentLog)
  const workspaces = new Workspaces(db, systemClock)
  expect(workspaces.names()).toEqual(['default'])
  workspaces.create({ name: 'shop', title: 'The shop', sources: ['github', 'github', 'files'] })
  expect(workspaces.of('github')).toEqual(['default', 'shop'])
  expect(workspaces.of('npm')).toEqual(['default'])
  expect(() => workspaces.create({ name: 'shop', title: 'x', sources: [] })).toThrow(/already/)
  expect(() => workspaces.create({ name: 'default', title: 'x', sources: [] })).toThrow(/already/)
  // a client that looks for the server's card there must not find a workspace
  expect(() => workspaces.create({ name: 'server-card', title: 'x', sources: [] })).toThrow(/something else/)
  expect(() => workspaces.remove('default')).toThrow(/always/)
  expect(() => workspaces.get('none')).toThrow(/no workspace/)
  workspaces.forget('files')
  expect(workspaces.of('files')).toEqual(['default'])
  expect(workspaces.of('github')).toEqual(['default', 'shop'])
  workspaces.update('shop', { sources: ['npm'] })
  db.close()

  const again = openDatabase(file, silentLog)
  const kept = new Workspaces(again.db, systemClock)
  expect(kept.get('shop')).toEqual({ name: 'shop', title: 'The shop', sources: ['npm'] })
  kept.remove('shop')
  expect(kept.of('npm')).toEqual(['default'])
  again.db.close()
})
