import { execFileSync } from 'node:child_process'
import { mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { zipSync } from 'fflate'
import { afterEach, describe, expect, it } from 'vitest'
import { TextReader } from './index/text-reader.ts'
import { documentsSaying, pdf, zip } from './testing/fixture-documents.ts'
import { FolderStage, until } from './testing/fixture-folders.ts'

let stage: FolderStage
afterEach(() => stage.stop())

it('reads every kind of document', async () => {
  const words = 'Straßenbahn für Königswinter'
  stage = new FolderStage(
    Object.fromEntries(Object.entries(documentsSaying).map(([name, make]) => [name, make(words)])),
  )
  const { id } = await stage.add()
  expect(await stage.leftOut(id)).toEqual({})
  const found = await stage.search('königswinter', { limit: 50 })
  expect(found.map(({ metadata }) => metadata.path).sort()).toEqual(Object.keys(documentsSaying).sort())
  for (const { text, metadata } of found) expect(text, metadata.path).toContain(words)
  const mail = found.find(({ metadata }) => metadata.path === 'x.eml')!
  expect(mail.title).toBe('A létter')
  const paged = pdf(['first page', 'second giraffe', 'third'])
  stage.write('paged.pdf', paged)
  const [hit] = await until(async () => {
    const hits = await stage.search('giraffe')
    return hits.length > 0 ? hits : undefined
  })
  expect(hit!.metadata).toMatchObject({ section: 2, sectionLabel: 'Page 2' })
})

/** A PDF of some hundred kilobytes, of which the one page unpacks to so many bytes. */
function bomb(size: number): Uint8Array {
  const packed = deflateSync(Buffer.alloc(size, ' '))
  const head = `%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<<>>>>endobj
4 0 obj<</Length ${packed.length}/Filter/FlateDecode>>stream\n`
  return Buffer.concat([Buffer.from(head), packed, Buffer.from('\nendstream endobj\ntrailer<</Root 1 0 R>>')])
}

/** `a` opened so many times; a nested thing that was never closed. */
const deep = (text: string, times: number) => text.repeat(times)

/** An archive whose directory says of its one file that it unpacks to so many bytes. */
function saying(size: number, unpacks: number): Uint8Array {
  const bytes = Buffer.from(zipSync({ 'word/document.xml': [new Uint8Array(unpacks), { level: 1 }] }))
  const directory = bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 1, 2]))
  for (const at of [22, directory + 24]) bytes.writeUInt32LE(size, at)
  return bytes
}

const entities = `<!DOCTYPE w [<!ENTITY a "giraffe">${[...'bcdefghij'].map((one, n) => `<!ENTITY ${one} "${`&${'abcdefghij'[n]};`.repeat(10)}">`).join('')}<!ENTITY f SYSTEM "file:///etc/passwd">]>`

describe('a hostile file', () => {
  it('costs that file, and nothing leaves the folder', async () => {
    stage = new FolderStage({
      'bomb.docx': saying(4_000_000_000, 1_000_000),
      // It is unpacked to what it said.
      'liar.docx': saying(100, 4_000_000),
      'entities.docx': zip({
        'word/document.xml': `${entities}<w:document><w:p><w:r><w:t>&j;&f;</w:t></w:r></w:p></w:document>`,
      }),
      'many.docx': zip(Object.fromEntries(Array.from({ length: 11_000 }, (_, n) => [`${n}.xml`, '']))),
      'up.epub': zip({
        'a.opf':
          '<package><manifest><item id="x" href="../../../../etc/passwd"/></manifest><spine><itemref idref="x"/></spine></package>',
      }),
      'deep.html': deep('<div><b>', 100_000),
      'deep.odt': zip({ 'content.xml': deep('<text:p>', 100_000) }),
      'deep.rtf': deep('{', 2_000_000),
      'deep.pdf': Buffer.from(`%PDF-1.4\n1 0 obj\n${deep('[', 500_000)}\nendobj\ntrailer<</Root 1 0 R>>`),
      'self.pdf': Buffer.from(
        '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[2 0 R 2 0 R]/Count 9>>endobj\ntrailer<</Root 1 0 R>>',
      ),
      'deep.eml': deep('Content-Type: multipart/mixed; boundary=x\n\n--x\n', 5_000),
      'headers.eml': deep('X-A: b\n', 200_000),
      'line.md': `# ${'a '.repeat(1_500_000)}`,
      'brackets.md': '[['.repeat(500_000),
      'links.md': ']('.repeat(500_000),
      'line.ics': 'A'.repeat(3_000_000),
      'binary.txt': Buffer.from(Array.from({ length: 5_000 }, (_, n) => n % 256)),
      'empty.pdf': '',
      'name\nwith\rlines\u202e.md': 'strange giraffe',
      "'; DROP TABLE documents; --.md": 'quoted',
      'good.md': 'A hippopotamus',
    })
    execFileSync('mkfifo', [join(stage.docs, 'pipe.md')])
    symlinkSync('/dev/zero', join(stage.docs, 'zero.md'))
    symlinkSync('/etc/passwd', join(stage.docs, 'users.txt'))
    const folder = await stage.folders.add(stage.docs, [])
    // It answers throughout.
    let slowest = 0
    const all = await until(async () => {
      const began = performance.now()
      await stage.search('hippopotamus')
      slowest = Math.max(slowest, performance.now() - began)
      const list = await stage.folders.list()
      return list[0]!.state === 'ready' && list[0]!.waiting === 0 ? list : undefined
    }, 60_000)
    expect(slowest).toBeLessThan(2_000)
    expect(all[0]!.documents).toBeGreaterThan(5)
    expect(await stage.paths('hippopotamus')).toEqual(['good.md'])
    expect(await stage.paths('root')).toEqual([])
    expect(await stage.paths('giraffe')).toEqual(['name\nwith\rlines\u202e.md'])
    expect(await stage.leftOut(folder.id)).toMatchObject({
      ...{ 'bomb.docx': 'too-large', 'many.docx': 'too-large' },
      ...{
        'pipe.md': 'device',
        'zero.md': 'link',
        'users.txt': 'link',
        'empty.pdf': 'damaged',
        'binary.txt': 'damaged',
      },
    })
  }, 90_000)

  it('that takes too long or too much memory is ended with its thread, and the next one is read', async () => {
    stage = new FolderStage({
      'slow.pdf': pdf(Array.from({ length: 1_500 }, () => 'word '.repeat(200))),
      'b.md': 'text',
    })
    const reader = new TextReader({ longest: 150 })
    const slow = await reader.read({ root: stage.docs, path: 'slow.pdf', kind: 'pdf' })
    expect(slow).toMatchObject({ reason: 'too-slow' })
    await reader.stop()
    const patient = new TextReader({ memory: 20 })
    stage.write(
      'big.xlsx',
      zip({
        'xl/workbook.xml': '<workbook/>',
        'xl/worksheets/sheet1.xml': '<row><c><v>1</v></c></row>'.repeat(900_000),
      }),
    )
    expect(await patient.read({ root: stage.docs, path: 'big.xlsx', kind: 'xlsx' })).toMatchObject({
      reason: 'too-much-memory',
    })
    expect(await patient.read({ root: stage.docs, path: 'b.md', kind: 'markdown' })).toHaveProperty('found')
    await patient.stop()
  }, 60_000)

  it('that unpacks without end while it is read is ended, outside the heap of its thread too', async () => {
    stage = new FolderStage({ 'bomb.pdf': bomb(400_000_000) })
    const reader = new TextReader()
    const before = process.memoryUsage().rss
    const answer = await reader.read({ root: stage.docs, path: 'bomb.pdf', kind: 'pdf' })
    expect(answer).toMatchObject({ reason: 'too-much-memory' })
    expect(process.memoryUsage().rss - before).toBeLessThan(600_000_000)
    await reader.stop()
  }, 60_000)

  it('that is put in the place of another, or of its folder, between look and reading is not read', async () => {
    stage = new FolderStage({ 'in/a.md': 'one', 'b.md': 'two', '../outside/a.md': 'giraffe' })
    mkdirSync(join(stage.home, 'elsewhere'))
    renameSync(join(stage.docs, 'in'), join(stage.home, 'elsewhere', 'in'))
    symlinkSync(join(stage.home, 'outside'), join(stage.docs, 'in'))
    rmSync(join(stage.docs, 'b.md'))
    symlinkSync(join(stage.home, 'outside', 'a.md'), join(stage.docs, 'b.md'))
    const reader = new TextReader()
    for (const path of ['in/a.md', 'b.md'])
      expect(await reader.read({ root: stage.docs, path, kind: 'markdown' }), path).toMatchObject({
        reason: 'link',
      })
    await reader.stop()
  })
})
