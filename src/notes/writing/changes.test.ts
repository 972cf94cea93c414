import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, expect, it } from 'vitest'
import { FolderStage, until } from '../testing/fixture-folders.ts'
import { treeOf } from '../testing/write-operations.ts'

let stage: FolderStage
afterEach(() => stage.stop())

async function writable(documents: Record<string, string | Uint8Array>, excludes: string[] = []) {
  stage = new FolderStage(documents)
  return stage.folders.add(stage.docs, excludes, true)
}
const read = (path: string) => readFileSync(join(stage.docs, path), 'utf8')
const toolNames = async () => {
  const { FolderSource } = await import('../source.ts')
  return new FolderSource(stage.folders, stage.changes)
    .source()
    .tools()
    .map(({ name }) => name)
}

it('offers writing only where its owner lets assistants write, and not a moment longer', async () => {
  stage = new FolderStage({ 'a.md': 'one' })
  const { id } = await stage.add()
  expect(await toolNames()).not.toContain('write_note')
  await expect(stage.made('write_note', { path: 'Docs/b.md', text: 'x' })).rejects.toMatchObject({
    code: 'folder-read-only',
  })
  expect(await stage.folders.change(id, { writable: true })).toMatchObject({ isWritable: true })
  expect(await toolNames()).toEqual(
    expect.arrayContaining(['write_note', 'edit_note', 'append_note', 'move_document']),
  )
  await stage.made('write_note', { path: 'Docs/b.md', text: 'giraffe' })
  await until(async () => (await stage.paths('giraffe'))[0], 3_000)
  await stage.restart()
  expect((await stage.folders.list())[0]).toMatchObject({ isWritable: true })
  await stage.folders.change(id, { writable: false })
  for (const [tool, args] of [
    ['write_note', { path: 'Docs/c.md', text: 'x' }],
    ['edit_note', { path: 'Docs/a.md', oldText: 'one', newText: 'two' }],
    ['append_note', { path: 'Docs/a.md', text: 'two' }],
    ['move_document', { path: 'Docs/a.md', to: 'Docs/d.md' }],
  ] as const)
    await expect(stage.made(tool, args), tool).rejects.toMatchObject({ code: 'folder-read-only' })
  expect(read('a.md')).toBe('one')
})

it('writes, edits, appends and moves as asked, and keeps how lines end, what a file may do and its mark', async () => {
  await writable({ 'a.md': '\ufeffone\r\ntwo', 'dollar.md': 'price', 'x/p.pdf': 'not read' })
  chmodSync(join(stage.docs, 'a.md'), 0o640)
  await stage.made('append_note', { path: 'Docs/a.md', text: 'three\nfour' })
  expect(read('a.md')).toBe('\ufeffone\r\ntwo\r\nthree\r\nfour')
  await stage.made('edit_note', { path: 'Docs/a.md', oldText: 'two\nthree', newText: 'zwei\ndrei' })
  expect(read('a.md')).toBe('\ufeffone\r\nzwei\r\ndrei\r\nfour')
  expect(statSync(join(stage.docs, 'a.md')).mode & 0o777).toBe(0o640)
  await stage.made('edit_note', { path: 'Docs/dollar.md', oldText: 'price', newText: "$& $1 $'" })
  expect(read('dollar.md')).toBe("$& $1 $'")
  await stage.made('move_document', { path: 'Docs/x/p.pdf', to: 'Docs/y/z/q.PDF' })
  expect(read('y/z/q.PDF')).toBe('not read')
  const refused = async (tool: string, args: object, code: string) =>
    expect(stage.made(tool, args), JSON.stringify(args)).rejects.toMatchObject({ code })
  await refused('write_note', { path: 'Docs/a.md', text: 'x' }, 'write-there')
  await refused('move_document', { path: 'Docs/a.md', to: 'Docs/dollar.md' }, 'write-there')
  await refused('move_document', { path: 'Docs/a.md', to: 'Docs/a.bat' }, 'write-kind')
  await refused('edit_note', { path: 'Docs/a.md', oldText: 'nowhere', newText: '' }, 'edit-not-found')
  await refused('edit_note', { path: 'Docs/dollar.md', oldText: '$', newText: '' }, 'edit-several')
  await refused('append_note', { path: 'Docs/none.md', text: 'x' }, 'write-not-there')
  await refused('write_note', { path: 'Docs/large.md', text: 'é'.repeat(600_000) }, 'write-too-large')
  expect(readdirSync(stage.docs).filter((name) => name.includes('drawbridge'))).toEqual([])
})

it('undoes one change after another, in any order, and says what was changed since', async () => {
  await writable({ 'a.md': 'one', 'Keep/b.md': 'b' })
  const before = treeOf(stage.docs)
  const one = await stage.made('append_note', { path: 'Docs/a.md', text: 'two' })
  const two = await stage.made('write_note', { path: 'Docs/New/c.md', text: 'c' })
  const three = await stage.made('write_note', { path: 'Docs/New/d.md', text: 'd' })
  const four = await stage.made('move_document', { path: 'Docs/Keep/b.md', to: 'Docs/Moved/b.md' })
  expect(await stage.changes.of(two.call)).toMatchObject({
    kind: 'created',
    path: 'New/c.md',
    isUndone: false,
  })
  expect(await stage.changes.of('call_none')).toBeNull()
  for (const { call } of [two, four, one, three])
    expect(await stage.changes.undo(call, null)).toMatchObject({ state: 'undone' })
  expect(treeOf(stage.docs)).toEqual(before)
  expect(await stage.changes.of(two.call)).toMatchObject({ isUndone: true })
  expect(await stage.changes.undo(two.call, null)).toMatchObject({ state: 'undone' })
  await expect(stage.changes.undo('call_none', null)).rejects.toMatchObject({ code: 'change-not-found' })
})

it('shows both versions where a document was changed since, and writes over the one that was shown only', async () => {
  await writable({ 'a.md': 'one' })
  const { call } = await stage.made('edit_note', { path: 'Docs/a.md', oldText: 'one', newText: 'two' })
  stage.write('a.md', 'mine')
  const told = await stage.changes.undo(call, null)
  expect(told).toMatchObject({ state: 'changed', now: 'mine', before: 'one' })
  expect(read('a.md')).toBe('mine')
  stage.write('a.md', 'mine too')
  const { seen } = told as { seen: string }
  expect(await stage.changes.undo(call, seen)).toMatchObject({ state: 'changed', now: 'mine too' })
  expect(read('a.md')).toBe('mine too')
  const again = (await stage.changes.undo(call, null)) as { seen: string }
  expect(await stage.changes.undo(call, again.seen)).toMatchObject({ state: 'undone' })
  expect(read('a.md')).toBe('one')
})

it('undoes all that one client changed in a while, and leaves what others did', async () => {
  await writable({ 'a.md': 'one', 'b.md': 'one' })
  await stage.made('append_note', { path: 'Docs/a.md', text: 'ChatGPT' })
  await stage.made('append_note', { path: 'Docs/a.md', text: 'ChatGPT again' })
  await stage.made('append_note', { path: 'Docs/b.md', text: 'Claude' }, 'Claude')
  await stage.made('write_note', { path: 'Docs/c.md', text: 'c' })
  stage.write('c.md', 'mine')
  const today = { since: Date.now() - 60_000, until: Date.now() + 1 }
  const all = await stage.changes.undoAll({ grantId: 'grant_ChatGPT', ...today })
  expect(all.map(({ path, state }) => [path, state])).toEqual([
    ['c.md', 'changed'],
    ['a.md', 'undone'],
    ['a.md', 'undone'],
  ])
  expect([read('a.md'), read('b.md'), read('c.md')]).toEqual(['one', 'one\nClaude', 'mine'])
  const past = { since: 0, until: Date.now() - 60_000 }
  expect(await stage.changes.undoAll({ grantId: 'grant_Claude', ...past })).toEqual([])
})

it('undoes after a restart and when the folder is removed, and says when it cannot be reached', async () => {
  const { id } = await writable({ 'a.md': 'one' })
  const { call } = await stage.made('append_note', { path: 'Docs/a.md', text: 'two' })
  await stage.folders.remove(id)
  await stage.restart()
  renameSync(stage.docs, `${stage.docs}-away`)
  await expect(stage.changes.undo(call, null)).rejects.toMatchObject({ code: 'change-folder-gone' })
  renameSync(`${stage.docs}-away`, stage.docs)
  expect(await stage.changes.undo(call, null)).toMatchObject({ state: 'undone' })
  expect(read('a.md')).toBe('one')
})

it('writes nothing outside, over a link, to no plain file, nor what stays out of what assistants see', async () => {
  await writable(
    {
      'a.md': 'one',
      '.hidden/h.md': 'h',
      '.env': 'KEY=1',
      'passwords.txt': 'secret',
      'Private/p.md': 'p',
      'key.txt': '-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----',
      'latin.txt': Buffer.from([0xe4, 0xf6]),
      'page.html': '<p>one</p>',
      '../outside/o.md': 'outside',
      '../data/ours.md': 'ours',
    },
    ['Private', '*.draft.md'],
  )
  symlinkSync(join(stage.home, 'outside'), join(stage.docs, 'out'))
  symlinkSync(join(stage.home, 'outside', 'o.md'), join(stage.docs, 'o.md'))
  symlinkSync(join(stage.home, 'outside', 'new.md'), join(stage.docs, 'dangling.md'))
  execFileSync('mkfifo', [join(stage.docs, 'pipe.md')])
  mkdirSync(join(stage.docs, 'folder.md'))
  const [docs, outside] = [treeOf(stage.docs), treeOf(join(stage.home, 'outside'))]
  const paths = [
    ...['../outside/o.md', 'x/../../outside/n.md', '/etc/n.md', './n.md', 'x//n.md', '..', '', 'out/o.md'],
    ...['out/n.md', 'o.md', 'dangling.md', 'pipe.md', 'folder.md', '.hidden/h.md', '.hidden/n.md', '.env'],
    ...['passwords.txt', 'Passwords.txt', 'my.pem', 'id_rsa.txt', 'Private/p.md', 'Private/n.md'],
    ...['private/n.md', 'PRIVATE/p.md', 'x.draft.md', 'X.DRAFT.md', 'node_modules/n.md', 'key.txt'],
    ...['latin.txt', 'page.html', 'n.exe', 'n.sh', 'n', 'n.desktop', 'n\0.md', '~$n.md', '..\\n.md'],
    `${'d/'.repeat(80)}n.md`,
  ]
  const news = ['a\nb.md', 'a\u202e.md', 'con.md', 'n.md ', 'a:b.md', `${'n'.repeat(250)}.md`]
  for (const path of [...paths, ...news]) {
    const at = `Docs/${path}`
    await expect(stage.made('write_note', { path: at, text: 'x' }), path).rejects.toThrow()
    await expect(stage.made('append_note', { path: at, text: 'x' }), path).rejects.toThrow()
    await expect(stage.made('edit_note', { path: at, oldText: 'o', newText: 'x' }), path).rejects.toThrow()
    const isHtml = path === 'page.html' || path === 'latin.txt' || path === 'key.txt'
    if (!isHtml)
      await expect(stage.made('move_document', { path: at, to: 'Docs/to.md' }), path).rejects.toThrow()
    await expect(stage.made('move_document', { path: 'Docs/a.md', to: at }), path).rejects.toThrow()
  }
  const secret = 'x\n-----BEGIN OPENSSH PRIVATE KEY-----\n'
  await expect(stage.made('write_note', { path: 'Docs/n.md', text: secret })).rejects.toMatchObject({
    code: 'write-left-out',
  })
  await expect(stage.made('write_note', { path: 'Elsewhere/n.md', text: 'x' })).rejects.toMatchObject({
    code: 'document-not-found',
  })
  expect(treeOf(stage.docs)).toEqual(docs)
  expect(treeOf(join(stage.home, 'outside'))).toEqual(outside)
  expect(existsSync(join(stage.home, 'outside', 'new.md'))).toBe(false)
})

it('leaves another name of a file outside as it is', async () => {
  await writable({ '../outside/o.md': 'outside' })
  linkSync(join(stage.home, 'outside', 'o.md'), join(stage.docs, 'hard.md'))
  await stage.made('append_note', { path: 'Docs/hard.md', text: 'x' })
  expect(readFileSync(join(stage.home, 'outside', 'o.md'), 'utf8')).toBe('outside')
})

/** Puts a link in the place of a folder and takes it away again, all the time; a folder that was made there meanwhile goes,
 * if not at the first attempt: something may be written into it at that moment. */
const swapping = `const { renameSync, rmSync } = require('node:fs')
const { dir, link } = require('node:worker_threads').workerData
const put = (from, to) => { for (;;) try { return renameSync(from, to) } catch { gone(to) } }
function gone(path) { try { rmSync(path, { recursive: true, force: true }) } catch {} }
for (;;) { put(dir, dir + '-'); put(link, dir); put(dir, link); put(dir + '-', dir) }`

it.runIf(process.platform === 'linux')('writes through no link that is there only for a moment', async () => {
  await writable({ 'dir/x.md': 'inside', '../outside/x.md': 'outside' })
  const [dir, link] = [join(stage.docs, 'dir'), join(stage.home, 'link')]
  symlinkSync(join(stage.home, 'outside'), link)
  const worker = new Worker(swapping, { eval: true, workerData: { dir, link } })
  const tried = { done: 0, refused: 0 }
  for (const end = Date.now() + 1_500; Date.now() < end; ) {
    const n = tried.done + tried.refused
    const done = await stage
      .made(n % 2 ? 'append_note' : 'write_note', {
        path: n % 2 ? 'Docs/dir/x.md' : `Docs/dir/n${n}.md`,
        text: 'x',
      })
      .then(
        () => true,
        () => false,
      )
    tried[done ? 'done' : 'refused'] += 1
  }
  await worker.terminate()
  expect(readdirSync(join(stage.home, 'outside'))).toEqual(['x.md'])
  expect(readFileSync(join(stage.home, 'outside', 'x.md'), 'utf8')).toBe('outside')
  expect(tried.done).toBeGreaterThan(0)
  expect(tried.refused).toBeGreaterThan(0)
})

it('keeps what it wrote down private, and is asked nothing while there is nothing', async () => {
  await writable({ 'a.md': 'one' })
  const file = join(stage.dataDir, 'changes.db')
  expect(await stage.changes.of('call_1')).toBeNull()
  expect(existsSync(file)).toBe(false)
  await stage.made('append_note', { path: 'Docs/a.md', text: 'two' })
  expect(statSync(file).mode & 0o777).toBe(0o600)
})

it('does not call a document gone that was moved on, and takes both back from the end', async () => {
  await writable({})
  const written = await stage.made('write_note', { path: 'Docs/m.md', text: 'mine' })
  const moved = await stage.made('move_document', { path: 'Docs/m.md', to: 'Docs/n.md' })
  expect(await stage.changes.undo(written.call, null)).toMatchObject({ state: 'changed' })
  expect(read('n.md')).toBe('mine')
  for (const { call } of [moved, written])
    expect(await stage.changes.undo(call, null)).toMatchObject({ state: 'undone' })
  expect(readdirSync(stage.docs)).toEqual([])
})

it('says so when somebody else wrote meanwhile, and leaves that as it is', async () => {
  await writable({ 'a.md': 'one' })
  const file = join(stage.docs, 'a.md')
  const planned = async () => {
    const plan = { folder: { name: 'Docs', path: stage.docs }, path: 'a.md' }
    writeFileSync(file, 'typed by its owner')
    return { ...plan, before: Buffer.from('one'), after: Buffer.from('two') }
  }
  const by = { row: 'call_raced', principal: { grantId: 'grant_1', clientName: 'ChatGPT' } }
  await expect(stage.changes.make(by, planned)).rejects.toMatchObject({ code: 'write-changed' })
  expect(read('a.md')).toBe('typed by its owner')
  expect(await stage.changes.of('call_raced')).toBeNull()
})

it('refuses what would be too large before it makes it, and a document that nobody may write', async () => {
  await writable({ 'a.md': 'a'.repeat(1_500), 'kept.md': 'kept' })
  const many = { path: 'Docs/a.md', oldText: 'a', newText: 'b'.repeat(200_000), all: true }
  const before = process.memoryUsage().rss
  await expect(stage.made('edit_note', many)).rejects.toMatchObject({ code: 'write-too-large' })
  expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000)
  chmodSync(join(stage.docs, 'kept.md'), 0o444)
  const append = { path: 'Docs/kept.md', text: 'more' }
  await expect(stage.made('append_note', append)).rejects.toMatchObject({ code: 'write-not-plain' })
  expect(read('kept.md')).toBe('kept')
})
