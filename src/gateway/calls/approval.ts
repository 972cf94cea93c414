import type { ApprovalRequest, AskReason } from '../../contract/approvals.ts'
import type { ErrorReply } from '../../contract/errors.ts'
import { abortSignalOf } from '../../kernel/cancellation.ts'
import type { Principal } from '../../mcp/principal.ts'
import type { Raw } from '../../mcp/tool-source.ts'
import { sameTool } from '../offers/catalog-entry.ts'
import type { PipelineDeps } from './pipeline-deps.ts'
import { type Ending, failed, pending, refusedByUser } from './results/endings.ts'
import {
  cannotBeShown,
  changedMeanwhile,
  notAskedNow,
  tooManyQuestions,
  tooMuchWaits,
} from './results/results.ts'
import type { RunningCall } from './running-call.ts'
import { sentenceOf } from './sentence.ts'
import { type Target, targetHash, toolSend } from './targets.ts'
import { argumentsHash } from './tool-call-facts.ts'

/** What the word is given for: a tool as it describes itself now, with these arguments. One that has changed since is another. */
const approvalHash = (target: Target): string =>
  argumentsHash(targetHash(target), { risk: target.risk, definition: target.entry?.json ?? null })

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
    argumentsHash: () => approvalHash(target),
  })
  if (held === null) return null
  return held.why === 'declined' ? notAskedNow(title, held.seconds) : tooManyQuestions(title)
}

/**
 * Waits for the user's word, bound to exactly these arguments. Null: the call may go on, to `call.target` as it is by then. `row`: the
 * call in the log.
 */
export async function awaitApproval(
  call: RunningCall,
  row: string,
  { approvals, activity, catalog }: Pick<PipelineDeps, 'approvals' | 'activity' | 'catalog'>,
  why: AskReason,
): Promise<Ending | null> {
  const { principal, target } = call
  const { entry, title } = target
  const json = JSON.stringify(target.arguments)
  if (json.length > approvals.longest) return failed(cannotBeShown(title), 'refused')
  // A source in this process gets what one behind a pipe would: what JSON has no word for (1e400) is shown as null, and is null.
  const args = (target.source.kind === 'connector' ? JSON.parse(json) : target.arguments) as Raw
  const asked = { ...target, arguments: args }
  const hash = targetHash(asked)
  const answer = await approvals.ask(requestFor(principal, asked, row, why), abortSignalOf(call.signal))
  if (answer === 'pending') return pending(title)
  if (answer === 'unshowable') return failed(cannotBeShown(title), 'refused')
  if (answer === 'crowded') return failed(tooMuchWaits(title), 'refused')
  if (answer === 'denied') return refusedByUser(title)
  const now = entry && catalog.resolve(entry.publicName, principal.workspace)
  const isSame =
    now?.enabled && now.accepted && sameTool(now, entry!) && targetHash({ ...asked, entry: now }) === hash
  if (!isSame) return failed(changedMeanwhile(title), 'approved')
  const sent = answer === 'allowed' ? args : answer.edited
  call.isEdited = answer !== 'allowed'
  // On record before it runs, as everything is.
  if (call.isEdited) await activity.amend(row, { decision: 'edited', arguments: sent })
  call.target = { ...target, arguments: sent, entry: now, source: now.source, send: toolSend(now, sent) }
  return null
}

const requestFor = (
  { grantId, clientName }: Principal,
  target: Target,
  call: string,
  why: AskReason,
): ApprovalRequest => ({
  grantId,
  clientName,
  risk: target.risk,
  call,
  tool: target.entry?.publicName ?? target.label,
  toolId: target.entry?.id ?? target.label,
  toolTitle: target.title,
  source: target.source.name,
  sourceId: target.source.slug,
  argumentsHash: approvalHash(target),
  arguments: target.arguments,
  ...(target.facts.call && { subject: target.facts.call }),
  why,
  readBefore: target.facts.readBefore ?? null,
  ...(target.entry?.source.kind === 'connector' && {
    canEdit: true,
    sentence: sentenceOf(target.entry.definition.sentence, target.arguments as Raw),
  }),
})
