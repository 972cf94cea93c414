import { say } from '../../../locales/say.ts'
import { type Difference, type Finding, Risk } from '../tools.ts'
import { quotedLine, visibleLine } from './visible-text.ts'

/** What is another, in a sentence. */
export function differenceWords({ what, name, before }: Omit<Difference, 'now'>): string {
  const values = { name: quotedLine(name ?? '') }
  switch (what) {
    case 'argument-added':
      return say('pins.argumentAdded', values)
    case 'argument-removed':
      return say('pins.argumentRemoved', values)
    case 'argument-required':
      return say('pins.argumentRequired', values)
    case 'argument-optional':
      return say('pins.argumentOptional', values)
    case 'argument-changed':
      return say('pins.argumentChanged', values)
    case 'argument-description':
      return say('pins.argumentDescription', values)
    case 'reads':
    case 'writes':
    case 'destroys': {
      const was = Risk.safeParse(before)
      const now = say(`pins.${what}`)
      return was.success ? say('pins.wasRisk', { now, before: say(`risk.${was.data}.label`) }) : now
    }
    default:
      return say(`pins.${what}`)
  }
}

/** Whether there is more to see than its words say. */
export const hasSides = ({ what, before, now }: Difference): boolean =>
  (before ?? now) !== null && what !== 'reads' && what !== 'writes' && what !== 'destroys'

/** What was found in a text, in a few words. */
export const findingWords = ({ what, text }: Pick<Finding, 'what' | 'text'>): string =>
  say(`findings.${what}`, { text: quotedLine(text, 160) })

/** Where in a definition: `description`, or the way to it in a schema. */
export const placeWords = (where: string): string => visibleLine(where, 120)

/** What of two texts is the same at the beginning and at the end, and what is another between them. */
export function changedPart(
  before: string,
  now: string,
): { start: string; before: string; now: string; end: string } {
  const shorter = Math.min(before.length, now.length)
  let from = 0
  while (from < shorter && before[from] === now[from]) from += 1
  let back = 0
  while (back < shorter - from && before[before.length - 1 - back] === now[now.length - 1 - back]) back += 1
  return {
    start: now.slice(0, from),
    before: before.slice(from, before.length - back),
    now: now.slice(from, now.length - back),
    end: now.slice(now.length - back),
  }
}
