import type { ApprovalAnswer, ApprovalRequest, AskReason } from '../../contract/approvals.ts'
import type { ErrorReply } from '../../contract/errors.ts'
import { abortSignalOf } from '../../kernel/cancellation.ts'
import type { Principal } from '../../mcp/principal.ts'
import type { Raw } from '../../mcp/tool-source.ts'
import { type CatalogEntry, factsFor, sameTool } from '../offers/catalog-entry.ts'
import { misfits } from './misfits.ts'
import type { PipelineDeps } from './pipeline-deps.ts'
import { denied, type Ending, failed, notAsked, notDone, refusedByUser } from './results/endings.ts'
import {
  cannotBeShown,
  changedMeanwhile,
  endedMeanwhile,
  nobodyAnswered,
  notAskedNow,
  tooManyApprovals,
  tooMuchWaits,
} from './results/results.ts'
import type { RunningCall } from './running-call.ts'
import { sentenceOf } from './sentence.ts'
import { approvalHash, type Target, targetHash, toolSend } from './targets.ts'

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
  return held.why === 'declined' ? notAskedNow(title, held.seconds) : tooManyApprovals(title)
}

/**
 * Waits for the user's word, bound to exactly these arguments. Null: the call may go on, to `call.target` as it is by then. `row`: the
 * call in the log.
 */
export async function awaitApproval(
  call: RunningCall,
  row: string,
  deps: Pick<
    PipelineDeps,
    'approvals' | 'activity' | 'catalog' | 'principalNow' | 'decide' | 'applyRule' | 'ruleInRow'
  >,
  why: AskReason,
): Promise<Ending | null> {
  const { approvals, catalog } = deps
  const { principal, target } = call
  const { title } = target
  const json = JSON.stringify(target.arguments)
  if (json.length > approvals.longest) return failed(cannotBeShown(title), 'refused')
  // A source in this process gets what one behind a pipe would: what JSON has no word for (1e400) is shown as null, and is null.
  const args = (target.source.kind === 'connector' ? JSON.parse(json) : target.arguments) as Raw
  const asked = { ...target, arguments: args }
  const hash = targetHash(asked)
  const answer = await approvals.ask(requestFor(principal, asked, hash, why), abortSignalOf(call.signal))
  if (typeof answer === 'string' && answer !== 'allowed') return refusalOf(answer, call)
  const byRule = typeof answer === 'object' && 'rule' in answer ? answer : null
  // It may be revoked at once: what it was is on record by then.
  const rule = byRule && (deps.ruleInRow?.(byRule.rule) ?? null)
  if (byRule?.effect === 'never') {
    await deps.activity.amend(row, { decision: 'denied', arguments: args, rule })
    return refusedByUser(title)
  }
  const now = entryNow(call, catalog)
  if (now === null || targetHash({ ...asked, entry: now }) !== hash)
    return failed(changedMeanwhile(title), 'approved')
  const refusal = refusedNow(call, now, deps)
  if (refusal !== null) return refusal
  const sent = typeof answer === 'object' && 'edited' in answer ? answer.edited : args
  call.word = answer === 'allowed' ? 'approved' : byRule ? 'allowed' : 'edited'
  // On record before it runs, as everything is.
  if (call.word !== 'approved') await deps.activity.amend(row, { decision: call.word, arguments: sent, rule })
  if (byRule) deps.applyRule?.(byRule.rule, { id: row, tool: target.label, arguments: args })
  call.target = { ...target, arguments: sent, entry: now, source: now.source, send: toolSend(now, sent) }
  return null
}

function refusalOf(
  answer: Exclude<Extract<ApprovalAnswer, string>, 'allowed'>,
  { target: { title }, cause }: RunningCall,
): Ending {
  // It was broken off while it waited.
  if (cause === 'changed') return failed(changedMeanwhile(title), 'denied')
  switch (answer) {
    case 'unshowable':
      return failed(cannotBeShown(title), 'refused')
    case 'crowded':
      return failed(tooMuchWaits(title), 'refused')
    case 'pending':
      return notAsked(tooManyApprovals(title))
    case 'expired':
      return notDone(nobodyAnswered(title))
    case 'ended':
      return notDone(endedMeanwhile(title))
    case 'denied':
      return refusedByUser(title)
  }
}

/** What its owner took back since the word for it was read, while that was being written down. Null: nothing, and it may go on. */
export function takenBack(
  call: RunningCall,
  deps: Pick<PipelineDeps, 'catalog' | 'principalNow' | 'decide'>,
): Ending | null {
  // What has none is only read.
  if (call.target.entry === undefined) return null
  const now = entryNow(call, deps.catalog)
  return now === null ? failed(changedMeanwhile(call.target.title), 'denied') : refusedNow(call, now, deps)
}

/** The tool, where it is the same and may be called; null where not. */
function entryNow(
  { principal, target: { entry } }: RunningCall,
  catalog: PipelineDeps['catalog'],
): CatalogEntry | null {
  const now = entry && catalog.resolve(entry.publicName, principal.workspace)
  return now?.enabled && now.accepted && sameTool(now, entry!) ? now : null
}

/** Whether the grant may still do it: the word may come long after the call. */
function refusedNow(
  { principal, target }: RunningCall,
  entry: CatalogEntry,
  { principalNow, decide }: Pick<PipelineDeps, 'principalNow' | 'decide'>,
): Ending | null {
  const now = principalNow === undefined ? principal : principalNow(principal)
  if (now === null) return notDone(endedMeanwhile(target.title))
  const { onThisComputer } = principal
  const facts = factsFor(entry, onThisComputer ? { ...now, onThisComputer } : now, target.facts.call)
  const decision = decide(facts)
  return decision.kind === 'deny' ? denied(decision) : null
}

const requestFor = (
  { grantId, clientName }: Principal,
  target: Target,
  hash: string,
  why: AskReason,
): ApprovalRequest => ({
  grantId,
  clientName,
  risk: target.risk,
  tool: target.entry?.publicName ?? target.label,
  toolId: target.entry?.id ?? target.label,
  toolTitle: target.title,
  source: target.source.name,
  sourceId: target.source.slug,
  argumentsHash: approvalHash(target, hash),
  arguments: target.arguments,
  ...(target.facts.call && { subject: target.facts.call }),
  why,
  readBefore: target.facts.readBefore ?? null,
  ...(target.entry?.source.kind === 'connector' && {
    misfits: (args) => misfits(target.entry!.definition.inputSchema, args),
    sentence: sentenceOf(target.entry.definition.sentence, target.arguments as Raw),
  }),
})
