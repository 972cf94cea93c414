import { createHash } from 'node:crypto'
import { shownJsonText, visibleLine } from '../contract/agreed/visible-text.ts'
import type { Risk } from '../contract/tools.ts'

/**
 * Characters of a call's arguments that can be shown whole. Some hundred pages: nobody reads more before allowing it, and it is
 * written out, sent to the window and searched on the host's one thread.
 */
export const longest = 1_000_000
/** Characters of the line that stands for a call in menus and notifications. */
const lineLength = 120
/** Characters of a name that somebody else gave: a client's, a server's, a tool's. */
const nameLength = 80

/** A stranger's name on one line. */
export const shownName = (name: string): string => visibleLine(name, nameLength)

export interface Shown {
  /** JSON of the arguments, whole: parsed, it is what the source gets. */
  text: string
  line: string
  /** The line leaves out nothing. */
  isWhole: boolean
}

/** What is shown of a call, or null when its arguments are too long to be shown whole or cannot be written down. */
export function shownCall(tool: string, args: unknown): Shown | null {
  try {
    // as it is sent
    const json = JSON.stringify(args)
    if (prettyLength(json) > longest) return null
    const text = shownJsonText(JSON.stringify(args, null, 2), longest)
    const name = shownName(tool)
    // a longer one is cut anyway, and every character is shown as one or more
    const whole = json.length <= lineLength ? `${name} ${shownJsonText(json)}` : null
    const letters = [...(whole ?? `${name} ${shownJsonText(json.slice(0, lineLength))}`)]
    const isWhole = whole !== null && letters.length <= lineLength && name === tool
    const line = isWhole ? whole : `${letters.slice(0, lineLength - 1).join('')}…`
    return { text, line, isWhole }
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) return null
    throw error
  }
}

/** How long JSON gets when it is indented by two: deep lists of little things grow a hundredfold, so it is known before it is done. */
function prettyLength(json: string): number {
  let length = json.length
  let depth = 0
  let inString = false
  for (let at = 0; at < json.length && length <= longest; at += 1) {
    const char = json[at]
    if (inString) {
      if (char === '\\') at += 1
      else if (char === '"') inString = false
    } else if (char === '"') inString = true
    else if (char === '{' || char === '[') {
      depth += 1
      length += 1 + 2 * depth
    } else if (char === '}' || char === ']') {
      depth -= 1
      length += 1 + 2 * depth
    } else if (char === ',') length += 1 + 2 * depth
    else if (char === ':') length += 1
  }
  return length
}

/** What whoever allows a call shows to have seen: this question, of this tool at this source, with exactly this text. SHA-256. */
export const fingerprint = (id: string, toolId: string, sourceId: string, text: string): string =>
  createHash('sha256')
    .update(JSON.stringify([id, toolId, sourceId, text]))
    .digest('base64url')

/** Nobody lets something destructive run from a line. */
export const lineSeen = (shown: Shown, risk: Risk, seen: string): string | null =>
  shown.isWhole && risk !== 'destructive' ? seen : null
