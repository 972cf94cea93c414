import { Gathered } from './extracted.ts'
import { inPieces } from './plain.ts'

/** Groups that hold no text of the document. */
const unsaid = new Set(
  'fonttbl colortbl stylesheet info pict object header footer listtable listoverridetable revtbl rsidtbl generator themedata colorschememapping datastore latentstyles filetbl xmlnstbl'.split(
    ' ',
  ),
)
const breaks = new Set('par line row sect page tab cell'.split(' '))
const signs: Record<string, string> = {
  emdash: '—',
  endash: '–',
  bullet: '•',
  lquote: '‘',
  rquote: '’',
  ldblquote: '“',
  rdblquote: '”',
}

/**
 * Text of the Rich Text Format (Microsoft's specification 1.9.1), which is 7-bit. One walk over it, with a stack of what groups
 * say about themselves; the libraries there are for it make HTML, or take Outlook's mails only.
 */
export function fromRtf(text: string): Gathered {
  const found = new Gathered()
  const stack: { hidden: boolean; skip: number }[] = []
  let group = { hidden: false, skip: 1 }
  let out = ''
  let codePage = 'windows-1252'
  /** Characters that stand in for the one before, in older readers. */
  let toSkip = 0
  const pieces =
    /\\([a-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-f]{2})|\\(\*)|\\([^a-z])|([{}])|[\r\n]+|([^\\{}\r\n]+)/gi
  const put = (piece: string, length = piece.length) => {
    const skipped = Math.min(toSkip, length)
    toSkip -= skipped
    if (!group.hidden && skipped < length) out += skipped === 0 ? piece : piece.slice(skipped)
  }
  for (const [, word, number, hex, star, sign, brace, plain] of text.matchAll(pieces)) {
    if (brace === '{') {
      if (stack.length > 10_000) break
      stack.push({ ...group })
    } else if (brace === '}') group = stack.pop() ?? { hidden: false, skip: 1 }
    else if (star || (word && unsaid.has(word))) group.hidden = true
    else if (word === 'ansicpg') codePage = `windows-${number}`
    else if (word === 'uc') group.skip = Math.min(10, Number(number ?? 1))
    else if (word === 'u' && number) {
      if (!group.hidden) out += String.fromCharCode(Number(number) & 0xffff)
      toSkip = group.skip
    } else if (word && breaks.has(word)) put(word === 'tab' || word === 'cell' ? '\t' : '\n')
    else if (word && signs[word]) put(signs[word])
    else if (hex) put(oneByte(Number.parseInt(hex, 16), codePage))
    else if (sign) put(sign === '~' ? ' ' : /[\\{}]/.test(sign) ? sign : '')
    else if (plain) put(plain)
  }
  inPieces(found, out)
  return found
}

function oneByte(byte: number, codePage: string): string {
  try {
    return new TextDecoder(codePage).decode(Uint8Array.of(byte))
  } catch {
    return new TextDecoder('windows-1252').decode(Uint8Array.of(byte))
  }
}
