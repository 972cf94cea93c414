import * as z from 'zod'
import type { Sentence } from '../../locales/say.ts'
import { command, event, nothing, query } from './definition.ts'
import { time } from './time.ts'
import { Risk } from './tools.ts'

/**
 * What a yes can be given for: this call alone; the tool and the assistant for 15 minutes, in this chat, or from now on; or exactly these
 * arguments from now on. `never`: the tool and the assistant are not asked about again.
 */
export const ApprovalChoice = z.enum(['once', '15m', 'chat', 'exact', 'tool', 'never'])
export type ApprovalChoice = z.infer<typeof ApprovalChoice>

/** `access`: what the grant allows; `taint`: what was read before; `changed`, `new`: the tool is. */
export const AskReason = z.enum(['access', 'taint', 'changed', 'new'])
export type AskReason = z.infer<typeof AskReason>

const ApprovalState = z.enum(['waiting', 'allowed', 'denied', 'expired', 'used'])

/** A call that waits for the user, with as much as fits on one line. Names of others are written out (`visibleLine`) and capped. */
export const Approval = z.object({
  id: z.string(),
  grantId: z.string(),
  clientName: z.string(),
  /** The public name, and the id that never changes; both say what runs, whatever its title claims. */
  tool: z.string(),
  toolId: z.string(),
  /** As its maker calls it, capped; may be empty. */
  toolTitle: z.string(),
  /** Shown name of where it runs, and its stable short name. */
  source: z.string(),
  sourceId: z.string(),
  risk: Risk,
  /** What would run, on one line: `tool {"arguments": …}`, ending in `…` where there is more. */
  line: z.string(),
  /**
   * What `approvals.decide` needs when the line was all that the user saw. Null when the line is not the whole truth, or the call
   * is destructive: then it takes a look at `approvals.get`.
   */
  lineSeen: z.string().nullable(),
  /** What happens, in one plain sentence, where the tool is ours and says it; null: what can be said of any tool has to do. */
  sentence: z.string().nullable(),
  why: AskReason,
  /** With the reason `taint`: what was read before, in a few words, and when. */
  readBefore: z.object({ what: z.string(), at: time }).nullable(),
  /** What may be answered beside a plain no; nothing else is taken. */
  choices: z.array(ApprovalChoice),
  state: ApprovalState,
  askedAt: time,
  expiresAt: time,
})
export type Approval = z.infer<typeof Approval>

/** The same with everything that would reach its source. */
export const ApprovalDetails = Approval.extend({
  /** JSON of the exact arguments: whole, nothing hidden, and parsing to what would run (`shownJson`). */
  arguments: z.string(),
  /** What `approvals.decide` needs from whoever was shown the arguments. */
  seen: z.string(),
  /** Its arguments may be changed before it is allowed once: the tool is ours. */
  canEdit: z.boolean(),
})
export type ApprovalDetails = z.infer<typeof ApprovalDetails>

/** A call that needs the user's word. Names as their makers gave them. */
export interface ApprovalRequest {
  grantId: string
  clientName: string
  tool: string
  toolId: string
  toolTitle: string
  source: string
  sourceId: string
  risk: Risk
  /** Of the exact arguments: a decision holds for these and no others. */
  argumentsHash: string
  /** The very value that goes to the source. It is shown as it is; only what is stored of it is redacted. */
  arguments: unknown
  /** What of it a rule is bound to; absent: nothing about it can be remembered. */
  subject?: RuleSubject
  /** Left out: its access level. */
  why?: AskReason
  /** See `Approval.readBefore`. `order`: see `ReadBefore`. */
  readBefore?: (NonNullable<Approval['readBefore']> & { order?: number }) | null
  /** See `Approval.sentence`. */
  sentence?: string | null
  /** What of other arguments would not fit its tool, in words; null: they do. Absent: they cannot be changed. */
  misfits?(args: Record<string, unknown>): Sentence | null
}

/** What is asked already, and what was read before it. */
export type ReadQuestion = Pick<ApprovalRequest, 'grantId' | 'tool' | 'argumentsHash' | 'readBefore'>

/** What of a call a rule is bound to. Hashes are SHA-256, hexadecimal, and made when they are asked for. */
export interface RuleSubject {
  readonly toolId: string
  /** Which chat of its client it came from; null: the client does not tell them apart. */
  readonly chat: string | null
  readonly definitionHash: string
  /** What runs or is contacted: its command, or its address. */
  readonly identity: string
  readonly argumentsHash: string
}

/**
 * What became of a question: the owner's word; `elsewhere`, his yes, which another call got that is the same; `expired`, nobody answered
 * in time; `ended`, it was taken back, or the access of its client changed. Nobody was asked: `unshowable`, its arguments cannot be
 * shown whole; `crowded`, too much of this grant's waits already; `pending`, too many of it do. `edited`: allowed with these arguments
 * instead. `rule`: the id of the rule that the answer to another question became, which allows this one, or refuses it.
 */
export type ApprovalAnswer =
  | 'allowed'
  | 'denied'
  | 'elsewhere'
  | 'expired'
  | 'ended'
  | 'pending'
  | 'unshowable'
  | 'crowded'
  | { edited: Record<string, unknown> }
  | { rule: string; effect: 'allow' | 'never' }

/** Why the user would not be asked: the client was refused several times in a row (`seconds` are left), or has too many waiting. */
export type HeldBack = { why: 'declined'; seconds: number } | { why: 'too-many' }

export const approvalsApi = {
  'approvals.list': query(nothing, z.array(Approval)),
  /** HostError `approval-gone` when it was answered, or its time is over. */
  'approvals.get': query(z.object({ id: z.string() }), ApprovalDetails),
  /**
   * `seen`: of what was shown (`ApprovalDetails.seen`, or `Approval.lineSeen`); nothing is allowed unseen. `edited`: JSON of an object,
   * which runs in place of the arguments. HostError `choice-not-offered`, `not-editable`, `edit-unreadable`, `edit-unfit`.
   */
  'approvals.decide': command(
    z.discriminatedUnion('decision', [
      z.object({
        id: z.string(),
        decision: z.literal('once'),
        seen: z.string(),
        edited: z.string().max(1_000_000).optional(),
      }),
      // Strict: a yes for longer, with a change that is left out, would let something else run.
      z.strictObject({
        id: z.string(),
        decision: z.enum(['15m', 'chat', 'exact', 'tool']),
        seen: z.string(),
      }),
      z.object({ id: z.string(), decision: z.enum(['deny', 'never']) }),
    ]),
    nothing,
  ),

  'approvals.changed': event(z.array(Approval)),
  'approvals.asked': event(Approval),
}
