import type { Clock } from '../../kernel/clock.ts'

/** Timers do not know about a clock that is moved or a computer that sleeps, so none is longer than this. */
const longest = 60 * 60_000

interface ExpiryWatchDeps {
  clock: Clock
  entries(): { id: string; expiresAt: number | null }[]
  ended(id: string): void
}

/**
 * Tells once when a grant has ended by its time, so that what it holds open can be closed. Whether a token is good is
 * never decided here.
 */
export class ExpiryWatch {
  readonly #deps: ExpiryWatchDeps
  #timer: NodeJS.Timeout | undefined
  /** Grants that will end, as far as was seen at the last look. */
  #ahead: ReadonlySet<string> = new Set()

  constructor(deps: ExpiryWatchDeps) {
    this.#deps = deps
  }

  look(): void {
    clearTimeout(this.#timer)
    const now = this.#deps.clock.now()
    const before = this.#ahead
    const dated = this.#deps
      .entries()
      .flatMap(({ id, expiresAt }) => (expiresAt === null ? [] : { id, expiresAt }))
    const later = dated.filter(({ expiresAt }) => expiresAt > now)
    this.#ahead = new Set(later.map(({ id }) => id))
    if (later.length > 0) {
      const next = Math.min(...later.map(({ expiresAt }) => expiresAt)) - now
      this.#timer = setTimeout(() => this.look(), Math.min(next, longest))
      this.#timer.unref()
    }
    for (const { id, expiresAt } of dated) if (expiresAt <= now && before.has(id)) this.#deps.ended(id)
  }

  stop(): void {
    clearTimeout(this.#timer)
  }
}
