import type { Clock } from '../clock.ts'

const minute = 60_000
/** Who goes on for hours is told of once an hour. Milliseconds. */
const longestSpan = 60 * minute
/** Kinds that are watched at once; beyond that the oldest are told and forgotten. */
const mostKinds = 1_000

interface Kind<T> {
  last: T
  taken: number
  more: number
  endsAt: number
  span: number
  timer: NodeJS.Timeout | null
}

/**
 * Lets `perMinute` of one kind through and counts the others. When the minute is over `told` hears how many there were, and
 * of which the last was; as long as it goes on each span is twice as long as the one before, up to an hour.
 */
export function createSampler<T>(deps: {
  clock: Clock
  perMinute: number
  told: (last: T, more: number) => void
}) {
  const { clock, perMinute, told } = deps
  const kinds = new Map<string, Kind<T>>()

  const tell = (kind: Kind<T>) => {
    if (kind.timer !== null) clearTimeout(kind.timer)
    kind.timer = null
    const { more } = kind
    kind.more = 0
    if (more > 0) told(kind.last, more)
  }
  const begin = (last: T, now: number, span: number): Kind<T> => ({
    ...{ last, taken: 0, more: 0, endsAt: now + span, span, timer: null },
  })

  return {
    /** True: let it through. */
    take(name: string, one: T): boolean {
      const now = clock.now()
      let kind = kinds.get(name)
      // a clock that was set back must not make a span longer
      if (kind === undefined || now >= kind.endsAt || now < kind.endsAt - kind.span) {
        const isOngoing = kind !== undefined && kind.taken >= perMinute
        const span = isOngoing ? Math.min(kind!.span * 2, longestSpan) : minute
        if (kind !== undefined) tell(kind)
        else if (kinds.size >= mostKinds) {
          const [oldest, first] = kinds.entries().next().value!
          tell(first)
          kinds.delete(oldest)
        }
        kind = begin(one, now, span)
        kinds.set(name, kind)
      }
      kind.taken += 1
      if (kind.taken <= perMinute) return true
      kind.last = one
      kind.more += 1
      const due = kind
      kind.timer ??= setTimeout(() => tell(due), kind.endsAt - now).unref()
      return false
    },
    /** Tells of what was counted and not yet told. */
    close(): void {
      for (const kind of kinds.values()) tell(kind)
      kinds.clear()
    },
  }
}
