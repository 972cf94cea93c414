import * as z from 'zod'
import { event, query } from './definition.ts'
import { time } from './time.ts'
import { Finding, Risk } from './tools.ts'

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
  /** What in its result was aimed at the assistant, if anything: as `Finding`, without where. */
  found: z.array(Finding.omit({ where: true })).nullable(),
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
  /** What in the result was aimed at the assistant. */
  found?: readonly Omit<Finding, 'where'>[] | undefined
}

export const activityApi = {
  /** Newest first; `before` is the id of the last row already shown. */
  'activity.list': query(
    z.object({
      before: z.string().optional(),
      limit: z.number().int().min(1).max(500).default(100),
      search: z.string().max(200).optional(),
    }),
    z.array(Call),
  ),
  'activity.get': query(z.object({ id: z.string() }), Call),

  'activity.added': event(Call),
}
