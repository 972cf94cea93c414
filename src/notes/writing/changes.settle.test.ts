import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openUnread } from '../../storage/database/database.ts'
import { openWriter, treeOf } from '../testing/write-operations.ts'
import { ChangeStore, changeSteps } from './change-store.ts'

const log = { debug() {}, info() {}, warn() {}, error() {}, close() {} }

it.each([true, false])('settles what was broken off by a look at the file: written %s', async (isWritten) => {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'drawbridge-settle-')))
  const docs = join(home, 'Docs')
  mkdirSync(docs)
  mkdirSync(join(home, 'data'))
  writeFileSync(join(docs, 'a.md'), 'one')
  const before = treeOf(docs)
  const store = new ChangeStore(openUnread(join(home, 'data', 'changes.db'), log, Date.now, changeSteps).db)
  store.intend({
    ...{
      at: Date.now(),
      call: 'call_1',
      grant_id: 'g',
      client_name: 'ChatGPT',
      undoes: null,
      folder: 'Docs',
    },
    ...{ root: docs, path: 'a.md', moved_to: null, made: '[]', temp: '.drawbridge-1.tmp' },
    ...{ before: Buffer.from('one'), after: Buffer.from('two') },
  })
  store.close()
  writeFileSync(join(docs, '.drawbridge-1.tmp'), 'two')
  if (isWritten) writeFileSync(join(docs, 'a.md'), 'two')
  const { changes } = openWriter(home)
  if (isWritten) expect(await changes.undo('call_1', null)).toMatchObject({ state: 'undone' })
  else expect(await changes.of('call_1')).toBeNull()
  expect(treeOf(docs)).toEqual(before)
  await changes.stop()
  rmSync(home, { recursive: true })
})
