import type { ApprovalAnswer, ApprovalRequest, AskReason } from '../../contract/approvals.ts'
import type { ErrorReply } from '../../contract/errors.ts'
import { abortSignalOf } from '../../kernel/cancellation.ts'
import type { Facts } from '../../mcp/decision.ts'
import type { Principal } from '../../mcp/principal.ts'
import type { Raw } from '../../mcp/tool-source.ts'
import { type CatalogEntry, factsFor, sameTool } from '../offers/catalog-entry.ts'
import { givenElsewhere } from './late/late-words.ts'
import { misfits } from './misfits.ts'
import type { PipelineDeps } from './pipeline-deps.ts'
import { denied, type Ending, failed, notAsked, notDone, refusedByUser } from './results/endings.ts'
import {
  cannotBeShown,
  changedJustNow,
  changedMeanwhile,
  endedMeanwhile,
  nobodyAnswered,
  notAskedNow,
  ruleEnded,
  tooManyApprovals,
  tooMuchWaits,
} from './results/results.ts'
import type { RunningCall } from './running-call.ts'
import { sentenceOf } from './sentence.ts'
import { approvalHash, editionOf, entryNow, isAsShown, type Target, toolSend } from './targets.ts'

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
  const { approvals } = deps
  const { principal, target } = call
  const { title } = target
  const json = JSON.stringify(target.arguments)
  if (json.length > approvals.longest) return failed(cannotBeShown(title), 'refused')
  // A source in this process gets what one behind a pipe would: what JSON has no word for (1e400) is shown as null, and is null.
  const args = (target.source.kind === 'connector' ? JSON.parse(json) : target.arguments) as Raw
  const asked = { ...target, arguments: args }
  const answer = await approvals.ask(requestFor(principal, asked, why), abortSignalOf(call.signal))
  if (typeof answer === 'string' && answer !== 'allowed') return refusalOf(answer, call)
  const byRule = typeof answer === 'object' && 'rule' in answer ? answer : null
  // It may be revoked at once: what it was is on record by then.
  const rule = byRule && (deps.ruleInRow?.(byRule.rule) ?? null)
  if (byRule?.effect === 'never') {
    await deps.activity.amend(row, { decision: 'denied', arguments: args, rule })
    deps.applyRule?.(byRule.rule, { id: row, tool: target.label, arguments: args })
    return refusedByUser(title)
  }
  const changed = failed(changedMeanwhile(title), 'approved')
  const now = standing(call, deps, changed)
  if ('answer' in now) return now
  const { entry } = now
  if (!isAsShown(entry, target)) return changed
  const decision = deps.decide(now.facts)
  if (decision.kind === 'deny') return denied(decision)
  const sent = typeof answer === 'object' && 'edited' in answer ? answer.edited : args
  call.word = answer === 'allowed' ? 'approved' : byRule ? 'allowed' : 'edited'
  // On record before it runs, as everything is.
  if (call.word !== 'approved') await deps.activity.amend(row, { decision: call.word, arguments: sent, rule })
  if (byRule) {
    const isThere = deps.applyRule?.(byRule.rule, { id: row, tool: target.label, arguments: args })
    if (isThere === false) return failed(ruleEnded(title), 'denied')
    call.rule = byRule.rule
  }
  const { source } = entry
  const send = toolSend(entry, sent)
  call.target = { ...target, arguments: sent, entry, source, send }
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
    case 'elsewhere':
      return notDone(givenElsewhere(title).problem!)
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

/** What it threw at whoever was about to send it. */
export class TakenBack extends Error {
  readonly ending: Ending
  constructor(ending: Ending) {
    super('taken back')
    this.ending = ending
  }
}

/**
 * What its owner took back, or put in its place, since it was let through: rows take a moment to be written, servers one to start, and
 * clients one to answer. Null: it may run. The owner's word for this very call outlives all but what he would have to be asked for anew.
 */
export function takenBack(
  call: RunningCall,
  deps: Pick<PipelineDeps, 'catalog' | 'principalNow' | 'decide'>,
): Ending | null {
  const { entry, title, edition } = call.target
  // What has none is only read.
  if (entry === undefined) return null
  const changed = failed(changedJustNow(title), 'denied')
  const now = standing(call, deps, changed)
  if ('answer' in now) return now
  const isSame = editionOf(now.entry.source) === edition && sameTool(now.entry, entry)
  if (!isSame) return changed
  const decision = deps.decide(now.facts)
  if (decision.kind === 'deny') return denied(decision)
  // A rule that another answer made must hold by itself: nobody was asked about this call.
  if (decision.kind !== 'allow' && (call.by !== 'owner' || call.rule !== null))
    return failed(ruleEnded(title), 'denied')
  // Of another risk, it was stopped while the word for it was written down.
  return call.cause === 'changed' ? changed : null
}

/** The tool as it is now, where the grant is now, and what is known of both; the ending where the grant is gone, or the tool (`gone`). */
function standing(
  { principal, target }: RunningCall,
  { catalog, principalNow }: Pick<PipelineDeps, 'catalog' | 'principalNow'>,
  gone: Ending,
): { entry: CatalogEntry; facts: Facts } | Ending {
  const now = principalNow === undefined ? principal : principalNow(principal)
  if (now === null) return notDone(endedMeanwhile(target.title))
  const entry = entryNow(catalog, target.entry, now.workspace)
  if (entry === undefined) return gone
  const { onThisComputer } = principal
  const facts = factsFor(entry, onThisComputer ? { ...now, onThisComputer } : now, target.facts.call)
  return { entry, facts: { ...facts, readBefore: target.facts.readBefore } }
}

const requestFor = ({ grantId, clientName }: Principal, target: Target, why: AskReason): ApprovalRequest => ({
  grantId,
  clientName,
  risk: target.risk,
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
    misfits: (args) => misfits(target.entry!.definition.inputSchema, args),
    sentence: sentenceOf(target.entry.definition.sentence, target.arguments as Raw),
  }),
})
