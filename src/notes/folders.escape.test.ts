import { existsSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, expect, it } from 'vitest'
import type { DocumentStore, Found } from './index/document-store.ts'
import { FolderScan } from './index/folder-scan.ts'
import { leftOutByName } from './index/left-out.ts'
import { FolderStage, until } from './testing/fixture-folders.ts'
import { readWithin } from './text/read-file.ts'

let stage: FolderStage
afterEach(() => stage.stop())

/** Puts a link in the place of a folder and takes it away again, all the time. */
const swapping = `const { renameSync } = require('node:fs')
const { dir, link } = require('node:worker_threads').workerData
for (;;) { renameSync(dir, dir + '-'); renameSync(link, dir); renameSync(dir, link); renameSync(dir + '-', dir) }`

it.runIf(process.platform === 'linux')('reads through no link that is there only for a moment', async () => {
  stage = new FolderStage({ 'dir/x.txt': 'inside', '../outside/x.txt': 'outside' })
  const [dir, link] = [join(stage.docs, 'dir'), join(stage.home, 'link')]
  symlinkSync(join(stage.home, 'outside'), link)
  const worker = new Worker(swapping, { eval: true, workerData: { dir, link } })
  const read = { inside: 0, outside: 0, refused: 0 }
  for (const end = Date.now() + 1_500; Date.now() < end; ) {
    const bytes = await readWithin(stage.docs, 'dir/x.txt').catch(() => null)
    read[bytes === null ? 'refused' : (Buffer.from(bytes).toString() as 'inside' | 'outside')] += 1
  }
  await worker.terminate()
  expect(read.outside).toBe(0)
  expect(read.inside).toBeGreaterThan(0)
})

it('knows what stays out however it is written', () => {
  stage = new FolderStage()
  for (const name of ['passwörter.txt', 'passwords (1).csv', 'Passwords copy.txt', 'Proton Pass_export.csv'])
    for (const form of ['NFC', 'NFD'])
      expect(leftOutByName(name.normalize(form), name, []), name).toBe('secret')
  for (const name of ['secrets of success.pdf', 'password manager notes.md'])
    expect(leftOutByName(name, name, [])).toBeNull()
  const [one, other] = ['Entwürfe'.normalize('NFC'), 'Entwürfe'.normalize('NFD')]
  expect(leftOutByName(other, other, [one])).toBe('excluded')
  expect(leftOutByName(one, `x/${one}`, [`x/${other}`])).toBe('excluded')
})

it('leaves out what the user says at once, also of a folder that is paused', async () => {
  stage = new FolderStage({ 'Private/diary.md': 'giraffe', 'other.md': 'giraffe' })
  const { id } = await stage.add()
  await stage.folders.change(id, { paused: true })
  await stage.folders.change(id, { excludes: ['Private'] })
  await until(async () => ((await stage.paths('giraffe')).length === 1 ? true : undefined), 3_000)
  expect(await stage.paths('giraffe')).toEqual(['other.md'])
  await stage.folders.change(id, { paused: false, excludes: [] })
  await until(async () => ((await stage.paths('giraffe')).length === 2 ? true : undefined))
})

it('answers whatever a document says are its links', async () => {
  stage = new FolderStage({
    'host.md': 'giraffe [x](//[/a)',
    'half.md': `giraffe [x](${'a'.repeat(499)}\u{1f992})`,
    'other.md': 'zebra',
  })
  await stage.add()
  for (const { id } of await stage.search('giraffe'))
    expect((await stage.call('related_documents', { id })).results).toHaveLength(2)
})

it('knows its own data by whatever way it is led to it', async () => {
  stage = new FolderStage()
  writeFileSync(join(stage.dataDir, 'notes.md'), 'giraffe')
  renameSync(stage.dataDir, join(stage.home, 'moved'))
  symlinkSync(join(stage.home, 'moved'), stage.dataDir)
  await stage.restart()
  await expect(stage.folders.add(join(stage.home, 'moved'), [])).rejects.toMatchObject({
    code: 'folder-not-allowed',
  })
  const { id } = await stage.folders.add(stage.home, [])
  await stage.ready()
  expect(await stage.paths('giraffe')).toEqual([])
  expect(await stage.leftOut(id)).toMatchObject({ moved: 'own-data' })
})

it.runIf(existsSync('/dev/shm'))('takes no time of a file that no date can say', async () => {
  stage = new FolderStage()
  const path = mkdtempSync('/dev/shm/drawbridge-')
  writeFileSync(join(path, 'far.md'), 'giraffe')
  utimesSync(join(path, 'far.md'), 9e12, 9e12)
  const found: Found[] = []
  const store = { dirs: () => [], setDir: (...[, , all]: [string, string, Found[]]) => found.push(...all) }
  const folder = { id: 'f', name: 'Far', path, excludes: [], isPaused: false }
  const nothing = { onDir() {}, onGone() {}, dataDir: stage.dataDir }
  await new FolderScan({ ...nothing, folder, store: store as unknown as DocumentStore }).all()
  rmSync(path, { recursive: true })
  expect(found.map(({ name, changedAt }) => [name, new Date(changedAt).getUTCFullYear()])).toEqual([
    ['far.md', 275_760],
  ])
})
