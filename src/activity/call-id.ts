/**
 * The id of a row of the log: `call_`, when it came in 12 hexadecimal digits (milliseconds), and its place in the log in 12 more. So it
 * is found without an index of ids, which every call would have to keep up.
 */
export const callId = (at: number, seq: number): string =>
  `call_${twelveDigits(Math.max(0, at))}${twelveDigits(seq)}`

/** A place in the log where there never is a row. */
export const noRow = 0

/** The place of the row with this id; `noRow` when it is none. */
export const seqOf = (id: string): number =>
  /^call_[0-9a-f]{24}$/.test(id) ? Number.parseInt(id.slice(-12), 16) : noRow

const half = 0x1_00_00_00
/** In two halves: V8 makes text of a larger number many times slower. */
const twelveDigits = (number: number): string =>
  sixDigits(Math.floor(number / half)) + sixDigits(number % half)
const sixDigits = (number: number): string => (number + half).toString(16).slice(1)
