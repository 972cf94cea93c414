import { say } from '../../../locales/say.ts'
import type { Call } from '../activity.ts'

/** What became of a call, in a few words. */
export function callOutcome({ outcome, decision }: Pick<Call, 'outcome' | 'decision'>): string {
  if (outcome === 'answered' && decision === 'edited') return say('outcome.editedByYou')
  if (outcome === 'answered')
    return say(
      decision === 'edited'
        ? 'outcome.editedByYou'
        : decision === 'approved'
          ? 'outcome.allowedByYou'
          : 'outcome.answered',
    )
  if (outcome === 'denied') return say(decision === 'refused' ? 'outcome.refused' : 'outcome.denied')
  return say(`outcome.${outcome}`)
}
