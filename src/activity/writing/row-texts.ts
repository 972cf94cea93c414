import type { Call, CallEnd, CallStart } from '../../contract/activity.ts'
import type { Redactor } from '../../kernel/log/redact.ts'
import { shorten } from '../../kernel/shorten.ts'

/** Characters of arguments and of result kept in a row. */
const maxText = 16_000
const maxError = 2_000

/** What of a call is kept: redacted, and as much as a row holds. */
export class RowTexts {
  readonly #redactor: Redactor

  constructor(redactor: Redactor) {
    this.#redactor = redactor
  }

  /** One literal for both kinds: V8 is quickest with objects that are all made in one place. Its id comes with its row. */
  row(start: CallStart, at: number, args: string, end: CallEnd | null, duration: number | null): Call {
    return {
      id: '',
      at,
      grantId: start.grantId,
      // As the database gives them back: half a surrogate pair is none.
      clientName: start.clientName.toWellFormed(),
      tool: start.tool.toWellFormed(),
      source: start.source.toWellFormed(),
      risk: start.risk,
      decision: end?.decision ?? start.decision,
      outcome: end === null ? 'running' : end.outcome,
      duration,
      error: this.error(end?.error),
      arguments: args,
      result: this.result(end),
      found: this.found(end),
      rule: start.rule ?? null,
    }
  }

  value(value: unknown): string {
    return shorten(this.#redactor.json(value, maxText), maxText)
  }

  result(end: CallEnd | null): string | null {
    return end?.result === undefined ? null : this.value(end.result)
  }

  found(end: CallEnd | null): Call['found'] {
    if (end?.found === undefined) return null
    return end.found.map(({ what, text }) => ({ what, text: this.#redactor.text(text) }))
  }

  error(text: string | null | undefined): string | null {
    if (text === null || text === undefined) return null
    return shorten(this.#redactor.text(text.slice(0, 8 * maxError)), maxError, text.length).toWellFormed()
  }
}
