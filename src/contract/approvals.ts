import * as z from 'zod'
import { command, event, nothing, query } from './definition.ts'
import { time } from './time.ts'
import { Risk } from './tools.ts'

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
  /** Its row in the log: whoever left while the question stood is told of by it. */
  call?: string
}

/**
 * What became of a question: the owner's word; `expired`, nobody answered in time; `ended`, it was taken back, or the access of its
 * client changed. Nobody was asked: `unshowable`, its arguments cannot be shown whole; `crowded`, too much of this grant's waits
 * already; `pending`, too many of it do.
 */
export type ApprovalAnswer = 'allowed' | 'denied' | 'expired' | 'ended' | 'pending' | 'unshowable' | 'crowded'

/** Why the user would not be asked: the client was refused several times in a row (`seconds` are left), or has too many waiting. */
export type HeldBack = { why: 'declined'; seconds: number } | { why: 'too-many' }

export const approvalsApi = {
  'approvals.list': query(nothing, z.array(Approval)),
  /** HostError `approval-gone` when it was answered, or its time is over. */
  'approvals.get': query(z.object({ id: z.string() }), ApprovalDetails),
  /** `seen`: of what was shown (`ApprovalDetails.seen`, or `Approval.lineSeen`); nothing is allowed unseen. */
  'approvals.decide': command(
    z.discriminatedUnion('decision', [
      z.object({ id: z.string(), decision: z.literal('once'), seen: z.string() }),
      z.object({ id: z.string(), decision: z.literal('deny') }),
    ]),
    /** `heard`: whether a call was still held for it. One that was allowed unheard runs when the client asks again, until `until`. */
    z.object({ heard: z.boolean(), until: z.number().int().nullable() }).optional(),
  ),

  'approvals.changed': event(z.array(Approval)),
  'approvals.asked': event(Approval),
}
