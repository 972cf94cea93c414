import { type Sentence, saidLater } from '../../../locales/say.ts'
import { hiddenIn } from '../../contract/agreed/visible-text.ts'
import { notUnderstood, placeOf } from './raw-server.ts'

/** Characters of one paste. */
const longest = 100_000

/** As copied from a page, without what copying brings along. Throws for what nobody would see. */
export function cleanText(pasted: string): string {
  if (pasted.length > longest) throw notUnderstood({ says: 'pasted.textLongerThan100' })
  const text = pasted
    .replace(/^\ufeff/, '')
    .replace(/\r\n?/g, '\n')
    // A space all the same, and shown as one.
    .replace(/\p{Zs}/gu, ' ')
  refuseHidden(text, saidLater('pasted.theText'), (at) => placeOf(text, at))
  if (text.trim() === '') throw notUnderstood({ says: 'pasted.nothingRead' })
  return text
}

/** Throws when `text` holds a character that would not be seen, be it in itself or written as an escape. */
export function refuseHidden(text: string, what: Sentence, where?: (at: number) => Sentence): void {
  const hidden = hiddenIn(text)
  if (!hidden) return
  const params = { what, code: hidden.code }
  throw where
    ? notUnderstood({ says: 'pasted.hiddenCharacterAt', params: { ...params, place: where(hidden.at) } })
    : notUnderstood({ says: 'pasted.hiddenCharacter', params })
}

/** The insides of all code blocks of a page in Markdown, or the text itself. */
export function blocksOf(text: string): string[] {
  const blocks: string[] = []
  const fence =
    /^([ \t>]*)(`{3,10}|~{3,10})[^\n]*\n([\s\S]*?)(?:\n[ \t>]*\2[`~]*[ \t]*(?=\n|$)|$(?![\s\S]))/gm
  for (const [, before = '', , inside = ''] of text.matchAll(fence))
    blocks.push(before.includes('>') ? inside.replace(/^[ \t]*> ?/gm, '') : inside)
  if (blocks.length > 0) return blocks.filter((block) => block.trim() !== '')
  // `npx …` between two single ones.
  return [/^\s*`([^`\n]+)`\s*$/.exec(text)?.[1] ?? text]
}
