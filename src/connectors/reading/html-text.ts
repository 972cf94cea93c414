import { Parser } from 'htmlparser2'

const unseen = new Set(['head', 'script', 'style', 'template', 'noscript', 'svg', 'math', 'object', 'iframe'])
const block = new Set(
  'address article aside blockquote br dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table tr ul'.split(
    ' ',
  ),
)
/** The parser looks through all that is open with every tag. */
const deepest = 1_000

/** What a mail that is a page of HTML says, with the addresses of its links where these are not what is written. */
export function htmlText(html: string): string {
  const text: string[] = []
  const links: { to: string; from: number }[] = []
  let hidden = 0
  let depth = 0
  const parser = new Parser({
    onopentag(name, { href, style = '', hidden: isHidden }) {
      depth += 1
      if (depth > deepest) throw new TooDeep()
      // What is not shown to the reader is not for the assistant either.
      const isUnseen = unseen.has(name) || isHidden !== undefined || invisible.test(style)
      if (hidden > 0 || isUnseen) hidden += voids.has(name) ? 0 : 1
      if (block.has(name)) text.push('\n')
      if (name === 'td' || name === 'th') text.push('\t')
      if (name === 'a') links.push({ to: href ?? '', from: text.length })
    },
    ontext(data) {
      if (hidden === 0) text.push(data.replace(/\s+/g, ' '))
    },
    onclosetag(name) {
      depth -= 1
      if (hidden > 0 && !voids.has(name)) hidden -= 1
      if (name === 'a') {
        const { to, from } = links.pop() ?? { to: '', from: 0 }
        const isWritten = text.slice(from).join('').trim() === to
        if (hidden === 0 && /^https?:/.test(to) && to.length < 500 && !isWritten) text.push(` <${to}>`)
      }
      if (block.has(name) && !voids.has(name)) text.push('\n')
    },
  })
  try {
    parser.end(html)
  } catch (error) {
    if (!(error instanceof TooDeep)) throw error
  }
  return tidy(text.join(''))
}

class TooDeep extends Error {}
const invisible = /display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|opacity\s*:\s*0(?![.\d])/i
const voids = new Set([
  'area',
  'base',
  'br',
  'col',
  'embed',
  'hr',
  'img',
  'input',
  'link',
  'meta',
  'source',
  'wbr',
])

const tidy = (text: string) =>
  text
    .replace(/[ \t\u00a0]+/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
