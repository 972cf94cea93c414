import type { ClientKind, ConnectWindow } from '../../contract/access.ts'
import type { Clock } from '../../kernel/clock.ts'

/** Long enough to find the right page in the other app, short enough that nobody forgets it open. */
const windowLength = 10 * 60 * 1000

export interface ConnectingWindow {
  open(kind: ClientKind): ConnectWindow
  close(): void
  state(): ConnectWindow
  stop(): void
}

/** The ten minutes in which a new client may ask. `changed` is told of each opening and closing, whatever ends it. */
export function createConnectingWindow(deps: {
  clock: Clock
  changed: (state: ConnectWindow) => void
}): ConnectingWindow {
  let current: { expects: ClientKind; closesAt: number } | null = null
  let timer: NodeJS.Timeout | undefined

  const state = (): ConnectWindow =>
    current !== null && deps.clock.now() < current.closesAt
      ? { open: true, expects: current.expects, closesAt: current.closesAt }
      : { open: false, expects: null, closesAt: null }

  const close = () => {
    clearTimeout(timer)
    if (current === null) return
    current = null
    deps.changed(state())
  }

  return {
    open(kind) {
      clearTimeout(timer)
      current = { expects: kind, closesAt: deps.clock.now() + windowLength }
      timer = setTimeout(close, windowLength)
      timer.unref()
      const opened = state()
      deps.changed(opened)
      return opened
    },
    close,
    state,
    stop: () => clearTimeout(timer),
  }
}
