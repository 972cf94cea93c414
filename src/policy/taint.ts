import type { Risk } from '../contract/tools.ts'
import type { Facts, HeldRule, ReadBefore } from '../mcp/decision.ts'

/** How long something that was read counts, in milliseconds: by then an assistant is at something else, or has done its worst. */
export const taintLasts = 30 * 60_000

/**
 * For which later calls it counts that this came back, since a stranger may have written it: everything that is not the owner's own data.
 * What a call answers that itself changed something is mostly a receipt, so it counts only for calls elsewhere: otherwise the second
 * of twenty would be asked about for the sake of the first. What is aimed at assistants always counts. A tool's own word about itself
 * (`openWorld`) is pinned like the rest of it.
 */
export function taintOf(read: {
  openWorld: boolean
  isSuspect: boolean
  risk: Risk
}): 'all' | 'others' | null {
  if (read.isSuspect) return 'all'
  if (!read.openWorld) return null
  return read.risk === 'read' ? 'all' : 'others'
}

/**
 * Whether a call that is allowed is asked about all the same, because of what was read before it: it might be a stranger's wish, put
 * into a page or a mail. Under *Everything*, where the owner wants no questions, only what says that it destroys. `rule`: the owner's
 * answer that would let it through; one that he gave after the reading, or said to hold all the same, was given for this, too.
 */
export function asksAgain({ readBefore, risk, access }: Facts, rule: HeldRule | null): boolean {
  if (!readBefore || risk === 'read') return false
  if (rule !== null) return !rule.waivesTaint && !isGivenAfter(rule, readBefore)
  return access !== 'everything' || risk === 'destructive'
}

/** Times say which came first only of what is of an earlier life: in this one the clock may have been set back in between. */
function isGivenAfter({ order: given = 0, since }: HeldRule, { order: read = 0, at }: ReadBefore): boolean {
  return given === read ? since > at : given > read
}
