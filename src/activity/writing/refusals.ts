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

/** Which refused calls get a row; one more says how many others there were. */
export class Refusals {
  readonly #rows: CallRows
  readonly #texts: RowTexts
  readonly #clock: Clock
  readonly #log: Log
  readonly #sampler

  constructor(deps: { rows: CallRows; texts: RowTexts; clock: Clock; log: Log }) {
    this.#rows = deps.rows
    this.#texts = deps.texts
    this.#clock = deps.clock
    this.#log = deps.log
    this.#sampler = createSampler<Refusal>({
      clock: deps.clock,
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

  #tell({ start, end }: Refusal, more: number): void {
    const error = say('activity.row.more', { count: more })
    const row = this.#texts.row(start, this.#clock.now(), '{}', { outcome: end.outcome, error }, 0)
    this.#rows
      .add(row)
      .catch((cause) => this.#log.error('activity.refusals', { more, error: errorText(cause) }))
  }
}
