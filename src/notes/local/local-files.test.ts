import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, it, vi } from 'vitest'
import { FolderStage, until } from '../testing/fixture-folders.ts'
import { treeOf } from '../testing/write-operations.ts'

let stage: FolderStage
afterEach(async () => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  await stage.stop()
})

async function opened(documents: Record<string, string | Uint8Array>, excludes: string[] = []) {
  stage = new FolderStage(documents)
  return stage.folders.add(stage.docs, excludes, true)
}
const elsewhere = (name: string, content: string | Uint8Array) => {
  const file = join(stage.home, name)
  writeFileSync(file, content)
  return file
}
const refused = (args: object, code: string) =>
  expect(stage.made('upload_file', args), JSON.stringify(args)).rejects.toMatchObject({ code })

it('lists what is in a folder and where it is, and nothing that stays out', async () => {
  await opened(
    {
      'a.md': 'one',
      'photo.jpg': 'jpg',
      'Sub/b.md': 'two',
      '.hidden': 'x',
      'passwords.txt': 'x',
      'Private/p.md': 'x',
      'draft.tmp': 'x',
    },
    ['Private', '*.tmp'],
  )
  symlinkSync('/etc', join(stage.docs, 'etc'))
  symlinkSync('/etc/hostname', join(stage.docs, 'host.md'))
  execFileSync('mkfifo', [join(stage.docs, 'pipe.md')])
  expect(await stage.call('list_files')).toEqual({
    ...{ path: '', files: [], isPartial: false },
    folders: [{ path: 'Docs', place: stage.docs, isWritable: true }],
  })
  expect(await stage.call('list_files', { path: '/Docs/' })).toEqual({
    ...{ path: 'Docs', isPartial: false },
    folders: [{ path: 'Docs/Sub', place: join(stage.docs, 'Sub'), isWritable: true }],
    files: [
      { path: 'Docs/a.md', place: join(stage.docs, 'a.md'), size: 3, isDocument: true },
      { path: 'Docs/photo.jpg', place: join(stage.docs, 'photo.jpg'), size: 3, isDocument: false },
    ].map((one) => ({ ...one, modified: expect.stringMatching(/^\d{4}-.+Z$/) })),
  })
  for (const path of [
    'Docs/etc',
    'Docs/Private',
    'Docs/..',
    'Docs/../data',
    'Docs/none',
    'Other',
    'Docs/a.md',
  ])
    await expect(stage.call('list_files', { path }), path).rejects.toThrow()
})

it('lists no more than fits into an answer, and says so', async () => {
  await opened(Object.fromEntries(Array.from({ length: 510 }, (_, n) => [`${1_000 + n}.md`, 'x'])))
  const { files, isPartial } = await stage.call('list_files', { path: 'Docs' })
  expect([(files as object[]).length, isPartial]).toEqual([500, true])
})

it('says where a document is, by its path and by the id that a search gave', async () => {
  await opened({ 'Sub/a b#.md': 'giraffe', '.env': 'x' })
  await stage.ready()
  const place = join(stage.docs, 'Sub', 'a b#.md')
  const [hit] = await stage.search('giraffe')
  const { id } = hit!
  for (const args of [{ path: 'Docs/Sub/a b#.md' }, { id }]) {
    const told = await stage.call('file_address', args)
    expect(told).toMatchObject({ path: 'Docs/Sub/a b#.md', place })
    expect(fileURLToPath(told.url as string)).toBe(place)
  }
  for (const args of [
    ...['Docs/.env', 'Docs/Sub', 'Docs', 'Docs/none.md', 'Docs/../data/x', '/etc/passwd'].map((path) => ({
      path,
    })),
    ...[{ id: 'none' }, {}, { id, path: 'Docs/Sub/a b#.md' }],
  ])
    await expect(stage.call('file_address', args), JSON.stringify(args)).rejects.toThrow()
})

it('looks at nothing in a folder that is paused', async () => {
  const { id } = await opened({ 'a.md': 'one' })
  await stage.folders.change(id, { paused: true })
  for (const [tool, path] of [
    ['list_files', 'Docs'],
    ['file_address', 'Docs/a.md'],
  ] as const)
    await expect(stage.call(tool, { path }), tool).rejects.toMatchObject({ code: 'folder-paused' })
  expect(await stage.call('refresh_documents')).toMatchObject({
    ...{ isDone: true, folders: [{ folder: 'Docs', state: 'paused' }] },
  })
})

it('reads what is new before it answers, also of a folder whose disk was away', async () => {
  await opened({ 'a.md': 'one' })
  await stage.ready()
  for (let n = 0; n < 40; n += 1) stage.write(`Deep/${n}/${n}.md`, `giraffe ${n}`)
  const told = await stage.call('refresh_documents', { folder: 'Docs' })
  expect(told).toMatchObject({ isDone: true, folders: [{ state: 'ready', documents: 41, waiting: 0 }] })
  expect(await stage.paths('giraffe', { limit: 50 })).toHaveLength(40)
  renameSync(stage.docs, `${stage.docs}-away`)
  await stage.call('refresh_documents')
  expect(await stage.folders.list()).toMatchObject([{ state: 'missing' }])
  renameSync(`${stage.docs}-away`, stage.docs)
  expect(await stage.call('refresh_documents')).toMatchObject({
    folders: [{ state: 'ready', documents: 41 }],
  })
  await expect(stage.call('refresh_documents', { folder: 'Other' })).rejects.toMatchObject({
    code: 'document-not-found',
  })
})

it('keeps nobody waiting longer for a clock that is set back', async () => {
  await opened({ 'a.md': 'one' })
  await stage.ready()
  const list = stage.folders.list.bind(stage.folders)
  const asked = Promise.withResolvers<void>()
  // One that is never done, such as a disk of a million documents.
  vi.spyOn(stage.folders, 'list').mockImplementation(async () => {
    asked.resolve()
    return (await list()).map((one) => ({ ...one, waiting: 1 }))
  })
  vi.useFakeTimers({ toFake: ['Date', 'performance'] })
  const told = stage.call('refresh_documents')
  await asked.promise
  vi.setSystemTime(Date.now() - 86_400_000)
  vi.advanceTimersByTime(16_000)
  expect(await told).toMatchObject({ isDone: false, folders: [{ waiting: 1 }] })
})

it('copies a file, finds what it says, and takes it away again', async () => {
  await opened({ 'Sub/b.md': 'two' })
  const before = treeOf(stage.docs)
  const file = elsewhere('Scan giraffe.pdf', Buffer.from([0x25, 0x50, 0x44, 0x46, 0, 255]))
  const note = elsewhere('plan.md', 'zebra')
  const made = [
    await stage.made('upload_file', { path: file, to: 'Docs/Sub/New/scan.PDF' }),
    await stage.made('upload_file', { path: file, to: 'Docs/Sub/' }),
    await stage.made('upload_file', { path: file, to: 'Docs' }),
    await stage.made('upload_file', { path: note }),
    await stage.made('upload_file', { text: 'written', to: 'Docs/t.md' }),
  ]
  expect(made.map(({ told }) => told.path)).toEqual([
    ...[
      'Docs/Sub/New/scan.PDF',
      'Docs/Sub/Scan giraffe.pdf',
      'Docs/Scan giraffe.pdf',
      'Docs/plan.md',
      'Docs/t.md',
    ],
  ])
  expect(readFileSync(join(stage.docs, 'Sub/New/scan.PDF'))).toEqual(readFileSync(file))
  await until(async () => (await stage.paths('zebra'))[0], 5_000)
  expect(await stage.changes.of(made[0]!.call)).toMatchObject({ kind: 'created', path: 'Sub/New/scan.PDF' })
  for (const { call } of made) expect(await stage.changes.undo(call, null)).toMatchObject({ state: 'undone' })
  expect(treeOf(stage.docs)).toEqual(before)
})

it('copies several megabytes, and shows nobody a version that is no text', async () => {
  await opened({})
  const bytes = Buffer.alloc(9_000_000, 'x')
  bytes[5] = 0
  const { call } = await stage.made('upload_file', { path: elsewhere('large.pdf', bytes) })
  expect(readFileSync(join(stage.docs, 'large.pdf')).equals(bytes)).toBe(true)
  await stage.restart()
  writeFileSync(join(stage.docs, 'large.pdf'), Buffer.from([1, 0, 2]))
  expect(await stage.changes.undo(call, null)).toMatchObject({
    ...{ state: 'changed', before: null, now: expect.stringContaining('cannot be shown') },
  })
  writeFileSync(join(stage.docs, 'large.pdf'), bytes)
  expect(await stage.changes.undo(call, null)).toMatchObject({ state: 'undone' })
  expect(readdirSync(stage.docs)).toEqual([])
  await refused({ path: elsewhere('huge.pdf', Buffer.alloc(10_000_001)) }, 'upload-too-large')
})

it('brings nothing in that stays out of what assistants see', async () => {
  await opened({ 'Private/p.md': 'x', 'a.md': 'one', 'own.draft.md': 'x' }, ['Private', '*.draft.md'])
  mkdirSync(join(stage.home, '.ssh'))
  mkdirSync(join(stage.home, 'folder.md'))
  const plain = elsewhere('plain.md', 'x')
  const key = 'x\n-----BEGIN OPENSSH PRIVATE KEY-----\n'
  symlinkSync(plain, join(stage.home, 'link.md'))
  symlinkSync(join(stage.home, '.ssh'), join(stage.home, 'keys'))
  symlinkSync('/etc', join(stage.home, 'system'))
  execFileSync('mkfifo', [join(stage.home, 'pipe.md')])
  const before = treeOf(stage.docs)
  const out = [
    ...[
      elsewhere('.ssh/config.md', 'x'),
      join(stage.home, 'keys', 'config.md'),
      elsewhere('.hidden.md', 'x'),
    ],
    ...[elsewhere('passwords.txt', 'x'), elsewhere('PassWords.TXT', 'x'), elsewhere('wallet.csv', key)],
    ...[
      join(stage.home, 'link.md'),
      join(stage.home, 'system', 'hosts.txt'),
      '/etc/hosts.txt',
      '/proc/self/x.txt',
    ],
    ...[join(stage.home, 'pipe.md'), join(stage.home, 'folder.md'), elsewhere('data/ours.md', 'x')],
    ...[
      join(stage.docs, 'Private', 'p.md'),
      join(stage.docs, 'PRIVATE', 'p.md'),
      join(stage.docs, 'own.draft.md'),
    ],
    elsewhere('utf8.txt', `\ufeffGrüße\n${key}`),
    elsewhere('utf16.txt', Buffer.from(`\ufeff${key}`, 'utf16le')),
  ]
  for (const [n, path] of out.entries())
    await expect(stage.made('upload_file', { path, to: `Docs/n${n}.md` }), path).rejects.toThrow()
  for (const path of out.filter((one) => existsSync(one)))
    await expect(stage.made('upload_file', { path }), path).rejects.toMatchObject({
      code: expect.stringMatching(/^(?:upload-left-out|write-left-out)$/),
    })
  await refused({ path: elsewhere('run.sh', 'x') }, 'write-kind')
  await refused({ path: plain, to: 'Docs/plain.html' }, 'write-kind')
  await refused({ path: plain, to: 'Docs/a.md' }, 'write-there')
  await refused({ path: join(stage.home, 'none.md') }, 'upload-not-there')
  for (const path of [relative(process.cwd(), plain), 'plain.md', '', './plain.md', `${plain}\0.md`])
    await expect(stage.made('upload_file', { path }), path).rejects.toThrow()
  for (const to of [
    'Docs/../n.md',
    'Docs/.n.md',
    'Docs/Private/n.md',
    'Docs/private/',
    'Other/n.md',
    '/n.md',
  ])
    await expect(stage.made('upload_file', { path: plain, to }), to).rejects.toThrow()
  for (const args of [{}, { path: plain, text: 'x', to: 'Docs/n.md' }, { text: 'x' }])
    await refused(args, 'arguments-invalid')
  await refused({ text: key, to: 'Docs/n.md' }, 'write-left-out')
  expect(treeOf(stage.docs)).toEqual(before)
})

it('copies only where its owner lets assistants write', async () => {
  stage = new FolderStage({ 'a.md': 'one' })
  await stage.folders.add(stage.docs, [])
  const path = elsewhere('plain.md', 'x')
  await refused({ path }, 'arguments-invalid')
  await refused({ path, to: 'Docs/' }, 'folder-read-only')
  expect(readdirSync(stage.docs)).toEqual(['a.md'])
})
