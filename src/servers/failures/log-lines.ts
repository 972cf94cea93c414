import { say } from '../../../locales/say.ts'
import { withoutHidden } from '../../contract/agreed/visible-text.ts'
import type { Redactor } from '../../kernel/log/redact.ts'
import type { LogMessage } from '../../mcp/tool-source.ts'
import { type LastWords, lastWordsOf } from './last-words.ts'

const maxLines = 200
const maxLength = 2_000
/** The last of them that are looked through for why it ended. */
const maxErrors = 60

/** What a server wrote, ready to be kept: one line without colours and without what nobody would see. */
export const plainLine = (text: string): string => withoutHidden(text).trimEnd().slice(0, maxLength)

/** The last lines a server wrote, redacted before they are kept. */
export interface LogLines {
  /** A line it wrote to standard error. */
  add(line: string): void
  /** A line on standard output that was no message; it is shown as such. */
  addRubbish(line: string): void
  /** A log message it sent over MCP, to nobody in particular. */
  addLogged(message: LogMessage): void
  all(): string[]
  /** The line that best says why it ended, and what it is about: of standard error, or of standard output when it wrote no other. */
  lastWords(): LastWords
  /** That line alone. */
  reason(): string
  /** A text as a line of it would be kept. */
  clean(text: string): string
  /** The process is started: earlier lines stay, but no longer give the reason. */
  begin(): void
  /** Forgets what came since the last `begin`. */
  forgetRun(): void
}

export function createLogLines(redactor: Redactor): LogLines {
  let lines: { run: number; text: string }[] = []
  let run = 0
  let errors: string[] = []
  let rubbish: string[] = []
  const lastWords = () => lastWordsOf(errors.length > 0 ? errors : rubbish)
  // What is cut off anyway is not looked at; a secret that is cut in two is still known by its beginning.
  const clean = (line: string) => plainLine(redactor.text(line.slice(0, 4 * maxLength)))
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
      if (errors.length > maxErrors) errors.shift()
    },
    addRubbish(line) {
      const text = clean(line)
      if (text === '') return
      keep(say('servers.log.standardOutput', { text }))
      rubbish.push(text)
      if (rubbish.length > maxErrors) rubbish.shift()
    },
    addLogged({ level, logger, data }) {
      const said = typeof data === 'string' ? data : JSON.stringify(data)
      const text = clean((said ?? '').slice(0, 2 * maxLength))
      if (text !== '') keep(`(${logger ? `${clean(logger).slice(0, 100)}, ` : ''}${level}) ${text}`)
    },
    all: () => lines.map(({ text }) => text),
    lastWords,
    reason: () => lastWords().line,
    clean,
    begin() {
      run += 1
      errors = []
      rubbish = []
    },
    forgetRun() {
      lines = lines.filter((line) => line.run !== run)
      errors = []
      rubbish = []
    },
  }
}
