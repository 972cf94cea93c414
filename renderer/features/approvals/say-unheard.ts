import { say } from '../../../locales/say.ts'
import type { Output } from '../../../src/contract/api.ts'
import { showNote } from '../../ui/toasts.tsx'
import { countdown } from '../../words/time.ts'

/** A yes that came when the assistant had stopped waiting does nothing that can be seen: it has to be said. */
export function sayUnheard(decided: Output<'approvals.decide'>): void {
  if (!decided?.until) return
  showNote(
    say('approvals.unheard.allowedButTheAssistant'),
    say('approvals.unheard.nothingHasRunYet', { left: countdown(decided.until, Date.now()) }),
  )
}
