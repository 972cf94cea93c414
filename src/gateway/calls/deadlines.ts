import { type Tracked, TrackedSet } from '../../kernel/tracked-set.ts'

/** Something that may take until a moment of `performance.now()`. */
export interface Dated extends Tracked {
  readonly due: number
  late(): void
}

const waiting = new TrackedSet<Dated>()
let timer: NodeJS.Timeout | undefined
let wakesAt = Number.POSITIVE_INFINITY

/**
 * One timer for all that have a deadline, set for the earliest: most never reach it, so that a timer each would be made and
 * thrown away. When it goes off for one that is gone, it is set for the next. Nothing is kept running by it.
 */
export function watchDeadline(dated: Dated): void {
  waiting.add(dated)
  if (dated.due < wakesAt) wakeAt(dated.due)
}

export const unwatchDeadline = (dated: Dated): void => void waiting.delete(dated)

function wakeAt(due: number): void {
  clearTimeout(timer)
  wakesAt = due
  timer = setTimeout(wake, Math.max(1, Math.ceil(due - performance.now()))).unref()
}

function wake(): void {
  const now = performance.now()
  wakesAt = Number.POSITIVE_INFINITY
  const late: Dated[] = []
  let next = Number.POSITIVE_INFINITY
  for (const dated of waiting.all())
    if (dated.due <= now) late.push(dated)
    else next = Math.min(next, dated.due)
  for (const dated of late) waiting.delete(dated)
  if (next < Number.POSITIVE_INFINITY) wakeAt(next)
  for (const dated of late) dated.late()
}
