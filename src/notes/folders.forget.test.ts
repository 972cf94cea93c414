import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { FolderStage, until } from './testing/fixture-folders.ts'

let stage: FolderStage
afterEach(() => stage.stop())

const secret = 'giraffenhalsverlaengerung'
const many = Object.fromEntries(Array.from({ length: 2_000 }, (_, n) => [`${n}.txt`, `${secret} number${n}`]))
/** Files of the index in which something of the removed folder still stands. */
const telling = () =>
  readdirSync(stage.dataDir).filter(
    (name) =>
      name.startsWith('folders.db') && readFileSync(join(stage.dataDir, name)).includes('giraffenhals'),
  )
function other(): string {
  const path = join(stage.home, 'Other')
  mkdirSync(path)
  writeFileSync(join(path, 'zebra.txt'), 'zebra crossing')
  return path
}

it('leaves nothing of the last folder, also when it is removed while it is looked through', async () => {
  stage = new FolderStage(many)
  const { id } = await stage.folders.add(stage.docs, [])
  await until(async () => ((await stage.folders.list())[0]!.documents > 0 ? true : undefined))
  await stage.folders.remove(id)
  expect(readdirSync(stage.dataDir).filter((name) => name.startsWith('folders.db'))).toEqual([])
})

it('leaves nothing of a folder while others stay', async () => {
  stage = new FolderStage(Object.fromEntries(Object.entries(many).slice(0, 100)))
  await stage.folders.add(other(), [])
  const { id } = await stage.add()
  expect((await stage.search(secret)).length).toBeGreaterThan(0)
  await stage.folders.remove(id)
  expect(await stage.search(secret)).toEqual([])
  await until(async () => (telling().length === 0 ? true : undefined), 5_000)
  expect(await stage.paths('crossing')).toEqual(['zebra.txt'])
})

it('does not bring a folder back that was changed just before it was removed', async () => {
  stage = new FolderStage(many)
  await stage.folders.add(other(), [])
  const { id } = await stage.folders.add(stage.docs, [])
  await stage.folders.change(id, { excludes: ['*.pdf'] })
  await stage.folders.remove(id)
  expect(await stage.call('list_folder')).toMatchObject({ folders: ['Other'] })
  await stage.ready()
  await new Promise((next) => setTimeout(next, 1_000))
  expect(await stage.search(secret)).toEqual([])
  expect(await stage.call('list_folder')).toMatchObject({ folders: ['Other'] })
})

it('keeps no copy of an index that was damaged', async () => {
  stage = new FolderStage({ 'zebra.txt': 'zebra' })
  await stage.add()
  await stage.folders.stop()
  writeFileSync(join(stage.dataDir, 'folders.db'), `${secret} `.repeat(1_000))
  await stage.restart()
  await stage.ready()
  expect(await stage.paths('zebra')).toEqual(['zebra.txt'])
  expect(telling()).toEqual([])
})
