import { say } from '../../../locales/say.ts'
import { hiddenIn } from '../../contract/agreed/visible-text.ts'
import { notUnderstood, placeOf } from './raw-server.ts'

/** Characters of one paste. */
const longest = 100_000

/** As copied from a page, without what copying brings along. Throws for what nobody would see. */
export function cleanText(pasted: string): string {
  if (pasted.length > longest)
    throw notUnderstood(
      'The text is longer than 100,000 characters.',
      'Copy only the part that describes the server.',
    )
  const text = pasted
    .replace(/^\ufeff/, '')
    .replace(/\r\n?/g, '\n')
    // A space all the same, and shown as one.
    .replace(/\p{Zs}/gu, ' ')
  refuseHidden(text, say('pasted.theText'), (at) => ` at ${placeOf(text, at)}`)
  if (text.trim() === '')
    throw notUnderstood(
      'There is nothing to read.',
      'Paste the command, the address or the settings from the server’s page.',
    )
  return text
}

/** Throws when `text` holds a character that would not be seen, be it in itself or written as an escape. */
export function refuseHidden(text: string, what: string, where: (at: number) => string = () => ''): void {
  const hidden = hiddenIn(text)
  if (!hidden) return
  throw notUnderstood(
    `${what} holds a character that nobody can see (${hidden.code})${where(hidden.at)}.`,
    'Such characters can make a command look like another one. Type that part by hand, or get the text from the server’s own page.',
  )
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
