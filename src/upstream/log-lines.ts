import type { Redactor } from '../kernel/redact.ts'
import { withoutHidden } from '../kernel/without-hidden.ts'
import type { LogMessage } from './exchange.ts'

const maxLines = 200
const maxLength = 2_000

/** What a server wrote, ready to be kept: one line without colours and without what nobody would see. */
export const plainLine = (text: string): string => withoutHidden(text).replace(/\s+$/, '').slice(0, maxLength)

/** The last lines a server wrote, redacted before they are kept. */
export interface LogLines {
  /** A line it wrote to standard error. */
  add(line: string): void
  /** A line on standard output that was no message; it is shown as such. */
  addRubbish(line: string): void
  /** A log message it sent over MCP, to nobody in particular. */
  addLogged(message: LogMessage): void
  all(): string[]
  /** The line of standard error that best says why it ended; empty when it wrote nothing. */
  reason(): string
  /** The process is started: earlier lines stay, but no longer give the reason. */
  begin(): void
  /** Forgets what came since the last `begin`. */
  forgetRun(): void
}

/** What stands after the telling line of a crash: stack frames, carets, the version of Node. */
const noise = /^(\s+at |\s*[\^~{}]|Node\.js v)/

export function createLogLines(redactor: Redactor): LogLines {
  let lines: { run: number; text: string }[] = []
  let run = 0
  let errors: string[] = []
  const clean = (line: string) => plainLine(redactor.text(line))
  const keep = (text: string) => {
    lines.push({ run, text })
    if (lines.length > maxLines) lines.shift()
  }
  return {
    add(line) {
      const text = clean(line)
      if (text === '') return
      keep(text)
      errors.push(text)
      if (errors.length > 30) errors.shift()
    },
    addRubbish(line) {
      const text = clean(line)
      if (text !== '') keep(`(standard output) ${text}`)
    },
    addLogged({ level, logger, data }) {
      const said = typeof data === 'string' ? data : JSON.stringify(data)
      const text = clean((said ?? '').slice(0, 2 * maxLength))
      if (text !== '') keep(`(${logger ? `${clean(logger).slice(0, 100)}, ` : ''}${level}) ${text}`)
    },
    all: () => lines.map(({ text }) => text),
    reason() {
      const told = errors.filter((line) => !noise.test(line))
      return told.findLast((line) => /(error|exception)\b[^:]{0,40}:/i.test(line)) ?? told.at(-1) ?? ''
    },
    begin() {
      run += 1
      errors = []
    },
    forgetRun() {
      lines = lines.filter((line) => line.run !== run)
      errors = []
    },
  }
}
