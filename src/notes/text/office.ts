import { Gathered, NotRead } from './extracted.ts'
import { readHtml, readXml } from './markup.ts'
import { unpacked } from './packed.ts'

/** WordprocessingML (ECMA-376 Part 1, §17). A section for each heading of the first two levels. */
export function fromDocx(bytes: Uint8Array): Gathered {
  const found = new Gathered()
  const files = unpacked(bytes, (name) =>
    /^(?:word\/(?:document|footnotes|endnotes|comments)\.xml|docProps\/core\.xml)$/.test(name),
  )
  const main = files.get('word/document.xml')
  if (main === undefined) throw new NotRead('damaged', 'no word/document.xml')
  found.title = titleIn(files.get('docProps/core.xml'))
  const paragraphs = new Paragraphs(found)
  let isText = false
  let isDeleted = 0
  const reader = {
    open(name: string, attributes: Record<string, string>) {
      if (name === 'w:t') isText = isDeleted === 0
      else if (name === 'w:del') isDeleted += 1
      else if (name === 'w:tab' || name === 'w:tc') paragraphs.text('\t')
      else if (name === 'w:br') paragraphs.text('\n')
      else if (name === 'w:pStyle') paragraphs.level = levelOf(attributes['w:val'] ?? '')
    },
    text: (data: string) => isText && paragraphs.text(data),
    close(name: string) {
      if (name === 'w:t') isText = false
      else if (name === 'w:del') isDeleted -= 1
      else if (name === 'w:p') paragraphs.end()
    },
  }
  for (const [name, text] of [
    ['', main],
    ...[...files].filter(([name]) => /notes|comments/.test(name)),
  ] as const) {
    if (name !== '') paragraphs.begin(name.replace(/^word\/|\.xml$/g, ''))
    readXml(text, reader)
  }
  paragraphs.flush()
  return found
}

/** "Heading1", "berschrift1", "Ttulo1", "Titre1", "Title": styles are named in the language of who made the document. */
function levelOf(style: string): number {
  if (/^(?:title|titel)$/i.test(style)) return 1
  const level = /^(?:heading|berschrift|überschrift|titre|t[íi]?tulo|titolo|kop|rubrik)\s?([1-6])$/i.exec(
    style,
  )?.[1]
  return level ? Number(level) : 0
}

/** OpenDocument 1.3, text, spreadsheet and presentation (§5, §9, §10). */
export function fromOdt(bytes: Uint8Array): Gathered {
  const found = new Gathered()
  const files = unpacked(bytes, (name) => name === 'content.xml' || name === 'meta.xml')
  const main = files.get('content.xml')
  if (main === undefined) throw new NotRead('damaged', 'no content.xml')
  found.title = titleIn(files.get('meta.xml'))
  const paragraphs = new Paragraphs(found)
  let depth = 0
  let isDeleted = false
  readXml(main, {
    open(name, attributes) {
      if (name === 'text:tracked-changes') isDeleted = true
      if (name === 'text:p' || name === 'text:h') depth += 1
      if (name === 'text:h') paragraphs.level = Number(attributes['text:outline-level'] ?? 1)
      if (name === 'table:table' || name === 'draw:page')
        paragraphs.begin(attributes['table:name'] ?? attributes['draw:name'] ?? '')
      if (name === 'text:a') found.link(attributes['xlink:href'])
      if (name === 'text:s' || name === 'text:tab') paragraphs.text(' ')
      if (name === 'text:line-break') paragraphs.text('\n')
    },
    text: (data) => depth > 0 && !isDeleted && paragraphs.text(data),
    close(name) {
      if (name === 'text:tracked-changes') isDeleted = false
      if (name === 'text:p' || name === 'text:h') {
        depth -= 1
        paragraphs.end()
      }
    },
  })
  paragraphs.flush()
  return found
}

/** SpreadsheetML (ECMA-376 Part 1, §18): a section for each sheet, a line for each row. */
export function fromXlsx(bytes: Uint8Array): Gathered {
  const found = new Gathered()
  const files = unpacked(bytes, (name) =>
    /^(?:xl\/(?:workbook|sharedStrings|worksheets\/sheet\d+)\.xml|docProps\/core\.xml)$/.test(name),
  )
  if (!files.has('xl/workbook.xml')) throw new NotRead('damaged', 'no xl/workbook.xml')
  found.title = titleIn(files.get('docProps/core.xml'))
  const names: string[] = []
  readXml(files.get('xl/workbook.xml')!, {
    open: (name, attributes) => void (name === 'sheet' && names.push(attributes.name ?? '')),
  })
  const shared = sharedStrings(files.get('xl/sharedStrings.xml') ?? '')
  const numberOf = (name: string) => Number(/(\d+)\.xml$/.exec(name)?.[1])
  const sheets = [...files.keys()]
    .filter((name) => name.includes('/sheet'))
    .sort((a, b) => numberOf(a) - numberOf(b))
  for (const [place, file] of sheets.entries())
    found.section(names[place] ?? '', rowsOf(files.get(file)!, shared))
  return found
}

function sharedStrings(xml: string): string[] {
  const all: string[] = []
  let one = ''
  let isText = false
  readXml(xml, {
    open(name) {
      if (name === 'si') one = ''
      isText = name === 't'
    },
    text: (data) => {
      if (isText) one += data
    },
    close(name) {
      if (name === 'si') all.push(one)
      isText = false
    },
  })
  return all
}

function rowsOf(xml: string, shared: readonly string[]): string {
  const rows: string[] = []
  let cells: string[] = []
  let kind = ''
  let value = ''
  let isValue = false
  let length = 0
  readXml(xml, {
    open(name, attributes) {
      if (name === 'c') {
        kind = attributes.t ?? ''
        value = ''
      }
      isValue = name === 'v' || name === 't'
    },
    text: (data) => {
      if (isValue) value += data
    },
    close(name) {
      isValue = false
      if (name === 'c') cells.push(kind === 's' ? (shared[Number(value)] ?? '') : value)
      if (name === 'row' && length < 2_000_000) {
        rows.push(cells.join('\t'))
        length += rows.at(-1)!.length
      }
      if (name === 'row') cells = []
    },
  })
  return rows.join('\n')
}

/** EPUB 3.3 (§5 package document): its chapters in the order in which they are read. */
export function fromEpub(bytes: Uint8Array): Gathered {
  const found = new Gathered()
  const files = unpacked(bytes, (name) => /\.(?:opf|xhtml|html|htm|xml)$/i.test(name))
  const [root, contents] = [...files].find(([name]) => name.endsWith('.opf')) ?? []
  if (root === undefined || contents === undefined) throw new NotRead('damaged', 'no package document')
  const parts = new Map<string, string>()
  const order: string[] = []
  let isTitle = false
  readXml(contents, {
    open(name, attributes) {
      if (name.endsWith('item') && attributes.id) parts.set(attributes.id, attributes.href ?? '')
      if (name.endsWith('itemref') && attributes.idref) order.push(attributes.idref)
      isTitle = name === 'dc:title' && found.title === null
    },
    text: (data) => {
      if (isTitle) found.title = (found.title ?? '') + data
    },
    close: () => {
      isTitle = false
    },
  })
  const base = `file:///${root}`
  for (const [place, id] of order.entries()) {
    const href = parts.get(id)
    const path =
      href && URL.canParse(href, base) ? decodeURIComponent(new URL(href, base).pathname.slice(1)) : ''
    readHtml(found, files.get(path) ?? '', `Chapter ${place + 1}`)
  }
  return found
}

function titleIn(xml: string | undefined): string | null {
  let title = ''
  let isTitle = false
  readXml(xml ?? '', {
    open: (name) => {
      isTitle = name === 'dc:title'
    },
    text: (data) => {
      if (isTitle) title += data
    },
    close: () => {
      isTitle = false
    },
  })
  return title.trim() || null
}

/** Puts paragraphs into sections, of which each heading of the first two levels begins one. */
class Paragraphs {
  readonly #found: Gathered
  #label = ''
  #lines: string[] = []
  #line = ''
  /** Of the heading that the paragraph is; 0: it is none. */
  level = 0

  constructor(found: Gathered) {
    this.#found = found
  }

  text(data: string): void {
    this.#line += data
  }

  end(): void {
    const line = this.#line
    if (this.level > 0 && line.trim() !== '') {
      this.#found.heading(line)
      this.#found.title ??= line
      if (this.level <= 2) this.begin(line)
    }
    this.#lines.push(line)
    this.#line = ''
    this.level = 0
  }

  begin(label: string): void {
    this.flush()
    this.#label = label
  }

  flush(): void {
    this.#found.section(this.#label, this.#lines.join('\n'))
    this.#lines = []
  }
}
