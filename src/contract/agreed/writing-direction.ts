/**
 * Letters and digits that are written from right to left (bidirectional classes R, AL and AN of Unicode, with their marks). Whatever
 * stands between two of them, such as `/` and `..`, changes places on the screen, although no character is hidden.
 */
const letter = '[\\u0590-\\u08ff\\ufb1d-\\ufdff\\ufe70-\\ufefe\\u{10800}-\\u{10fff}\\u{1e800}-\\u{1efff}]'
const any = new RegExp(letter, 'u')
/** Words with single spaces between them belong together: a sentence keeps the order that its readers expect. */
const runs = new RegExp(`(${letter}+(?: ${letter}+)*)`, 'u')

/** Whether the text is drawn in another order than it is stored in. */
export const turnsRound = (text: string): boolean => any.test(text)

export interface DirectionRun {
  text: string
  /** To be drawn by itself (HTML `bdi`, U+2066 … U+2069), so that what stands around it stays in its place. */
  rightToLeft: boolean
}

/** The text in pieces of one direction each; joined they are the text. */
export const directionRuns = (text: string): DirectionRun[] =>
  text
    .split(runs)
    .map((piece, at) => ({ text: piece, rightToLeft: at % 2 === 1 }))
    .filter((run) => run.text !== '')
