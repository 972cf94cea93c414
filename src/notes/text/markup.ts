import { Parser } from 'htmlparser2'
import { Gathered, limits } from './extracted.ts'

const unseen = new Set(['script', 'style', 'template', 'noscript', 'svg', 'math', 'object', 'iframe'])
const block = new Set(
  (
    'address article aside blockquote br dd details div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p ' +
    'pre section table tr ul'
  ).split(' '),
)

/** A page of HTML. A reader of events: nothing is nested in memory however deep the page is, and no entity is looked up anywhere. */
export function fromHtml(text: string): Gathered {
  const found = new Gathered()
  readHtml(found, text, '')
  return found
}

/** Adds a page to what was found already. `label`: of what comes before the first heading. */
export function readHtml(found: Gathered, text: string, label: string): void {
  const page = {
    label,
    text: [] as string[],
    heading: null as string[] | null,
    title: null as string[] | null,
  }
  let hidden = 0
  let depth = 0
  const flush = () => {
    found.section(page.label, page.text.join(''))
    page.text = []
  }
  const parser = new Parser(
    {
      onopentag(name, attributes) {
        depth += 1
        if (depth > maxDepth) throw new TooDeep()
        if (unseen.has(name)) hidden += 1
        if (block.has(name)) page.text.push('\n')
        if (name === 'td' || name === 'th') page.text.push('\t')
        if (name === 'a') found.link(attributes.href)
        if (name === 'title' && found.title === null) page.title = []
        if (/^h[1-3]$/.test(name)) page.heading = []
      },
      ontext(data) {
        if (hidden > 0 || found.isFull) return
        if (page.title) page.title.push(data)
        else page.text.push(data.replace(/\s+/g, ' '))
        page.heading?.push(data)
      },
      onclosetag(name) {
        depth -= 1
        if (unseen.has(name)) hidden -= 1
        if (name === 'title' && page.title) {
          found.title = page.title.join('')
          page.title = null
        }
        if (/^h[1-3]$/.test(name) && page.heading) {
          const words = page.heading.join('')
          page.heading = null
          found.heading(words)
          if (name !== 'h3') {
            const line = page.text.join('')
            const at = Math.max(0, line.lastIndexOf(words.replace(/\s+/g, ' ')))
            page.text = [line.slice(0, at)]
            flush()
            page.text = [line.slice(at)]
            page.label = words
          }
        }
        if (block.has(name)) page.text.push('\n')
      },
    },
    { decodeEntities: true },
  )
  found.isPartial ||= !isReadBy(parser, text)
  flush()
}

/** What an XML file says to `on`. Its own entities (`<!ENTITY`) are never put in place, so there is nothing to blow up. */
export function readXml(
  text: string,
  on: {
    open?(name: string, attributes: Record<string, string>): void
    text?(data: string): void
    close?(name: string): void
  },
): void {
  let depth = 0
  const parser = new Parser(
    {
      onopentag(name, attributes) {
        depth += 1
        if (depth > maxDepth) throw new TooDeep()
        on.open?.(name, attributes)
      },
      ontext: (data) => on.text?.(data),
      onclosetag(name) {
        depth -= 1
        on.close?.(name)
      },
    },
    { xmlMode: true, decodeEntities: true },
  )
  isReadBy(parser, text.slice(0, limits.unpacked))
}

/** The parser looks through all that is open with every tag: what is nested deeper than anybody writes would take it for ever. */
const maxDepth = 2_000
class TooDeep extends Error {}

/** False: not to its end. */
function isReadBy(parser: Parser, text: string): boolean {
  try {
    parser.end(text)
    return true
  } catch (error) {
    if (error instanceof TooDeep) return false
    throw error
  }
}
