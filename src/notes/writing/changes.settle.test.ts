import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
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
  await store.intend({
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

it('undoes what an earlier version wrote down, and forgets what was broken off before it counted', async () => {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'drawbridge-settle-')))
  const docs = join(home, 'Docs')
  const file = join(home, 'data', 'changes.db')
  mkdirSync(docs)
  mkdirSync(join(home, 'data'))
  const [one, two] = [Buffer.from('one'), Buffer.alloc(700_000, 'two')]
  writeFileSync(join(docs, 'a.md'), two)
  const { db } = openUnread(file, log, Date.now, changeSteps.slice(0, 1))
  const add =
    db.prepare(`INSERT INTO changes (at, state, size, call, grant_id, client_name, folder, root, path, made, temp, before, after)
    VALUES (?, 'done', 3, ?, 'g', 'ChatGPT', 'Docs', ?, ?, '[]', '.drawbridge-1.tmp', ?, ?)`)
  add.run(Date.now(), 'call_1', docs, 'a.md', one, two)
  add.run(Date.now(), 'call_2', docs, 'empty.md', null, Buffer.alloc(0))
  db.close()
  writeFileSync(join(docs, 'empty.md'), '')
  const first = openUnread(file, log, Date.now, changeSteps).db
  // As after a kill between two of its parts.
  first.exec(`INSERT INTO change_parts VALUES (9, 'before', 0, x'00');
    INSERT INTO changes (id, at, state, size, call, grant_id, client_name, folder, root, path, made, temp, before_size)
    VALUES (9, ${Date.now()}, 'partial', 700000, 'call_9', 'g', 'ChatGPT', 'Docs', '${docs}', 'a.md', '[]', 't', 700000)`)
  first.close()
  const { changes } = openWriter(home)
  expect(await changes.of('call_9')).toBeNull()
  expect(await changes.of('call_2')).toMatchObject({ kind: 'created' })
  for (const call of ['call_2', 'call_1'])
    expect(await changes.undo(call, null)).toMatchObject({ state: 'undone' })
  expect(readFileSync(join(docs, 'a.md'), 'utf8')).toBe('one')
  expect(existsSync(join(docs, 'empty.md'))).toBe(false)
  await changes.stop()
  const left = openUnread(file, log, Date.now, changeSteps).db
  expect(left.prepare('SELECT count(*) AS n FROM changes WHERE id = 9').get()).toEqual({ n: 0 })
  expect(left.prepare('SELECT count(*) AS n FROM change_parts WHERE change = 9').get()).toEqual({ n: 0 })
  left.close()
  rmSync(home, { recursive: true })
})
