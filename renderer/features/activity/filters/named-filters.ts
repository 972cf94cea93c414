import { say } from '../../../../locales/say.ts'
import { visibleLine } from '../../../../src/contract/agreed/visible-text.ts'
import { LONGEST_TITLE } from '../../../ui/plain.tsx'
import { riskWords } from '../../../words/access.ts'
import { type LogAddress, resultWords } from '../log-address.ts'
import type { Choices } from './use-choices.ts'

/** By what the log is narrowed down, for the middle of a sentence. */
export function namedFilters(address: LogAddress, { assistants }: Choices): string {
  const { assistant, tool, source, result, risk, time, search } = address
  const quoted = (text: string) => say('activity.filter.quoted', { text: visibleLine(text, LONGEST_TITLE) })
  const values = [
    assistant && quoted(assistants.get(assistant) ?? assistant),
    tool && quoted(tool),
    source && quoted(source),
    result && resultWords(result),
    risk && riskWords(risk).label,
    time && (time === 'range' ? rangeWords(address) : say(`activity.filter.time.${time}`)),
    search && quoted(search),
  ]
  return values.filter(Boolean).join(say('activity.filter.and'))
}

function rangeWords({ from, to }: LogAddress): string {
  if (from === undefined) return to === undefined ? '' : say('activity.filter.upTo', { to })
  return to === undefined
    ? say('activity.filter.since', { from })
    : say('activity.filter.range', { from, to })
}
