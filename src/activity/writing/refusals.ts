import { say } from '../../../locales/say.ts'
import type { CallEnd, CallStart } from '../../contract/activity.ts'
import type { Clock } from '../../kernel/clock.ts'
import { errorText } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log/log.ts'
import { createSampler } from '../../kernel/log/sampler.ts'
import type { CallRows } from './call-rows.ts'
import type { RowTexts } from './row-texts.ts'

/** Refused calls of one grant that get a row of their own in a minute; what did nothing must not push out what did. */
const rowsPerMinute = 20

interface Refusal {
  start: CallStart
  end: CallEnd
}

interface Parts {
  rows: CallRows
  texts: RowTexts
  clock: Clock
  log: Log
}

/** Which refused calls get a row; one more says how many others there were. */
export class Refusals {
  readonly #parts: Parts
  readonly #sampler

  constructor(parts: Parts) {
    this.#parts = parts
    this.#sampler = createSampler<Refusal>({
      clock: parts.clock,
      perMinute: rowsPerMinute,
      told: (refusal, more) => this.#tell(refusal, more),
    })
  }

  /** Whether a call gets a row. What was done, or put to the user, always does. */
  isKept(start: CallStart, end: CallEnd): boolean {
    if (start.decision !== 'refused' && start.decision !== 'denied') return true
    return this.#sampler.take(`${start.grantId} ${start.decision}`, { start, end })
  }

  close(): void {
    this.#sampler.close()
  }

  #tell({ start, end: { outcome } }: Refusal, more: number): void {
    const { rows, texts, clock, log } = this.#parts
    const end = { outcome, error: say('activity.row.more', { count: more }) }
    rows
      .add(texts.row(start, clock.now(), '{}', end, 0))
      .catch((cause) => log.error('activity.refusals', { more, error: errorText(cause) }))
  }
}
