import type { ErrorReply } from '../../contract/errors.ts'
import type { Principal } from '../../mcp/principal.ts'
import type { PipelineDeps } from './pipeline-deps.ts'
import { questionHash } from './question-of.ts'
import { notAskedNow, tooManyQuestions } from './results/results.ts'
import type { Target } from './targets.ts'

/** Why the user is not asked about a call at all, in the client's words; null: the user is. */
export function heldBack(
  approvals: Pick<PipelineDeps['approvals'], 'holdBack'>,
  { grantId }: Principal,
  target: Target,
): ErrorReply | null {
  const { entry, label, title } = target
  const held = approvals.holdBack({
    grantId,
    tool: entry?.publicName ?? label,
    argumentsHash: () => questionHash(target),
  })
  if (held === null) return null
  return held.why === 'declined' ? notAskedNow(title, held.seconds) : tooManyQuestions(title)
}
