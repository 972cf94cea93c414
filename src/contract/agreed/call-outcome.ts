import { say } from '../../../locales/say.ts'
import type { Call } from '../activity.ts'

/** Who or what decided about a call. */
export function callDecision({
  decision,
  outcome,
  rule,
}: Pick<Call, 'decision' | 'outcome' | 'rule'>): string {
  if (decision === 'pending' && outcome === 'pending') return say('decision.waits')
  if (decision === 'denied' && outcome === 'cancelled') return say('decision.none')
  if (rule === null) return say(`decision.${decision}`)
  return say(rule.effect === 'never' ? 'decision.byNever' : 'decision.byRule')
}

/** What became of a call, in a few words. */
export function callOutcome({ outcome, decision }: Pick<Call, 'outcome' | 'decision'>): string {
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

/** `took`: in words. It begins when the call comes, and not when its owner says yes. */
export const tookInAll = ({ decision }: Pick<Call, 'decision'>, took: string): string =>
  decision === 'approved' || decision === 'edited' ? say('activity.callDetail.tookWithWait', { took }) : took
