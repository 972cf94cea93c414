import { HostError } from '../../kernel/errors.ts'

/**
 * How much servers may send in one message, and hold of our memory while messages arrive: one server twice the largest message, all
 * together four times. Megabytes are decimal.
 */
export interface AnswerBudget {
  /** Bytes of one message. */
  largest(): number
  /** Takes or gives back bytes of a message that is arriving. False: there is no room for them now. */
  take(bytes: number): boolean
}

/** The usual largest message. Bytes. */
const usualLargest = 32_000_000
/** Smaller ones are not counted: they come by thousands and are gone at once. Bytes. */
const uncounted = 65_536

/** The budget of all servers; `budgetOf` makes that of one. */
export class AnswerBudgets {
  readonly #largest: () => number
  #held = 0

  constructor(largest: () => number = () => usualLargest) {
    this.#largest = largest
  }

  budgetOf(): AnswerBudget {
    const largest = this.#largest
    let own = 0
    return {
      largest,
      take: (bytes) => {
        const isTooMuch = own + bytes > 2 * largest() || this.#held + bytes > 4 * largest()
        if (bytes > 0 && isTooMuch) return false
        own += bytes
        this.#held += bytes
        return true
      },
    }
  }
}

/** A message that is arriving. */
export class Arriving {
  readonly #budget: AnswerBudget
  bytes = 0
  #taken = 0

  constructor(budget: AnswerBudget) {
    this.#budget = budget
  }

  get largest(): number {
    return this.#budget.largest()
  }

  /** Throws HostError `server-answer-too-large` or `servers-send-too-much`; then it holds nothing any more. */
  add(bytes: number): void {
    this.bytes += bytes
    if (this.bytes > this.largest) {
      this.done()
      throw tooLarge(this.largest)
    }
    if (this.bytes <= uncounted) return
    const more = this.bytes - this.#taken
    if (!this.#budget.take(more)) {
      this.done()
      throw tooMuchAtOnce()
    }
    this.#taken += more
  }

  /** It is here, or is not wanted any more; the next one begins. */
  done(): void {
    if (this.#taken > 0) this.#budget.take(-this.#taken)
    this.#taken = 0
    this.bytes = 0
  }
}

const tooLarge = (largest: number) =>
  new HostError({
    code: 'server-answer-too-large',
    says: 'server-answer-dropped',
    params: { megabytes: Math.round(largest / 1_000_000) },
  })

const tooMuchAtOnce = () =>
  new HostError({
    code: 'servers-send-too-much',
  })
