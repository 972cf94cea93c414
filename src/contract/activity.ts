import * as z from 'zod'
import { event, nothing, query } from './definition.ts'
import { Rule } from './rules.ts'
import { time } from './time.ts'
import { Finding, Risk } from './tools.ts'

/** Rows of the log that are kept; the oldest go first. */
export const mostKeptCalls = 1_000_000

const CallOutcome = z.enum(['running', 'answered', 'failed', 'denied', 'pending', 'cancelled'])
type CallOutcome = z.infer<typeof CallOutcome>

/**
 * The owner's answer that let a call through, or refused it, as it was then; it may be revoked by now. `isExact`: it held for exactly
 * the arguments of the row.
 */
export const CallRule = Rule.pick({
  id: true,
  effect: true,
  clientName: true,
  tool: true,
  inChat: true,
  since: true,
  until: true,
  waivesTaint: true,
}).extend({ isExact: z.boolean() })
export type CallRule = z.infer<typeof CallRule>

/** One row of the activity log. */
export const Call = z.object({
  id: z.string(),
  at: time,
  grantId: z.string(),
  clientName: z.string(),
  tool: z.string(),
  source: z.string(),
  risk: Risk,
  /** `edited`: approved with other arguments than the client sent, which are those of the row. */
  decision: z.enum(['allowed', 'approved', 'edited', 'denied', 'pending', 'refused']),
  outcome: CallOutcome,
  /** Milliseconds from arrival to answer; null while it runs. */
  duration: z.number().nonnegative().nullable(),
  error: z.string().nullable(),
  /** Redacted JSON text, shortened for storage. */
  arguments: z.string(),
  result: z.string().nullable(),
  /** What in its result was aimed at the assistant, if anything: as `Finding`, without where. */
  found: z.array(Finding.omit({ where: true })).nullable(),
  /** Without which it would have been asked about, or which refused it. */
  rule: CallRule.nullable(),
})
export type Call = z.infer<typeof Call>

/** The same with its place in the chain: the hash of the row and the one before. Null: it is older than the chain. */
export const CallDetails = Call.extend({ link: z.string().nullable() })
export type CallDetails = z.infer<typeof CallDetails>

/** A call as it begins. `arguments` is the raw value: the log redacts and shortens it. */
export interface CallStart
  extends Pick<Call, 'grantId' | 'clientName' | 'tool' | 'source' | 'risk' | 'decision'> {
  arguments: unknown
  rule?: CallRule | null
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

const count = z.number().int().nonnegative()

/** How often something was called, and how it went. Milliseconds. */
const Counts = z.object({
  calls: count,
  /** Calls that may change something and were made. */
  changes: count,
  failed: count,
  /** Not made: the owner said no, or nobody was asked. */
  denied: count,
  /** All of them together, and the longest. */
  milliseconds: z.number().nonnegative(),
  longest: z.number().nonnegative(),
})
export type Counts = z.infer<typeof Counts>

const Ended = z.object({ worked: count, failed: count })

export const Usage = z.object({
  /** `day`: the local one, `2026-11-28`. Oldest first, also those without calls. */
  days: z.array(Counts.extend({ day: z.string() })),
  /** Most called first. */
  tools: z.array(Counts.extend({ tool: z.string(), source: z.string() })),
  sources: z.array(Counts.extend({ source: z.string() })),
  assistants: z.array(Counts.extend({ grantId: z.string(), clientName: z.string() })),
  /**
   * Of clients that are known by name: how many sign-ins the owner let in, and how many ended in another way; how many tokens were given
   * or renewed, and how many refused.
   */
  signIns: z.object({ signIns: Ended, tokens: Ended }),
})
export type Usage = z.infer<typeof Usage>

/** What one assistant did on one day. */
export const DiaryEntry = z.object({
  grantId: z.string(),
  clientName: z.string(),
  /** Calls that only looked, by tool, most called first. */
  looked: z.array(z.object({ tool: z.string(), source: z.string(), calls: count })),
  /** Rows of calls that may have changed something and were made, oldest first, 50 at most; `more`: how many others. */
  changed: z.array(
    Call.pick({ id: true, at: true, tool: true, source: true, decision: true, outcome: true }),
  ),
  more: count,
  failed: count,
  denied: count,
})
export type DiaryEntry = z.infer<typeof DiaryEntry>
export const DiaryDay = z.object({ day: z.string(), entries: z.array(DiaryEntry) })
export type DiaryDay = z.infer<typeof DiaryDay>

export const ExportFormat = z.enum(['csv', 'json', 'jsonl'])
export type ExportFormat = z.infer<typeof ExportFormat>
export const exportTypes: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv',
  json: 'application/json',
  jsonl: 'application/jsonl',
}
/** How far an export got: the last row that was gone over, and how many were written. */
const ExportPlace = z.object({ seq: count, rows: count })
export type ExportPlace = z.infer<typeof ExportPlace>

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
  /**
   * A part of the log as text, oldest row first, each row with its place (`seq`) and `link` of the chain. `next` is what `after` is for the
   * next part; null: that was the last. `rows`: how many were written so far.
   */
  'activity.export': query(
    z.object({
      format: ExportFormat,
      search: z.string().max(200).optional(),
      filter: ActivityFilter.optional(),
      after: ExportPlace.optional(),
    }),
    z.object({ text: z.string(), next: ExportPlace.nullable(), rows: count }),
  ),
  /** Of the local days from that of `since` to that of `until`, 366 at most. */
  'activity.usage': query(z.object({ since: time, until: time }), Usage),
  /** Newest day first, without days on which nothing was called; 62 days at most. */
  'activity.diary': query(z.object({ since: time, until: time }), z.array(DiaryDay)),
  /** Takes some seconds for a million rows. */
  'activity.check': query(nothing, ActivityCheck),
  'activity.get': query(z.object({ id: z.string() }), CallDetails),

  'activity.added': event(Call),
}
