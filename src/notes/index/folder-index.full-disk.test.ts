import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { silentLog } from '../../kernel/log/log.ts'
import { type Database, openDatabase } from '../../storage/database/database.ts'
import { DocumentStore } from './document-store.ts'
import { FolderIndex } from './folder-index.ts'
import { indexSteps } from './index-steps.ts'
import { TextReader } from './text-reader.ts'

let dir: string
let docs: string
let db: Database
let index: FolderIndex
let failed: number[]
const reader = new TextReader()

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'drawbridge-full-disk-'))
  docs = join(dir, 'docs')
  mkdirSync(docs)
  for (let n = 0; n < 40; n += 1)
    writeFileSync(join(docs, `${n}.txt`), `number ${n} ${'lorem ipsum '.repeat(2_000)}`)
  db = openDatabase(join(dir, 'folders.db'), silentLog, Date.now, indexSteps).db
  failed = []
})
afterEach(async () => {
  await index.stop()
  await reader.stop()
  db.close()
  rmSync(dir, { recursive: true, force: true })
})

function begin() {
  index = new FolderIndex({
    folder: { id: 'folder_1', name: 'Docs', path: docs, excludes: [], isPaused: false },
    ...{ store: new DocumentStore(db), reader, dataDir: dir, turn: (work) => work(), changed() {} },
    failed: () => failed.push(performance.now()),
    again: { first: 100, most: 400 },
  })
}
/** SQLite's own limit, which it answers as it does a full disk: SQLITE_FULL. */
function leave(pages: number) {
  const { page_count: now } = db.prepare('PRAGMA page_count').get() as { page_count: number }
  db.exec(`PRAGMA max_page_count = ${now + pages}`)
}
const ready = () =>
  expect
    .poll(() => index.status(), { timeout: 20_000 })
    .toMatchObject({ state: 'ready', documents: 40, waiting: 0 })

it('waits longer each time while what it reads cannot be kept, says so, and goes on by itself', async () => {
  leave(40)
  begin()
  await expect.poll(() => failed.length, { timeout: 20_000 }).toBe(4)
  const [first, second, third, fourth] = failed as [number, number, number, number]
  expect(second - first).toBeGreaterThan(95)
  expect(third - second).toBeGreaterThan(195)
  expect(fourth - third).toBeGreaterThan(395)
  await expect.poll(() => index.status().state).toBe('stuck')
  const { documents } = index.status()
  expect(documents).toBeLessThan(40)
  db.exec('PRAGMA max_page_count = 1000000')
  await ready()
})

it('does so, too, when not even the names of the files can be kept', async () => {
  for (let n = 0; n < 400; n += 1) writeFileSync(join(docs, `${'a long name '.repeat(15)}${n}.zip`), '')
  leave(0)
  begin()
  await expect.poll(() => failed.length, { timeout: 20_000 }).toBeGreaterThan(0)
  expect(index.status().state).toMatch(/stuck|looking/)
  db.exec('PRAGMA max_page_count = 1000000')
  await ready()
})
