import type { ClientKind, ConnectWindow } from '../../contract/access.ts'
import type { Clock } from '../../kernel/clock.ts'

/** Long enough to find the right page in the other app, short enough that nobody forgets it open. */
const windowLength = 10 * 60 * 1000

interface ConnectingWindowDeps {
  clock: Clock
  /** Told of each opening and closing, whatever ends it. */
  changed: (state: ConnectWindow) => void
}

/** The ten minutes in which a new client may ask. */
export class ConnectingWindow {
  readonly #deps: ConnectingWindowDeps
  #current: { expects: ClientKind; closesAt: number } | null = null
  #timer: NodeJS.Timeout | undefined

  constructor(deps: ConnectingWindowDeps) {
    this.#deps = deps
  }

  open(kind: ClientKind): ConnectWindow {
    clearTimeout(this.#timer)
    this.#current = { expects: kind, closesAt: this.#deps.clock.now() + windowLength }
    this.#timer = setTimeout(() => this.close(), windowLength)
    this.#timer.unref()
    const opened = this.state()
    this.#deps.changed(opened)
    return opened
  }

  close(): void {
    clearTimeout(this.#timer)
    if (this.#current === null) return
    this.#current = null
    this.#deps.changed(this.state())
  }

  state(): ConnectWindow {
    const current = this.#current
    if (current === null || this.#deps.clock.now() >= current.closesAt)
      return { open: false, expects: null, closesAt: null }
    return { open: true, expects: current.expects, closesAt: current.closesAt }
  }

  stop(): void {
    clearTimeout(this.#timer)
  }
}
