import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { systemClock } from '../../kernel/clock.ts'
import { silentLog } from '../../kernel/log/log.ts'
import { openDatabase } from '../../storage/database/database.ts'
import { workspaceHandlers } from './handlers.ts'
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

it('a workspace that cannot be deleted opens nothing all the same, and its owner is told', () => {
  const { db } = openDatabase(join(mkdtempSync(join(tmpdir(), 'drawbridge-ws-')), 'd.db'), silentLog)
  const workspaces = new Workspaces(db, systemClock)
  workspaces.create({ name: 'shop', title: 'The shop', sources: [] })
  const done: string[] = []
  const { 'workspaces.remove': remove } = workspaceHandlers({
    workspaces,
    addressOf: () => ({ localUrl: '', publicUrl: null }),
    sources: () => [],
    revoke: (name) => void done.push(`revoked ${name}`),
    changed: () => void done.push('changed'),
  })
  for (const name of ['default', 'none']) expect(() => remove({ name })).toThrow()
  expect(done).toEqual([])
  db.exec('PRAGMA query_only = 1')
  expect(() => remove({ name: 'shop' })).toThrow(/readonly/)
  expect(done).toEqual(['revoked shop', 'changed'])
  expect(workspaces.names()).toEqual(['default', 'shop'])
  db.exec('PRAGMA query_only = 0')
  remove({ name: 'shop' })
  expect(workspaces.names()).toEqual(['default'])
  db.close()
})
