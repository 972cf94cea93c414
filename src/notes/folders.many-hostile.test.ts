import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { documentsSaying, zip } from './testing/fixture-documents.ts'
import { FolderStage, until } from './testing/fixture-folders.ts'

let stage: FolderStage
afterEach(() => stage.stop())

const ends = [
  'md',
  'txt',
  'csv',
  'html',
  'xhtml',
  'pdf',
  'docx',
  'odt',
  'ods',
  'epub',
  'xlsx',
  'rtf',
  'eml',
  'mbox',
  'ics',
  'vcf',
]
const outside = '../outside/secret.md'
const entity = `<!DOCTYPE x [<!ENTITY f SYSTEM "file://${outside}"><!ENTITY % p SYSTEM "file://${outside}">%p;]><x>&f;</x>`
const inArchive = (text: string) =>
  zip({
    'word/document.xml': text,
    'content.xml': text,
    'xl/workbook.xml': text,
    '../../outside/new.md': text,
    'META-INF/container.xml': text,
  })

/** Contents by what is wrong with them, for every kind of document. */
const contents: Record<string, (n: number) => string | Uint8Array> = {
  empty: () => '',
  noise: (n) => Buffer.from(Array.from({ length: 3_000 }, (_, at) => (at * 7_919 + n * 131) % 251)),
  zeros: () => new Uint8Array(200_000),
  line: () => 'a '.repeat(300_000),
  'one-word': () => 'x'.repeat(500_000),
  nested: () => `${'<div>'.repeat(20_000)}${'{'.repeat(20_000)}${'['.repeat(20_000)}`,
  entities: () => entity,
  'packed-entities': () => inArchive(entity),
  'packed-deep': () => inArchive('<w:p><text:p><row>'.repeat(20_000)),
  'half-archive': () => inArchive('<a/>').subarray(0, 90),
  'half-pdf': () =>
    '%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 1 0 R/Kids[1 0 R]>>endobj\nxref\n0 99999999\ntrailer<</Root 1 0 R/Prev 0>>',
  'bad-utf8': () => Buffer.from([0xff, 0xfe, 0xd8, 0x00, 0xc3, 0x28, 0xed, 0xa0, 0x80, 0xf8]),
  utf7: () => `+ADw-script+AD4- \u202e\u0000\u2028 ${'\ud800'.repeat(50)}`,
  boundary: () => 'Content-Type: multipart/mixed; boundary=x\r\nFrom: a\r\n\r\n--x\r\n'.repeat(1_000),
  links: () =>
    `[[${outside}]] ](${outside}) ](file:///etc/passwd) <a href="${outside}">x</a> <img src="${outside}">`,
  commas: () => ',"'.repeat(100_000),
}

const names = [
  ...[
    'a\nb',
    'a\rb',
    '\u202etxt.',
    'a\tb',
    '"; DROP TABLE documents; --',
    '$(id)',
    '`id`',
    '%2e%2e%2f',
    '..',
    '...',
  ],
  ...[
    '..%00',
    '<script>',
    "' OR 1=1",
    '\u0007bell',
    '\u001b[31mred',
    'é'.normalize('NFD'),
    '\ufeffmark',
    '\u200b',
    '-rf',
    '*',
  ],
  ...[
    'a\\b',
    'con',
    'nul',
    '~',
    'x'.repeat(240),
    '😀'.repeat(60),
    '{{7*7}}',
    '%s%n',
    '\\\\server\\share',
    'C:',
    '[[x]]',
    '&amp;',
  ],
]

/** Puts what is no document there; how many. */
function putOthers(): number {
  const { docs, home } = stage
  for (const n of [1, 2, 3]) execFileSync('mkfifo', [join(docs, `pipe${n}.md`)])
  const targets = [
    outside,
    '../outside',
    '/etc/passwd',
    '/dev/zero',
    '/dev/stdin',
    '/proc/self/environ',
    '/',
    '.',
    '..',
    'loop.md',
    docs,
  ]
  for (const [n, target] of targets.entries()) symlinkSync(target, join(docs, `link${n}.md`))
  symlinkSync('loop.md', join(docs, 'loop.md'))
  let deep = docs
  for (let n = 0; n < 90; n += 1) {
    deep = join(deep, 'd')
    mkdirSync(deep)
  }
  writeFileSync(join(deep, 'deep.md'), 'too deep')
  // A folder in itself.
  symlinkSync('..', join(deep, '..', 'up'))
  symlinkSync(home, join(docs, 'home'))
  return 3 + targets.length + 1 + 1 + 2
}

it('costs itself, whichever of 300 kinds of hostile file it is: nothing gets out, and calls are answered throughout', async () => {
  const documents: Record<string, string | Uint8Array> = {
    [outside]: 'outsidegiraffe',
    'good.md': 'hippopotamus',
  }
  for (const [n, end] of ends.entries())
    for (const [what, make] of Object.entries(contents)) documents[`${what}.${end}`] = make(n)
  for (const name of names) documents[`names/${name}.md`] = 'named'
  // One kind under the name of another.
  const real = Object.entries(documentsSaying)
  for (const [n, [name]] of real.entries())
    documents[`as-${name}`] = real[(n + 1) % real.length]![1]('swapped')
  stage = new FolderStage(documents)
  const socket = createServer().listen(join(stage.docs, 'socket.md'))
  const count = Object.keys(documents).length - 2 + putOthers() + 1
  expect(count).toBeGreaterThanOrEqual(300)

  await stage.folders.add(stage.docs, [])
  const slowest = { search: 0, turn: 0 }
  const all = await until(async () => {
    const [began, turn] = [performance.now(), new Promise<void>((next) => setImmediate(next))]
    await turn
    slowest.turn = Math.max(slowest.turn, performance.now() - began)
    await stage.search('hippopotamus')
    slowest.search = Math.max(slowest.search, performance.now() - began)
    const [one] = await stage.folders.list()
    return one!.state === 'ready' && one!.waiting === 0 ? one : undefined
  }, 240_000)
  console.info('hostile files', { count, ...slowest, read: all!.documents, leftOut: all!.skipped })
  expect(slowest.search).toBeLessThan(3_000)
  expect(await stage.paths('hippopotamus')).toEqual(['good.md'])
  for (const words of ['outsidegiraffe', 'daemon', 'nologin']) expect(await stage.paths(words)).toEqual([])
  const listed = JSON.stringify([
    await stage.call('list_folder', { path: 'Docs' }),
    await stage.search('named', { limit: 50 }),
  ])
  expect(listed).not.toContain(stage.home)
  socket.close()
}, 300_000)
