/**
 * What a person does not see and a program does: controls but the line break, soft hyphen, zero-width, joiners, marks
 * that turn the direction of writing, fillers, tags.
 */
const UNSEEN = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800\ufff9-\uffff]/gu

export interface TextPart {
  text: string
  /** Stands for a character that would not be seen. */
  unseen: boolean
}

/** A stranger's text as it really is: what would stay unseen, or move the text around it, is written out as its code. */
export function visibleParts(text: string): TextPart[] {
  const parts: TextPart[] = []
  let from = 0
  for (const match of text.matchAll(UNSEEN)) {
    if (match.index > from) parts.push({ text: text.slice(from, match.index), unseen: false })
    parts.push({ text: codeOf(match[0]), unseen: true })
    from = match.index + match[0].length
  }
  if (from < text.length) parts.push({ text: text.slice(from), unseen: false })
  return parts
}

/** The same in one text, for places that take no more than that. */
export const visibleText = (text: string): string =>
  visibleParts(text)
    .map((part) => part.text)
    .join('')

const codeOf = (char: string) =>
  `⟨U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`
