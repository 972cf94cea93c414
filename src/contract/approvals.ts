import * as z from 'zod'
import { time } from './time.ts'
import { Risk } from './tools.ts'

export const ApprovalState = z.enum(['waiting', 'allowed', 'denied', 'expired', 'used'])
export type ApprovalState = z.infer<typeof ApprovalState>

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
