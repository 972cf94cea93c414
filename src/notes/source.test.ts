import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, it, vi } from 'vitest'
import { FolderStage } from './testing/fixture-folders.ts'
import { treeOf } from './testing/write-operations.ts'

let stage: FolderStage
afterEach(async () => {
  vi.restoreAllMocks()
  await stage.stop()
})

async function opened(documents: Record<string, string>) {
  stage = new FolderStage(documents)
  return stage.folders.add(stage.docs, [], true)
}

/** Whoever let it through, in its own words. */
class Refused extends Error {}

const changes = [
  ['write_note', { path: 'Docs/New/plan.md', text: 'x' }],
  ['edit_note', { path: 'Docs/a.md', oldText: 'one', newText: 'two' }],
  ['append_note', { path: 'Docs/a.md', text: 'two' }],
  ['move_document', { path: 'Docs/a.md', to: 'Docs/New/b.md' }],
  ['upload_file', { text: 'x', to: 'Docs/New/plan.md' }],
  ['upload_file', { path: '~/plan.md', to: 'Docs/New/plan.md' }],
] as const

it.each(changes)(
  'what is taken back is not written, whenever that is seen, nor is anything left of it: %s %o',
  async (tool, given) => {
    await opened({ 'a.md': 'one' })
    const from = join(stage.home, 'plan.md')
    writeFileSync(from, 'x')
    const args = 'path' in given && given.path === '~/plan.md' ? { ...given, path: from } : given
    const before = treeOf(stage.docs)
    const told: string[] = []
    // When it comes, when its turn has come, when it was looked at, and before the file is touched.
    for (const last of [1, 2, 3, 4]) {
      let count = 0
      const stillAllowed = () => {
        count += 1
        if (count === last) throw new Refused(String(last))
      }
      await stage
        .made(tool, args, 'ChatGPT', { stillAllowed })
        .catch((error) => told.push(error instanceof Refused ? error.message : String(error)))
      expect(treeOf(stage.docs), String(last)).toEqual(before)
    }
    expect(told).toEqual(['1', '2', '3', '4'])
    const stillAllowed = vi.fn()
    const { call } = await stage.made(tool, args, 'ChatGPT', { stillAllowed })
    expect(stillAllowed).toHaveBeenCalledTimes(4)
    expect(treeOf(stage.docs)).not.toEqual(before)
    expect(await stage.changes.of(call)).not.toBeNull()
  },
)

it('what its client took back while it waited for its turn is not written', async () => {
  await opened({})
  const left = new AbortController()
  const first = stage.made('write_note', { path: 'Docs/first.md', text: 'x' })
  const second = stage.made('write_note', { path: 'Docs/second.md', text: 'x' }, 'ChatGPT', {
    signal: left.signal,
  })
  left.abort()
  await expect(second).rejects.toMatchObject({ code: 'call-cancelled' })
  await first
  expect(Object.keys(treeOf(stage.docs))).toEqual(['first.md'])
})

it('is another edition when a name may be that of another folder or what may be written to is another', async () => {
  const { id } = await opened({})
  const { source } = stage
  const fingerprint = () => stage.source.identity!().fingerprint
  const seen = new Set([source.edition!()])
  const identities = new Set([fingerprint()])
  const look = () => {
    seen.add(source.edition!())
    identities.add(fingerprint())
  }
  await stage.folders.change(id, { writable: false })
  look()
  expect([seen.size, identities.size]).toEqual([2, 2])
  await stage.folders.change(id, { writable: true })
  look()
  // What was answered for these folders holds for them again; what was under way meanwhile does not.
  expect([seen.size, identities.size]).toEqual([3, 2])
  await stage.folders.change(id, { paused: true, excludes: ['*.tmp'] })
  look()
  expect(seen.size).toBe(3)
  await stage.swap(id)
  look()
  expect([seen.size, identities.size]).toEqual([4, 3])
  const before = fingerprint()
  await stage.restart()
  expect(fingerprint()).toBe(before)
})

it('neither reads nor writes in a folder what was meant for another of the same name', async () => {
  const { id } = await opened({ 'a.md': 'giraffe' })
  await stage.ready()
  const edition = stage.source.edition!()
  const { at } = await stage.swap(id)
  writeFileSync(join(at, 'a.md'), 'secret giraffe')
  await stage.folders.refresh(null)
  await stage.ready()
  const [hit] = await stage.search('giraffe')
  for (const [tool, args] of [
    ['read_document', { id: hit!.id }],
    ['fetch', { id: hit!.id }],
    ['list_folder', { path: 'Docs' }],
    ['search', { query: 'giraffe', folder: 'Docs' }],
    ['recent_documents', { folder: 'Docs' }],
    ['list_files', { path: 'Docs' }],
    ['file_address', { path: 'Docs/a.md' }],
    ['refresh_documents', { folder: 'Docs' }],
    ...changes.slice(0, 5),
  ] as const)
    await expect(stage.made(tool, args, 'ChatGPT', { edition }), tool).rejects.toMatchObject({
      code: 'server-edited',
    })
  const { signal } = new AbortController()
  const exchange = { edition, signal, client: 'test', capabilities: {} }
  const uri = 'document:///Docs/a.md'
  await expect(stage.source.request!('resources/read', { uri }, exchange)).rejects.toMatchObject({
    code: 'server-edited',
  })
  expect(Object.keys(treeOf(at))).toEqual(['a.md'])
  expect(readFileSync(join(at, 'a.md'), 'utf8')).toBe('secret giraffe')
})

it('a folder that takes the name of another while the call waits is neither looked into nor written to', async () => {
  const { id } = await opened({ 'a.md': 'giraffe' })
  await stage.ready()
  const [hit] = await stage.search('giraffe')
  const index = await stage.folders.index()
  const ask = index.ask.bind(index)
  vi.spyOn(index, 'ask').mockImplementationOnce(async (what, asked) => {
    const found = await ask(what, asked)
    const { at } = await stage.swap(id)
    writeFileSync(join(at, 'a.md'), 'another')
    return found
  })
  const edition = stage.source.edition!()
  const address = stage.made('file_address', { id: hit!.id }, 'ChatGPT', { edition })
  await expect(address).rejects.toMatchObject({ code: 'server-edited' })
  const by = { row: null, principal: { grantId: 'g', clientName: 'c' } }
  const later = stage.source.edition!()
  const before = stage.changes.make(by, async () => {
    await stage.folders.remove(stage.folders.named('Docs').id)
    await stage.folders.add(stage.docs, [], true)
    throw new Error('no matter')
  })
  const note = stage.made('write_note', { path: 'Docs/plan.md', text: 'x' }, 'ChatGPT', { edition: later })
  await expect(before).rejects.toThrow('no matter')
  await expect(note).rejects.toMatchObject({ code: 'server-edited' })
  expect(Object.keys(treeOf(stage.docs))).toEqual(['a.md'])
})
