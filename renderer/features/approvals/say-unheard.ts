import type { Output } from '../../../src/contract/api.ts'
import { showNote } from '../../ui/toasts.tsx'
import { countdown } from '../../words/time.ts'

/** A yes that came when the assistant had stopped waiting does nothing that can be seen: it has to be said. */
export function sayUnheard(decided: Output<'approvals.decide'>): void {
  if (!decided?.until) return
  showNote(
    'Allowed, but the assistant had stopped waiting',
    `Nothing has run yet. Ask it to try again: within ${countdown(decided.until, Date.now())} minutes it may, once.`,
  )
}
