import { strToU8, zipSync } from 'fflate'

/** Small documents of every kind, made here, that say `words`. */
export const documentsSaying: Record<string, (words: string) => string | Uint8Array> = {
  'x.md': (words) => `# Title\n\n${words}`,
  'x.txt': (words) => words,
  'x.csv': (words) => `name,text\none,"${words}"`,
  'x.html': (words) => `<title>Title</title><p>${words.replace(' ', ' <b>')}</b></p>`,
  'x.pdf': (words) => pdf([words]),
  'x.docx': (words) => docx(words),
  'x.odt': (words) =>
    zip({
      'content.xml': `<office:document-content><office:body><office:text><text:h text:outline-level="1">Head</text:h><text:p>${words}</text:p></office:text></office:body></office:document-content>`,
    }),
  'x.epub': (words) =>
    zip({
      'OEBPS/a.opf': `<package><metadata><dc:title>Book</dc:title></metadata><manifest><item id="c1" href="text/one%20two.xhtml"/></manifest><spine><itemref idref="c1"/></spine></package>`,
      'OEBPS/text/one two.xhtml': `<html><body><h1>One</h1><p>${words}</p></body></html>`,
    }),
  'x.xlsx': (words) =>
    zip({
      'xl/workbook.xml': '<workbook><sheets><sheet name="Costs"/></sheets></workbook>',
      'xl/sharedStrings.xml': `<sst><si><r><t>${words}</t></r></si></sst>`,
      'xl/worksheets/sheet1.xml':
        '<worksheet><sheetData><row><c t="s"><v>0</v></c><c><v>42</v></c></row></sheetData></worksheet>',
    }),
  'x.rtf': (words) =>
    `{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0 Nothing;}}{\\*\\generator None}\\f0 ${[...words]
      .map((one) => (one > '\x7f' ? `\\u${one.charCodeAt(0)}?` : one))
      .join('')}\\par}`,
  'x.eml': (words) => mail(words),
  'x.mbox': (words) =>
    `From a@b Thu Jan  1 00:00:00 2026\n${mail('first')}\n\nFrom a@b Thu Jan  1 00:00:00 2026\n${mail(words)}\n`,
  'x.ics': (words) => `BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:${words}\nEND:VEVENT\nEND:VCALENDAR`,
  'x.vcf': (words) => `BEGIN:VCARD\nFN:Ada\nNOTE:${words}\nEND:VCARD`,
}

export const zip = (files: Record<string, string>): Uint8Array =>
  zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)])))

const docx = (words: string): Uint8Array =>
  zip({
    'word/document.xml': `<w:document><w:body><w:p><w:pPr><w:pStyle w:val="berschrift1"/></w:pPr><w:r><w:t>Head</w:t></w:r></w:p><w:p><w:r><w:t>${words.slice(0, 3)}</w:t></w:r><w:r><w:t>${words.slice(3)}</w:t></w:r></w:p></w:body></w:document>`,
  })

const mail = (words: string): string =>
  [
    ...['From: Ada <ada@example.org>', 'To: Bob <bob@example.org>', 'Subject: =?utf-8?q?A_l=C3=A9tter?='],
    ...[
      'MIME-Version: 1.0',
      'Content-Type: text/html; charset=utf-8',
      'Content-Transfer-Encoding: base64',
      '',
    ],
    Buffer.from(`<p>${words}</p>`).toString('base64'),
  ].join('\n')

/** PDF 1.4 with a page for each text; letters of Latin-1 only. */
export function pdf(pages: readonly string[]): Uint8Array {
  const objects: string[] = ['<</Type/Catalog/Pages 2 0 R>>']
  const kids = pages.map((_, n) => `${4 + 2 * n} 0 R`)
  objects.push(`<</Type/Pages/Kids[${kids.join(' ')}]/Count ${pages.length}>>`)
  objects.push('<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>')
  for (const [n, text] of pages.entries()) {
    // What is beside the page is no text of it.
    const lines = text.match(/.{1,80}(?:\s|$)|\S{1,80}/g) ?? []
    const shown = lines.map((line) => `(${line.replace(/[\\()]/g, '\\$&')}) Tj T*`)
    const stream = `BT /F1 12 Tf 14 TL 20 780 Td ${shown.join(' ')} ET`
    objects.push(
      `<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Resources<</Font<</F1 3 0 R>>>>/Contents ${5 + 2 * n} 0 R>>`,
      `<</Length ${stream.length}>>stream\n${stream}\nendstream`,
    )
  }
  let out = '%PDF-1.4\n'
  const places = objects.map((object, n) => {
    const at = out.length
    out += `${n + 1} 0 obj\n${object}\nendobj\n`
    return at
  })
  const table = places.map((at) => `${String(at).padStart(10, '0')} 00000 n \n`).join('')
  out += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}trailer<</Size ${objects.length + 1}/Root 1 0 R>>\nstartxref\n${out.length}\n%%EOF`
  return Buffer.from(out, 'latin1')
}
