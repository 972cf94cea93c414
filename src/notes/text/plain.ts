import { Gathered, limits, oneLine } from './extracted.ts'

/** Markdown, with a section for each heading of the first two levels. */
export function fromMarkdown(text: string): Gathered {
  const found = new Gathered()
  const { body, title } = withoutFrontMatter(text)
  found.title = title
  let label = ''
  let lines: string[] = []
  let isCode = false
  for (const line of body.split(/\r\n?|\n/)) {
    if (/^ {0,3}(?:```|~~~)/.test(line)) isCode = !isCode
    const heading = isCode || line.length > 1_000 ? null : /^ {0,3}(#{1,6})[ \t]+(\S.*)$/.exec(line)
    if (heading) {
      const words = heading[2]!.replace(/[ \t]+#+[ \t]*$/, '')
      found.heading(words)
      found.title ??= words
      if (heading[1]!.length <= 2) {
        found.section(label, lines.join('\n'))
        lines = []
        label = words
      }
    }
    lines.push(line)
  }
  found.section(label, lines.join('\n'))
  for (const [, wiki, address] of body
    .slice(0, limits.text)
    .matchAll(/\[\[([^\]|#\n]{1,200})|\]\(<?([^)\s>]{1,500})/g))
    found.link(wiki ?? address)
  return found
}

function withoutFrontMatter(text: string): { body: string; title: string | null } {
  const front = /^\uFEFF?---[ \t]*\r?\n([\s\S]{0,20000}?)\r?\n---[ \t]*(?:\r?\n|$)/.exec(text)
  if (!front) return { body: text, title: null }
  const title = /^title:[ \t]*["']?(.*?)["']?[ \t]*$/m.exec(front[1]!)?.[1] ?? null
  // What stands in it, such as tags, is looked for too.
  return { body: `${text.slice(front[0].length)}\n\n${front[1]}`, title: title === '' ? null : title }
}

/** Text as it is, in pieces of about `pieceLength`, so that a part of it can be asked for. */
export function fromText(text: string): Gathered {
  const found = new Gathered()
  const first = /\S.*/.exec(text.slice(0, 2_000))?.[0] ?? ''
  // Its first line, where that looks like a title and not like data.
  if (first.length <= 100 && !/[,;\t].*[,;\t]/.test(first)) found.title = oneLine(first)
  inPieces(found, text)
  return found
}

const pieceLength = 20_000

export function inPieces(found: Gathered, text: string): void {
  for (let at = 0, piece = 1; at < text.length && !found.isFull; piece += 1) {
    const line = text.indexOf('\n', at + pieceLength)
    const end = line < 0 || line > at + 2 * pieceLength ? at + 2 * pieceLength : line + 1
    found.section(text.length > end || piece > 1 ? `Part ${piece}` : '', text.slice(at, end))
    at = end
  }
  if (found.isFull) found.isPartial = true
}

/** iCalendar (RFC 5545 §3.1) and vCard (RFC 6350 §3.2): lines that are put together again; a section for each event or person. */
export function fromContentLines(text: string): Gathered {
  const found = new Gathered()
  const lines = text
    .replace(/\r\n?/g, '\n')
    .replace(/\n[ \t]/g, '')
    .split('\n')
  let rows: string[] = []
  let label = ''
  for (const line of lines) {
    const parts = /^([A-Za-z0-9-]{1,60}\.)?([A-Za-z0-9-]{1,60})((?:;[^:]{0,2000})?):(.*)$/.exec(line)
    if (!parts) continue
    const name = parts[2]!.toUpperCase()
    const value = parts[4]!.replace(/\\n/gi, '\n').replace(/\\([\\,;])/g, '$1')
    if (name === 'END' && /^(?:VEVENT|VTODO|VJOURNAL|VCARD)$/i.test(value)) {
      found.section(label, rows.join('\n'))
      rows = []
      label = ''
    } else if (!unsaid.has(name)) {
      if (name === 'SUMMARY' || name === 'FN') {
        label = value
        found.heading(value)
      }
      rows.push(
        `${name.toLowerCase()}: ${name === 'N' || name === 'ADR' ? value.replace(/;+/g, ' ') : value}`,
      )
    }
  }
  return found
}

const unsaid = new Set(
  'BEGIN END VERSION PRODID UID DTSTAMP CREATED PHOTO LOGO SOUND KEY SEQUENCE REV'.split(' '),
)
