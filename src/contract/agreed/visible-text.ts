/**
 * A stranger's text as people and models read it: dialogs, pages, command line, tray and notifications, log lines, pasted texts and what
 * assistants are told all pass it through here.
 *
 * Everything that would not be seen, or that would move or cover the text around it, is written out as its code. In plain text that
 * is `⟨U+202E⟩` (and a real `⟨` becomes `⟨U+27E8⟩`, so that codes cannot be imitated); in JSON it is JSON's own `\u202e`, so that
 * what is shown parses to exactly what runs.
 */

/** Combining marks that lie over a character and make another of it, and those that enclose it. */
const covering = '\\u0334-\\u0338\\u20d2\\u20d3\\u20d8-\\u20e8\\u20ea\\u20eb\\p{Me}'
/** What nobody sees: controls, format and bidirectional characters, surrogates, private ones, noncharacters, separators, fillers, tags. */
const hidden =
  '\\p{Cc}\\p{Cf}\\p{Cs}\\p{Co}\\p{Noncharacter_Code_Point}\\p{Zl}\\p{Zp}\\p{Default_Ignorable_Code_Point}\\u2800'
/** That, what is not assigned (yet), and every space but the plain one. */
const unseen = `[${hidden}\\p{Cn}${covering}]|(?! )\\p{Zs}`
/** Marks that have no letter to stand on, or more of them than any writing needs: they run into the lines around. */
const stray = '(?<![\\p{L}\\p{N}\\p{M}])\\p{M}|(?<=\\p{M}{3})\\p{M}'

const inText = new RegExp(`(?!\\n)(?:${unseen}|${stray}|\\u27e8)`, 'gu')
const inLine = new RegExp(`${unseen}|${stray}|\\u27e8`, 'gu')
const inJson = new RegExp(`(?!\\n)(?:${unseen}|${stray})`, 'gu')

const hiddenCharacter = new RegExp(`(?![\\n\\t])[${hidden}]`, 'u')
const hiddenCharacters = new RegExp(hiddenCharacter, 'gu')
/** Terminal escape sequences (ECMA-48): CSI, OSC (also one that never ends), and the short ones. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
const sequences = /\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[ -/]*[0-~]/g

export interface TextPart {
  text: string
  /** Stands for a character that would not be seen. */
  unseen: boolean
}

/** `U+202E`. */
export const codePointName = (char: string): string =>
  `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`

const codeOf = (char: string) => `⟨${codePointName(char)}⟩`

/** In pieces, for places that can set the codes apart. Line breaks stay. */
export function visibleParts(text: string): TextPart[] {
  const parts: TextPart[] = []
  let from = 0
  for (const match of text.matchAll(inText)) {
    if (match.index > from) parts.push({ text: text.slice(from, match.index), unseen: false })
    parts.push({ text: codeOf(match[0]), unseen: true })
    from = match.index + match[0].length
  }
  if (from < text.length) parts.push({ text: text.slice(from), unseen: false })
  return parts
}

/** Where it holds something that would not be seen, tabs and line breaks aside: `U+202E`, and at which UTF-16 unit; null: nowhere. */
export function hiddenIn(text: string): { code: string; at: number } | null {
  const match = hiddenCharacter.exec(text)
  return match && { code: codePointName(match[0]), at: match.index }
}

/**
 * Without terminal sequences and without what a person does not see and a model does, which is left out here instead of written out. Tabs
 * and line ends stay. For what models read, and for what programs write to a terminal.
 */
export const withoutHidden = (text: string): string =>
  text.replaceAll('\r\n', '\n').replace(sequences, '').replace(hiddenCharacters, '')

/** Whether there is anything to look at more closely: nearly all texts are told apart by this alone. Without `u`, which would take ten times as long. */
const maybeSmuggled =
  // biome-ignore lint/suspicious/noControlCharactersInRegex lint/suspicious/noMisleadingCharacterClass: these are what this looks for
  /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\udb40-\udb7f]/

/** Scripts whose letters join, and emoji, need joiners; Latin letters do not. */
const joins =
  '(?:\\p{Extended_Pictographic}|\\p{Emoji_Modifier}|\\ufe0f|(?![\\p{Script=Latin}\\p{Script=Greek}\\p{Script=Cyrillic}\\p{Script=Han}])[\\p{L}\\p{M}])'
/** What nobody sees, but what writing needs: joiners where letters or emoji join, one variation selector to a sign, and the tags of a flag. */
const smuggled = new RegExp(
  [
    '[\\0-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\xad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180e\\u200b\\u200e\\u200f\\u202a-\\u202e]',
    '[\\u2060-\\u206f\\u3164\\ufeff\\uffa0\\ufff0-\\ufffb\\p{Noncharacter_Code_Point}]',
    `(?<!${joins})[\\u200c\\u200d]`,
    `[\\u200c\\u200d](?!${joins})`,
    '(?<=^|[\\s\\p{Variation_Selector}A-Za-z])\\p{Variation_Selector}',
    '(?<!\\u{1f3f4}[\\u{e0020}-\\u{e007e}]{0,6})[\\u{e0000}-\\u{e007f}]',
    '[\\u{e0080}-\\u{e00ff}\\u{e01f0}-\\u{e0fff}]',
  ].join('|'),
  'gu',
)

/** Whether `withoutSmuggled` would leave anything out. */
export const hasSmuggled = (text: string): boolean =>
  maybeSmuggled.test(text) && withoutSmuggled(text) !== text

/**
 * As `withoutHidden`, for texts that are data: whatever their writing needs stays, such as joined emoji and the joiners of Persian and
 * Hindi, and so does every line end.
 */
export const withoutSmuggled = (text: string): string =>
  maybeSmuggled.test(text) ? text.replace(sequences, '').replace(smuggled, '') : text

/** In one text. Line breaks stay. */
export const visibleText = (text: string): string => text.replace(inText, codeOf)

/** On one line, line breaks as codes too; of a longer one the beginning, with a mark that says so. `longest`: in characters. */
export function visibleLine(text: string, longest = Number.POSITIVE_INFINITY): string {
  // Twice the length is enough for what is left out below, and a name of megabytes costs nothing.
  const start = longest === Number.POSITIVE_INFINITY ? text : text.slice(0, 2 * longest + 2)
  return shortened(start.replace(inLine, codeOf), longest)
}

function shortened(shown: string, longest: number): string {
  const letters = [...shown]
  return letters.length > longest ? `${letters.slice(0, longest - 1).join('')}…` : shown
}

const code = /(⟨U\+[\dA-F]{4,6}⟩)/u

/** A line that was written out before, as names in `Approval` are: its codes stay codes, and nothing else gets through either. */
export const writtenLine = (text: string, longest = Number.POSITIVE_INFINITY): string =>
  shortened(
    text
      .split(code)
      .map((piece, at) => (at % 2 === 1 ? piece : piece.replace(inLine, codeOf)))
      .join(''),
    longest,
  )

/** The same in one text. Line breaks stay. */
export const writtenText = (text: string): string =>
  text
    .split('\n')
    .map((line) => writtenLine(line))
    .join('\n')

const likeOurQuotes = /[\u201c-\u201f\u2033\u2036\u275d\u275e\u301d-\u301f]/g

/** In our quotes, which nothing in it ends or imitates: a text that is written out already. */
export const inQuotes = (shown: string): string => `“${shown.replace(likeOurQuotes, codeOf)}”`

/** On one line, and in our quotes. */
export const quotedLine = (text: string, longest = 80): string => inQuotes(visibleLine(text, longest))

/**
 * JSON to be read and agreed to: `JSON.parse` of it gives exactly the value. `indent` 0: on one line. Throws what `JSON.stringify` throws.
 */
export const shownJson = (value: unknown, indent: 0 | 2 = 2): string =>
  shownJsonText(JSON.stringify(value, null, indent) ?? 'null')

/** The same for JSON that is written already. Throws RangeError as soon as it gets longer than `longest` characters. */
export function shownJsonText(json: string, longest = Number.POSITIVE_INFINITY): string {
  let left = longest - json.length
  const code = (char: string): string => {
    left -= 5 * char.length
    if (left < 0) throw new RangeError('too long')
    return unitCode(char, 0) + (char.length > 1 ? unitCode(char, 1) : '')
  }
  if (left < 0) throw new RangeError('too long')
  return json.replace(inJson, code)
}

const unitCode = (char: string, at: number) => `\\u${(char.charCodeAt(at) + 0x10000).toString(16).slice(1)}`
