/**
 * Messages that are not one to a line, event or body (as MCP wants them): several behind one another, one over several lines, or one
 * between what terminals and frames put around it. What is written *about* something stays a line of log: a message
 * that stands behind other words may be a text of a stranger that the server only shows, and could answer a call in its name.
 */

/** Nobody who writes one over several lines writes more. */
const maxLength = 4_000_000
const maxLines = 50_000
/** Each is read by itself, and nobody may be kept waiting by rubbish. */
const mostPieces = 1_000

/** Colours and cursor movements (ECMA-48), control characters, byte order marks, and what ends a statement or begins an event. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const around = /(?:\u001b\[[0-9;?]*[A-Za-z]|[\u0000-\u0020\u007f\ufeff\ufffd;,]){0,1000}(?:data:\s*)?/y

// biome-ignore lint/suspicious/noControlCharactersInRegex: no text in JSON has one
const colours = /\u001b\[[0-9;?]*[A-Za-z]/g

/** Whether a text could be messages at all, told from its beginning. */
export function mayBeMessages(text: string): boolean {
  around.lastIndex = 0
  const first = text[around.exec(text)![0].length]
  return first === '{' || first === '['
}

/** The objects and lists that a text consists of, with nothing but the above between them; null: it is something else, or just one. */
export function piecesOf(line: string): string[] | null {
  if (line.length > maxLength) return null
  const pieces: string[] = []
  for (let at = 0; ; ) {
    around.lastIndex = at
    at += around.exec(line)![0].length
    if (at >= line.length) break
    const end = endOf(line, at)
    if (end === null || pieces.length === mostPieces) return null
    pieces.push(line.slice(at, end))
    at = end
  }
  return pieces.length === 0 || pieces[0] === line ? null : pieces
}

/** Behind the object or list that begins at `from`; null: none does, or it does not end. */
function endOf(line: string, from: number): number | null {
  if (line[from] !== '{' && line[from] !== '[') return null
  const { depth, end } = nesting(line, from)
  return depth === 0 ? end : null
}

/** How deep it is in at the end; `end`: behind the first place where it is in nothing any more. */
function nesting(text: string, from: number, before = 0): { depth: number; end: number } {
  let depth = before
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === 0x22) {
      do at = text.indexOf('"', at + 1)
      while (at !== -1 && isEscaped(text, at))
      // Texts do not go on in the next line.
      if (at === -1) return { depth: -1, end: text.length }
    } else if (code === 0x7b || code === 0x5b) depth += 1
    else if (code === 0x7d || code === 0x5d) {
      depth -= 1
      if (depth <= 0) return { depth, end: at + 1 }
    }
  }
  return { depth, end: text.length }
}

function isEscaped(text: string, at: number): boolean {
  let before = at
  while (text.charCodeAt(before - 1) === 0x5c) before -= 1
  return (at - before) % 2 === 1
}

/** Gathers the lines of one message. */
export class SpreadOut {
  #lines: string[] = []
  #length = 0
  #depth = 0

  /** All of it with its last line; null: it is not there yet, or this is no part of any. */
  add(given: string): string | null {
    if (given.length > maxLength) {
      this.forget()
      return null
    }
    const line = given.replace(colours, '')
    const isFirst = this.#lines.length === 0
    if (isFirst && !/^\s*[{[]/.test(line)) return null
    const { depth, end } = nesting(line, 0, this.#depth)
    this.#length += line.length
    this.#lines.push(line)
    if (depth < 0 || this.#length > maxLength || this.#lines.length > maxLines) {
      this.forget()
      return null
    }
    this.#depth = depth
    if (depth > 0) return null
    const whole = isFirst || line.slice(end).trim() !== '' ? null : this.#lines.join('\n')
    this.forget()
    return whole
  }

  forget(): void {
    this.#lines = []
    this.#length = this.#depth = 0
  }
}
