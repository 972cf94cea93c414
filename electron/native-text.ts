/** Strangers' words in menus and notifications: one line, in a font and a direction that the system chooses. */
import { say } from '../locales/say.ts'
import { quotedLine, visibleLine, writtenLine } from '../src/contract/agreed/visible-text.ts'
import { turnsRound } from '../src/contract/agreed/writing-direction.ts'
import type { Approval } from '../src/contract/approvals.ts'

/** U+2066 … U+2069: the sentence around it keeps its order. */
const apart = (text: string) => (turnsRound(text) ? `\u2066${text}\u2069` : text)

/** A name within a sentence of ours. `longest`: in characters. */
export const nativeName = (text: string, longest: number): string =>
  apart(visibleLine(text.trim(), longest)) || say('native.noName')

/** A name that nobody vouches for, in quotes: nothing in it goes on with the sentence. */
export const nativeQuoted = (text: string, longest: number): string => apart(quotedLine(text.trim(), longest))

/** A host on one line. Whose it is stands at its end, so of a longer one that is what is left. */
export function nativeHost(host: string, longest: number): string {
  const letters = [...visibleLine(host.trim())]
  return (
    apart(letters.length > longest ? `…${letters.slice(1 - longest).join('')}` : letters.join('')) ||
    say('native.noName')
  )
}

/** The same for a name as `Approval` has it: the host wrote it out already. */
export const writtenName = (text: string, longest: number): string =>
  apart(writtenLine(text.trim(), longest)) || say('native.noName')

/** What would run, whole as the host gave it: never cut, because its arguments are what is agreed to. */
export const nativeLine = ({ line }: Approval): string => apart(line)

/** What allowing needs, where the line shows the whole truth character by character; null: it takes the window. */
export const seenInLine = ({ line, lineSeen }: Approval): string | null =>
  turnsRound(line) ? null : lineSeen

/** The tool as it cannot be renamed by its server, and where it runs. */
export const nativeOrigin = ({ source, toolId }: Approval): string =>
  say('native.from', { source: writtenName(source, 40), tool: nativeName(toolId, 80) })
