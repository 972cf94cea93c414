import * as z from 'zod'
import { event, nothing, query } from './definition.ts'
import { time } from './time.ts'
import { Risk } from './tools.ts'

const CallOutcome = z.enum(['running', 'answered', 'failed', 'denied', 'pending', 'cancelled'])
type CallOutcome = z.infer<typeof CallOutcome>

/** One row of the activity log. */
export const Call = z.object({
  id: z.string(),
  at: time,
  grantId: z.string(),
  clientName: z.string(),
  tool: z.string(),
  source: z.string(),
  risk: Risk,
  decision: z.enum(['allowed', 'approved', 'denied', 'pending', 'refused']),
  outcome: CallOutcome,
  /** Milliseconds from arrival to answer; null while it runs. */
  duration: z.number().nonnegative().nullable(),
  error: z.string().nullable(),
  /** Redacted JSON text, shortened for storage. */
  arguments: z.string(),
  result: z.string().nullable(),
})
export type Call = z.infer<typeof Call>

/** A call as it begins. `arguments` is the raw value: the log redacts and shortens it. */
export interface CallStart
  extends Pick<Call, 'grantId' | 'clientName' | 'tool' | 'source' | 'risk' | 'decision'> {
  arguments: unknown
}

/** A call as it ends. `result` is the raw value. */
export interface CallEnd {
  outcome: Exclude<CallOutcome, 'running'>
  /** When it became known only after the call began. */
  decision?: Call['decision']
  error?: string | null
  result?: unknown
}

/** What was found when the whole log was gone over. */
export const ActivityCheck = z.object({
  /** Rows that were looked at. */
  rows: z.number().int(),
  /** Ids of rows that were changed behind Drawbridge's back, 100 at most; `more`: how many others. */
  changed: z.array(z.string()),
  more: z.number().int(),
  /** Rows that were taken away. */
  missing: z.number().int(),
  /** Rows of a time when the keychain could not be opened: whether their ends were changed cannot be told. */
  unsealed: z.number().int(),
  /** False: the places by which the two ends of the log are known do not fit it. */
  isMarked: z.boolean(),
})
export type ActivityCheck = z.infer<typeof ActivityCheck>

/** All that is given must hold. `since` ≤ a call's time < `until`. */
export const ActivityFilter = z.object({
  grantId: z.string().optional(),
  tool: z.string().optional(),
  source: z.string().optional(),
  risk: Risk.optional(),
  decision: Call.shape.decision.optional(),
  outcome: CallOutcome.optional(),
  since: time.optional(),
  until: time.optional(),
})
export type ActivityFilter = z.infer<typeof ActivityFilter>

export const activityApi = {
  /** Newest first; `before` is the id of the last row already shown. */
  'activity.list': query(
    z.object({
      before: z.string().optional(),
      limit: z.number().int().min(1).max(500).default(100),
      search: z.string().max(200).optional(),
      filter: ActivityFilter.optional(),
    }),
    z.array(Call),
  ),
  /** Takes some seconds for a million rows. */
  'activity.check': query(nothing, ActivityCheck),
  'activity.get': query(z.object({ id: z.string() }), Call),

  'activity.added': event(Call),
}
